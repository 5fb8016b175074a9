import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { webEvent } from '../../src/host/web-event.js'
import { parseRecord } from '../../src/core/composition/record.js'
import { fixtureStores, readLog } from '../support/stores.js'

interface RecordedEvent {
    readonly httpRequest: {
        readonly posixTimeMilli: number
        readonly httpRequestId: string
        readonly requestContext: { readonly clientAddress?: string }
        readonly request: {
            readonly method: string
            readonly uri: string
            readonly bodyAsString?: string
            readonly headers: readonly { readonly name: string; readonly values: readonly string[] }[]
        }
    }
}

test('the same request gives the very event that a host of April 2019 recorded', () => {
    const web = fixtureStores.find(({ app }) => app === 'string-builder')
    assert.ok(web)
    const lines = Object.values(readLog(web.path)).flat()
    let compared = 0
    for (const line of lines) {
        const record = parseRecord(line)
        assert.ok('events' in record)
        for (const event of record.events) {
            const { httpRequest } = JSON.parse(event) as Partial<RecordedEvent>
            if (httpRequest === undefined) continue
            const { request, requestContext, httpRequestId, posixTimeMilli } = httpRequest
            const rawHeaders = request.headers.flatMap(({ name, values }) =>
                values.flatMap((value) => [name, value]),
            )
            const { method, uri, bodyAsString: body } = request
            const { clientAddress } = requestContext
            assert.deepEqual(
                JSON.parse(
                    webEvent({ method, uri, rawHeaders, body, clientAddress }, httpRequestId, posixTimeMilli),
                ),
                JSON.parse(event),
                join(web.path, httpRequestId),
            )
            compared += 1
        }
    }
    assert.ok(compared > 10, `${compared} events`)
})

test('values of a header come together, under its name as it was sent first', () => {
    const event = webEvent(
        { method: 'GET', uri: 'http://a/', rawHeaders: ['Accept', 'a', 'x-Y', '1', 'accept', 'b'] },
        '1-1',
        1,
    )
    assert.deepEqual((JSON.parse(event) as RecordedEvent).httpRequest.request.headers, [
        { name: 'Accept', values: ['a', 'b'] },
        { name: 'x-Y', values: ['1'] },
    ])
})

test('what a request does not have is left out', () => {
    const event = webEvent({ method: 'GET', uri: 'http://a/', rawHeaders: [] }, '1-1', 1)
    assert.equal(
        event,
        '{"httpRequest":{"posixTimeMilli":1,"httpRequestId":"1-1","requestContext":{},"request":{"method":"GET","uri":"http://a/","headers":[]}}}',
    )
})
