import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { Staging } from '../../../src/core/store/staging.js'
import { filePaths, temporaryFolder, writeFiles } from '../../support/temporary.js'

const isWindows = process.platform === 'win32'

async function* pieces(): AsyncGenerator<Buffer> {
    for (const text of ['one ', '', 'two ', 'three']) yield await Promise.resolve(Buffer.from(text))
}

function isFileSystemError(systemCode: RegExp) {
    return (error: unknown) => {
        assert.ok(error instanceof ComplogError)
        assert.equal(error.code, 'file-system')
        assert.match(error.message, systemCode)
        return true
    }
}

test('a staged file lies beside the store until it is committed, and then in its place', async (t) => {
    const root = temporaryFolder(t)
    const target = join(root, 'composition', 'a', 'b.jsonl')
    const staging = new Staging(root)
    const staged = await staging.stage(target, pieces())
    assert.equal(staged.sizeBytes, 13)
    assert.equal(readFileSync(staged.temporaryPath, 'utf8'), 'one two three')
    assert.match(filePaths(root).join(), /^\.complog\/b\.jsonl\.[A-Za-z0-9-]+\.\d+\.[0-9a-f]+$/)
    await staging.commit(staged)
    assert.deepEqual(filePaths(root), ['composition/a/b.jsonl'])
    assert.equal(readFileSync(target, 'utf8'), 'one two three')
    await staging.discard()
    assert.deepEqual(readdirSync(root), ['composition'])
})

test('a committed file replaces the one that was there; one that is not leaves it', async (t) => {
    const root = temporaryFolder(t)
    const [a, b] = [join(root, 'a'), join(root, 'b')]
    for (const path of [a, b]) writeFileSync(path, 'old')
    const staging = new Staging(root)
    await staging.commit(await staging.stage(a, Buffer.from('new')))
    await staging.stage(b, Buffer.from('new'))
    await staging.discard()
    assert.deepEqual([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')], ['new', 'old'])
    assert.deepEqual(filePaths(root), ['a', 'b'])
})

test('files are committed in the order in which they were staged', async (t) => {
    const root = temporaryFolder(t)
    const staging = new Staging(root)
    const target = join(root, 'same')
    await staging.stage(target, Buffer.from('first'))
    await staging.stage(target, Buffer.from('second'))
    await staging.commitAll()
    assert.equal(readFileSync(target, 'utf8'), 'second')
    await staging.discard()
    assert.deepEqual(readdirSync(root), ['same'])
})

test('a new file takes over the mode of the one that it is like', { skip: isWindows }, async (t) => {
    const root = temporaryFolder(t)
    const old = join(root, 'old')
    writeFileSync(old, 'old')
    for (const mode of [0o600, 0o640, 0o664, 0o444]) {
        chmodSync(old, mode)
        const staging = new Staging(root)
        const staged = await staging.stage(old, Buffer.from('new'), old)
        await staging.commit(staged)
        await staging.discard()
        assert.equal(statSync(old).mode & 0o7777, mode)
    }
})

test('content that fails half-way leaves nothing behind', async (t) => {
    const root = temporaryFolder(t)
    const staging = new Staging(root)
    const failing = async function* () {
        yield await Promise.resolve(Buffer.from('half'))
        throw new Error('the source failed')
    }
    await assert.rejects(staging.stage(join(root, 'a'), failing()), /the source failed/)
    await staging.discard()
    assert.deepEqual(readdirSync(root), [])
})

test('what somebody else keeps in the folder for temporary files stays', async (t) => {
    const root = temporaryFolder(t)
    mkdirSync(join(root, '.complog'))
    writeFileSync(join(root, '.complog', 'lock'), '')
    const staging = new Staging(root)
    await staging.stage(join(root, 'a'), Buffer.from('a'))
    await staging.discard()
    assert.deepEqual(filePaths(root), ['.complog/lock'])
    await new Staging(root).discard()
})

test('what a killed process of this machine staged is cleared away, what a running one stages is not', async (t) => {
    const root = temporaryFolder(t)
    const { pid: gone } = spawnSync(process.execPath, ['--version'])
    const here = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')
    const stays = [
        `log.jsonl.${here}.${process.ppid}.0123456789ab`,
        `log.jsonl.another-machine.${gone}.0123456789ab`,
        `log.jsonl.${here}.${gone}.not-ours`,
    ]
    const left = `log.jsonl.${here}.${gone}.0123456789ab`
    writeFiles(join(root, '.complog'), Object.fromEntries([left, ...stays].map((name) => [name, 'half'])))
    const other = new Staging(root)
    const staged = await other.stage(join(root, 'a'), Buffer.from('a'))
    await new Staging(root).discard()
    const expected = [basename(staged.temporaryPath), ...stays].map((name) => `.complog/${name}`)
    assert.deepEqual(filePaths(root), expected.sort())
})

test('a place that cannot be written is an error with its own code, and leaves nothing behind', async (t) => {
    const root = temporaryFolder(t)
    writeFileSync(join(root, 'a-file'), '')
    mkdirSync(join(root, 'a-folder', 'full'), { recursive: true })
    const staging = new Staging(root)
    const below = await staging.stage(join(root, 'a-file', 'below'), Buffer.from('x'))
    await assert.rejects(staging.commit(below), isFileSystemError(/ENOTDIR|EEXIST/))
    const folder = await staging.stage(join(root, 'a-folder'), Buffer.from('x'))
    await assert.rejects(staging.commit(folder), isFileSystemError(/EISDIR|ENOTEMPTY|EPERM|EEXIST/))
    await staging.discard()
    assert.deepEqual(readdirSync(root).sort(), ['a-file', 'a-folder'])
    const noRoot = new Staging(join(root, 'a-file'))
    await assert.rejects(noRoot.stage(join(root, 'b'), Buffer.from('x')), isFileSystemError(/ENOTDIR|EEXIST/))
})
