import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseRef } from '../../../src/core/composition/ref.js'
import { ComplogError } from '../../../src/core/errors.js'
import { hashOf } from '../../support/log-writer.js'

const hash = hashOf('a record')

test('every form of a reference names what it says', () => {
    for (const [text, ref] of [
        [hash, { kind: 'hash', prefix: hash }],
        [hash.toLowerCase(), { kind: 'hash', prefix: hash }],
        [hash.slice(0, 6), { kind: 'hash', prefix: hash.slice(0, 6) }],
        [hash.slice(0, 63).toLowerCase(), { kind: 'hash', prefix: hash.slice(0, 63) }],
        ['123456', { kind: 'hash', prefix: '123456' }],
        ['head', { kind: 'head', back: 0 }],
        ['head~0', { kind: 'head', back: 0 }],
        ['head~3', { kind: 'head', back: 3 }],
        ['first', { kind: 'number', position: 1 }],
        ['#1', { kind: 'number', position: 1 }],
        ['#12', { kind: 'number', position: 12 }],
        [' head \n', { kind: 'head', back: 0 }],
    ] as const) {
        assert.deepEqual(parseRef(text), ref, text)
    }
})

test('anything else is refused, and the refusal names the forms', () => {
    for (const text of [
        '',
        '12345',
        `${hash}0`,
        `${hash.slice(0, 10)}G`,
        '#0',
        '#',
        '#-1',
        '#1.5',
        '12#',
        'head~',
        'head~-1',
        'head~x',
        'head^',
        'last',
        'head~1234567890123456',
    ]) {
        assert.throws(
            () => parseRef(text),
            (error) => {
                assert.ok(error instanceof ComplogError)
                assert.equal(error.code, 'usage')
                assert.match(error.hint ?? '', /head~3, first, or #12/)
                return true
            },
            text,
        )
    }
})
