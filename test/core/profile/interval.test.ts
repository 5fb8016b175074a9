import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { medianInterval, samplesForConfidence } from '../../../src/core/profile/interval.js'
import { randomNumbers, samplesOf, skewedTime, twoKindsOfTime } from './random.js'

const someSamples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 })

describe('the median of samples', () => {
    test('lies within its interval, whose ends are samples', () => {
        const property = fc.property(someSamples, (samples) => {
            const { median, low, high } = medianInterval(samples)
            assert.ok(low <= median && median <= high)
            assert.ok(samples.includes(low) && samples.includes(high))
            const below = samples.filter((sample) => sample < median).length
            const above = samples.filter((sample) => sample > median).length
            assert.ok(below <= samples.length / 2 && above <= samples.length / 2)
        })
        fc.assert(property)
    })

    test('does not depend on the order of the samples, nor changes them', () => {
        const property = fc.property(someSamples, (samples) => {
            const before = [...samples]
            assert.deepEqual(medianInterval(samples.toReversed()), medianInterval(samples))
            assert.deepEqual(samples, before)
        })
        fc.assert(property)
    })

    test('of few samples has all of them for its interval', () => {
        for (let count = 1; count < samplesForConfidence; count++) {
            const samples = Array.from({ length: count }, (_, i) => i + 1)
            const { low, high } = medianInterval(samples)
            assert.deepEqual([low, high], [1, count])
        }
    })

    test('of no samples is nothing, not an error', () =>
        assert.deepEqual(medianInterval([]), { median: 0, low: 0, high: 0 }))

    test('is told more exactly by more samples', () => {
        const random = randomNumbers(1)
        const widthOf = (count: number) => {
            const { low, high } = medianInterval(samplesOf(count, () => skewedTime(random)))
            return high - low
        }
        assert.ok(widthOf(1000) < widthOf(100) / 2)
        assert.ok(widthOf(100) < widthOf(10))
    })
})

describe('the interval', () => {
    // The true median of both is 1.
    const distributions = { skewedTime, twoKindsOfTime }
    for (const [name, time] of Object.entries(distributions)) {
        for (const count of [samplesForConfidence, 10, 25, 50]) {
            test(`of ${count} samples holds the true median as often as it says: ${name}`, () => {
                const random = randomNumbers(count)
                const trials = 3000
                let held = 0
                for (let i = 0; i < trials; i++) {
                    const { low, high } = medianInterval(samplesOf(count, () => time(random)))
                    if (low <= 1 && 1 <= high) held++
                }
                // Three standard deviations below the 97.5 % that it promises.
                assert.ok(held / trials > 0.975 - 3 * Math.sqrt((0.975 * 0.025) / trials), `${held}`)
            })
        }
    }

    test('could not promise it with one sample fewer', () => {
        // All samples on one side of the median: the one case that even the widest interval misses.
        const missed = (count: number) => 2 * 0.5 ** count
        assert.ok(missed(samplesForConfidence) <= 0.025)
        assert.ok(missed(samplesForConfidence - 1) > 0.025)
    })
})
