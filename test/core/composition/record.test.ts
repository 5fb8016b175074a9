import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { genesis } from '../../../src/core/composition/hash.js'
import { generations, isProblem, parseRecord } from '../../../src/core/composition/record.js'
import { anyText } from '../../support/any-text.js'
import { base64, hashOf, recordLine } from '../../support/log-writer.js'
import { fixtureStores, readLog } from '../../support/stores.js'
import { thinned } from '../../support/thinned.js'

const parent = hashOf('a parent')

function parse(json: unknown) {
    return parseRecord(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)))
}

function problemOf(line: unknown): string {
    const parsed = Buffer.isBuffer(line) ? parseRecord(line) : parse(line)
    assert.ok(isProblem(parsed), `${JSON.stringify(line)} was read as a record`)
    return parsed.problem
}

test('a record reads the same in all three generations', () => {
    fc.assert(
        fc.property(
            fc.constantFrom(...generations),
            fc.option(anyText(), { nil: undefined }),
            fc.option(fc.array(anyText()), { nil: undefined }),
            fc.string(),
            (generation, setState, events, parentText) => {
                const hash = hashOf(parentText)
                const record = {
                    generation,
                    parent: hash,
                    ...(setState !== undefined && { setState }),
                    ...(events && { events }),
                }
                assert.deepEqual(parse(recordLine(record)), {
                    parentHash: hash,
                    events: events ?? [],
                    generation,
                    ...(setState !== undefined && { setState }),
                })
            },
        ),
    )
})

test('every line that a Kalmit host wrote is a record of the generation that its store is named after', () => {
    for (const { name, path, expected } of fixtureStores) {
        const records = Object.values(readLog(path)).flat().map(parseRecord)
        assert.equal(records.length, expected.records)
        for (const record of records) {
            assert.ok(!isProblem(record))
            assert.ok(name.includes(record.generation), `${name} holds a record of ${record.generation}`)
        }
    }
})

test('null means that a field does not apply, in every generation', () => {
    for (const fields of [{ ParentHash: base64(parent) }, { ParentHashBase16: parent }]) {
        const nulls = { SetState: null, AppendedEvents: null, AppendedEventsLiteralString: null }
        const record = parse({ ...fields, ...nulls, SetStateLiteralString: null })
        assert.ok(!isProblem(record))
        assert.deepEqual([record.parentHash, record.events, record.setState], [parent, [], undefined])
    }
})

test('an empty state is a state to set, and an empty event an event', () => {
    const record = parse(recordLine({ parent, setState: '', events: [''] }))
    assert.ok(!isProblem(record))
    assert.deepEqual([record.setState, record.events], ['', ['']])
})

test('unknown fields are allowed, whatever their names', () => {
    const line = recordLine({ parent, events: ['e'] })
    const known = parse(line)
    for (const name of ['Comment', '__proto__', 'constructor', 'toString', 'problem', 'refusal', '']) {
        const withField = `${line.slice(0, -1)},${JSON.stringify(name)}:{"problem":"x","refusal":"y"}}`
        assert.deepEqual(parse(withField), known, name)
    }
})

test('fields named in a __proto__ are no fields of the record', () => {
    assert.equal(problemOf(`{"__proto__":{"ParentHashBase16":"${parent}"}}`), 'malformed-record')
    const record = parse(
        `{"ParentHashBase16":"${parent}","__proto__":{"SetState":"no","SetStateLiteralString":null}}`,
    )
    assert.deepEqual(record, { parentHash: parent, events: [], generation: '2019-04' })
})

test('hex digits of either case name the same parent', () => {
    const record = parse({ ParentHashBase16: parent.toLowerCase() })
    assert.ok(!isProblem(record))
    assert.equal(record.parentHash, parent)
})

test('both forms of the parent may be given where they name the same one', () => {
    const record = parse({ ParentHash: base64(parent), ParentHashBase16: parent })
    assert.ok(!isProblem(record))
    assert.equal(record.parentHash, parent)
    assert.equal(problemOf({ ParentHash: base64(genesis), ParentHashBase16: parent }), 'malformed-record')
})

test('a line that names no parent, or not by a hash, is no record', () => {
    for (const parents of [
        {},
        { ParentHash: null, ParentHashBase16: null },
        { ParentHashBase16: parent.slice(1) },
        { ParentHashBase16: `${parent}0` },
        { ParentHashBase16: `${parent.slice(1)}G` },
        { ParentHashBase16: ` ${parent}` },
        { ParentHashBase16: base64(parent) },
        { ParentHashBase16: 0 },
        { ParentHashBase16: [parent] },
        { ParentHash: parent },
        { ParentHash: base64(parent).replace(/=$/, '') },
        { ParentHash: Buffer.from(parent, 'hex').toString('base64url') },
        { ParentHash: Buffer.alloc(31).toString('base64') },
        { ParentHash: base64(parent), ParentHashBase16: '' },
    ]) {
        assert.equal(problemOf({ ...parents, AppendedEvents: ['e'] }), 'malformed-record')
    }
})

test('events and states of any other type make no record', () => {
    for (const fields of [
        { AppendedEvents: 'e' },
        { AppendedEvents: {} },
        { AppendedEvents: [1] },
        { AppendedEvents: [null] },
        { AppendedEvents: ['e', { LiteralString: 'e' }] },
        { AppendedEvents: [{ LiteralString: 1 }] },
        { AppendedEvents: [{ Literal: 'e' }] },
        { AppendedEvents: [['e']] },
        { AppendedEventsLiteralString: [{ LiteralString: 'e' }] },
        { AppendedEventsLiteralString: ['e'], AppendedEvents: ['e'] },
        { SetState: 1 },
        { SetState: ['s'] },
        { SetState: {} },
        { SetState: { LiteralString: null } },
        { SetStateLiteralString: { LiteralString: 's' } },
        { SetStateLiteralString: 's', SetState: 's' },
    ]) {
        assert.equal(problemOf({ ParentHashBase16: parent, ...fields }), 'malformed-record')
    }
})

test('anything but one JSON object is no record', () => {
    for (const line of ['', ' ', 'null', '[]', '"{}"', '1', 'true', '{', '{}{}', '{}x', '\uFEFF{}', '\0']) {
        assert.equal(problemOf(line), 'malformed-record')
    }
})

const deep = thinned(80_000, 1_000_000)

test(`${deep} nested brackets neither crash nor hang the reader`, () => {
    const open = '['.repeat(deep)
    assert.equal(problemOf(open), 'malformed-record')
    assert.equal(
        problemOf(`{"ParentHashBase16":"${parent}","AppendedEvents":${open}${']'.repeat(deep)}}`),
        'malformed-record',
    )
    const record = parse(`{"ParentHashBase16":"${parent}","Unknown":${open}${']'.repeat(deep)}}`)
    assert.ok(!isProblem(record))
    assert.equal(record.parentHash, parent)
})

test('bytes that are not UTF-8 are named by the first of them', () => {
    const line = Buffer.from(recordLine({ parent, events: ['Ελλάδα 🙂 \uFFFD'] }))
    const at = line.indexOf('🙂')
    for (const [bytes, offset] of [
        [[0xff], 0],
        [[0xc0, 0xaf], 0],
        [[0xed, 0xa0, 0x80], 0],
        [[0xef, 0xbf, 0x22], 0],
        [[0x61, 0xef], 1],
    ] as const) {
        const wrong = Buffer.concat([line.subarray(0, at), Buffer.from(bytes), line.subarray(at)])
        const parsed = parseRecord(wrong)
        assert.ok(isProblem(parsed))
        assert.equal(parsed.problem, 'invalid-utf8')
        assert.match(parsed.message, new RegExp(`from byte ${at + offset} `))
    }
    const cut = parseRecord(line.subarray(0, at + 2))
    assert.ok(isProblem(cut))
    assert.match(cut.message, new RegExp(`from byte ${at} `))
})

test('no bytes make the reader throw', () => {
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
            parseRecord(Buffer.from(bytes))
        }),
    )
    fc.assert(fc.property(fc.json(), (json) => void parse(json)))
    // Known fields with any values.
    const field = fc.constantFrom(
        'ParentHash',
        'ParentHashBase16',
        'AppendedEvents',
        'AppendedEventsLiteralString',
        'SetState',
        'SetStateLiteralString',
    )
    const value = fc.oneof(fc.jsonValue(), fc.constant(parent), fc.constant(base64(parent)))
    fc.assert(fc.property(fc.dictionary(field, value), (json) => void parse(json)))
})
