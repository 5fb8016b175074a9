import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { type Change, differenceOf, isSameText } from '../../../src/core/difference/difference.js'
import { indexJson } from '../../../src/core/difference/json-index.js'
import { jsonChanges } from '../../../src/core/difference/json-walk.js'
import { applyChanges } from '../../support/apply-changes.js'
import { thinned } from '../../support/thinned.js'

function changesOf(before: string, after: string): readonly Change[] {
    const difference = differenceOf(before, after, { changesMax: Infinity })
    assert.equal(difference.form, 'json')
    assert.equal(difference.more, 0)
    return difference.changes
}

function changesOfValues(before: unknown, after: unknown): readonly Change[] {
    return changesOf(JSON.stringify(before), JSON.stringify(after))
}

/** Values that are alike often enough to have something in common. */
const value = fc.letrec((tie) => ({
    value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(0, 1, 2, 'a', 'b', '1', null, true, false, 'ä/~', ''),
        fc.array(tie('value'), { maxLength: 6 }),
        fc.dictionary(
            fc.constantFrom('a', 'b', 'A', 'B', 'id', 'key', '0', '1', '~', '/', ''),
            tie('value'),
            {
                maxKeys: 4,
            },
        ),
        fc.array(fc.record({ id: fc.nat(9), is: tie('value') }), { maxLength: 8 }),
        fc.array(fc.tuple(fc.nat(9), tie('value')), { maxLength: 8 }),
        fc.dictionary(fc.constantFrom('Some', 'None'), fc.array(tie('value'), { maxLength: 3 }), {
            minKeys: 1,
            maxKeys: 1,
        }),
    ),
})).value

/** The same JSON in other words. */
function respelt(json: unknown): string {
    if (Array.isArray(json)) return `[ ${json.map(respelt).join(' ,\n')}]`
    if (typeof json === 'number') return `${json}.0e+0`
    if (typeof json === 'string') {
        const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
        return `"${json.replaceAll(/[^]/g, escape)}"`
    }
    if (typeof json !== 'object' || json === null) return ` ${JSON.stringify(json)}\t`
    const members = Object.entries(json).map(([name, inner]) => `${respelt(name)} : ${respelt(inner)}`)
    return `{${members.reverse().join(',')}}\r`
}

describe('a difference of JSON', () => {
    test('leads from the one to the other', () => {
        const holds = fc.property(value, value, (before, after) => {
            const changed = applyChanges(JSON.stringify(before), changesOfValues(before, after))
            assert.deepEqual(changed, JSON.parse(JSON.stringify(after)))
        })
        fc.assert(holds, { numRuns: thinned(400, 3000) })
    })

    test('leads from one list to another that shares most of it', () => {
        const item = fc.oneof(
            fc.nat(5),
            fc.record({ id: fc.nat(30), text: fc.nat(3) }, { noNullPrototype: true }),
        )
        const holds = fc.property(fc.array(item, { maxLength: 30 }), fc.array(fc.nat(30)), (before, gone) => {
            const after = before.filter((_, index) => !gone.includes(index))
            assert.deepEqual(applyChanges(JSON.stringify(before), changesOfValues(before, after)), after)
            assert.deepEqual(applyChanges(JSON.stringify(after), changesOfValues(after, before)), before)
        })
        fc.assert(holds, { numRuns: thinned(200, 1000) })
    })

    test('is empty for the same in other words: order of names, white space, escapes, numbers', () => {
        const holds = fc.property(value, (json) => {
            assert.deepEqual(changesOf(JSON.stringify(json), respelt(json)), [])
        })
        fc.assert(holds, { numRuns: thinned(200, 1000) })
    })

    test('tells integers apart that a double does not, and shows them as written', () => {
        const changes = changesOf('{"n":9007199254740993,"same":1.0}', '{"n": 9007199254740992,"same":10e-1}')
        assert.deepEqual(changes, [{ pointer: '/n', before: '9007199254740993', after: '9007199254740992' }])
    })

    test('of numbers goes by their value, whatever their size', () => {
        assert.deepEqual(changesOf('[0, -0, 1e400, 120, 0.5]', '[-0.0, 0e9, 10e399, 1.2E+2, 5e-1]'), [])
        assert.equal(changesOf('[1e400]', '[1e401]').length, 1)
        assert.equal(changesOf('[1e99999999999999999998]', '[1e99999999999999999999]').length, 1)
    })

    test('is the same where what is in short values was left closed at first, as in long texts', () => {
        const hugeNumber = fc.constantFrom('9007199254740992', '9007199254740993')
        const item = fc.oneof(value, fc.record({ id: fc.nat(30), is: value }), fc.tuple(fc.nat(30), value))
        const list = fc.array(item, { maxLength: 12 })
        const text = (json: unknown, number: string, spelling: boolean) =>
            `{"n":${number},"list":${spelling ? respelt(json) : JSON.stringify(json)},"end":[${number}]}`
        const changedList = list.chain((before) =>
            fc.tuple(
                fc.constant(before),
                fc.oneof(
                    list,
                    fc.shuffledSubarray(before),
                    fc.subarray(before).map((kept) => [...kept, ...kept]),
                ),
            ),
        )
        const closed = fc.constantFrom(0, 2, 5, 10, 20, 50, 1000)
        const holds = fc.property(
            changedList,
            fc.tuple(hugeNumber, hugeNumber, fc.boolean()),
            fc.tuple(closed, closed),
            ([before, after], [n, m, spelling], [closedBefore, closedAfter]) => {
                const [one, other] = [text(before, n, false), text(after, m, spelling)]
                assert.deepEqual(
                    jsonChanges(indexJson(one, closedBefore)!, indexJson(other, closedAfter)!, 1000),
                    jsonChanges(indexJson(one, 0)!, indexJson(other, 0)!, 1000),
                )
            },
        )
        fc.assert(holds, { numRuns: thinned(200, 1000) })
    })

    test('with one item in front of 20,000 is one change', () => {
        const list = Array.from({ length: 20_000 }, (_, index) => ({
            name: `n${index}`,
            done: index % 2 === 0,
        }))
        const first = { name: 'new', done: false }
        const expected = [{ pointer: '/list/0', after: JSON.stringify(first) }]
        assert.deepEqual(changesOfValues({ list }, { list: [first, ...list] }), expected)
        const strings = list.map(({ name }) => name)
        assert.deepEqual(changesOfValues(strings, ['new', ...strings]), [{ pointer: '/0', after: '"new"' }])
    })

    test('with the same item twice has no moves', () => {
        assert.deepEqual(changesOfValues(['a', 'b', 'a'], ['a', 'b', 'a', 'a']), [
            { pointer: '/3', after: '"a"' },
        ])
        assert.deepEqual(changesOfValues(['a', 'a', 'b'], ['a', 'b']), [{ pointer: '/1', before: '"a"' }])
    })

    test('finds items of a list by what tells them apart, and says that they moved', () => {
        const before = [1, 2, 3].map((id) => ({ id, text: 'x' }))
        const after = [
            { id: 3, text: 'x' },
            { id: 1, text: 'y' },
            { id: 4, text: 'x' },
        ]
        assert.deepEqual(changesOfValues(before, after), [
            { pointer: '/1', before: '{"id":2,"text":"x"}', item: '2' },
            { pointer: '/0', from: '/2', item: '3' },
            { pointer: '/1/text', before: '"x"', after: '"y"', item: '1' },
            { pointer: '/2', after: '{"id":4,"text":"x"}', item: '4' },
        ])
    })

    test('knows how Elm writes a Dict and a custom type', () => {
        assert.deepEqual(changesOf('[["a",1],["b",2],["c",3]]', '[["a",1],["aa",9],["b",3],["c",3]]'), [
            { pointer: '/1', after: '["aa",9]', item: '"aa"' },
            { pointer: '/2/1', before: '2', after: '3', item: '"b"' },
        ])
        assert.deepEqual(changesOf('{"m":{"Just":[1]}}', '{"m":{"Nothing":[]}}'), [
            { pointer: '/m', before: '{"Just":[1]}', after: '{"Nothing":[]}' },
        ])
        assert.deepEqual(changesOf('{"Pair":[1,2]}', '{"Pair":[2,2]}'), [
            { pointer: '/Pair/0', before: '1', after: '2' },
        ])
    })

    test('keeps as many changes as were asked for, and counts the others', () => {
        const zeros = Array.from({ length: 2204 }, () => 0)
        const ones = zeros.map(() => 1)
        const difference = differenceOf(JSON.stringify(zeros), JSON.stringify(ones))
        assert.equal(difference.changes.length, 1000)
        assert.equal(difference.more, 1204)
    })

    test('goes as deep as the text does', () => {
        const depth = thinned(40_000, 1_000_000)
        const deep = (inner: string) => '['.repeat(depth) + inner + ']'.repeat(depth)
        const changes = changesOf(deep('{"a":1,"b":2}'), deep('{"b":2,"a":3}'))
        assert.deepEqual(
            changes.map(({ pointer, ...values }) => [pointer.length, values]),
            [[2 * depth + 2, { before: '1', after: '3' }]],
        )
        assert.deepEqual(changesOf(deep('{"a":1,"b":2}'), deep('{"b":2,"a":1}')), [])
    })

    test('keeps halves of characters apart, and names of every kind', () => {
        assert.deepEqual(changesOf(String.raw`["\ud800"]`, String.raw`["\ud801"]`), [
            { pointer: '/0', before: String.raw`"\ud800"`, after: String.raw`"\ud801"` },
        ])
        assert.deepEqual(changesOf('{"__proto__":1,"a/b~":2}', '{"__proto__":2,"a/b~":3}'), [
            { pointer: '/__proto__', before: '1', after: '2' },
            { pointer: '/a~1b~0', before: '2', after: '3' },
        ])
    })
})

describe('a difference of texts that are no JSON', () => {
    test('leads from the one to the other', () => {
        const line = fc.constantFrom('a', 'b', 'ab', '', '😀', '😁', '{', '\ud83d')
        const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'))
        const holds = fc.property(text, text, (before, after) => {
            const difference = differenceOf(`!${before}`, `!${after}`)
            if (difference.form === 'json') {
                assert.equal(before, after)
                return
            }
            let changed = ''
            let at = 0
            for (const { line: number, offset, ...change } of difference.changes) {
                const skipped = `!${before}`.slice(at, offset)
                assert.equal(`!${before}`.slice(0, offset).split('\n').length, number)
                assert.ok(`!${before}`.startsWith(change.before, offset))
                changed += skipped + change.after
                at = offset + change.before.length
            }
            assert.equal(changed + `!${before}`.slice(at), `!${after}`)
        })
        fc.assert(holds, { numRuns: thinned(400, 2000) })
    })

    test('is as small as what changed', () => {
        assert.deepEqual(differenceOf('one\ntwo 😀 x\nthree', 'one\ntwo 😁 x\nthree'), {
            form: 'text',
            changes: [{ line: 2, offset: 8, before: '😀', after: '😁' }],
            more: 0,
        })
    })
})

test('texts say the same where their JSON does', () => {
    assert.equal(isSameText('{"a":1,"b":[]}', '{ "b": [ ], "a": 1.0 }'), true)
    assert.equal(isSameText('a', 'a'), true)
    assert.equal(isSameText('{a', '{ a'), false)
})
