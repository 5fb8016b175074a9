import assert from 'node:assert/strict'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, reductionFile } from '../../support/log-writer.js'
import { openAndCheck, summaries, writeLog } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'
import { add, opened } from './opening.js'

const { lines, hashes } = counterLog(9)
const sum = (n: number) => String((n * (n + 1)) / 2)
const older = '2019-04-28/2019-04-28T08.composition.jsonl'
const newest = '2019-04-28/2019-04-28T09.composition.jsonl'

/** @param reduced record numbers of reductions with the second at which each was written, 0 the newest */
function storeOf(
    t: TestContext,
    log: Readonly<Record<string, readonly string[]>>,
    reduced: Readonly<Record<number, number>>,
): string {
    const store = temporaryFolder(t)
    writeLog(store, log)
    for (const [n, secondsAgo] of Object.entries(reduced)) {
        const path = `reduction/${hashes[Number(n) - 1]!}`
        writeFiles(store, { [path]: reductionFile(hashes[Number(n) - 1]!, sum(Number(n))) })
        const time = Date.now() / 1000 - secondsAgo
        utimesSync(join(store, path), time, time)
    }
    return store
}

async function refusesToGoOn(t: TestContext, store: string) {
    const before = readFiles(store)
    const lost = { code: 'broken-chain', message: /^Records are lost/ }
    await assert.rejects(opened(t, store), lost)
    await assert.rejects(restore(await openProcessStore(store), inProcessCounter(), { fromEnd: true }), lost)
    assert.deepEqual(readFiles(store), before)
    const errors = summaries(await openAndCheck(store)).filter((summary) => summary.includes('(error)'))
    assert.deepEqual(errors, [`reduction-without-record (error) reduction/${hashes[8]!}`])
}

test('a log whose newest file is empty, or gone, is not gone on with where a reduction names its record', async (t) => {
    for (const reductions of [
        { 9: 0 },
        { 3: 7200, 5: 3600, 9: 0 },
        // As after a copy, which gives them all a new time in any order.
        { 3: 0, 5: 0, 9: 2 },
    ]) {
        await refusesToGoOn(t, storeOf(t, { [older]: lines.slice(0, 8), [newest]: [] }, reductions))
        await refusesToGoOn(t, storeOf(t, { [older]: lines.slice(0, 8) }, reductions))
    }
})

test('the same of a truncated log, where the newest file is empty and the witness the youngest of all', async (t) => {
    await refusesToGoOn(t, storeOf(t, { [older]: lines.slice(3, 8), [newest]: [] }, { 4: 3600, 9: 0 }))
    for (const log of [{ [older]: lines.slice(3, 8) }, { [older]: lines.slice(3, 8), [newest]: [] }]) {
        // Left behind by a truncation.
        const store = storeOf(t, log, { 2: 7200, 4: 3600 })
        const process = await opened(t, store)
        await add(process, 9)
        await process.close()
        assert.equal((await openAndCheck(store)).longest.length, 6)
    }
})

test('an empty newest file alone is nothing: a writer was killed before its first record', async (t) => {
    const store = storeOf(t, { [older]: lines, [newest]: [] }, { 3: 7200, 9: 0 })
    const process = await opened(t, store)
    await add(process, 10)
    await process.close()
    const { longest, findings } = await openAndCheck(store)
    assert.deepEqual([longest.length, findings.list], [10, []])
})

test('a start looks only at the end of the log for the records of young reductions', async (t) => {
    const store = storeOf(
        t,
        { [older]: lines.slice(0, 4), [newest]: lines.slice(4) },
        { 2: 86_400, 6: 30, 7: 0 },
    )
    // Nobody reads as far as that.
    writeFileSync(join(store, 'composition', older), 'no record\n')
    const restored = await restore(await openProcessStore(store), inProcessCounter(), { fromEnd: true })
    assert.deepEqual([restored.state, restored.fromEnd, restored.records], [sum(9), true, 2])
})
