import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { kindOfEvent, requestInEvent } from '../../../src/core/composition/event-kind.js'

const web = (method: unknown, uri: unknown) =>
    JSON.stringify({ httpRequest: { posixTimeMilli: 1, request: { method, uri } } })

describe('the kind of an event', () => {
    const kinds: Readonly<Record<string, string>> = {
        [web('POST', 'http://localhost/api')]: 'POST /api',
        [web('get', 'https://host:8080/a/b?c=d#e')]: 'GET /a/b',
        [web('GET', '/api?x=1')]: 'GET /api',
        [web('GET', '')]: 'GET ',
        [web(7, null)]: ' ',
        '{"httpRequest":{"request":7}}': 'httpRequest',
        '{"httpRequest":null}': 'httpRequest',
        '{"HttpRequestEvent":{"request":{"method":"post","uri":"http://h/a"}}}': 'POST /a',
        '{"HttpRequestEvent":[{"request":{"method":"GET","uri":"/b?c"}}]}': 'GET /b',
        '{"HttpRequestEvent":[]}': 'HttpRequestEvent',
        '{"function":"ab","arguments":[{"request":{"method":"GET","uri":"/b"}}]}': 'GET /b',
        '{"other":1,"arguments":[{"request":{}}]}': 'other',
        '{"ArrivedAtTimeEvent":{"posixTimeMilli":1}}': 'time',
        '{"PosixTimeHasArrivedEvent":[{"posixTimeMilli":1}]}': 'time',
        '{"TaskCompleteEvent":[{}]}': 'TaskCompleteEvent',
        '{"addition":1}': 'addition',
        '{"addition":1,"other":2}': 'addition',
        '{}': '{}',
        '[1,2]': '(JSON value)',
        '"text"': '(JSON value)',
        null: '(JSON value)',
        'add:1': '(text)',
        '': '(text)',
    }
    for (const [event, kind] of Object.entries(kinds)) {
        test(`of ${event.slice(0, 90)} is "${kind}"`, () => assert.equal(kindOfEvent(event), kind))
    }

    test('is some text for whatever an event may be', () => {
        const property = fc.property(fc.oneof(fc.string(), fc.json()), (event) =>
            assert.equal(typeof kindOfEvent(event), 'string'),
        )
        fc.assert(property)
    })
})

test('the request that an event is has all that was sent', () => {
    const headers = [{ name: 'Accept', values: ['a', 'b'] }]
    const request = { method: 'POST', uri: 'http://h/api?x=1', bodyAsString: '{"a":1}', headers }
    assert.deepEqual(requestInEvent(JSON.stringify({ httpRequest: { request } })), {
        method: 'POST',
        uri: 'http://h/api?x=1',
        body: '{"a":1}',
        headers,
    })
    assert.deepEqual(requestInEvent(web('GET', '/')), { method: 'GET', uri: '/', headers: [] })
    for (const none of ['httpRequest', '{"httpRequest":null}', '[{"httpRequest":{"request":{}}}]'])
        assert.equal(requestInEvent(none), undefined)
})

test('what was sent is text, whatever form hosts have given it', () => {
    const bodyOf = (request: object, wrap: (event: object) => object) =>
        requestInEvent(JSON.stringify(wrap({ request: { method: 'POST', uri: '/', ...request } })))?.body
    const packed = Buffer.from('grüße').toString('base64')
    const object = (event: object) => ({ HttpRequestEvent: event })
    const list = (event: object) => ({ HttpRequestEvent: [event] })
    const applied = (event: object) => ({ function: 'ab', arguments: [event] })
    assert.equal(bodyOf({ bodyAsBase64: packed }, object), 'grüße')
    assert.equal(bodyOf({ bodyAsBase64: { Just: [packed] } }, list), 'grüße')
    assert.equal(bodyOf({ body: { Just: [{ AsBase64: packed }] } }, applied), 'grüße')
    for (const nothing of [
        { bodyAsBase64: { Nothing: [] } },
        { bodyAsBase64: null },
        { bodyAsBase64: '/w==' },
        {},
    ])
        assert.equal(bodyOf(nothing, list), undefined)
})
