import assert from 'node:assert/strict'
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    statfsSync,
    writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'

import {
    makeFolder,
    removeAllDurably,
    removeDurably,
    removeEmptyFolders,
    removeTogether,
    syncAll,
} from '../../../../src/core/store/durable/durable-files.js'
import { whyNoMounts, withTmpfs } from '../../../faults/mounts.js'
import { folderCalls } from '../../../support/folder-calls.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

/** Root, and Windows, know no folder that is closed to them. */
const mayWriteAnywhere = process.platform === 'win32' || process.getuid?.() === 0

test('a removed file is gone, and with it the folders that it leaves empty, but never the top one', async (t) => {
    const top = join(temporaryFolder(t), 'composition')
    mkdirSync(join(top, 'a', 'b', 'c'), { recursive: true })
    mkdirSync(join(top, 'a', 'full'))
    writeFileSync(join(top, 'a', 'full', 'file'), '')
    writeFileSync(join(top, 'a', 'b', 'c', 'file'), '')
    await removeDurably(join(top, 'a', 'b', 'c', 'file'))
    await removeEmptyFolders(join(top, 'a', 'b', 'c'), top)
    assert.deepEqual(readdirSync(join(top, 'a')), ['full'])
    rmSync(join(top, 'a', 'full', 'file'))
    await removeEmptyFolders(join(top, 'a', 'full'), top)
    assert.deepEqual(readdirSync(top), [])
    await removeEmptyFolders(top, top)
    assert.ok(existsSync(top))
    await assert.rejects(removeDurably(join(top, 'gone')), { code: 'file-system', message: /ENOENT/ })
})

test('of files that are removed, each folder is synced before one of another folder goes', async (t) => {
    const top = temporaryFolder(t)
    const [a, b] = [join(top, 'a'), join(top, 'b')]
    writeFiles(top, { 'a/1': '', 'a/2': '', 'b/3': '' })
    const paths = [join(a, '1'), join(a, '2'), join(b, '3')]
    const calls = await folderCalls(async () => {
        await removeAllDurably(paths)
        await removeEmptyFolders(b, top)
    })
    assert.deepEqual(
        calls.map(({ name, path }) => `${name} ${path}`),
        [
            ...paths.slice(0, 2).map((path) => `unlink ${path}`),
            `sync ${a}`,
            `unlink ${paths[2]}`,
            `sync ${b}`,
            `sync ${top}`,
        ],
    )
})

test('of files that are removed together, each folder is synced once, when all are gone', async (t) => {
    const top = temporaryFolder(t)
    writeFiles(top, { 'a/1': '', 'a/2': '', 'b/3': '' })
    const paths = ['a/1', 'b/3', 'a/2'].map((path) => join(top, path))
    const calls = await folderCalls(() => removeTogether(paths))
    assert.deepEqual(
        calls.map(({ name, path }) => `${name} ${path}`),
        [...paths.map((path) => `unlink ${path}`), `sync ${join(top, 'a')}`, `sync ${join(top, 'b')}`],
    )
})

test('a folder that is made, or that a killed process may have made, is synced into the folder above', async (t) => {
    for (const there of [[], ['a'], ['a', 'b'], ['a', 'b', 'c']]) {
        const top = join(temporaryFolder(t), 'top')
        mkdirSync(join(top, ...there), { recursive: true })
        const path = join(top, 'a', 'b', 'c')
        const calls = await folderCalls(() => makeFolder(path))
        const synced = calls.filter(({ name }) => name === 'sync').map((call) => call.path)
        // The last one that is there is the only one of which nobody knows; those above it were synced before it was made.
        const unknown = join(top, ...there)
        for (let at = path; at.length >= unknown.length; at = dirname(at))
            assert.ok(synced.includes(dirname(at)), `${there.join('/')}: ${dirname(at)}`)
        assert.deepEqual(await folderCalls(() => makeFolder(path)), [], 'once a process')
    }
})

test('a folder above that is not ours to write to is left alone', { skip: mayWriteAnywhere }, async (t) => {
    const top = join(temporaryFolder(t), 'top')
    mkdirSync(join(top, 'store'), { recursive: true })
    chmodSync(top, 0o111)
    try {
        const calls = await folderCalls(() => makeFolder(join(top, 'store', 'composition')))
        assert.deepEqual(
            calls.map(({ name, path }) => `${name} ${path}`),
            [`mkdir ${join(top, 'store', 'composition')}`, `sync ${join(top, 'store')}`],
        )
    } finally {
        chmodSync(top, 0o755)
    }
})

test('nor is the folder that a file system is mounted in', { skip: whyNoMounts() ?? false }, async () => {
    await withTmpfs('size=1m', async (mounted) => {
        const path = join(mounted, 'composition')
        const calls = await folderCalls(() => makeFolder(path))
        assert.deepEqual(
            calls.map(({ name, path }) => `${name} ${path}`),
            [`mkdir ${path}`, `sync ${mounted}`],
        )
    })
})

test('where no folder can be made, that is said, and not tried for ever', {
    skip: process.platform !== 'linux',
}, async () => {
    await assert.rejects(makeFolder('/proc/complog/deeper'), { code: 'file-system', message: /ENOENT/ })
})

/** Puts a program in the place of the system's `sync`; undefined: there is none. */
function replaceSync(t: TestContext, script: string | undefined): void {
    const folder = temporaryFolder(t)
    if (script !== undefined) writeFileSync(join(folder, 'sync'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const { PATH } = process.env
    process.env['PATH'] = script === undefined ? folder : `${folder}:${PATH ?? ''}`
    t.after(() => {
        process.env['PATH'] = PATH
    })
}

function manyFiles(t: TestContext, count: number, below?: string): ReadonlySet<string> {
    const folder = temporaryFolder(t, below)
    const names = Array.from({ length: count }, (_, i) => `file-${i}`)
    writeFiles(folder, Object.fromEntries(names.map((name) => [name, name])))
    return new Set(names.map((name) => join(folder, name)))
}

/** Temporary files may lie in memory: what the tests were translated into, or a checkout, mostly does not. */
const disk = [tmpdir(), import.meta.dirname, '/var/tmp'].find(
    (path) => existsSync(path) && [0xef53, 0x58465342, 0x9123683e].includes(statfsSync(path).type),
)
/** `syncfs` is relied on nowhere else. */
const skip =
    process.platform === 'linux' && disk !== undefined ? false : 'needs a disk with ext4, XFS or Btrfs'

for (const [what, script] of [
    ['is not there', undefined],
    ['does not know the flag', `echo "sync: invalid option -- 'f'" >&2; exit 1`],
    ['is ended by a signal', 'kill -TERM $$'],
] as const) {
    test(`where the program that syncs a file system ${what}, each file is synced`, async (t) => {
        const paths = manyFiles(t, 60, disk)
        replaceSync(t, script)
        const calls = await folderCalls(() => syncAll(paths))
        assert.deepEqual(
            calls,
            [...paths].map((path) => ({ name: 'sync', path })),
        )
    })
}

test('thousands of files are synced with their file system, a few one by one', { skip }, async (t) => {
    const [many, few] = [manyFiles(t, 60, disk), manyFiles(t, 3, disk)]
    assert.equal((await folderCalls(() => syncAll(few))).length, 3)
    assert.deepEqual(await folderCalls(() => syncAll(many)), [], 'by the program of this system')
    const asked = join(temporaryFolder(t), 'asked')
    replaceSync(t, `echo "$@" >> '${asked}'`)
    await syncAll(few)
    assert.ok(!existsSync(asked))
    await syncAll(many)
    assert.equal(readFileSync(asked, 'utf8'), `-f ${String([...many][0])}\n`)
})

test('a file system that cannot be synced is an error with the words of the system', { skip }, async (t) => {
    const paths = manyFiles(t, 60, disk)
    replaceSync(t, `echo "sync: error syncing '$2': Input/output error" >&2; exit 1`)
    await assert.rejects(syncAll(paths), {
        code: 'file-system',
        message: /Cannot sync .*Input\/output error/,
    })
})

test('files of a file system of which nothing is known are synced one by one', {
    skip: whyNoMounts() ?? false,
}, async (t) => {
    replaceSync(t, 'exit 0')
    await withTmpfs('size=1m', async (mounted) => {
        writeFiles(mounted, Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`file-${i}`, ''])))
        const paths = new Set(Array.from({ length: 60 }, (_, i) => join(mounted, `file-${i}`)))
        assert.equal((await folderCalls(() => syncAll(paths))).length, 60)
        const others = manyFiles(t, 60, disk)
        assert.equal(
            (await folderCalls(() => syncAll(new Set([...others, ...paths])))).length,
            120,
            'two file systems',
        )
    })
})
