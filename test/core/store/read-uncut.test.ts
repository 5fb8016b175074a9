import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../../src/core/composition/ref.js'
import { fileSystemError } from '../../../src/core/file-system-error.js'
import { restore } from '../../../src/core/restore/restore.js'
import { type VerifiedStore, verifyStore } from '../../../src/core/restore/verify-store.js'
import { planTruncate } from '../../../src/core/rewrite/truncate/plan-truncate.js'
import { truncate } from '../../../src/core/rewrite/truncate/truncate.js'
import {
    type ListedStore,
    openProcessStore,
    openStoreEnd,
    type ProcessStore,
    wholeStore,
} from '../../../src/core/store/process-store.js'
import { readUncut } from '../../../src/core/store/read-uncut.js'
import { RecordReader } from '../../../src/core/store/reading/record-reader.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, reductionFile } from '../../support/log-writer.js'
import { makeStore, writeLog } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const { lines, hashes } = counterLog(12)
const sum = (n: number) => (n * (n + 1)) / 2
const isSuspect = ({ findings }: VerifiedStore) => findings.list.length > 0

/** Twelve records in three files, with reductions of these. */
function storeOf(t: TestContext, ...reduced: readonly number[]): string {
    const store = makeStore(
        join(temporaryFolder(t), 'store'),
        [],
        Object.fromEntries(reduced.map((n) => [hashes[n - 1]!, reductionFile(hashes[n - 1]!, `${sum(n)}`)])),
    )
    writeLog(store, { 'a.jsonl': lines.slice(0, 4), 'b.jsonl': lines.slice(4, 8), 'c.jsonl': lines.slice(8) })
    return store
}

async function cut(store: string, before: number): Promise<void> {
    const plan = await planTruncate(await openProcessStore(store), parseRef(`#${before}`))
    await truncate(plan)
}

test('a log that is cut after it was listed is read once more, and no damage is told', async (t) => {
    for (const before of [3, 5, 11]) {
        const store = storeOf(t, before)
        let rounds = 0
        const verified = await readUncut(
            await openProcessStore(store),
            async (opened) => {
                rounds += 1
                if (rounds === 1) await cut(store, before)
                return verifyStore(opened, { app: inProcessCounter() })
            },
            { isSuspect },
        )
        assert.deepEqual([verified.isSound, verified.findings.list], [true, []])
        // Where only the first file lost its beginning, what was read is all there is.
        assert.equal(rounds, before === 3 ? 1 : 2)
    }
})

test('so is one that was cut and then grew beyond what it was', async (t) => {
    const store = storeOf(t, 11)
    const more = counterLog(40)
        .lines.slice(12)
        .map((line) => `${line}\n`)
    let rounds = 0
    const work = async (opened: ProcessStore) => {
        rounds += 1
        if (rounds === 1) {
            await cut(store, 11)
            // A blank line, so that what was the end of the file is none of a line now.
            appendFileSync(join(store, 'composition', 'c.jsonl'), `\n${more.join('')}`)
        }
        return restore(opened, inProcessCounter(), { fromEnd: true })
    }
    const restored = await readUncut(await openProcessStore(store), work)
    assert.deepEqual([restored.state, rounds], [String(sum(40)), 2])
})

test('a cut counts between the listing of the end of a log and that of the rest', async (t) => {
    const store = storeOf(t, 3, 11)
    const names = ['2020-01-01T00', '2020-01-01T01'].map((hour) => `2020-01-01/${hour}.composition.jsonl`)
    writeLog(store, { [names[0]!]: lines.slice(0, 8), [names[1]!]: lines.slice(8) })
    let rounds = 0
    const work = async (opened: ListedStore) => {
        rounds += 1
        if (rounds === 1) {
            assert.equal(opened.logFiles.length, 1)
            await cut(store, 11)
            await wholeStore(opened)
        }
        const reader = new RecordReader(opened.logFiles)
        const last = opened.logFiles.length - 1
        return reader.read(last, 0, opened.logFiles.at(last)!.sizeBytes).length
    }
    const sizeBytes = await readUncut(await openStoreEnd(store, {}, { filesMin: 1 }), work)
    assert.deepEqual([sizeBytes, rounds], [lines.slice(10).join('\n').length + 1, 2])
})

test('a reduction that is removed meanwhile is not missed', async (t) => {
    const store = storeOf(t, 3, 9)
    let rounds = 0
    const work = async (opened: ProcessStore) => {
        rounds += 1
        if (rounds === 1) rmSync(join(store, 'reduction', hashes[2]!))
        return verifyStore(opened)
    }
    const { isSound } = await readUncut(await openProcessStore(store), work, { isSuspect })
    assert.deepEqual([isSound, rounds], [true, 2])
})

test('what is wrong with a log that nobody cuts is told at once', async (t) => {
    const store = storeOf(t, 3)
    appendFileSync(join(store, 'composition', 'b.jsonl'), 'garbage\n')
    let rounds = 0
    const work = (opened: ProcessStore) => {
        rounds += 1
        return verifyStore(opened)
    }
    const { isSound } = await readUncut(await openProcessStore(store), work, { isSuspect })
    assert.deepEqual([isSound, rounds], [false, 1])
    const failing = () => Promise.reject(new Error('no'))
    await assert.rejects(readUncut(await openProcessStore(store), failing), /^Error: no$/)
})

test('a log that is cut again and again is said to change, not to be damaged', async (t) => {
    const store = storeOf(t, 3)
    let rounds = 0
    const work = async (opened: ProcessStore) => {
        rounds += 1
        writeLog(store, { 'a.jsonl': lines.slice(2) })
        return verifyStore({ ...opened, reductionFiles: new Map() })
    }
    await assert.rejects(readUncut(await openProcessStore(store), work, { isSuspect, roundsMax: 3 }), {
        code: 'store-changed',
    })
    assert.equal(rounds, 3)
})

test('a disk that fails is told at once, whatever was replaced meanwhile', async (t) => {
    const store = storeOf(t, 11)
    const failing = Object.assign(new Error('EIO: i/o error'), { code: 'EIO', errno: -5, syscall: 'fsync' })
    let rounds = 0
    const work = async () => {
        rounds += 1
        await cut(store, 11)
        throw fileSystemError(failing, 'sync', store)
    }
    await assert.rejects(readUncut(await openProcessStore(store), work), /Cannot sync .*: EIO/)
    assert.equal(rounds, 1)
})
