import assert from 'node:assert/strict'
import { appendFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { ComplogError } from '../../../../src/core/errors.js'
import {
    assertSameFiles,
    ExpectedFiles,
    isEmptyFolder,
    plannedFilesOf,
} from '../../../../src/core/store/changes/unchanged.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { counterLog, reductionFile } from '../../../support/log-writer.js'
import { dailyFile, makeStore } from '../../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

const { lines, head } = counterLog(3)

test('a store that nobody touched is unchanged', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, { [head]: reductionFile(head, '6') })
    await assertSameFiles(plannedFilesOf(await openProcessStore(folder)))
    await assertSameFiles(plannedFilesOf(await openProcessStore(join(folder, 'composition', dailyFile))))
})

test('every change by another writer is noticed, and its file named', async (t) => {
    const changes: readonly [RegExp, (log: string, reduction: string) => void][] = [
        [/was written to/, (log) => appendFileSync(log, 'x')],
        [/was written to/, (log) => utimesSync(log, 1, 1)],
        [/was written to/, (_, reduction) => writeFileSync(reduction, '')],
        [/is gone/, (log) => rmSync(log)],
        [/is gone/, (_, reduction) => rmSync(reduction)],
        [/is new/, (log) => renameSync(log, `${log}.moved`)],
        [/is new/, (log) => writeFiles(join(log, '..'), { 'deep/new.jsonl': '' })],
        [/is new/, (_, reduction) => writeFileSync(reduction.replace(/.$/, '0'), '')],
    ]
    for (const [message, change] of changes) {
        const name = `${head.slice(0, -1)}1`
        const folder = makeStore(temporaryFolder(t), lines, { [name]: 'any' })
        const store = await openProcessStore(folder)
        change(join(folder, 'composition', dailyFile), join(folder, 'reduction', name))
        await assert.rejects(assertSameFiles(plannedFilesOf(store)), (error) => {
            assert.ok(error instanceof ComplogError)
            assert.equal(error.code, 'store-changed')
            assert.match(error.message, message)
            assert.match(error.hint ?? '', /Stop the host/)
            return true
        })
    }
})

test('a folder is empty where it is missing or holds nothing but folders', async (t) => {
    const folder = temporaryFolder(t)
    assert.equal(await isEmptyFolder(join(folder, 'missing')), true)
    assert.equal(await isEmptyFolder(folder), true)
    writeFiles(folder, { '.complog/left.1.0123456789ab': 'by a killed process' })
    assert.equal(await isEmptyFolder(folder), true)
    writeFiles(folder, { 'a/b/.hidden': '' })
    assert.equal(await isEmptyFolder(folder), false)
})

test("a command's own change to a file is told from that of another writer", async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), lines))
    const path = store.logFiles.at(0)!.absolutePath
    const expected = new ExpectedFiles(store.logFiles)
    await expected.assertUntouched(path)
    appendFileSync(path, 'own')
    await expected.noteReplacement(path, path)
    await expected.assertUntouched(path)
    appendFileSync(path, 'of another')
    await assert.rejects(expected.assertUntouched(path), { code: 'store-changed' })
})

test('a log file that is a link is refused, since its target would stay as it is', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    const path = join(folder, 'composition', dailyFile)
    renameSync(path, join(folder, 'elsewhere.jsonl'))
    symlinkSync(join(folder, 'elsewhere.jsonl'), path)
    await assert.rejects(assertSameFiles(plannedFilesOf(await openProcessStore(folder))), {
        code: 'usage',
        message: /is a link/,
    })
})
