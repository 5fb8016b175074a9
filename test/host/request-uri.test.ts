import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { requestUri } from '../../src/host/request-uri.js'

/** Targets that were sent to a Kalmit host of April 2019, and the address that its app was given. */
const recorded: readonly (readonly [string, string])[] = [
    ['/#frag', '/#frag'],
    ['/%20', '/ '],
    ['/%2f', '/%2f'],
    ['/%25', '/%'],
    ['/%2525', '/%25'],
    ['/%E4', '/%E4'],
    ['/%c3%a4', '/ä'],
    ['/%0a', '/\n'],
    ['/%4', '/%4'],
    ['/a%', '/a%'],
    ['/%u00e4', '/%u00e4'],
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/..', '/'],
    ['/.', '/'],
    ['/a/..', '/'],
    ['/a/b/../../../c', '/c'],
    ['/%2e%2e/x', '/x'],
    ['/a/%2E/b', '/a/b'],
    ['/a/.%2e/b', '/b'],
    ['/a/..;/b', '/a/..;/b'],
    ['/a///', '/a///'],
    ['/a%5Cb', '/a\\b'],
    ['/%23', '/#'],
    ['/%F0%9F%98%80', '/😀'],
    ['/%ED%A0%80', '/%ED%A0%80'],
    ['/%C0%AF', '/%C0%AF'],
    ['/%C3%A4%E4', '/ä%E4'],
    ['/?a=%20b', '/?a=%20b'],
    ['/a#b?c', '/a#b?c'],
    ['/??', '/??'],
    ['http://me:secret@app.test/abs?x', '/abs?x'],
    ['*', ''],
]

describe('the address of a request', () => {
    for (const [target, shown] of recorded) {
        test(`for ${target} is ${JSON.stringify(shown)}`, () => {
            const { path, query } = requestUri(target)
            assert.equal(path + query, shown)
        })
    }

    test('decodes what was encoded, whatever it is, but for slashes', () => {
        fc.assert(
            fc.property(fc.string({ unit: 'grapheme' }), (text) => {
                fc.pre(!/[/.]/.test(text))
                assert.equal(requestUri(`/${encodeURIComponent(text)}`).path, `/${text}`)
            }),
        )
    })

    test('has no dot segment, however it was sent', () => {
        const part = fc.constantFrom('/', '.', '..', '%2e', '%2E', '%2f', 'a', '%', '%c3')
        fc.assert(
            fc.property(fc.array(part), (parts) => {
                const { path } = requestUri(`/${parts.join('')}`)
                assert.doesNotMatch(path, /\/\.\.?(\/|$)/)
                assert.ok(path.startsWith('/'))
            }),
        )
    })
})
