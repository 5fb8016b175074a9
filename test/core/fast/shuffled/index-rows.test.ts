// Shuffled logs by several threads, threads that break down, and records that stand there twice.
import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'

import { indexLog } from '../../../../src/core/check/check-log.js'
import { ComplogError } from '../../../../src/core/errors.js'
import { indexRows } from '../../../../src/core/fast/shuffled/index-rows.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { counterLog, logFile } from '../../../support/log-writer.js'
import { dailyFile, makeStore } from '../../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'
import { agreedIndex } from './index-agreement.js'

/** The same every time. */
function shuffled(lines: readonly string[]): string[] {
    const order = [...lines]
    let seed = 7
    for (let i = order.length - 1; i > 0; i--) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
        const j = seed % (i + 1)
        ;[order[i], order[j]] = [order[j] as string, order[i] as string]
    }
    return order
}

test('several threads index a shuffled log as one does', async (t) => {
    const { lines, hashes } = counterLog(1500)
    const store = makeStore(temporaryFolder(t), shuffled(lines), { [hashes[1145] ?? '']: '' })
    for (const threads of thinned([3], [1, 2, 3])) {
        const indexed = await agreedIndex(store, { threads, pieceSizeBytes: 1000 })
        assert.deepEqual([indexed.reader, indexed.isOneChain, indexed.longest.length], ['fast', true, 1500])
        assert.deepEqual([...indexed.longest.reduced], [[hashes[1145], 1146]])
    }
})

test('a record that stands twice is a copy, wherever it stands and whoever made it', async (t) => {
    const { lines } = counterLog(300)
    const again = [...lines.slice(90, 120), ...lines.slice(100, 110)]
    const folder = temporaryFolder(t)
    const twice = await agreedIndex(makeStore(join(folder, 'a'), shuffled([...lines, ...again])), {
        threads: 1,
    })
    assert.deepEqual([twice.reader, twice.findings.count('duplicate-record')], ['fast', 40])
    // Of a file that no host writes to, none counts that stands in one of a host as well.
    const store = join(folder, 'b')
    writeFiles(store, {
        'composition/2019-01-01 copy.jsonl': logFile(lines.slice(0, 40)),
        [`composition/${dailyFile}`]: logFile(shuffled(lines)),
        'composition/zz.jsonl': logFile(lines.slice(20, 60)),
    })
    const { reader, index, findings } = await agreedIndex(store, { threads: 1, pieceSizeBytes: 1000 })
    assert.deepEqual([reader, findings.count('duplicate-record')], ['fast', 80])
    assert.ok(index.diagnosis.chainRows.every((row) => index.table.place(row).file === 1))
})

test('copies are told of in the order of their lines', async (t) => {
    // More rows than are worked on together.
    const { lines } = counterLog(22_000)
    const again = lines.slice(9000, 9040)
    const store = await openProcessStore(makeStore(temporaryFolder(t), [...lines, ...again]))
    const { reader, findings } = await indexLog(store, { threads: 1 })
    const copies = findings.list.filter(({ id }) => id === 'duplicate-record')
    assert.deepEqual(
        [reader, ...copies.map(({ place }) => place?.line)],
        ['fast', ...again.map((_, i) => lines.length + 1 + i)],
    )
})

async function withHelpers(t: TestContext, onHelper: (helper: Worker) => void): Promise<void> {
    const store = await openProcessStore(makeStore(temporaryFolder(t), shuffled(counterLog(3000).lines)))
    process.on('worker', onHelper)
    try {
        // This thread would be done before another one has started: it is kept from its pieces for a while.
        const onProgress = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
        const indexed = await indexLog(store, { threads: 3, pieceSizeBytes: 1000, onProgress })
        assert.deepEqual([indexed.reader, indexed.isOneChain, indexed.counts.records], ['fast', true, 3000])
    } finally {
        process.off('worker', onHelper)
    }
}

test('threads that do not start are done without', async (t) => {
    await withHelpers(t, (helper) => void helper.terminate())
})

test('a thread that breaks down in the middle loses no record and keeps nobody waiting', async (t) => {
    let messages = 0
    await withHelpers(t, (helper) => {
        helper.on('message', () => {
            if (++messages === 20) void helper.terminate()
        })
    })
    assert(messages >= 20)
})

test('an interrupt ends the work with its own reason', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), shuffled(counterLog(2000).lines)))
    for (const threads of [1, 2]) {
        for (const activity of ['check', 'order']) {
            const controller = new AbortController()
            const reason = new ComplogError('interrupted', 'Enough.')
            const onProgress = (progress: { activity: string }) => {
                if (progress.activity === activity) controller.abort(reason)
            }
            const options = { threads, pieceSizeBytes: 1000, signal: controller.signal, onProgress }
            await assert.rejects(indexLog(store, options), reason)
        }
    }
})

test('a file that became shorter is left to the reference', async (t) => {
    const folder = makeStore(temporaryFolder(t), shuffled(counterLog(300).lines))
    const store = await openProcessStore(folder)
    truncateSync(join(folder, 'composition', dailyFile), (store.logFiles.at(0)?.sizeBytes ?? 0) - 1000)
    assert.equal(await indexRows(store, () => false, { threads: 1 }), 'undecided')
})

test('a log without a record, and one of a single record', async (t) => {
    const folder = temporaryFolder(t)
    assert.equal((await agreedIndex(makeStore(join(folder, 'a'), []))).longest.length, 0)
    assert.equal((await agreedIndex(makeStore(join(folder, 'b'), ['', 'x', '']))).counts.unreadableLines, 1)
    assert.equal((await agreedIndex(makeStore(join(folder, 'c'), counterLog(1).lines))).longest.length, 1)
})
