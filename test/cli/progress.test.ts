import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { progressText } from '../../src/cli/progress.js'
import type { Activity, Progress } from '../../src/core/progress.js'

const activities = {
    check: true,
    order: true,
    'load-app': true,
    replay: true,
    'check-reductions': true,
    prove: true,
    archive: true,
    cut: true,
    rewrite: true,
    measure: true,
    search: true,
    test: true,
    compare: true,
} satisfies Record<Activity, true>

describe('the text of progress', () => {
    test('says how far it is, how fast, and how long it will still take', () => {
        const bytes: Progress = { activity: 'check', done: 50e6, total: 200e6, unit: 'bytes' }
        assert.equal(progressText(bytes, 2000), 'Checking the log: 25 %, 25.0 MB/s, 6 s left')
        const records: Progress = { activity: 'replay', done: 30_000, total: 40_000, unit: 'records' }
        assert.equal(progressText(records, 1000), 'Replaying: 75 %, 30,000 records/s, 1 s left')
    })

    test('counts runs, whose time nobody knows beforehand', () => {
        const runs: Progress = { activity: 'measure', done: 3, total: 10, unit: 'runs' }
        assert.equal(progressText(runs, 1000), 'Measuring: run 3 of 10')
    })

    test('leaves out how far it is where nobody knows the whole', () => {
        const progress: Progress = { activity: 'replay', done: 500, total: 0, unit: 'records' }
        assert.equal(progressText(progress, 500), 'Replaying: 1,000 records/s')
    })

    test('has no odd number in it, whatever the progress', () => {
        const property = fc.property(
            fc.record({
                activity: fc.constantFrom(...(Object.keys(activities) as Activity[])),
                done: fc.nat(),
                total: fc.nat(),
                unit: fc.constantFrom('bytes' as const, 'records' as const, 'runs' as const),
            }),
            fc.double({ min: 1, max: 1e9, noNaN: true }),
            (progress, milliseconds) => {
                const text = progressText(progress, milliseconds)
                assert.doesNotMatch(text, /undefined|NaN|Infinity|-\d|(?!100 )\d{3} %|e\+/, text)
            },
        )
        fc.assert(property)
    })
})
