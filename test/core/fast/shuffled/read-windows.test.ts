// Reading a shuffled log in windows of its chain: nothing is handed out that is not the chain that was indexed.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'

import { type IndexedLog, indexLog } from '../../../../src/core/check/check-log.js'
import type { IndexOptions } from '../../../../src/core/fast/shuffled/index-rows.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { counterLog } from '../../../support/log-writer.js'
import { dailyFile, makeStore, recordsOf } from '../../../support/stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

const { lines, hashes } = counterLog(2000)

async function indexReversed(
    t: TestContext,
    options: IndexOptions,
): Promise<{ readonly indexed: IndexedLog; readonly file: string }> {
    const folder = makeStore(temporaryFolder(t), lines.toReversed())
    const indexed = await indexLog(await openProcessStore(folder), { pieceSizeBytes: 1000, ...options })
    assert.equal(indexed.reader, 'fast')
    return { indexed, file: join(folder, 'composition', dailyFile) }
}

test('several threads read the windows, one after the other', async (t) => {
    const { indexed } = await indexReversed(t, { threads: 3, windowSizeBytes: 20_000 })
    assert.deepEqual(
        (await recordsOf(indexed.longest)).map(({ hash }) => hash),
        hashes,
    )
    // The hashes have made room for the windows, and are still known.
    assert.deepEqual(await indexed.longest.find(hashes[77] as string), [78])
    assert.equal(indexed.index.table.hash(0), hashes[1999])
})

test('a byte that changed since the log was indexed is never handed out', async (t) => {
    for (const windowSizeBytes of [undefined, 5000]) {
        const { indexed, file } = await indexReversed(t, { threads: 1, windowSizeBytes })
        const bytes = readFileSync(file, 'latin1')
        const at = bytes.indexOf('addition', bytes.length / 2)
        writeFileSync(file, `${bytes.slice(0, at)}edition!${bytes.slice(at + 8)}`, 'latin1')
        await assert.rejects(recordsOf(indexed.longest), { code: 'store-changed' })
    }
})

test('a file that cannot be read is told by its path and the code of the system, and one that is gone as changed', async (t) => {
    for (const threads of [1, 2]) {
        const { indexed, file } = await indexReversed(t, { threads })
        rmSync(file)
        await assert.rejects(recordsOf(indexed.longest), { code: 'store-changed' })
        // To read a folder is an error of the system, for any user.
        mkdirSync(file)
        await assert.rejects(
            recordsOf(indexed.longest),
            ({ code, message }: { code: string; message: string }) => {
                assert.equal(code, 'file-system')
                assert.ok(message.includes(file) && message.includes('EISDIR'), message)
                return true
            },
        )
    }
})

test('a thread that breaks down while windows are read loses no record', async (t) => {
    const { indexed } = await indexReversed(t, { threads: 2, windowSizeBytes: 20_000 })
    let messages = 0
    const onWorker = (helper: Worker) => {
        helper.on('message', () => {
            if (++messages === 5) void helper.terminate()
        })
    }
    process.on('worker', onWorker)
    try {
        const records = await recordsOf(indexed.longest)
        assert.deepEqual(
            records.map(({ hash }) => hash),
            hashes,
        )
    } finally {
        process.off('worker', onWorker)
    }
})
