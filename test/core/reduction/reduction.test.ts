import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import { hashFromHex } from '../../../src/core/composition/hash.js'
import { generations } from '../../../src/core/composition/record.js'
import {
    formWritten,
    isWrittenForm,
    parseReduction,
    serializeReduction,
} from '../../../src/core/reduction/reduction.js'
import { anyText } from '../../support/any-text.js'
import { base64, hashOf, reductionFile } from '../../support/log-writer.js'
import { fixtureStores } from '../../support/stores.js'

const hash = hashOf('a record')
const value = fc.oneof(anyText(), fc.constantFrom('', '\uFEFF', '"\\\n\u2028', '\uD800'))

function problemOf(content: Uint8Array | string | object): string {
    const bytes =
        content instanceof Uint8Array
            ? Buffer.from(content)
            : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
    const parsed = parseReduction(bytes)
    assert.ok('problem' in parsed, `${bytes.toString()} was read as a reduction`)
    return parsed.problem
}

test('a reduction is read from the form of every generation, with and without byte order mark', () => {
    fc.assert(
        fc.property(value, fc.constantFrom(...generations), (text, generation) => {
            const bytes = reductionFile(hash, text, generation)
            const written = generation === '2018-11' ? generation : '2019-03'
            const form = { written, byteOrderMark: true, lowerCaseHash: false }
            assert.deepEqual(parseReduction(bytes), { hash, value: text, form })
            assert.deepEqual(parseReduction(bytes.subarray(3)), {
                hash,
                value: text,
                form: { ...form, byteOrderMark: false },
            })
        }),
    )
})

test('what is written is, to the byte, one object that every host since April 2019 reads, without a mark', () => {
    const bytes = serializeReduction({ hash, value: 'a "state"\u2028\n三' })
    assert.equal(
        bytes.toString('utf8'),
        `{"ReducedCompositionHashBase16":"${hash}","ReducedValue":{"LiteralString":"a \\"state\\"\u2028\\n三"}}`,
    )
})

test('of a record of 2018-11, what is written is what the hosts that read such a record wrote, without a mark', () => {
    const bytes = serializeReduction({ hash, value: 'a "state"' }, '2018-11')
    assert.deepEqual(bytes, reductionFile(hash, 'a "state"', '2018-11').subarray(3))
})

test('what is written is read again, as being in the form that is written today', () => {
    fc.assert(
        fc.property(value, fc.constantFrom(...generations), (text, generation) => {
            const read = parseReduction(serializeReduction({ hash, value: text }, generation))
            assert.deepEqual(read, { hash, value: text, form: formWritten(generation) })
            assert.ok(isWrittenForm(read, generation))
        }),
    )
})

test('ReducedValue counts where both values are there, and another one beside it is not passed over in silence', () => {
    const both = (literal: string) => {
        const json = {
            ReducedCompositionHashBase16: hash,
            ReducedValueLiteralString: literal,
            ReducedValue: { LiteralString: '2' },
        }
        return parseReduction(Buffer.from(JSON.stringify(json)))
    }
    const form = { written: '2019-09', byteOrderMark: false, lowerCaseHash: false }
    assert.deepEqual(both('1'), { hash, value: '2', form: { ...form, passedOver: '1' } })
    assert.deepEqual(both('2'), { hash, value: '2', form })
})

test('every reduction that a Kalmit host wrote is read, with the value that is known of it', () => {
    for (const { path, expected } of fixtureStores) {
        const names = readdirSync(join(path, 'reduction'))
        assert.deepEqual(names.sort(), Object.keys(expected.reductions).sort())
        for (const name of names) {
            const parsed = parseReduction(readFileSync(join(path, 'reduction', name)))
            const named = hashFromHex(name)!
            assert.ok('value' in parsed)
            assert.deepEqual([parsed.hash, parsed.value], [named, expected.reductions[named]])
        }
    }
})

test('fields of other generations may stand beside as null, and unknown ones with any value', () => {
    const parsed = parseReduction(
        Buffer.from(
            JSON.stringify({
                ReducedCompositionHashBase16: hash.toLowerCase(),
                ReducedValueLiteralString: '1',
                ReducedCompositionHash: null,
                ReducedValue: null,
                Unknown: {},
            }),
        ),
    )
    const form = { written: '2019-03', byteOrderMark: false, lowerCaseHash: true }
    assert.deepEqual(parsed, { hash, value: '1', form })
})

test('anything else is no reduction, and says why', () => {
    const whole = reductionFile(hash, '1')
    for (let size = 0; size < whole.length; size++) problemOf(whole.subarray(0, size))
    assert.match(problemOf('\uFEFF\uFEFF{}'), /not JSON/)
    assert.match(problemOf(Buffer.concat([whole, Buffer.of(0xff)])), /not UTF-8/)
    for (const json of ['null', '[]', '"x"', '1']) assert.match(problemOf(json), /not an object/)
    for (const named of [
        {},
        { ReducedCompositionHashBase16: null },
        { ReducedCompositionHashBase16: hash.slice(1) },
        { ReducedCompositionHash: hash },
        { ReducedCompositionHash: base64(hash).slice(1) },
    ]) {
        assert.match(problemOf({ ...named, ReducedValue: '1' }), /names no reduced record/)
    }
    for (const valued of [
        {},
        { ReducedValue: null },
        { ReducedValue: 1 },
        { ReducedValue: { LiteralString: 1 } },
        { ReducedValue: ['1'] },
        { ReducedValueLiteralString: { LiteralString: '1' } },
        { ReducedValueLiteralString: '1', ReducedValue: '1' },
    ]) {
        assert.match(problemOf({ ReducedCompositionHashBase16: hash, ...valued }), /no value|two values/)
    }
})

test('no bytes make the reader throw', () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void parseReduction(Buffer.from(bytes))),
    )
    fc.assert(fc.property(fc.json(), (json) => void parseReduction(Buffer.from(json))))
    const deep = '['.repeat(1_000_000)
    problemOf(`{"ReducedCompositionHashBase16":"${hash}","ReducedValue":${deep}${']'.repeat(1_000_000)}}`)
})
