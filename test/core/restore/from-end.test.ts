import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { ComplogError, type ErrorCode } from '../../../src/core/errors.js'
import type { Limits } from '../../../src/core/limits.js'
import { readChainFromEnd } from '../../../src/core/restore/from-end.js'
import { restore } from '../../../src/core/restore/restore.js'
import { findTarget, isReadForwards } from '../../../src/core/restore/restore-target.js'
import { UnseenFiles } from '../../../src/core/store/listing/unseen-files.js'
import { openProcessStore, openStoreByNames } from '../../../src/core/store/process-store.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, hashOf, recordLine, reductionFile } from '../../support/log-writer.js'
import { dailyFile, makeStore, writeLog } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const { lines, hashes, head } = counterLog(10)
const reduced = { [hashes[4]!]: reductionFile(hashes[4]!, '15') }

async function restoreFromEnd(path: string, limits: Partial<Limits> = {}) {
    return restore(await openProcessStore(path, limits), inProcessCounter(), { fromEnd: true })
}

function isError(code: ErrorCode, offsetBytes?: number) {
    return (error: unknown) => {
        assert.ok(error instanceof ComplogError, String(error))
        assert.equal(error.code, code)
        if (offsetBytes !== undefined) assert.equal(error.place?.offsetBytes, offsetBytes)
        return true
    }
}

test('what stands before the nearest reduction is not even read', async (t) => {
    const folder = makeStore(temporaryFolder(t), [], reduced)
    writeLog(folder, { 'a.jsonl': ['no record', ...lines.slice(0, 3)], 'b.jsonl': ['{', ...lines.slice(4)] })
    const restored = await restoreFromEnd(folder)
    assert.deepEqual([restored.state, restored.records, restored.strangers], ['55', 5, 0])
    assert.deepEqual([restored.fromEnd, restored.position, restored.hash], [true, null, head])
    assert.deepEqual(restored.start, { kind: 'reduction', hash: hashes[4], position: null })
})

test('without reductions, no more files are looked at than when they were listed', async (t) => {
    const folder = makeStore(temporaryFolder(t), [])
    const names = Array.from({ length: 130 }, (_, i) => `${1000 + i}.jsonl`)
    writeLog(folder, Object.fromEntries(names.map((name) => [name, [lines[0]!]])))
    const store = await openStoreByNames(folder, {}, names.length)
    // A few were looked at, whichever: a look at another says that it is gone.
    const notTheLast = names.slice(1, -1)
    for (const name of notTheLast) rmSync(join(folder, 'composition', name))
    assert.throws(() => notTheLast.map((_, i) => store.logFiles.at(i + 1)?.sizeBytes), UnseenFiles)
    assert.equal(isReadForwards(store), true)
})

test('blank lines, line ends of both kinds and a missing last one do not matter', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.slice(0, 6), reduced)
    const file = join(folder, 'composition', dailyFile)
    appendFileSync(file, `\n\r\n${lines.slice(6).join('\r\n\r\n')}`)
    const restored = await restoreFromEnd(folder)
    assert.deepEqual([restored.state, restored.fromEnd], ['55', true])
})

test('a last line that is not the head shows: the whole log is read after all', async (t) => {
    for (const log of [
        [...lines, lines[2]!],
        [...lines, lines[9]!],
        [lines[9]!, ...lines.slice(0, 9)],
        lines.toReversed(),
        lines.with(5, lines[6]!).with(6, lines[5]!),
    ]) {
        const restored = await restoreFromEnd(makeStore(temporaryFolder(t), log))
        assert.deepEqual([restored.state, restored.hash], ['55', head])
        if (restored.strangers === 0) continue
        assert.deepEqual([restored.fromEnd, restored.position], [false, 10])
        assert.ok(restored.findings.length > 0)
    }
    const older = await restoreFromEnd(makeStore(temporaryFolder(t), [...lines, lines[2]!]))
    assert.equal(older.strangers, 8)
})

test('a head that stands before the nearest reduction is not seen: the last line is trusted, as by a host', async (t) => {
    const folder = makeStore(temporaryFolder(t), [lines[9]!, ...lines.slice(0, 9)], reduced)
    const restored = await restoreFromEnd(folder)
    assert.deepEqual([restored.state, restored.hash, restored.fromEnd], ['45', hashes[8], true])
    assert.equal((await restore(await openProcessStore(folder), inProcessCounter())).state, '55')
})

test('lines out of order are followed as long as all of them are ancestors of the last', async (t) => {
    const swapped = lines.with(5, lines[6]!).with(6, lines[5]!)
    const restored = await restoreFromEnd(makeStore(temporaryFolder(t), swapped, reduced))
    assert.deepEqual([restored.state, restored.strangers, restored.fromEnd], ['55', 0, true])
})

test('a torn tail, a line that cannot be read and a missing parent stop it, each with its place', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, reduced)
    const file = join(folder, 'composition', dailyFile)
    const size = lines.join('\n').length + 1
    appendFileSync(file, '{"ParentHash')
    await assert.rejects(restoreFromEnd(folder), isError('torn-tail', size))
    appendFileSync(file, '\n')
    await assert.rejects(restoreFromEnd(folder), isError('broken-chain', size))
    const gap = makeStore(temporaryFolder(t), lines.toSpliced(7, 1), reduced)
    const offset = lines.slice(0, 7).join('\n').length + 1
    await assert.rejects(restoreFromEnd(gap), isError('broken-chain', offset))
    const stray = recordLine({ parent: hashOf('elsewhere') })
    await assert.rejects(
        restoreFromEnd(makeStore(temporaryFolder(t), [...lines, stray])),
        isError('broken-chain'),
    )
})

test('a line longer than the bound stops it, as it stops a check', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    await assert.rejects(restoreFromEnd(folder, { lineSizeBytesMax: 100 }), isError('limit-exceeded'))
})

test('where the app fails on a record, its place has no line but a byte offset', async (t) => {
    const log = [...lines, recordLine({ parent: head, events: ['{"addition":1}', '{"crash":1}'] })]
    const folder = makeStore(temporaryFolder(t), log, reduced)
    await assert.rejects(restoreFromEnd(folder), (error) => {
        assert.ok(error instanceof ComplogError)
        assert.equal(error.code, 'app-threw')
        assert.match(error.message, /event 2 of 2/)
        const offsetBytes = lines.join('\n').length + 1
        assert.deepEqual(error.place, { file: dailyFile, offsetBytes, sizeBytes: log[10]!.length })
        return true
    })
})

test('without any reduction, a log in order is read forwards, and the walk from its end says the same', async (t) => {
    const { lines, head } = counterLog(40)
    const folder = makeStore(temporaryFolder(t), [])
    const files = lines.map((line, i) => [`2019-04-${10 + i}.composition.jsonl`, [line]] as const)
    writeLog(folder, Object.fromEntries(files))
    const store = await openProcessStore(folder)
    const target = await findTarget(store, { fromEnd: true })
    const walked = (await readChainFromEnd(store))!.chain
    assert.deepEqual([target.chain.inOrder, target.fromEnd, target.strangers], [true, true, 0])
    assert.deepEqual([target.position, target.chain.head], [walked.length, walked.head])
    assert.equal(target.chain.head, head)
    const { state } = await restore(store, inProcessCounter(), { fromEnd: true })
    assert.equal(state, '820')
})
