import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { genesis } from '../../../src/core/composition/hash.js'
import { ReductionPruner } from '../../../src/core/process/prune-reductions.js'
import { ReductionClock } from '../../../src/core/process/reductions.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { counterLog, hashOf, reductionFile } from '../../support/log-writer.js'
import { makeStore, openAndCheck } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'
import { until } from '../../support/until.js'
import { add, opened } from './opening.js'

const reductionsIn = (store: string) => Object.keys(readFiles(join(store, 'reduction'))).sort()

test('a reduction is stored every so many records, and the next start replays only what came behind', async (t) => {
    const store = temporaryFolder(t)
    const reduced: string[] = []
    const process = await opened(t, store, {
        reductionInterval: { milliseconds: 3_600_000, records: 10 },
        observer: { onReduced: (hash) => reduced.push(hash) },
    })
    for (let i = 1; i <= 35; i++) {
        await add(process, 1)
        // Storing takes its time, beside the calls.
        await until(() => reduced.length === Math.floor(i / 10))
    }
    await process.close()
    assert.equal(reduced.length, 3)
    assert.deepEqual(reductionsIn(store), reduced.toSorted())
    const next = await opened(t, store)
    assert.ok(next.restored.records <= 10, `${next.restored.records} replayed`)
    assert.equal(await next.serializeState(), '35')
    await next.close()
    assert.equal((await openAndCheck(store)).findings.counts.error, 0)
})

test('with a number to keep, older reductions of the chain go', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { keepReductions: 2 })
    for (let i = 0; i < 5; i++) {
        await add(process, 1)
        await process.reduce()
    }
    const newest = process.head
    await process.close()
    const kept = reductionsIn(store)
    assert.equal(kept.length, 2)
    assert.ok(kept.includes(newest))
})

test('pruning keeps what bears witness of lost records, and what stands behind reductions that cannot be read', async (t) => {
    const log = counterLog(4)
    const [first = genesis, second = genesis, third = genesis, fourth = genesis] = log.hashes
    const stranger = hashOf('a record that is lost')
    const store = makeStore(temporaryFolder(t), log.lines, {
        [first]: reductionFile(first, '1'),
        [second]: reductionFile(second, '3'),
        [third]: 'unreadable',
        [fourth]: reductionFile(fourth, '10'),
        [stranger]: reductionFile(stranger, '5'),
    })
    assert.equal(await new ReductionPruner().prune(await openProcessStore(store), 2), 1)
    assert.deepEqual(reductionsIn(store), [second, third, fourth, stranger].sort())
})

test('a log that is not one chain keeps all reductions', async (t) => {
    const log = counterLog(4)
    const files = Object.fromEntries(log.hashes.map((hash) => [hash, reductionFile(hash, '1')]))
    const store = makeStore(temporaryFolder(t), log.lines.toSpliced(1, 1), files)
    assert.equal(await new ReductionPruner().prune(await openProcessStore(store), 1), 0)
    assert.equal(reductionsIn(store).length, 4)
})

test('the log is read once, and again only where a reduction is there that nobody told of', async (t) => {
    const log = counterLog(8)
    const store = makeStore(temporaryFolder(t), log.lines)
    const put = (n: number) => {
        const hash = log.hashes[n - 1] ?? genesis
        writeFiles(store, { [`reduction/${hash}`]: reductionFile(hash, '1') })
        return hash
    }
    const pruner = new ReductionPruner()
    const prune = async (logIsThere: boolean) => {
        const opened = await openProcessStore(store)
        // Without its files, the log would be found to be no chain with these records.
        await pruner.prune(logIsThere ? opened : { ...opened, logFiles: [] }, 2)
        return reductionsIn(store)
    }
    const [first, second, third] = [put(1), put(2), put(3)]
    assert.deepEqual(await prune(true), [second, third].sort())
    const fifth = put(5)
    pruner.noteStored(fifth)
    assert.deepEqual(await prune(false), [third, fifth].sort())
    assert.ok(![third, fifth].includes(first))
    // Stored by another, of a record in between.
    const fourth = put(4)
    assert.deepEqual(await prune(true), [fourth, fifth].sort())
    const eighth = put(8)
    pruner.noteStored(eighth)
    assert.deepEqual(await prune(false), [fifth, eighth].sort())
})

test('a reduction is due by time since the last one, also one of an earlier process', () => {
    let now = 10_000
    const clock = new ReductionClock(
        { milliseconds: 1000 },
        { reducedMilliseconds: 9500, records: 0 },
        () => now,
    )
    assert.equal(clock.isDue, false)
    now = 10_500
    assert.equal(clock.isDue, false, 'no record since')
    clock.count(1)
    assert.equal(clock.isDue, true)
    clock.restart()
    clock.count(1)
    assert.equal(clock.isDue, false)
    now = 11_500
    assert.equal(clock.isDue, true)
})

test('a clock that jumps back puts off no reduction', () => {
    let now = 10_000
    const clock = new ReductionClock({ milliseconds: 1000 }, { records: 1 }, () => now)
    now = 5000
    assert.equal(clock.isDue, true)
})
