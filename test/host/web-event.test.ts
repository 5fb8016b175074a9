import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { readAppResponse, webEvent } from '../../src/host/web-event.js'
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

describe('what the app answers', () => {
    const completed = (response: object) =>
        JSON.stringify({ decodeSuccess: [{ completeHttpResponse: { httpRequestId: '1-1', response } }] })

    test('is read with or without a body', () => {
        for (const [bodyAsString, expected] of [
            ['x', 'x'],
            [null, undefined],
            [undefined, undefined],
        ] as const) {
            const answer = readAppResponse(completed({ statusCode: 200, headersToAdd: [], bodyAsString }))
            assert.ok(answer.kind === 'success')
            assert.equal(answer.completions[0]?.response.bodyAsString, expected)
        }
    })

    test('may be no completion, or several', () => {
        assert.deepEqual(readAppResponse('{"decodeSuccess":[]}'), { kind: 'success', completions: [] })
    })

    test('may be that it did not understand', () => {
        assert.deepEqual(readAppResponse('{"decodeError":"what?"}'), {
            kind: 'decode-error',
            message: 'what?',
        })
    })

    for (const [what, text] of Object.entries({
        'no JSON': 'x',
        'a number': '7',
        'an empty text': '',
        'neither success nor error': '{}',
        'a completion without an id': '{"decodeSuccess":[{"completeHttpResponse":{"response":{}}}]}',
        'a status that HTTP does not know': completed({ statusCode: 42, headersToAdd: [] }),
        'a status that is no whole number': completed({ statusCode: 200.5, headersToAdd: [] }),
        'a header without values': completed({ statusCode: 200, headersToAdd: [{ name: 'a' }] }),
    })) {
        test(`is refused with a reason where it is ${what}`, () => {
            const answer = readAppResponse(text)
            assert.equal(answer.kind, 'malformed-response')
            assert.ok('message' in answer && answer.message.length > 10)
        })
    }
})
