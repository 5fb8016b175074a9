// File systems that cannot do all that a local disk can, and stores that belong to somebody else.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { binary } from '../support/build.js'
import { complog, run, withApp } from '../support/cli.js'
import { unpackLater } from '../support/later-stores.js'
import { copyStore, fixturesFolder } from '../support/stores.js'
import { readFiles, temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const hasStrace = (() => {
    try {
        execFileSync('strace', ['-V'], { stdio: 'ignore' })
        return true
    } catch {
        return false
    }
})()
const skip = !hasStrace && 'needs strace'
const nobody = 65534

/** Runs `complog` with one kind of system call failing, on one path or on all. */
function failing(call: string, error: string, path: string | undefined, args: readonly string[], input = '') {
    const where = path === undefined ? [] : ['-P', path]
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`]
    const strace = ['-f', '-qq', '-o', '/dev/null', ...where, ...inject]
    return run('strace', [...strace, process.execPath, binary, ...args], { input })
}

test('a file system without locks is told as one, and nothing is written', { skip }, async (t) => {
    for (const [error, code] of [
        ['ENOLCK', 'ENOLCK'],
        ['EOPNOTSUPP', 'ENOTSUP'],
        ['ENOSYS', 'ENOSYS'],
    ] as const) {
        const store = join(temporaryFolder(t), 's')
        const lock = join(store, '.complog', 'append-lock')
        const args = ['append', store, '--raw', ...withApp('counter')]
        const { exitCode, stdout, stderr } = await failing('fcntl', error, lock, args, '{"addition":1}\n')
        assert.deepEqual([exitCode, stdout], [16, ''])
        assert.ok(
            stderr.replaceAll(/\s+/g, ' ').includes(`append-lock: ${code}. This file system cannot lock`),
        )
        // Another one may have the lock file open, so it stays.
        assert.deepEqual(readdirSync(store), ['.complog'])
    }
})

test('a folder that cannot be synced is told as one', { skip }, async (t) => {
    const store = join(temporaryFolder(t), 's')
    const args = ['append', store, '--raw', ...withApp('counter')]
    const { exitCode, stderr } = await failing('fsync', 'EINVAL', store, args, '{"addition":1}\n')
    assert.equal(exitCode, 16)
    assert.match(
        stderr.replaceAll(/\s+/g, ' '),
        /Cannot sync .*: EINVAL\. This file system cannot sync a folder/,
    )
})

test('a mode that is right already is not set, where the file system refuses to', { skip }, async (t) => {
    for (const error of ['EOPNOTSUPP', 'EPERM']) {
        const store = join(temporaryFolder(t), 's')
        copyStore(join(fixturesFolder, 'findings', 'torn-tail', 'process-store'), store)
        const log = join(store, 'composition', '2019-04-28', '2019-04-28T09.composition.jsonl')
        for (const mode of [0o644, 0o600]) {
            copyStore(join(fixturesFolder, 'findings', 'torn-tail', 'process-store'), store)
            chmodSync(log, mode)
            const { exitCode, stderr } = await failing('fchmod', error, undefined, ['repair', store, '--yes'])
            assert.deepEqual([exitCode, statSync(log).mode & 0o777], [0, mode], stderr)
            assert.equal((await warmComplog(['verify-chain', store])).exitCode, 0)
        }
    }
})

test('the text in a lock file is for people: a full disk keeps nobody from the lock', { skip }, async (t) => {
    const store = join(temporaryFolder(t), 's')
    copyStore(join(fixturesFolder, 'findings', 'torn-tail', 'process-store'), store)
    for (const name of ['append-lock', 'lock']) {
        const again = join(temporaryFolder(t), name)
        copyStore(store, again)
        const args = ['repair', again, '--yes']
        const { exitCode, stderr } = await failing(
            'write,pwrite64',
            'ENOSPC',
            join(again, '.complog', name),
            args,
        )
        assert.equal(exitCode, 0, stderr)
    }
})

test('whoever may only read a store can write it in order into a folder of their own', {
    skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
    const root = temporaryFolder(t)
    chmodSync(root, 0o755)
    const [store, mine] = [join(root, 's'), join(root, 'mine')]
    copyStore(join(fixturesFolder, 'findings', 'out-of-order', 'process-store'), store)
    mkdirSync(mine)
    chownSync(mine, nobody, nobody)
    const args = ['reorder', store, '--output', join(mine, 'out')]
    const { exitCode, stderr } = await complog(args, { uid: nobody })
    assert.equal(exitCode, 0, stderr)
    assert.equal((await complog(['verify-chain', join(mine, 'out')])).exitCode, 0)
    // In place it would lock the owner out.
    chmodSync(store, 0o777)
    for (const path of readdirSync(store, { recursive: true }) as string[])
        chmodSync(join(store, path), 0o777)
    const inPlace = await complog(['reorder', store, '--in-place'], { uid: nobody })
    assert.notEqual(inPlace.exitCode, 0)
})

test('a log file of a later store that may not be read is a finding of verify-chain, and ends all that makes something of the store', {
    skip: process.getuid?.() !== 0 && 'needs root',
}, async (t) => {
    const root = temporaryFolder(t)
    chmodSync(root, 0o777)
    const store = unpackLater('plain-v2022-03-20', root)
    const [last = ''] = Object.keys(readFiles(store))
        .filter((path) => path.startsWith('composition-log/'))
        .sort()
        .reverse()
    chmodSync(join(store, last), 0)
    const state = join(root, 'state')
    writeFileSync(state, '{}')
    chmodSync(state, 0o644)
    const checked = await complog(['verify-chain', store, '--json'], { uid: nobody })
    const { status, result } = JSON.parse(checked.stdout) as {
        readonly status: string
        readonly result: {
            readonly findings: readonly {
                readonly id: string
                readonly place: { readonly file: string }
            }[]
        }
    }
    assert.deepEqual([checked.exitCode, status], [16, 'no'])
    assert.deepEqual(
        result.findings.map(({ id, place }) => [id, place.file]),
        [['unreadable-file', last]],
    )
    const args = ['convert', store, '--to', '2021-07-14', '--output', join(root, 'out'), '--state', state]
    assert.equal((await complog(args, { uid: nobody })).exitCode, 16)
})
