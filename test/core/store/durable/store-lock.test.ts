import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { ComplogError } from '../../../../src/core/errors.js'
import {
    isBeingAppended,
    type LockKind,
    lockStore,
    refuseWhileLocked,
    withLock,
} from '../../../../src/core/store/durable/store-lock.js'
import { listing } from '../../../support/listing.js'
import { contend, contendInOtherProcess, holdInOtherProcess } from '../../../support/lock-process.js'
import { filePaths, temporaryFolder } from '../../../support/temporary.js'

const isWindows = process.platform === 'win32'

function namesHolder(processId: number, command: string) {
    return (error: unknown) => {
        assert.ok(error instanceof ComplogError, String(error))
        assert.equal(error.code, 'store-locked')
        const holder = `\`complog ${command}\` (process ${processId} on ${hostname()}, since 20`
        assert.ok(error.message.includes(holder), error.message)
        assert.match(error.hint ?? '', /no file to remove/)
        return true
    }
}

test('two parts of one process exclude each other, and the second is told of the first', async (t) => {
    const root = temporaryFolder(t)
    const lock = await lockStore(root, 'truncate')
    await assert.rejects(lockStore(root, 'reduce'), namesHolder(process.pid, 'truncate'))
    await assert.rejects(refuseWhileLocked(root), namesHolder(process.pid, 'truncate'))
    lock.release()
    await refuseWhileLocked(root)
    ;(await lockStore(root, 'reduce')).release()
})

test('two processes exclude each other; the lock of one that is killed is free at once', async (t) => {
    const root = temporaryFolder(t)
    const child = await holdInOtherProcess(t, root)
    const before = listing(root)
    await assert.rejects(lockStore(root, 'reduce'), namesHolder(child.pid!, 'hold'))
    await assert.rejects(refuseWhileLocked(root), namesHolder(child.pid!, 'hold'))
    assert.deepEqual(listing(root), before)
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.deepEqual(filePaths(root), ['.complog/append-lock', '.complog/lock'])
    await refuseWhileLocked(root)
    const lock = await lockStore(root, 'repair')
    await assert.rejects(lockStore(root, 'reduce'), namesHolder(process.pid, 'repair'))
    lock.release()
})

test('who waits for a command that stays is told to stop it, or that it is at it only for a moment', async (t) => {
    const hints: string[] = []
    for (const command of ['host', 'append', 'truncate']) {
        for (const kind of ['log', 'reductions'] as const) {
            const root = temporaryFolder(t)
            const lock = await lockStore(root, command, kind)
            await assert.rejects(lockStore(root, 'reduce', kind), (error: ComplogError) => {
                hints.push(/^[^,:]+/.exec(error.hint ?? '')?.[0] ?? '')
                return true
            })
            lock.release()
        }
    }
    const ofHost = ['Stop it first', 'It stores a reduction or truncates the log just now']
    assert.deepEqual(hints, [...ofHost, ...ofHost, 'Wait for it to end', 'Wait for it to end'])
})

test('a lock that is given back leaves nothing behind', { skip: isWindows }, async (t) => {
    const root = join(temporaryFolder(t), 'new', 'store')
    const lock = await lockStore(root, 'reduce')
    assert.deepEqual(filePaths(root), ['.complog/append-lock', '.complog/lock'])
    lock.release()
    lock.release()
    assert.ok(existsSync(root) && !existsSync(join(root, '.complog')))
})

test('a reduction may be stored while another appends; whoever changes more excludes both', async (t) => {
    const kinds: readonly LockKind[] = ['all', 'log', 'reductions']
    for (const held of kinds) {
        for (const wanted of kinds) {
            const root = temporaryFolder(t)
            const first = await lockStore(root, `held ${held}`, held)
            const goTogether = [held, wanted].sort().join() === 'log,reductions'
            const second = () => lockStore(root, 'wanted', wanted)
            const look = () => refuseWhileLocked(root, wanted)
            if (goTogether) {
                ;(await second()).release()
                await look()
            } else {
                await assert.rejects(second(), namesHolder(process.pid, `held ${held}`))
                await assert.rejects(look(), namesHolder(process.pid, `held ${held}`))
            }
            // Whoever was refused, or has come and gone, takes nothing away from the one who holds it.
            await assert.rejects(lockStore(root, 'again', held), namesHolder(process.pid, `held ${held}`))
            first.release()
            if (!isWindows) assert.deepEqual(filePaths(root), [])
        }
    }
})

test('that another process appends can be asked, and is no more where it was killed', async (t) => {
    const root = temporaryFolder(t)
    assert.equal(await isBeingAppended(root), false)
    const child = await holdInOtherProcess(t, root)
    assert.equal(await isBeingAppended(root), true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal(await isBeingAppended(root), false)
    const own = await lockStore(root, 'own')
    assert.equal(await isBeingAppended(root), false)
    own.release()
})

test('to look whether a store is locked touches nothing, and makes nothing', async (t) => {
    const root = temporaryFolder(t)
    await refuseWhileLocked(root)
    await refuseWhileLocked(join(root, 'not-there'))
    assert.deepEqual(filePaths(root), [])
    mkdirSync(join(root, '.complog'))
    writeFileSync(join(root, '.complog', 'lock'), 'left by a killed process')
    const before = listing(root)
    await refuseWhileLocked(root)
    assert.deepEqual(listing(root), before)
})

test('a holder that does not say who it is excludes others all the same', async (t) => {
    const root = temporaryFolder(t)
    const lock = await lockStore(root, 'reduce', 'reductions')
    for (const text of ['', 'not JSON', '[]', '{"processId":"1"}', '\0'.repeat(10_000)]) {
        writeFileSync(join(root, '.complog', 'lock'), text)
        await assert.rejects(lockStore(root, 'reduce', 'reductions'), /locked: another process writes to it/)
    }
    lock.release()
})

test('a lock file that was put in the place of the locked one has a lock of its own, not the old one', async (t) => {
    const root = temporaryFolder(t)
    const old = await lockStore(root, 'old', 'reductions')
    const path = join(root, '.complog', 'lock')
    renameSync(path, `${path}.moved`)
    const lock = await lockStore(root, 'new', 'reductions')
    assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { command: string }).command, 'new')
    lock.release()
    old.release()
})

test('many that take and release it at the same time are never two, in one process and in several', async (t) => {
    const root = temporaryFolder(t)
    const told: string[] = []
    const others = [1, 2].map(() => contendInOtherProcess(root, 40))
    await Promise.all([1, 2, 3].map(() => contend(root, 40, (text) => told.push(text))))
    assert.deepEqual([...told, ...(await Promise.all(others))].join(''), '')
    if (!isWindows) assert.deepEqual(filePaths(root), [])
})

test('work under a lock gives it back, however the work ends', async (t) => {
    const root = temporaryFolder(t)
    assert.equal(await withLock({ root, command: 'a' }, () => Promise.resolve(1)), 1)
    await assert.rejects(
        withLock({ root, command: 'a' }, () => Promise.reject(new Error('failed'))),
        /failed/,
    )
    const held = await lockStore(root, 'held')
    assert.equal(await withLock({ root, command: 'a', held }, (lock) => Promise.resolve(lock)), held)
    await assert.rejects(lockStore(root, 'b'), { code: 'store-locked' })
    await assert.rejects(
        withLock({ root: join(root, 'other'), command: 'a', held }, () => Promise.resolve()),
        /is not the one of/,
    )
    held.release()
})
