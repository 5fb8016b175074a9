import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseRef, parseRefRange, refText } from '../../../src/core/composition/ref.js'
import { ComplogError } from '../../../src/core/errors.js'
import { hashOf } from '../../support/log-writer.js'

const hash = hashOf('a record')

function at(time: string) {
    return { kind: 'time', posixMilliseconds: Date.parse(time) } as const
}

test('every form of a reference names what it says', () => {
    for (const [text, ref] of [
        [hash, { kind: 'hash', prefix: hash }],
        [hash.toLowerCase(), { kind: 'hash', prefix: hash }],
        [hash.slice(0, 6), { kind: 'hash', prefix: hash.slice(0, 6) }],
        [hash.slice(0, 63).toLowerCase(), { kind: 'hash', prefix: hash.slice(0, 63) }],
        ['123456', { kind: 'hash', prefix: '123456' }],
        ['head', { kind: 'head' }],
        ['head~0', { kind: 'head' }],
        ['head~3', { kind: 'head', back: 3 }],
        ['first', { kind: 'number', position: 1 }],
        ['#1', { kind: 'number', position: 1 }],
        ['#12', { kind: 'number', position: 12 }],
        [' head \n', { kind: 'head' }],
        ['123456~2', { kind: 'hash', prefix: '123456', back: 2 }],
        ['first~0', { kind: 'number', position: 1 }],
        ['#12~3', { kind: 'number', position: 12, back: 3 }],
        ['@2019-04-28', at('2019-04-28T00:00:00Z')],
        ['@2019-04-28T13', at('2019-04-28T13:00:00Z')],
        ['@2019-04-28T13:05', at('2019-04-28T13:05:00Z')],
        ['@2019-04-28 13:05:06.7~1', { ...at('2019-04-28T13:05:06.700Z'), back: 1 }],
        ['@2019-04-28T13:05Z', at('2019-04-28T13:05:00Z')],
        ['@2019-04-28T13:05+0230', at('2019-04-28T10:35:00Z')],
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
        'head~1~2',
        '@',
        '@yesterday',
        '@2019-4-28',
        '@2019-02-30',
        '@2019-04-28T24:01',
        '@2019-04-28T13:',
    ]) {
        assert.throws(
            () => parseRef(text),
            (error) => {
                assert.ok(error instanceof ComplogError)
                assert.equal(error.code, 'usage')
                assert.match(error.hint ?? '', /head~3, first, #12/)
                return true
            },
            text,
        )
    }
})

test('a range is two references, and may lack either', () => {
    const [first, head] = [parseRef('first'), parseRef('head~2')]
    for (const [text, range] of [
        ['first..head~2', { after: first, until: head }],
        ['first..', { after: first }],
        [' .. head~2', { until: head }],
        ['..', {}],
        ['@2019-04-28..#12', { after: at('2019-04-28T00:00:00Z'), until: parseRef('#12') }],
        ['head', undefined],
    ] as const)
        assert.deepEqual(parseRefRange(text), range, text)
    assert.throws(() => parseRefRange('first..nowhere'), ComplogError)
    assert.throws(() => parseRefRange('first...head'), ComplogError)
})

test('a reference is written as one that reads the same', () => {
    for (const text of [hash, 'ABCDEF~3', 'head', 'head~3', '#1', '#12~4', '@2019-04-28T13:05:00.000Z~2'])
        assert.equal(refText(parseRef(text)), text)
})
