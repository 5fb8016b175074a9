import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'

import { listNewestFiles, type StoreFile } from '../../../../src/core/store/listing/list-files.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { whyNoMounts, withBindMount } from '../../../faults/mounts.js'
import { counterLog, logFile, reductionFile } from '../../../support/log-writer.js'
import { openAndCheck, recordsOf } from '../../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

const isWindows = process.platform === 'win32'
const log = counterLog(6)

test('daily and hourly files side by side are read in the code unit order of their paths', async (t) => {
    const folder = temporaryFolder(t)
    const inOrder = [
        '2019-04-14.composition.jsonl',
        '2019-04-15.composition.jsonl',
        '2019-04-15/2019-04-15T09.composition.jsonl',
        '2019-04-15/2019-04-15T10.composition.jsonl',
        '2019-04-16/2019-04-16T00.composition.jsonl',
        'Z-later.txt',
        'a/b/c/d/any-name',
        'a0',
        'ä',
    ]
    for (const [i, path] of inOrder.entries())
        writeFiles(folder, { [`composition/${path}`]: logFile(log.lines.slice(i, i + 1)) })
    const { logFiles } = await openProcessStore(folder)
    assert.deepEqual(
        logFiles.map(({ path }) => path),
        inOrder,
    )
    const checked = await openAndCheck(folder)
    assert.deepEqual([checked.longest.inOrder, checked.longest.head], [true, log.head])
    assert.deepEqual(
        (await recordsOf(checked.longest)).map(({ place }) => place.file),
        inOrder.slice(0, 6),
    )
})

test('links to files and folders are followed, but never in a circle', { skip: isWindows }, async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        'elsewhere/b.jsonl': logFile(log.lines.slice(2, 4)),
        'elsewhere/deep/c.jsonl': logFile(log.lines.slice(4)),
        'store/composition/a.jsonl': logFile(log.lines.slice(0, 2)),
    })
    const composition = join(folder, 'store', 'composition')
    symlinkSync(join(folder, 'elsewhere'), join(composition, 'b'))
    symlinkSync('.', join(composition, 'self'))
    symlinkSync('..', join(folder, 'elsewhere', 'deep', 'up'))
    symlinkSync(join(folder, 'store'), join(composition, 'z-store'))
    const checked = await openAndCheck(join(folder, 'store'))
    assert.deepEqual([checked.longest.head, checked.longest.inOrder], [log.head, true])
    assert.deepEqual(
        checked.findings.list.map(({ id, place, message }) => [
            id,
            place?.file,
            /back to a folder/.test(message),
        ]),
        [
            ['irregular-file', 'b/deep/up', true],
            ['irregular-file', 'self', true],
            ['irregular-file', 'z-store/composition', true],
        ],
    )
})

const second = (path: string, kind: string, first: string) => [
    'second-path',
    'error',
    path,
    `${path} is the same ${kind} as ${first}; it was not read a second time.`,
]

async function findingsIn(store: string) {
    const { findings, longest } = await openAndCheck(store)
    assert.deepEqual([longest.head, longest.length], [log.head, log.lines.length])
    return findings.list.map(({ id, severity, place, message }) => [id, severity, place?.file, message])
}

test('a second path to a file or folder is an error, and what it leads to is read once', async (t) => {
    if (isWindows) {
        t.skip('links need a right of their own here')
        return
    }
    const folder = temporaryFolder(t)
    const reduction = reductionFile(log.head, '21')
    writeFiles(folder, {
        'composition/b/x.jsonl': logFile(log.lines.slice(0, 3)),
        'composition/b/y.jsonl': logFile(log.lines.slice(3)),
        [`reduction/${log.head}`]: reduction,
    })
    const composition = join(folder, 'composition')
    // It comes before the folder that it leads to; the files go by their own path all the same.
    symlinkSync('b', join(composition, 'a'))
    symlinkSync(join(composition, 'b'), join(composition, 'b-again'))
    symlinkSync('x.jsonl', join(composition, 'b', 'a.jsonl'))
    linkSync(join(composition, 'b', 'x.jsonl'), join(composition, 'c.jsonl'))
    linkSync(join(folder, 'reduction', log.head), join(folder, 'reduction', 'F'.repeat(64)))
    assert.deepEqual(await findingsIn(folder), [
        second('a', 'folder', 'b'),
        second('b-again', 'folder', 'b'),
        second('b/a.jsonl', 'file', 'b/x.jsonl'),
        second('c.jsonl', 'file', 'b/x.jsonl'),
        second(`reduction/${'F'.repeat(64)}`, 'file', `reduction/${log.head}`),
    ])
})

test('a folder that is mounted twice within a log is read once', { skip: whyNoMounts() }, async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition/a/x.jsonl': logFile(log.lines) })
    const composition = join(folder, 'composition')
    for (const name of ['b', 'c']) mkdirSync(join(composition, name))
    await withBindMount(join(composition, 'a'), join(composition, 'b'), () =>
        withBindMount(composition, join(composition, 'c'), async () => {
            assert.deepEqual(await findingsIn(folder), [
                second('b', 'folder', 'a'),
                second('c', 'folder', 'the folder that holds it'),
            ])
        }),
    )
    assert.deepEqual(await findingsIn(folder), [])
})

test('what is no regular file is an error, never opened', { skip: isWindows }, async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition/a.jsonl': logFile(log.lines), 'reduction/.x': '' })
    const composition = join(folder, 'composition')
    execFileSync('mkfifo', [join(composition, 'b-pipe'), join(folder, 'reduction', 'pipe')])
    symlinkSync('nowhere', join(composition, 'c-dangling'))
    symlinkSync('d-loop', join(composition, 'd-loop'))
    const server = createServer().listen(join(composition, 'e-socket'))
    t.after(() => server.close())
    await new Promise((done) => server.once('listening', done))
    const { findings, longest } = await openAndCheck(folder)
    assert.equal(longest.head, log.head)
    assert.deepEqual(
        findings.list
            .filter(({ id }) => id === 'irregular-file')
            .map(({ severity, place, message }) => [
                severity,
                place?.file,
                message.includes(place?.file ?? '?'),
            ]),
        [
            ['error', 'b-pipe', true],
            ['error', 'c-dangling', true],
            ['error', 'd-loop', true],
            ['error', 'e-socket', true],
            ['error', 'reduction/pipe', true],
        ],
    )
})

test('a folder by a name that hosts give files is an error, whoever lists it, and what is in it is read', async (t) => {
    const folder = temporaryFolder(t)
    const day = '2019-04-28/2019-04-28T09.composition.jsonl'
    writeFiles(folder, {
        [`composition/${day}/a`]: logFile(log.lines),
        [`reduction/${log.hashes[2]!}/a`]: '',
    })
    const { findings, longest } = await openAndCheck(folder)
    assert.equal(longest.head, log.head)
    assert.deepEqual(
        findings.list.flatMap(({ id, place }) => (id === 'irregular-file' ? place?.file : [])),
        [day, `reduction/${log.hashes[2]!}`],
    )
    const composition = join(folder, 'composition')
    const options = { isEnough: () => false, isNameOfHost: () => true }
    assert.equal(await listNewestFiles(composition, options), undefined)
})

test('a name that is not UTF-8 is said to be one, also where it would read like another', async (t) => {
    if (isWindows || process.platform === 'darwin') {
        t.skip('file systems here have no such names')
        return
    }
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition/a.jsonl': logFile(log.lines), 'composition/\ufffd.jsonl': '' })
    const composition = Buffer.from(`${folder}/composition/`)
    writeFileSync(Buffer.concat([composition, Buffer.from('e4.jsonl', 'latin1').fill(0xe4, 0, 1)]), 'x')
    writeFileSync(Buffer.concat([composition, Buffer.of(0xff), Buffer.from('.jsonl')]), 'x')
    const { findings } = await openAndCheck(folder)
    assert.deepEqual(
        findings.list.map(({ id, severity, message }) => [id, severity, message.replace(/^\S* is /, '')]),
        [
            ['irregular-file', 'error', notUtf8('ff2e6a736f6e6c')],
            ['irregular-file', 'error', notUtf8('e4342e6a736f6e6c')],
        ],
    )
})

function notUtf8(hex: string): string {
    return `an entry whose name is not UTF-8 (${hex} in hexadecimal); it was not read.`
}

test('folders nested without end are an error at the place where complog stops', async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'composition', ...Array.from({ length: 80 }, () => 'd')), { recursive: true })
    const { findings } = await openAndCheck(folder)
    assert.deepEqual(
        findings.list.map(({ id, message }) => [id, /nested too deep/.test(message)]),
        [['irregular-file', true]],
    )
})

test('from the end, each file is asked about once, the newest first, and no more than are wanted', async (t) => {
    const folder = temporaryFolder(t)
    const names = Array.from(
        { length: 300 },
        (_, i) => `2019-04-${10 + (i % 15)}/${String(i).padStart(3, '0')}`,
    )
    writeFiles(folder, Object.fromEntries(names.map((name) => [name, '.'])))
    const asked: string[] = []
    const isEnough = ({ path }: StoreFile, listed: number) => {
        asked.push(path)
        return listed === 290
    }
    const files = await listNewestFiles(folder, { isEnough, isNameOfHost: () => false })
    assert.deepEqual(asked, names.sort().toReversed().slice(0, 290))
    assert.deepEqual(
        files?.map(({ path }) => path),
        asked.toReversed(),
    )
})
