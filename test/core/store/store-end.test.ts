import assert from 'node:assert/strict'
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { verifyStore } from '../../../src/core/restore/verify-store.js'
import type { StoreFile } from '../../../src/core/store/listing/list-files.js'
import {
    openProcessStore,
    openStoreEnd,
    openStoreToRead,
    wholeStore,
} from '../../../src/core/store/process-store.js'
import { readUncut } from '../../../src/core/store/read-uncut.js'
import { whyNoMounts, withBindMount } from '../../faults/mounts.js'
import { counterLog, reductionFile } from '../../support/log-writer.js'
import { writeLog } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

const isWindows = process.platform === 'win32'
const days = 30
const { lines, hashes } = counterLog(days * 24)

/** A file an hour, in a folder a day. */
function manyFiles(t: TestContext): string {
    const store = temporaryFolder(t)
    const files = lines.map((line, i) => {
        const time = new Date(Date.UTC(2019, 3, 1, i)).toISOString()
        return [`${time.slice(0, 10)}/${time.slice(0, 13)}.composition.jsonl`, [line]] as const
    })
    writeLog(store, Object.fromEntries(files))
    writeFiles(store, { [`reduction/${hashes[9]!}`]: reductionFile(hashes[9]!, '55') })
    return store
}

test('the end of a store is the end of its files, in the same order, and more are listed when asked for', async (t) => {
    const store = manyFiles(t)
    writeFiles(store, { 'composition/composition': '', 'composition/2019-04-30.txt': 'x' })
    const whole = await openProcessStore(store)
    let end = await openStoreEnd(store)
    const sizes: number[] = []
    while (end.more !== undefined) {
        const told = ({ path, identity }: StoreFile) => [path, identity]
        const last = whole.logFiles.slice(-end.logFiles.length)
        assert.deepEqual(end.logFiles.map(told), last.map(told))
        assert.deepEqual([...end.reductionFiles], [...whole.reductionFiles])
        sizes.push(end.logFiles.length)
        end = await end.more()
    }
    assert.deepEqual(sizes, [64, days * 24 + 2])
    assert.deepEqual(end, whole)
})

test('where many files of nobody stand last, the end reaches back to one that a host wrote to', async (t) => {
    const store = manyFiles(t)
    for (let i = 0; i < 80; i++) writeFiles(store, { [`composition/z${i}`]: '' })
    const { logFiles } = await openStoreEnd(store)
    assert.equal(logFiles.at(0)?.path, '2019-04-30/2019-04-30T23.composition.jsonl')
    assert.equal(logFiles.length, 81)
})

test('a link, a second name and what is no file are left to the whole listing', {
    skip: isWindows,
}, async (t) => {
    const file = join('composition', '2019-04-30', '2019-04-30T23.composition.jsonl')
    for (const change of [
        (store: string) => symlinkSync('2019-04-03', join(store, 'composition', '2019-05-01')),
        (store: string) =>
            linkSync(
                join(store, 'composition', '2019-04-03', '2019-04-03T01.composition.jsonl'),
                join(store, 'composition', '2019-05-01T00.composition.jsonl'),
            ),
        (store: string) => symlinkSync(join(store, file), join(store, 'composition', '2019-04-30', 'again')),
        (store: string) => writeFileSync(join(store, 'reduction', 'notes.txt'), ''),
        (store: string) => mkdirSync(join(store, 'reduction', 'older')),
    ]) {
        const store = manyFiles(t)
        change(store)
        assert.deepEqual(await openStoreEnd(store), await openProcessStore(store))
    }
})

test('an older folder that is mounted as the newest is no end', { skip: whyNoMounts() }, async (t) => {
    const store = manyFiles(t)
    const composition = join(store, 'composition')
    mkdirSync(join(composition, '2019-05-01'))
    await withBindMount(join(composition, '2019-04-03'), join(composition, '2019-05-01'), async () => {
        assert.deepEqual(await openStoreEnd(store), await openProcessStore(store))
    })
})

test('the whole of a store that is one already is itself', async (t) => {
    const store = await openProcessStore(manyFiles(t))
    assert.equal(await wholeStore(store), store)
})

test('reductions that are looked at one by one are those of the listing, as they were when they were read', async (t) => {
    const store = manyFiles(t)
    const eager = await openProcessStore(store)
    const lazy = await openStoreToRead(store)
    assert.deepEqual([...lazy.reductionFiles.keys()], [...eager.reductionFiles.keys()])
    assert.equal(lazy.reductionFiles.size, 1)
    const { usableReductions } = await verifyStore(lazy)
    assert.deepEqual([...usableReductions], [[hashes[9]!, 10]])
    writeFileSync(join(store, 'reduction', hashes[9]!), 'longer or shorter than before')
    assert.deepEqual([...lazy.reductionFiles.values()], [...eager.reductionFiles.values()])
})

test('a second name of a reduction is told, though nobody looked for it at first', {
    skip: isWindows,
}, async (t) => {
    const store = manyFiles(t)
    linkSync(join(store, 'reduction', hashes[9]!), join(store, 'reduction', 'F'.repeat(64)))
    const { findings } = await readUncut(await openStoreToRead(store), (found) => verifyStore(found), {
        isSuspect: (verified) => verified.findings.list.length > 0,
    })
    assert.deepEqual(
        findings.list.map(({ id, place }) => [id, place?.file]),
        [['second-path', `reduction/${'F'.repeat(64)}`]],
    )
})
