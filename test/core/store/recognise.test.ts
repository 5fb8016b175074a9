import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { storeGenerations } from '../../../src/core/generations/store-generations.js'
import { verifyLater } from '../../../src/core/later/verify-later.js'
import { openForWriting } from '../../../src/core/process/open-for-writing.js'
import { verifyStore } from '../../../src/core/restore/verify-store.js'
import { openProcessStore, openStoreEnd } from '../../../src/core/store/process-store.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { counterLog, logFile, reductionFile } from '../../support/log-writer.js'
import { dailyFile, openAndCheck } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'

const log = counterLog(3)
const record = `{"parentHashBase16":"${'ab'.repeat(32)}","compositionEvent":{}}\n`
const hourly = { 'composition-log/2020-05-03/2020-05-03T08.composition.jsonl': record }
const head = { 'composition-log-head-hash': Buffer.alloc(32, 1), 'component/ab/cd': 'blob 0\0' }
const minutes = { 'composition-log/literal/2022-04-03/2022-04-03T10-00': record }
const own = { [`composition/${dailyFile}`]: logFile(log.lines) }

test('the newest generation of a store counts, and the older ones beside it are known', (t) => {
    for (const [files, newest, older] of [
        [hourly, '2020-05-01', []],
        [head, '2020-05-06', []],
        [{ 'component/ab/cd': 'blob 0\0' }, '2020-05-06', []],
        [minutes, '2021-07-14', []],
        [{ ...own, ...hourly }, '2020-05-01', ['2018-11']],
        [{ ...hourly, ...head }, '2020-05-06', ['2020-05-01']],
        [{ ...own, ...head, ...minutes }, '2021-07-14', ['2020-05-06', '2018-11']],
    ] as const) {
        const folder = temporaryFolder(t)
        writeFiles(folder, { ...files })
        const found = laterStoreAt(folder)
        assert.equal(found?.generation.id, newest)
        assert.deepEqual(
            found.older.map(({ id }) => id),
            older,
        )
        assert.equal(found.root, folder)
    }
})

test('a store that was copied into another one, or lies below the folder that was named, is told', async (t) => {
    for (const files of [own, hourly, head, minutes]) {
        const folder = temporaryFolder(t)
        const within = Object.entries(files).map(([path, bytes]) => [`backup/${path}`, bytes] as const)
        writeFiles(folder, { 'x/readme': 'text', ...Object.fromEntries(within) })
        await assert.rejects(openProcessStore(folder), {
            code: 'no-process-store',
            hint: `A store lies below it: name ${join(folder, 'backup')}.`,
        })
        writeFiles(folder, { ...files })
        const later = laterStoreAt(folder)
        const { findings } = later
            ? await verifyLater(later)
            : await verifyStore(await openProcessStore(folder))
        const found = findings.list.filter(({ id }) => id === 'store-within')
        assert.deepEqual(
            found.map(({ severity, message }) => [severity, message]),
            [['warning', 'The folder backup/ in it holds a store of its own.']],
        )
    }
})

test('what else lies in the folder of a store is told where hosts remove it', async (t) => {
    const beside = { '.complog/x': '', 'notes.txt': 'mine', 'quarantine/x': '{}', 'outside-chain/x': '' }
    for (const [files, expected] of [
        [hourly, []],
        [head, ['notes.txt']],
        [{ ...own, ...minutes }, ['notes.txt']],
    ] as const) {
        const folder = temporaryFolder(t)
        writeFiles(folder, { ...files, ...beside })
        const later = laterStoreAt(folder)
        assert.ok(later)
        const { findings } = await verifyLater(later)
        const found = findings.list.filter(
            ({ id, place }) => id === 'foreign-file' && place?.file !== 'component/ab/cd',
        )
        assert.deepEqual(
            found.map(({ severity, place }) => [severity, place?.file]),
            expected.map((path) => ['warning', path]),
        )
    }
})

test('names with backslashes are said to come of how an archive was unpacked', {
    skip: process.platform === 'win32',
}, async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition-log\\literal\\2022-04-03\\2022-04-03T10-00': record })
    await assert.rejects(openProcessStore(folder), {
        code: 'no-process-store',
        hint: /archive of Windows/,
    })
})

test('the folder of a log in upper case is named, where the file system tells case apart', {
    skip: process.platform !== 'linux',
}, async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'Composition-Log/literal/2022-04-03/2022-04-03T10-00': record })
    await assert.rejects(openProcessStore(folder), {
        code: 'no-process-store',
        hint: /`Composition-Log`: rename that/,
    })
})

test('the folder of a log names its store', (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, minutes)
    for (const path of ['composition-log', 'composition-log/literal'])
        assert.equal(laterStoreAt(join(folder, path))?.root, folder)
})

test('stores of Kalmit, and folders of anything else, are none of a later generation', (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { ...own, 'other/readme': 'text' })
    assert.equal(laterStoreAt(folder), undefined)
    assert.equal(laterStoreAt(join(folder, 'other')), undefined)
    assert.equal(laterStoreAt(join(folder, 'nothing')), undefined)
})

test('whoever reads or writes stores of Kalmit refuses a later one, and changes nothing in it', async (t) => {
    for (const files of [hourly, head, minutes, { ...own, ...minutes }]) {
        const folder = temporaryFolder(t)
        writeFiles(folder, files)
        const before = readFiles(folder)
        for (const open of [openProcessStore, openStoreEnd, (path: string) => openForWriting(path, {})]) {
            await assert.rejects(open(folder), (error: ComplogError) => {
                assert.equal(error.code, 'generation-not-read')
                assert.doesNotMatch(error.hint ?? '', /backup/)
                const namesOlder = error.hint?.includes(join(folder, 'composition')) === true
                assert.equal(
                    namesOlder,
                    Object.keys(files).some((name) => name.startsWith('composition/')),
                )
                return true
            })
        }
        assert.deepEqual(readFiles(folder), before)
    }
})

test('a log file of a later generation is known by its records, whatever folder it lies in', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        'backup/2020-05-03T08.composition.jsonl': record,
        'minute/2022-04-03T10-00': record,
    })
    for (const path of ['backup', 'backup/2020-05-03T08.composition.jsonl', 'minute/2022-04-03T10-00']) {
        await assert.rejects(openProcessStore(join(folder, path)), { code: 'generation-not-read' })
    }
})

test('a store of a host that migrates is found below the folder that was named', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        'public-web-app-config.zip': '',
        [`elm-app-process-store/composition/${dailyFile}`]: logFile(log.lines),
        [`elm-app-process-store/reduction/${log.head}`]: reductionFile(log.head, '6'),
    })
    const checked = await openAndCheck(folder)
    assert.equal(checked.store.layout.root, join(folder, 'elm-app-process-store'))
    assert.equal(checked.longest.head, log.head)
    assert.equal(checked.reductions, 1)
    const opened = await openForWriting(folder, {})
    assert.ok('.complog/append-lock' in readFiles(join(folder, 'elm-app-process-store')))
    await opened.close()
})

test('generations are listed from the newest to the oldest', () => {
    const ids = storeGenerations.map(({ id }) => id)
    assert.deepEqual(ids, [...ids].sort().reverse())
})
