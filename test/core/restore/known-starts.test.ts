import assert from 'node:assert/strict'
import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { openEndToRestore } from '../../../src/core/restore/known-starts.js'
import { restore } from '../../../src/core/restore/restore.js'
import { NamedFiles } from '../../../src/core/store/listing/named-files.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, hashOf, reductionFile } from '../../support/log-writer.js'
import { dailyFile, makeStore } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { setEnvironment } from '../elm-app/temporary.js'

const { lines, hashes } = counterLog(200)
const sum = (n: number) => String((n * (n + 1)) / 2)

/** A reduction of every record but the newest, all written at the same time, as in a copy. */
function copied(t: TestContext): { readonly store: string; readonly cache: string } {
    const cache = temporaryFolder(t)
    setEnvironment(t, { COMPLOG_CACHE_DIR: cache })
    const store = makeStore(
        temporaryFolder(t),
        lines,
        Object.fromEntries(hashes.slice(0, -1).map((hash, i) => [hash, reductionFile(hash, sum(i + 1))])),
    )
    return { store, cache: join(cache, 'known-starts') }
}

async function fromEnd(store: string) {
    const { state, fromEnd: isFromEnd } = await restore(await openEndToRestore(store), inProcessCounter(), {
        fromEnd: true,
    })
    return [state, isFromEnd]
}

function isLoss(error: unknown): boolean {
    return error instanceof ComplogError && error.message.includes('Records are lost')
}

/** Damages the first record, in front of all that a start from the end needs, and keeps the length. */
function hideBeginning(store: string): void {
    writeFileSync(
        join(store, 'composition', dailyFile),
        [lines[0]!.replace('P', 'Q'), ...lines.slice(1), ''].join('\n'),
    )
}

test('that no reduction is newer than the start is found out once, and not again', async (t) => {
    const { store, cache } = copied(t)
    assert.deepEqual(await fromEnd(store), [sum(200), true])
    const [kept] = readdirSync(cache)
    assert.ok(kept !== undefined)
    // Whoever looked for all records again would find one missing, and have the whole log checked.
    hideBeginning(store)
    assert.deepEqual(await fromEnd(store), [sum(200), true])
    rmSync(join(cache, kept))
    await assert.rejects(fromEnd(store), ComplogError)
})

test('a reduction that comes later is looked for all the same', async (t) => {
    const { store } = copied(t)
    await fromEnd(store)
    const stray = hashOf('a record that is lost')
    writeFiles(store, { [`reduction/${stray}`]: reductionFile(stray, '1') })
    await assert.rejects(fromEnd(store), isLoss)
    await assert.rejects(fromEnd(store), isLoss)
})

test('where the newest file is empty, what was found out before does not count', async (t) => {
    const { store } = copied(t)
    await fromEnd(store)
    writeFiles(store, { 'composition/2099-04-28.composition.jsonl': '' })
    hideBeginning(store)
    await assert.rejects(fromEnd(store), ComplogError)
})

test('reductions that are older by their times need no look at the log', async (t) => {
    const { store, cache } = copied(t)
    for (const [i, hash] of hashes.slice(0, -2).entries())
        utimesSync(join(store, 'reduction', hash), 1_000_000 + i, 1_000_000 + i)
    hideBeginning(store)
    assert.deepEqual(await fromEnd(store), [sum(200), true])
    assert.equal(readdirSync(cache).length, 1)
})

test('a cache that cannot be written to stops nothing', async (t) => {
    const { store } = copied(t)
    const file = join(temporaryFolder(t), 'file')
    writeFileSync(file, '')
    setEnvironment(t, { COMPLOG_CACHE_DIR: file })
    assert.deepEqual(await fromEnd(store), [sum(200), true])
})

/** As after a while: what changed a moment ago is trusted only then. */
function later(t: TestContext): void {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
}

test('while nothing is stored among the reductions, not even their names are asked for', async (t) => {
    const { store } = copied(t)
    later(t)
    await fromEnd(store)
    const { reductionFiles } = await openEndToRestore(store)
    assert.ok(reductionFiles instanceof NamedFiles)
    hideBeginning(store)
    assert.deepEqual(await fromEnd(store), [sum(200), true])
    assert.equal(reductionFiles.isListed, false)
    assert.equal(reductionFiles.get(hashes[5]!)?.path, hashes[5])
    assert.equal(reductionFiles.has(hashes.at(-1)!), false)
    assert.equal(reductionFiles.isListed, false)
    assert.deepEqual([...reductionFiles.keys()].sort(), hashes.slice(0, -1).sort())
})

test('a reduction of a lost record is found after a while as at once', async (t) => {
    const { store } = copied(t)
    later(t)
    await fromEnd(store)
    const stray = hashOf('a record that is lost')
    writeFiles(store, { [`reduction/${stray}`]: reductionFile(stray, '1') })
    await assert.rejects(fromEnd(store), isLoss)
})

test('what was found out when a reduction had just been stored needs their names the next time', async (t) => {
    const { store } = copied(t)
    await fromEnd(store)
    const { reductionFiles } = await openEndToRestore(store)
    assert.ok(reductionFiles instanceof NamedFiles && reductionFiles.isListed)
})

test('a reduction that something odd has joined meanwhile is no reason to guess', async (t) => {
    const { store } = copied(t)
    later(t)
    await fromEnd(store)
    const { reductionFiles } = await openEndToRestore(store)
    writeFiles(store, { 'reduction/notes.txt': '' })
    assert.throws(() => reductionFiles.keys(), { code: 'store-changed' })
})
