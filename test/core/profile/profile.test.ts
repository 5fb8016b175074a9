import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { parseBaseline } from '../../../src/core/profile/baseline.js'
import { type Profile, type ProfileOptions, profile } from '../../../src/core/profile/profile.js'
import type { Progress } from '../../../src/core/progress.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog } from '../../support/log-writer.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const counter = fixtureStores[2]!

async function profileOf(
    path: string,
    options: ProfileOptions = {},
    app: LoadedElmApp = inProcessCounter(),
): Promise<Profile> {
    return profile(await openProcessStore(path), app, { runs: 2, warmup: 0, ...options })
}

describe('a profile', () => {
    test('restores as many times as it is told to, and says what one restore replays', async () => {
        const app = await fixtureApp('counter')
        const measured = await profileOf(counter.path, { mode: 'from-genesis', runs: 3 }, app)
        assert.equal(measured.runs, 3)
        assert.equal(measured.head, counter.expected.tip)
        assert.deepEqual([measured.records, measured.events], [48, counter.expected.events])
        assert.equal(measured.comparison, null)
        assert.deepEqual(measured.warnings, [])
        const { total, load, read, order, replay, serialize } = measured.phases
        const parts = [load, read, order, replay, serialize].map(({ low }) => low)
        assert.ok(parts.reduce((sum, part) => sum + part, 0) <= total.high)
    })

    test('knows each way of restoring', async () => {
        const byDefault = await profileOf(counter.path)
        assert.deepEqual([byDefault.mode, byDefault.records], ['default', 0])
        assert.equal(byDefault.eventsPerSecond, null)
        const fromEnd = await profileOf(counter.path, { mode: 'from-end' })
        assert.deepEqual([fromEnd.mode, fromEnd.bytesPerSecond], ['from-end', null])
    })

    test('leaves a baseline that can be read again, with one time of each run', async () => {
        const app = inProcessCounter()
        const { asBaseline } = await profileOf(counter.path, { runs: 4 }, app)
        assert.deepEqual(parseBaseline(JSON.stringify(asBaseline), 'file'), asBaseline)
        assert.deepEqual([asBaseline.relative.length, asBaseline.totalMilliseconds.length], [4, 4])
        assert.equal(asBaseline.restored.head, counter.expected.tip)
        assert.equal(asBaseline.restored.scriptHash, app.scriptHash)
    })

    test('measures more where it is in doubt, but no more than five times as much', async () => {
        const { asBaseline } = await profileOf(counter.path)
        // So far apart that whatever is measured lies between.
        const baseline = {
            ...asBaseline,
            relative: [...Array<number>(5).fill(1e-6), ...Array<number>(5).fill(1e6)],
        }
        const measured = await profileOf(counter.path, { runs: 2, baseline })
        // With a baseline at least 7, below which nothing can be told.
        assert.equal(measured.runs, 5 * 7)
        assert.deepEqual(
            [measured.comparison?.answer, measured.comparison?.regressed],
            ['cannot-tell', false],
        )
    })

    test('measures no more than it is told to where the answer is clear', async () => {
        const { asBaseline } = await profileOf(counter.path)
        const baseline = { ...asBaseline, relative: Array<number>(7).fill(1e6) }
        const measured = await profileOf(counter.path, { runs: 7, baseline })
        assert.equal(measured.runs, 7)
        assert.equal(measured.comparison?.answer, 'faster')
    })

    test('tells how far it is', async () => {
        const seen: Progress[] = []
        await profileOf(counter.path, { runs: 3, onProgress: (progress) => seen.push(progress) })
        const runs = seen.filter(({ activity }) => activity === 'measure')
        assert.deepEqual(
            runs.map(({ done, total, unit }) => [done, total, unit]),
            [
                [1, 3, 'runs'],
                [2, 3, 'runs'],
                [3, 3, 'runs'],
            ],
        )
    })

    test('ends with the reason of the signal that ends it', async () => {
        const controller = new AbortController()
        const reason = new Error('enough')
        const options: ProfileOptions = {
            runs: 1000,
            signal: controller.signal,
            onProgress: ({ done }) => {
                if (done === 2) controller.abort(reason)
            },
        }
        await assert.rejects(profileOf(counter.path, options), (error: unknown) =>
            error === reason ? true : error instanceof Error && error.cause === reason,
        )
    })

    test('measures an empty store', async (t) => {
        const measured = await profileOf(temporaryFolder(t))
        assert.deepEqual([measured.records, measured.events, measured.logSizeBytes], [0, 0, 0])
        assert.deepEqual([measured.eventsPerSecond, measured.bytesPerSecond], [null, null])
        assert.deepEqual([measured.slowest, measured.kinds], [[], []])
    })

    test('measures the order of a log whose lines are not in order', async (t) => {
        const store = makeStore(temporaryFolder(t), counterLog(200).lines.toReversed())
        const measured = await profileOf(store)
        assert.ok(measured.phases.order.median > 0)
        assert.equal(measured.slowest.length, 10)
        assert.equal(measured.kinds[0]?.kind, 'addition')
    })
})
