import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { indexJson } from '../../../src/core/difference/json-index.js'
import { nodeAt, partsOf } from '../../../src/core/difference/pointer.js'
import { isError } from '../../support/is-error.js'
import { thinned } from '../../support/thinned.js'

function isJson(text: string): boolean {
    try {
        JSON.parse(text)
        return true
    } catch {
        return false
    }
}

test('what is taken for JSON is what JSON.parse takes', () => {
    const token = fc.constantFrom(
        ...[
            '{',
            '}',
            '[',
            ']',
            ':',
            ',',
            '"',
            'a',
            '\\',
            '\\"',
            '\\/',
            '\\u12',
            '\\u00eF',
            '1',
            '0',
            '-',
            '.',
            'e',
            '+',
        ],
        ...[
            'E',
            'true',
            'false',
            'null',
            ' ',
            '\n',
            '\t',
            '\r',
            '\u00a0',
            '\u0001',
            '""',
            '"a":',
            '[]',
            '01',
            '-0',
        ],
    )
    const mixed = fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join(''))
    const cut = fc.tuple(fc.json(), fc.nat(), token).map(([json, at, inserted]) => {
        const place = at % (json.length + 1)
        return json.slice(0, place) + inserted + json.slice(place)
    })
    const closedMax = fc.constantFrom(undefined, 4, 1000)
    const holds = fc.property(fc.oneof(mixed, cut, fc.json()), closedMax, (text, max) => {
        assert.equal(indexJson(text, max) !== undefined, isJson(text))
    })
    fc.assert(holds, { numRuns: thinned(7000, 20_000) })
})

test('a JSON pointer leads where it says', () => {
    const json = indexJson('{"a":[10,{"b/c":"x"}],"":{"~":null},"twice":1,"twice":2,"d\\/e":"\\/"}')!
    const at = (pointer: string) => {
        const node = nodeAt(json, partsOf(pointer))
        return node === undefined ? undefined : json.textOf(node)
    }
    assert.equal(at('/a/0'), '10')
    assert.equal(at('/a/1/b~1c'), '"x"')
    assert.equal(at('//~0'), 'null')
    assert.equal(at('/twice'), '2')
    assert.equal(at('/d~1e'), '"\\/"')
    assert.equal(json.stringOf(nodeAt(json, ['d/e'])!), '/')
    assert.equal(at('a/0'), '10')
    assert.equal(at('')?.length, json.text.length)
    for (const nowhere of ['/a/2', '/a/00', '/a/-', '/a/0/x', '/b', '/a/length'])
        assert.equal(at(nowhere), undefined)
    assert.deepEqual(partsOf('#'), [])
    assert.deepEqual(partsOf('#/a/b%20c~1'), ['a', 'b c/'])
    assert.throws(() => partsOf('#/%'), isError('usage', /JSON pointer/))
    assert.throws(() => partsOf('/a~2'), isError('usage', /JSON pointer/))
})
