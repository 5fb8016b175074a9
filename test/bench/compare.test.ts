import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { compare } from './compare.js'
import { measure, type Yardstick } from './measure.js'
import { shuffledNumbers } from './shuffle-log.js'
import { markdownTable } from './table.js'

const samples = [
    { milliseconds: 10, yardstick: 10 },
    { milliseconds: 60, yardstick: 20 },
    { milliseconds: 40, yardstick: 20 },
]

describe('a comparison', () => {
    test('takes the ratio of each round, not the ratio of the medians', () => {
        const { ratio, leastRatio, mostRatio, milliseconds, yardstickMilliseconds } = compare(samples, 2)
        assert.deepEqual([ratio, leastRatio, mostRatio], [2, 1, 3])
        assert.deepEqual([milliseconds, yardstickMilliseconds], [40, 20])
    })

    test('is met by a ratio as large as the target, and missed by a larger one', () => {
        assert.equal(compare(samples, 2).verdict, 'met')
        assert.equal(compare(samples, 1.99).verdict, 'missed')
        assert.equal(compare(samples, undefined).verdict, undefined)
    })

    test('refuses what is no time instead of giving a verdict of it', () => {
        for (const wrong of [NaN, 0, -1, Infinity]) {
            assert.throws(
                () => compare([...samples, { milliseconds: 1, yardstick: wrong }], 2),
                /no measurement/,
            )
            assert.throws(
                () => compare([...samples, { milliseconds: wrong, yardstick: 1 }], 2),
                /no measurement/,
            )
        }
        assert.throws(() => compare([], 2), /Nothing was measured/)
    })
})

test('each row is compared with its own yardstick of the same round', () => {
    const calls: string[] = []
    const yardstick = (name: string, isShort: boolean): Yardstick => ({
        name,
        isShort,
        run: () => calls.push(name) * 100,
    })
    const [long, short] = [yardstick('long', false), yardstick('short', true)]
    const row = (what: string, of: Yardstick) => ({ what, yardstick: of, run: () => calls.push(what) })
    const measured = measure([row('a', long), row('b', long), row('c', short), row('d', short)], 2)
    const round = ['long', 'a', 'b', 'short', 'c', 'short', 'd']
    assert.deepEqual(calls, ['long', 'short', 'a', 'b', 'c', 'd', ...round, ...round])
    assert.deepEqual(
        measured.map(({ row: { what }, ratio }) => [what, ratio]),
        [
            ['a', (8 / 700 + 15 / 1400) / 2],
            ['b', (9 / 700 + 16 / 1400) / 2],
            ['c', (11 / 1000 + 18 / 1700) / 2],
            ['d', (13 / 1200 + 20 / 1900) / 2],
        ],
    )
})

test('the order of a shuffled log has every line once, few in their place, and is the same every time', () => {
    const order = shuffledNumbers(10_000)
    assert.deepEqual(
        [...order].sort((a, b) => a - b),
        [...order.keys()],
    )
    assert.ok(order.filter((line, i) => line === i).length < 10)
    assert.deepEqual(shuffledNumbers(10_000), order)
})

test('a table is Markdown: names to the left, numbers to the right', () => {
    const text = markdownTable(['what', 'ms'], [['verify-chain', '7']])
    assert.equal(text, '| what         |  ms |\n| ------------ | --: |\n| verify-chain |   7 |')
})
