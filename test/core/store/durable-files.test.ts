import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

import { makeFolder, removeDurably, removeEmptyFolders } from '../../../src/core/store/durable-files.js'
import { whyNoMounts, withTmpfs } from '../../faults/mounts.js'
import { folderCalls } from '../../support/folder-calls.js'
import { temporaryFolder } from '../../support/temporary.js'

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

test(
    'where no folder can be made, that is said, and not tried for ever',
    { skip: process.platform !== 'linux' },
    async () => {
        await assert.rejects(makeFolder('/proc/complog/deeper'), { code: 'file-system', message: /ENOENT/ })
    },
)
