// Shuffled logs by several threads, threads that break down, and hashes that begin with the same bits.
import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'

import { indexLog } from '../../../../src/core/check/check-log.js'
import { type CompositionHash, hashOfLine } from '../../../../src/core/composition/hash.js'
import { parentMissing } from '../../../../src/core/composition/links.js'
import { ComplogError } from '../../../../src/core/errors.js'
import { indexRows } from '../../../../src/core/fast/shuffled/index-rows.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { counterLog, recordLine } from '../../../support/log-writer.js'
import { dailyFile, makeStore } from '../../../support/stores.js'
import { temporaryFolder } from '../../../support/temporary.js'
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
    const { lines, hashes } = counterLog(3000)
    const store = makeStore(temporaryFolder(t), shuffled(lines), { [hashes[2345] ?? '']: '' })
    for (const threads of [1, 2, 3]) {
        const indexed = await agreedIndex(store, { threads, pieceSizeBytes: 1000 })
        assert.deepEqual([indexed.path, indexed.isOneChain, indexed.longest.length], ['fast', true, 3000])
        assert.deepEqual([...indexed.longest.reduced], [[hashes[2345], 2346]])
    }
})

test('a log that holds a record twice is left to the reference, and the answer is the same', async (t) => {
    const { lines } = counterLog(300)
    const store = makeStore(temporaryFolder(t), shuffled([...lines, lines[100] as string]))
    const indexed = await agreedIndex(store, { threads: 1 })
    assert.equal(indexed.path, 'reference')
    assert.equal(indexed.findings.count('duplicate-record'), 1)
})

test('hashes that begin with the same bits are never taken for each other: the reference says', async (t) => {
    const store = makeStore(temporaryFolder(t), shuffled(counterLog(1000).lines))
    const indexed = await agreedIndex(store, { threads: 1, prefixMask: 0xfffn })
    assert.equal(indexed.path, 'reference')
    assert.equal(indexed.isOneChain, true)
})

test('a parent that no record is stays missing though a record begins with the same bits', async (t) => {
    // Each names a parent that is not there; the own hashes differ in their first byte, and the parents are among those.
    const byBeginning = new Map<string, string>()
    for (let i = 0; byBeginning.size < 40; i++) {
        const other = [...byBeginning.keys()].at(-1) ?? '00'
        const parent = (other + hashOfLine(Buffer.from(String(i))).slice(2)) as CompositionHash
        const line = recordLine({ generation: '2019-04', parent, events: [String(i)] })
        const beginning = hashOfLine(Buffer.from(line)).slice(0, 2)
        if (!byBeginning.has(beginning)) byBeginning.set(beginning, line)
    }
    const store = makeStore(temporaryFolder(t), [...byBeginning.values()])
    const indexed = await agreedIndex(store, { threads: 1, prefixMask: 0xffn })
    assert.equal(indexed.path, 'fast')
    assert.deepEqual([...indexed.index.diagnosis.links.parents], new Array(40).fill(parentMissing))
})

async function withHelpers(t: TestContext, onHelper: (helper: Worker) => void): Promise<void> {
    const store = await openProcessStore(makeStore(temporaryFolder(t), shuffled(counterLog(3000).lines)))
    process.on('worker', onHelper)
    try {
        // This thread would be done before another one has started: it is kept from its pieces for a while.
        const onProgress = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
        const indexed = await indexLog(store, { threads: 3, pieceSizeBytes: 1000, onProgress })
        assert.deepEqual([indexed.path, indexed.isOneChain, indexed.counts.records], ['fast', true, 3000])
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
    truncateSync(join(folder, 'composition', dailyFile), (store.logFiles[0]?.sizeBytes ?? 0) - 1000)
    assert.equal(await indexRows(store, { threads: 1 }), 'undecided')
})

test('a log without a record, and one of a single record', async (t) => {
    const folder = temporaryFolder(t)
    assert.equal((await agreedIndex(makeStore(join(folder, 'a'), []))).longest.length, 0)
    assert.equal((await agreedIndex(makeStore(join(folder, 'b'), ['', 'x', '']))).counts.unreadableLines, 1)
    assert.equal((await agreedIndex(makeStore(join(folder, 'c'), counterLog(1).lines))).longest.length, 1)
})
