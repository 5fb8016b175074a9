import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { stretchesOf } from '../../../src/core/restore/replay.js'

test('stretches follow each other without a gap, and each stop is in its own', () => {
    fc.assert(
        fc.property(
            fc.integer({ min: 1, max: 50 }),
            fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 16_000, max: 40_000 }))),
            fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000 })),
            (from, steps, behind) => {
                let at = from - 1
                const stops = steps.map((step) => (at += step))
                const to = at + behind
                let next = from
                for (const stretch of stretchesOf(from, to, stops)) {
                    assert.equal(stretch.from, next)
                    assert.ok(stretch.to >= stretch.from)
                    assert.deepEqual(
                        stretch.stops,
                        stops.filter((stop) => stop >= stretch.from && stop <= stretch.to),
                    )
                    if (stretch.isPacked) assert.ok(stretch.stops.every((stop) => stop === stretch.to))
                    next = stretch.to + 1
                }
                assert.equal(next, to + 1)
            },
        ),
    )
})

test('what lies far from every stop is packed, and stops near each other are met record by record', () => {
    assert.deepEqual(stretchesOf(1, 100_000, [10, 20, 50_000]), [
        { from: 1, to: 20, stops: [10, 20], isPacked: false },
        { from: 21, to: 50_000, stops: [50_000], isPacked: true },
        { from: 50_001, to: 100_000, stops: [], isPacked: true },
    ])
    assert.deepEqual(stretchesOf(1, 0, []), [])
})
