import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { compareWithBaseline } from '../../../src/core/profile/compare.js'
import { samplesForConfidence } from '../../../src/core/profile/interval.js'
import { randomNumbers, samplesOf, skewedTime } from './random.js'

const around = (median: number) => Array.from({ length: 15 }, (_, i) => median * (1 + (i - 7) / 1000))
const times = (minLength: number, maxLength: number) =>
    fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength, maxLength })

describe('a comparison with a baseline', () => {
    test('tells a clear slowdown, and that it is more than allowed', () => {
        const comparison = compareWithBaseline(around(15), around(10), 0.1)
        assert.deepEqual(
            [comparison.answer, comparison.regressed, comparison.inDoubt],
            ['slower', true, false],
        )
        assert.ok(Math.abs(comparison.ratio.median - 1.5) < 0.001)
        assert.ok(comparison.ratio.low < 1.5 && comparison.ratio.high > 1.5)
    })

    test('tells a slowdown that is allowed', () => {
        const comparison = compareWithBaseline(around(10.5), around(10), 0.1)
        assert.deepEqual(
            [comparison.answer, comparison.regressed, comparison.inDoubt],
            ['slower', false, false],
        )
    })

    test('tells a clear speedup', () => {
        const comparison = compareWithBaseline(around(5), around(10), 0.1)
        assert.deepEqual(
            [comparison.answer, comparison.regressed, comparison.inDoubt],
            ['faster', false, false],
        )
        assert.ok(comparison.ratio.high < 1)
    })

    test('cannot tell where there is more noise than difference, and is in doubt', () => {
        const noisy = Array.from({ length: 10 }, (_, i) => 10 + 2 * i)
        const comparison = compareWithBaseline(noisy, around(18), 0.1)
        assert.deepEqual(
            [comparison.answer, comparison.regressed, comparison.inDoubt],
            ['cannot-tell', false, true],
        )
    })

    test('is sure that samples are no slower than themselves, unless they are noisy', () => {
        const comparison = compareWithBaseline(around(10), around(10), 0.1)
        assert.deepEqual(
            [comparison.answer, comparison.regressed, comparison.inDoubt],
            ['cannot-tell', false, false],
        )
    })

    test('never calls it a regression with too few samples on either side', () => {
        const few = times(1, samplesForConfidence - 1)
        const any = times(1, 40)
        const property = fc.property(few, any, fc.boolean(), (short, long, isNow) => {
            const [now, then] = isNow ? [short, long] : [long, short]
            const { answer, regressed } = compareWithBaseline(now, then, 0)
            assert.deepEqual([answer, regressed], ['cannot-tell', false])
        })
        fc.assert(property)
    })

    test('calls it a regression only where it is slower, and faster never at the same time', () => {
        const enough = times(samplesForConfidence, 40)
        const property = fc.property(
            enough,
            enough,
            fc.double({ min: 0, max: 2, noNaN: true }),
            (a, b, max) => {
                const forth = compareWithBaseline(a, b, max)
                const back = compareWithBaseline(b, a, max)
                if (forth.regressed) assert.equal(forth.answer, 'slower')
                assert.ok(!(forth.regressed && forth.inDoubt))
                if (forth.answer === 'slower') assert.notEqual(back.answer, 'slower')
                assert.ok(forth.ratio.low <= forth.ratio.median && forth.ratio.median <= forth.ratio.high)
            },
        )
        fc.assert(property)
    })

    test('takes noise for a slowdown in less than one case of twenty', () => {
        const random = randomNumbers(7)
        const trials = 1000
        let wrong = 0
        for (let i = 0; i < trials; i++) {
            const run = () => samplesOf(10, () => skewedTime(random))
            if (compareWithBaseline(run(), run(), 0).regressed) wrong++
        }
        assert.ok(wrong / trials < 0.05, `${wrong}`)
    })

    test('finds that it takes twice as long in nearly every case', () => {
        const random = randomNumbers(8)
        const trials = 300
        let found = 0
        for (let i = 0; i < trials; i++) {
            const then = samplesOf(10, () => skewedTime(random))
            const now = samplesOf(10, () => 2 * skewedTime(random))
            if (compareWithBaseline(now, then, 0.1).regressed) found++
        }
        assert.ok(found / trials > 0.9, `${found}`)
    })
})
