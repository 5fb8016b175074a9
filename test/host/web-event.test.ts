import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { parseRecord } from '../../src/core/composition/record.js'
import { bodyAsText, headersAsText, webEvent } from '../../src/host/web-event.js'
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
            const headers = request.headers.flatMap(({ name, values }) =>
                values.flatMap((value) => [name, value]),
            )
            const { method, uri, bodyAsString: body = '' } = request
            const { clientAddress } = requestContext
            assert.deepEqual(
                JSON.parse(
                    webEvent({ method, uri, headers, body, clientAddress }, httpRequestId, posixTimeMilli),
                ),
                JSON.parse(event),
                join(web.path, httpRequestId),
            )
            compared += 1
        }
    }
    assert.ok(compared > 10, `${compared} events`)
})

function headersIn(...headers: readonly string[]) {
    const event = webEvent({ method: 'GET', uri: 'http://a/', headers, body: '' }, '1-1', 1)
    return (JSON.parse(event) as RecordedEvent).httpRequest.request.headers
}

test('values of a header come together, under its name as it was sent first', () =>
    assert.deepEqual(headersIn('x-Y', '1', 'X-y', '2'), [{ name: 'x-Y', values: ['1', '2'] }]))

test('headers that the hosts knew have their names and come first, in their order', () => {
    const sent = [
        'x-B',
        '1',
        'content-length',
        '2',
        'HOST',
        'a',
        'X-A',
        '3',
        'accept',
        'b',
        'user-agent',
        'c',
    ]
    assert.deepEqual(
        headersIn(...sent).map(({ name }) => name),
        ['Accept', 'Host', 'User-Agent', 'Content-Length', 'x-B', 'X-A'],
    )
})

test('what a request does not have is an empty text', () => {
    const event = webEvent({ method: 'GET', uri: 'http://a/', headers: [], body: '' }, '1-1', 1)
    assert.equal(
        event,
        '{"httpRequest":{"posixTimeMilli":1,"httpRequestId":"1-1","requestContext":{},"request":{"method":"GET","uri":"http://a/","bodyAsString":"","headers":[]}}}',
    )
})

test('line ends beyond ASCII are escaped, as the JSON library of the hosts did', () => {
    const body = 'a\u0085b\u2028c\u2029d\u007fe/<>\u{1F600}'
    const event = webEvent({ method: 'GET', uri: 'http://a/', headers: [], body }, '1-1', 1)
    assert.ok(event.includes('"a\\u0085b\\u2028c\\u2029d\u007fe/<>\u{1F600}"'), event)
})

test('header values are read as UTF-8, or not at all', () => {
    const sent = (text: string) => Buffer.from(text).toString('latin1')
    assert.deepEqual(headersAsText(['a', 'b']), ['a', 'b'])
    assert.deepEqual(headersAsText(['a', sent('ä')]), ['a', 'ä'])
    assert.equal(headersAsText(['a', '\xe4']), undefined)
})

describe('a body', () => {
    for (const [what, bytes, text, isExact] of [
        ['is text', Buffer.from('ä三'), 'ä三', true],
        ['loses one mark at its start', Buffer.from('\ufeff\ufeffa'), '\ufeffa', true],
        ['that is no UTF-8 has U+FFFD', Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb', false],
        ['may be UTF-16', Buffer.from('\ufeffä', 'utf16le'), 'ä', true],
        ['may be UTF-16, high bytes first', Buffer.from('\ufeffä', 'utf16le').swap16(), 'ä', true],
        ['may be UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0, 0xf6, 1, 0]), '\u{1F600}', true],
        [
            'may be UTF-32, high bytes first',
            Buffer.from([0, 0, 0xfe, 0xff, 0, 1, 0xf6, 0]),
            '\u{1F600}',
            true,
        ],
    ] as const) {
        test(what, () => assert.deepEqual(bodyAsText(bytes), { text, isExact }))
    }

    test('may be missing', () => assert.deepEqual(bodyAsText(undefined), { text: '', isExact: true }))
})
