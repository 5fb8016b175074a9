import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import {
    differsInJsonErrorsOnly,
    firstDifference,
    isSameState,
} from '../../../src/core/restore/same-state.js'

for (const [one, other, same] of [
    ['{"a":1,"b":[true,null]}', ' { "b" : [ true , null ] , "a" : 1.0 } ', true],
    ['{"a":1}', '{"a":1,"b":0}', false],
    ['{"a":1,"b":0}', '{"a":1,"c":0}', false],
    ['[1,2]', '[2,1]', false],
    ['[]', '{}', false],
    ['[0]', '[null]', false],
    ['{"__proto__":1}', '{"__proto__":2}', false],
    ['{"__proto__":1}', '{}', false],
    ['"\\u00e4\\/"', '"ä/"', true],
    ['"\\ud800"', '"\\ud801"', false],
    ['"a\\\\"', '"a\\\\" ', true],
    ['"1"', '1', false],
    ['"n9007199254740993e0"', '9007199254740993', false],
    ['100', '1e2', true],
    ['1E+2', '100.000', true],
    ['-0', '0', true],
    ['-0.0e5', '0', true],
    ['[0.1]', '[1e-1]', true],
    ['9007199254740993', '9007199254740992', false],
    ['9007199254740993', '9007199254740993.0', true],
    ['{"a":12345678901234567890}', '{"a":12345678901234567891}', false],
    ['123456789012345678900', '1.234567890123456789e20', true],
    ['0.1000000000000000055', '0.1', false],
    ['1e400', '1e401', false],
    ['1e400', '10e399', true],
    ['1e-400', '0', false],
    ['006', '6', false],
    ['6 ', '6', true],
    ['text', 'text ', false],
    ['', '""', false],
    ['"a', '"a"', false],
    ['1 2', '12', false],
    // Of a name that is there twice, readers take the last.
    ['{"a":1,"a":2}', '{"a":2}', true],
    ['{"a":1,"a":2}', '{"a":1}', false],
] as const) {
    test(`${one} and ${other} are ${same ? 'the same state' : 'two states'}`, () => {
        assert.equal(isSameState(one, other), same)
        assert.equal(isSameState(other, one), same)
    })
}

test('JSON is the same state however it is written, and another one as soon as a value differs', () => {
    const spaced = (value: unknown) => JSON.stringify(value, null, 3)
    fc.assert(
        fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
            assert.ok(isSameState(JSON.stringify(one), spaced(reversed(one))))
            const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
            assert.equal(isSameState(JSON.stringify(one), spaced(other)), same)
        }),
    )
})

test('states that are nested more deeply than calls can be are compared', () => {
    const nested = (inmost: string) => '['.repeat(5000) + inmost + ']'.repeat(5000)
    assert.ok(isSameState(nested('1'), nested(' 1')))
    assert.ok(!isSameState(nested('1'), nested('2')))
})

test('what JSON.parse says of bad input in one release of Node and another is told from other differences', () => {
    const state = (words: string, sum = 5) =>
        JSON.stringify({
            errors: [`Problem with the given value:\n\n"x"\n\nThis is not valid JSON! ${words}`, 'end'],
            sum,
        })
    const old = state('Unexpected token k in JSON at position 0')
    for (const words of [
        'Unexpected token \'k\', "kein "JSON"" is not valid JSON',
        'Unexpected token \'k\', ..."a\nb" is not valid JSON',
        'Unexpected end of JSON input',
        "Expected property name or '}' in JSON at position 1 (line 1 column 2)",
        'Unexpected non-whitespace character after JSON at position 2',
    ]) {
        assert.ok(differsInJsonErrorsOnly(old, state(words)), words)
        assert.ok(!differsInJsonErrorsOnly(old, state(words, 6)), words)
        assert.ok(!isSameState(old, state(words)))
    }
    assert.ok(!differsInJsonErrorsOnly('{"sum":5}', '{"sum":6}'))
    assert.ok(!differsInJsonErrorsOnly(old, old.replace('end', 'ends')))
})

test('a difference is shown with a little of what stands before it', () => {
    assert.deepEqual(firstDifference('abc', 'abd'), ['"abc"', '"abd"'])
    const [one, other] = firstDifference(`${'x'.repeat(100)}1`, `${'x'.repeat(100)}2${'y'.repeat(100)}`)
    assert.equal(one, `…"${'x'.repeat(20)}1" (of 101 characters)`)
    assert.equal(other, `…"${'x'.repeat(20)}2${'y'.repeat(39)}"… (of 201 characters)`)
})

/** The same value with the keys of its objects the other way round. */
function reversed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
        Object.entries(value)
            .toReversed()
            .map(([key, inner]) => [key, reversed(inner)]),
    )
}

function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return entries.map(([key, inner]) => [key, sorted(inner)]).concat([['object', true]])
}
