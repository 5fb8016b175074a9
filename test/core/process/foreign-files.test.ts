import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { planRepair } from '../../../src/core/rewrite/repair/plan-repair.js'
import { repair } from '../../../src/core/rewrite/repair/repair.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { counterLog, logFile, reductionFile } from '../../support/log-writer.js'
import { openAndCheck, readLog, summaries } from '../../support/stores.js'
import { filePaths, readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'
import { add, clockAt, opened } from './opening.js'

const { lines, hashes } = counterLog(6)
const eight = '2019-04-28/2019-04-28T08.composition.jsonl'
const nine = '2019-04-28/2019-04-28T09.composition.jsonl'
const ten = '2019-04-28/2019-04-28T10.composition.jsonl'

/** What people and programs leave in a log: paths that sort behind the file that was copied, and before it. */
const copies = [
    'backup/2019-04-28T09.composition.jsonl',
    `${nine}~`,
    `${nine}.bak`,
    '2019-04-28/2019-04-28T09.composition.sync-conflict-20190428-120000-ABC.jsonl',
    "2019-04-28/2019-04-28T09.composition (Ada's conflicted copy 2019-04-28).jsonl",
    '0-backup/2019-04-28T09.composition.jsonl',
    'Copy of 2019-04-28T09.composition.jsonl',
]

function storeWith(folder: string, files: Readonly<Record<string, readonly string[]>>): string {
    mkdirSync(join(folder, 'composition'), { recursive: true })
    for (const [path, content] of Object.entries(files))
        writeFiles(folder, { [`composition/${path}`]: logFile(content) })
    return folder
}

for (const copy of copies) {
    for (const copied of [lines.slice(3), lines.slice(3, 5), lines.slice(5)]) {
        test(`${copied.length} of 3 records in ${copy}: what is appended goes to a file of a host`, async (t) => {
            const store = storeWith(temporaryFolder(t), {
                [eight]: lines.slice(0, 3),
                [nine]: lines.slice(3),
                [copy]: copied,
            })
            writeFiles(store, { [`reduction/${hashes[5]!}`]: reductionFile(hashes[5]!, '21') })
            const before = readFiles(join(store, 'composition'))[copy]
            for (const iso of ['2019-04-28T09:30:00Z', '2019-04-28T10:00:00Z']) {
                const process = await opened(t, store, { now: clockAt(iso) })
                assert.ok(
                    process.findings.some(({ id, place }) => id === 'foreign-file' && place?.file === copy),
                )
                await add(process, 1)
                await process.close()
            }
            const log = readLog(store)
            assert.deepEqual([log[nine]!.length, log[ten]!.length], [4, 1])
            assert.deepEqual(readFiles(join(store, 'composition'))[copy], before)
            const checked = await openAndCheck(store)
            assert.ok(summaries(checked).includes(`foreign-file (warning) ${copy}`))
            assert.equal(checked.longest.length, 8)

            await repair(await planRepair(await openProcessStore(store), { quarantine: true }))
            assert.deepEqual(filePaths(join(store, 'composition')), [eight, nine, ten])
            assert.deepEqual(readLog(store), { [eight]: log[eight], [nine]: log[nine], [ten]: log[ten] })
            assert.deepEqual(summaries(await openAndCheck(store)), [])
        })
    }
}

test('a copy that holds more than the file of the host is not left behind in silence', async (t) => {
    const store = storeWith(temporaryFolder(t), {
        [eight]: lines.slice(0, 3),
        'backup/2019-04-28T09.composition.jsonl': lines.slice(3),
    })
    const before = readFiles(store)
    await assert.rejects(opened(t, store, { now: clockAt('2019-04-28T10:00:00Z') }), {
        code: 'not-in-order',
        message: /read behind 2019-04-28\/2019-04-28T10\.composition\.jsonl/,
    })
    assert.deepEqual(readFiles(store), before)

    // As it advises.
    writeFiles(store, { [`composition/${ten}`]: logFile(lines.slice(3)) })
    rmSync(join(store, 'composition/backup'), { recursive: true })
    const process = await opened(t, store, { now: clockAt('2019-04-28T10:00:00Z') })
    await add(process, 1)
    await process.close()
    const checked = await openAndCheck(store)
    assert.deepEqual([summaries(checked), checked.longest.length], [[], 7])
})

test('a file that a host of March 2020 writes to, once its clock has gone back, is gone on with for good', async (t) => {
    const store = storeWith(temporaryFolder(t), { [nine]: lines.slice(0, 4), composition: lines.slice(4) })
    for (const iso of ['2019-04-28T08:00:00Z', '2026-11-28T10:00:00Z']) {
        const process = await opened(t, store, { now: clockAt(iso) })
        await add(process, 1)
        await process.close()
    }
    assert.deepEqual(filePaths(join(store, 'composition')), [nine, 'composition'])
    const checked = await openAndCheck(store)
    assert.deepEqual([summaries(checked), checked.longest.length, checked.longest.inOrder], [[], 8, true])
})
