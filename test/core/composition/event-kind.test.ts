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
        test(`of ${event.slice(0, 90)} is "${kind}"`, () => {
            assert.equal(kindOfEvent(event), kind)
        })
    }

    test('is some text for whatever an event may be', () => {
        const property = fc.property(fc.oneof(fc.string(), fc.json()), (event) => {
            assert.equal(typeof kindOfEvent(event), 'string')
        })
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
