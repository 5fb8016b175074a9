import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { ComplogError } from '../../../../src/core/errors.js'
import { Staging, withStaging } from '../../../../src/core/store/durable/staging.js'
import { lockStore } from '../../../../src/core/store/durable/store-lock.js'
import { whyNoMounts, withBindMount, withTmpfs } from '../../../faults/mounts.js'
import { folderCalls } from '../../../support/folder-calls.js'
import { filePaths, temporaryFolder, writeFiles } from '../../../support/temporary.js'

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

/** What lies in the folder besides the lock, which is there for as long as somebody writes. */
function filesIn(root: string): readonly string[] {
    return filePaths(root).filter((path) => !/^\.complog\/(?:append-)?lock$/.test(path))
}

async function stagingIn(t: TestContext, root: string): Promise<Staging> {
    const lock = await lockStore(root, 'test')
    t.after(() => lock.release())
    return new Staging(lock)
}

test('a staged file lies beside the store until it is committed, and then in its place', async (t) => {
    const root = temporaryFolder(t)
    const target = join(root, 'composition', 'a', 'b.jsonl')
    await withStaging({ root, command: 'test' }, async (staging) => {
        const staged = await staging.stage(target, pieces())
        assert.equal(staged.sizeBytes, 13)
        assert.equal(readFileSync(staged.temporaryPath, 'utf8'), 'one two three')
        assert.match(filesIn(root).join(), /^\.complog\/b\.jsonl\.[0-9a-f]{12}\.staged$/)
        await staging.commit(staged)
        assert.deepEqual(filesIn(root), ['composition/a/b.jsonl'])
    })
    assert.equal(readFileSync(target, 'utf8'), 'one two three')
    assert.deepEqual(readdirSync(root), ['composition'])
})

test('a committed file replaces the one that was there; one that is not leaves it', async (t) => {
    const root = temporaryFolder(t)
    const [a, b] = [join(root, 'a'), join(root, 'b')]
    for (const path of [a, b]) writeFileSync(path, 'old')
    await withStaging({ root, command: 'test' }, async (staging) => {
        await staging.commit(await staging.stage(a, Buffer.from('new')))
        await staging.stage(b, Buffer.from('new'))
    })
    assert.deepEqual([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')], ['new', 'old'])
    assert.deepEqual(filePaths(root), ['a', 'b'])
})

test('files are committed in the order in which they were staged', async (t) => {
    const root = temporaryFolder(t)
    const target = join(root, 'same')
    await withStaging({ root, command: 'test' }, async (staging) => {
        await staging.stageUnsynced(target, Buffer.from('first'))
        await staging.stageUnsynced(join(root, 'other', 'file'), Buffer.from('other'))
        await staging.stageUnsynced(target, Buffer.from('second'))
        await staging.commitAll()
    })
    assert.equal(readFileSync(target, 'utf8'), 'second')
    assert.deepEqual(filePaths(root), ['other/file', 'same'])
})

test('a file is put in its place once all of it is synced, and is there for good with its folder', async (t) => {
    const root = temporaryFolder(t)
    const calls = await folderCalls(() =>
        withStaging({ root, command: 'test' }, async (staging) => {
            const staged = await staging.stage(join(root, 'a'), pieces())
            await staging.commit(await staging.extend(staged, pieces()))
        }),
    )
    const renamed = calls.findIndex(({ path }) => path === join(root, 'a'))
    const isOfStaged = ({ path }: (typeof calls)[number]) => path === calls[renamed]?.from
    assert.deepEqual(
        calls
            .slice(0, renamed)
            .filter(isOfStaged)
            .map(({ name }) => name),
        ['sync', 'sync'],
    )
    assert.deepEqual(calls[renamed + 1], { name: 'sync', path: root })
})

test('of many files, none is put in its place before all of them are synced, with their folders', async (t) => {
    const root = temporaryFolder(t)
    writeFiles(root, { 'there/0': 'stays', 'there/4': 'goes' })
    const targets = ['a/1', 'a/2', 'b/c/3', 'there/4', 'there/5', 'a/0'].map((path) => join(root, path))
    const calls = await folderCalls(() =>
        withStaging({ root, command: 'test' }, async (staging) => {
            for (const target of targets) await staging.stageUnsynced(target, Buffer.from(target))
            assert.equal(await staging.isInPlace(), false)
            await staging.commitAll()
        }),
    )
    const first = calls.findIndex(({ name }) => name === 'rename')
    const stagedAndSynced = calls.flatMap(({ name, path }, at) =>
        name === 'sync' && path.includes('.staged') ? [{ at, name: path.split('.staged')[1] }] : [],
    )
    assert.ok(stagedAndSynced.every(({ at }) => at < first))
    assert.deepEqual(
        stagedAndSynced.map(({ name }) => name),
        ['/1', '/2', '', '/3', '', '/4', '/5', '', '/0', ''],
    )
    // A folder that is new comes as one; into one that is there, file by file. All as they were staged.
    const renamed = calls.filter(({ name }) => name === 'rename').map(({ path }) => path)
    const [a, c, there] = [join(root, 'a'), join(root, 'b', 'c'), join(root, 'there')]
    assert.deepEqual(renamed, [a, c, join(there, '4'), join(there, '5'), join(a, '0')])
    const lastRename = calls.findLastIndex(({ name }) => name === 'rename')
    const synced = calls.slice(lastRename).filter(({ name }) => name === 'sync')
    assert.deepEqual(
        synced.slice(0, 4).map(({ path }) => path),
        [root, join(root, 'b'), there, a],
    )
    for (const target of targets) assert.equal(readFileSync(target, 'utf8'), target)
    assert.deepEqual(filePaths(root), ['a/0', 'a/1', 'a/2', 'b/c/3', 'there/0', 'there/4', 'there/5'])
})

test('a new file takes over the mode of the one that it is like', { skip: isWindows }, async (t) => {
    const root = temporaryFolder(t)
    const old = join(root, 'old')
    writeFileSync(old, 'old')
    const staging = await stagingIn(t, root)
    for (const mode of [0o600, 0o640, 0o664, 0o444]) {
        chmodSync(old, mode)
        await staging.commit(await staging.stage(old, Buffer.from('new'), old))
        assert.equal(statSync(old).mode & 0o7777, mode)
    }
})

test('each of many files takes over the mode of its own', { skip: isWindows }, async (t) => {
    const root = temporaryFolder(t)
    const staging = await stagingIn(t, root)
    const modes = [0o666, 0o600, 0o666, 0o2644, 0o644]
    for (const [i, mode] of modes.entries()) {
        const like = join(root, `like-${i}`)
        writeFileSync(like, '')
        chmodSync(like, mode)
        await staging.stageUnsynced(join(root, 'copies', `${i}`), Buffer.from('new'), like)
    }
    await staging.commitAll()
    const copied = modes.map((_, i) => statSync(join(root, 'copies', `${i}`)).mode & 0o7777)
    assert.deepEqual(copied, modes)
})

test('content that fails half-way leaves nothing behind, and is what the error is about', async (t) => {
    const root = temporaryFolder(t)
    const failing = async function* () {
        yield await Promise.resolve(Buffer.from('half'))
        throw new Error('the source failed')
    }
    const work = withStaging({ root, command: 'test' }, (staging) =>
        staging.stage(join(root, 'a'), failing()),
    )
    await assert.rejects(work, /the source failed/)
    assert.deepEqual(readdirSync(root), [])
})

test('what killed writers have staged is cleared away before the work, what else lies there stays', async (t) => {
    const root = temporaryFolder(t)
    const left = 'log.jsonl.0123456789ab.staged'
    const stays = ['.complog/notes', '.complog/proven']
    writeFiles(root, { [`.complog/${left}`]: 'half', [stays[0]!]: '', [stays[1]!]: '' })
    await withStaging({ root, command: 'test' }, async (staging) => {
        assert.deepEqual(filesIn(root), stays)
        await staging.stage(join(root, 'a'), Buffer.from('a'))
    })
    assert.deepEqual(filePaths(root), stays)
})

test('a place that cannot be written is an error with its own code, and leaves nothing behind', async (t) => {
    const root = temporaryFolder(t)
    writeFileSync(join(root, 'a-file'), '')
    mkdirSync(join(root, 'a-folder', 'full'), { recursive: true })
    for (const [target, code] of [
        [join('a-file', 'below'), /ENOTDIR|EEXIST/],
        ['a-folder', /EISDIR|ENOTEMPTY|EPERM|EEXIST/],
    ] as const) {
        const work = withStaging({ root, command: 'test' }, async (staging) =>
            staging.commit(await staging.stage(join(root, target), Buffer.from('x'))),
        )
        await assert.rejects(work, isFileSystemError(code))
        assert.deepEqual(readdirSync(root).sort(), ['a-file', 'a-folder'])
    }
    const noRoot = withStaging({ root: join(root, 'a-file'), command: 'test' }, () => Promise.resolve())
    await assert.rejects(noRoot, isFileSystemError(/ENOTDIR|EEXIST/))
})

test('what cannot be renamed into a folder is refused before it is written', {
    skip: whyNoMounts() ?? false,
}, async (t) => {
    const root = temporaryFolder(t)
    const mounts = [join(root, 'composition'), join(root, 'reduction')] as const
    for (const path of mounts) mkdirSync(path)
    await withBindMount(mounts[0], mounts[0], () =>
        withTmpfs('size=1m', async (other) => {
            await withBindMount(other, mounts[1], async () => {
                const staging = await stagingIn(t, root)
                for (const path of mounts) {
                    const stage = staging.stage(join(path, 'deep', 'file'), Buffer.from('x'))
                    await assert.rejects(stage, isFileSystemError(/EXDEV/))
                }
                assert.deepEqual(filesIn(root), [])
            })
        }),
    )
})
