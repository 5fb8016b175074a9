// A process that truncates its own log, on a machine that stops at any of the steps of that.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { PersistentProcess } from '../../../src/core/process/persistent-process.js'
import { restore } from '../../../src/core/restore/restore.js'
import { planTruncate } from '../../../src/core/rewrite/truncate/plan-truncate.js'
import { proveTruncate } from '../../../src/core/rewrite/truncate/prove-truncate.js'
import { truncate } from '../../../src/core/rewrite/truncate/truncate.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { Crash, crashAfter, nextStep } from '../../support/crash.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { openAndCheck } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { until } from '../../support/until.js'
import { add } from './opening.js'

const stepsMax = 60
const rounds = thinned(2, 3)
const recordsPerRound = 6

/** Adds 1 to the counter, and truncates after every sixth record, in a new hour each time. Gives what was answered. */
async function run(store: string, answered: { last: number }): Promise<void> {
    let hour = 0
    let truncated = 0
    const troubles: unknown[] = []
    const process = await PersistentProcess.open(store, inProcessCounter(), {
        now: () => new Date(Date.UTC(2026, 10, 23, hour)),
        reductionInterval: { milliseconds: 3_600_000, records: recordsPerRound },
        truncateAfterReduction: true,
        observer: { onTruncated: () => (truncated += 1), onTrouble: (error) => troubles.push(error) },
    })
    void process.died.then((error) => troubles.push(error))
    const throwTrouble = () => {
        if (troubles.length > 0) throw rootOf(troubles[0])
    }
    try {
        for (let round = 1; round <= rounds; round++) {
            for (let i = 0; i < recordsPerRound; i++) {
                // The hour turns in the midst, so that two files go whole and the next one is cut.
                if (i === 2 || i === 4) hour += 1
                try {
                    const [response] = await add(process, 1)
                    answered.last = Number(response)
                } catch (error) {
                    throw rootOf(error)
                }
            }
            await until(() => truncated >= round || troubles.length > 0)
            throwTrouble()
        }
    } finally {
        await process.close().catch(() => undefined)
    }
}

function rootOf(error: unknown): Error {
    assert.ok(error instanceof Error)
    return error.cause instanceof Crash ? error.cause : error
}

async function stateOf(store: string, fromEnd: boolean): Promise<number> {
    return Number((await restore(await openProcessStore(store), inProcessCounter(), { fromEnd })).state)
}

/** Whoever finds the store without its host cuts it with the app's own proof, whatever is gone already. */
async function finishByCommand(t: TestContext, store: string): Promise<void> {
    const copy = join(temporaryFolder(t), 'copy')
    cpSync(store, copy, { recursive: true })
    const plan = await planTruncate(await openProcessStore(copy), undefined).catch((error: unknown) => {
        // Stopped before the first one was stored.
        if (error instanceof ComplogError && error.code === 'no-reduction') return undefined
        throw error
    })
    if (plan === undefined || (plan.records.removed === 0 && plan.removedReductions.length === 0)) return
    const before = await stateOf(copy, false)
    const app = inProcessCounter()
    await proveTruncate(plan, app)
    await truncate(plan, { provenWith: app })
    assert.equal(await stateOf(copy, true), before)
    assert.deepEqual((await openAndCheck(copy)).findings.list, [])
}

async function stoppedAt(t: TestContext, steps: number): Promise<boolean> {
    const store = join(temporaryFolder(t), 'store')
    const answered = { last: 0 }
    const isDone = await crashAfter(steps, () => run(store, answered))
    const checked = await openAndCheck(store)
    assert.deepEqual(checked.findings.counts.error, 0, `${steps}: ${JSON.stringify(checked.findings.list)}`)
    for (const fromEnd of [true, false]) {
        const state = await stateOf(store, fromEnd)
        // A call that was under way may be in the log without an answer.
        assert.ok(state === answered.last || state === answered.last + 1, `${steps}: ${state}`)
    }
    await finishByCommand(t, store)
    const before = await stateOf(store, true)
    const again = { last: before }
    await run(store, again)
    assert.equal(again.last, before + rounds * recordsPerRound)
    assert.deepEqual((await openAndCheck(store)).findings.list, [])
    return isDone
}

test('stopped at any step, the log is sound, has all that was answered, and the next run truncates it', async (t) => {
    let steps = 0
    while (!(await stoppedAt(t, steps))) {
        steps = nextStep(steps)
        assert.ok(steps < stepsMax, `not done after ${stepsMax} steps`)
    }
    // In each round: the reduction, older ones, whole files, folders, the cut, and the locks' folder.
    assert.ok(steps > 10, `${steps} steps`)
})
