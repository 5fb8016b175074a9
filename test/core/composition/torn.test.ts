import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { generations } from '../../../src/core/composition/record.js'
import { beginningOfObject, isTorn } from '../../../src/core/composition/torn.js'
import { anyText } from '../../support/any-text.js'
import { recordLine } from '../../support/log-writer.js'
import { fixtureStores, readLog } from '../../support/stores.js'
import { thinned } from '../../support/thinned.js'

const events = ['{"addition":-12.5e3}', 'Ελλάδα 三 🙂 "quoted" back\\slash \u2028\t\u0001']

/** One of each generation, and one of every store that Kalmit wrote. */
const records = [
    ...generations.map((generation) => Buffer.from(recordLine({ generation, setState: '1', events }))),
    ...fixtureStores.map(({ path }) => Object.values(readLog(path)).flat().at(-1)!),
]

test('a record cut at any byte is torn', () => {
    for (const record of records) {
        for (let size = 1; size < record.length; size++) {
            assert.ok(isTorn(record.subarray(0, size)), `cut at byte ${size}: ${record.toString()}`)
        }
    }
})

test('zeros in place of the end of a record, or of all of it, are torn', () => {
    for (const record of records) {
        for (let size = 0; size <= record.length; size++) {
            const zeros = Buffer.alloc(record.length - size + 1)
            assert.ok(isTorn(Buffer.concat([record.subarray(0, size), zeros])), `zeros from byte ${size}`)
        }
    }
})

test('nothing, a whole record and other JSON are not torn', () => {
    for (const line of ['', ' ', '{}', '[]', '[', '"', '1', 't', 'null', '{}{', 'x', '}', '"a":1}']) {
        assert.equal(isTorn(Buffer.from(line)), false, line)
    }
    for (const record of records) assert.equal(isTorn(record), false)
})

test('the torn beginning of a record with a whole one behind it is not torn, wherever it is cut', () => {
    for (const record of records) {
        for (let size = 1; size < record.length; size++) {
            const joined = Buffer.concat([record.subarray(0, size), record])
            assert.ok(!isTorn(joined), `cut at byte ${size}: ${record.toString()}`)
        }
    }
})

test('zeros before other bytes are not torn', () => {
    assert.equal(isTorn(Buffer.from('\0{')), false)
    assert.equal(isTorn(Buffer.from('{"a\0b":')), false)
})

test('a whole record in which one byte was flipped is not torn, unless the flip opens or closes something', () => {
    const structure = '"\\{}[]'
    for (const record of records.slice(0, 3)) {
        for (let at = 0; at < record.length; at++) {
            for (let bit = 0; bit < 8; bit++) {
                const flipped = Buffer.from(record)
                flipped[at] = (record[at] as number) ^ (1 << bit)
                const bytes = [record[at] as number, flipped[at] as number].map((byte) =>
                    String.fromCharCode(byte),
                )
                if (bytes.some((byte) => structure.includes(byte))) continue
                assert.equal(isTorn(flipped), false, `bit ${bit} of byte ${at} of ${record.toString()}`)
            }
        }
    }
})

test('an object written by JSON.stringify is complete, and each of its beginnings the beginning of one', () => {
    const anyObject = fc.dictionary(anyText(), fc.jsonValue({ maxDepth: 4 }))
    fc.assert(
        fc.property(anyObject, fc.constantFrom(undefined, 1, '\t'), (object, indent) => {
            const text = JSON.stringify(object, undefined, indent)
            assert.equal(beginningOfObject(text), 'complete')
            assert.equal(beginningOfObject(`${text} \r\n`), 'complete')
            for (let length = 1; length < text.length; length++) {
                assert.equal(beginningOfObject(text.slice(0, length)), 'beginning', text.slice(0, length))
            }
        }),
        { numRuns: thinned(40, 100) },
    )
})

test('numbers of every form may be cut anywhere', () => {
    for (const number of ['0', '-0', '0.5', '-10.25', '1e9', '1E+9', '2.5e-300', '123456789']) {
        const text = `{"n":${number}`
        for (let length = 5; length <= text.length; length++) {
            assert.equal(beginningOfObject(text.slice(0, length)), 'beginning', text.slice(0, length))
        }
        assert.equal(beginningOfObject(`${text}}`), 'complete')
        assert.equal(beginningOfObject(`${text},"m":[${number},${number}]}`), 'complete')
    }
})

test('what no text could make an object is neither', () => {
    for (const text of [
        '{,',
        '{]',
        '{"a"}',
        '{"a",',
        '{"a":}',
        '{"a":]',
        '{"a":1,}',
        '{"a":1]',
        '{"a":[1,]',
        '{"a":[,',
        '{"a":[}',
        '{"a":[1}',
        '{"a":01',
        '{"a":+1',
        '{"a":.5',
        '{"a":1.}',
        '{"a":-}',
        '{"a":1e}',
        '{"a":1.e',
        '{"a":trux',
        '{"a":tru}',
        '{"a":nul,',
        '{"a":NaN',
        '{a',
        "{'a'",
        '{1',
        '{"a":"\n',
        '{"a":"\\x',
        '{"a":"\\u00g',
        '{"a"1',
        '{"a"::',
        '{"a":{}{',
        '{}}',
        '{} {',
        '[{',
        '',
        '  ',
    ]) {
        assert.equal(beginningOfObject(text), 'neither', text)
    }
})

test('whatever it calls complete, JSON.parse reads as an object, and the other way round', () => {
    const pieces = fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ':',
        ',',
        '1',
        '-',
        '.',
        'e',
        'null',
        't',
        '\\',
        ' ',
        'u00',
    )
    fc.assert(
        fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
            for (const text of [parts.join(''), `{"a":${parts.join('')}}`]) {
                assert.equal(beginningOfObject(text) === 'complete', isJson(text), text)
            }
        }),
        { numRuns: 2000 },
    )
})

const deep = thinned(300_000, 1_000_000)

test(`${deep} open brackets take neither the stack nor minutes`, () => {
    assert.equal(beginningOfObject(`{"a":${'['.repeat(deep)}`), 'beginning')
    assert.equal(isTorn(Buffer.from(`{"a":${'{"a":'.repeat(deep / 5)}`)), true)
})

function isJson(text: string): boolean {
    try {
        const json: unknown = JSON.parse(text)
        return typeof json === 'object' && json !== null && !Array.isArray(json)
    } catch {
        return false
    }
}
