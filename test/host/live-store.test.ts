import assert from 'node:assert/strict'
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { lockStore } from '../../src/core/store/durable/store-lock.js'
import { withApp } from '../support/cli.js'
import { type LogLine, startHost } from '../support/host-process.js'
import { startLoad } from '../support/load.js'
import { holdInOtherProcess } from '../support/lock-process.js'
import { counterLog } from '../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck, summaries } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const app = withApp('string-builder')
const rounds = thinned(1, 5)

test('while a host writes, what reads sees a whole chain, and reduce works', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store)
    const load = startLoad(host.url, thinned(2, 8), 'live')
    for (let round = 0; round < rounds; round++) {
        const verified = await warmComplog(['verify-chain', store, '--json'])
        assert.equal(verified.exitCode, 0, verified.stdout)
        assert.equal((await warmComplog(['replay', store, ...app])).exitCode, 0)
        assert.equal((await warmComplog(['replay', store, ...app, '--from-end'])).exitCode, 0)
        const reduced = await warmComplog(['reduce', store, ...app])
        assert.equal(reduced.exitCode, 0, reduced.stderr)
    }
    const profiled = await warmComplog(['profile', store, ...app, '--runs', '2', '--warmup', '0'])
    assert.equal(profiled.exitCode, 0, profiled.stderr)
    await load.stop()
    // The host stores one more at its end.
    assert.ok(readdirSync(join(store, 'reduction')).length >= rounds)
    assert.equal(await host.end('SIGTERM'), 0)
    assert.deepEqual(summaries(await openAndCheck(store)), [])
})

test('while a host writes, what cuts or reorders is refused with the name of the host', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store)
    await (await fetch(host.url, { method: 'POST', body: 'x' })).text()
    assert.equal((await warmComplog(['reduce', store, ...app])).exitCode, 0)
    for (const args of [
        ['truncate', store, ...app, '--yes'],
        ['reorder', store, '--in-place'],
        ['append', store, ...app],
        ['host', store, ...app],
    ]) {
        const { exitCode, stderr } = await warmComplog(args)
        assert.equal(exitCode, 11, `${args[0]}: ${stderr}`)
        assert.match(stderr, /`complog\shost`\s\(process\s\d+/)
    }
    assert.equal(await (await fetch(host.url)).text(), 'x')
})

test('a reduction that waits for another command is put off, with a warning, and no error', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { args: ['--reduction-records', '5'] })
    const requestUntil = async (isDone: (line: LogLine) => boolean) => {
        for (const deadline = Date.now() + 60_000; !host.log.some(isDone); ) {
            assert.ok(Date.now() < deadline, JSON.stringify(host.log))
            await (await fetch(host.url, { method: 'POST', body: 'x' })).text()
        }
    }
    const lock = await lockStore(store, 'reduce', 'reductions')
    try {
        await requestUntil(({ msg }) => msg === 'a reduction could not be stored')
    } finally {
        lock.release()
    }
    assert.deepEqual(
        new Set(host.log.filter(({ level }) => level > 30).map(({ level }) => level)),
        new Set([40]),
    )
    await requestUntil(({ msg }) => msg === 'stored a reduction')
    assert.equal(await host.end('SIGTERM'), 0)
})

test('a line that is there in part is none while its writer lives, and torn once it is dead', async (t) => {
    const log = counterLog(3)
    const store = makeStore(temporaryFolder(t), log.lines)
    appendFileSync(join(store, 'composition', dailyFile), '{"ParentHashBase16":"')
    assert.match(summaries(await openAndCheck(store)).join(), /torn-tail/)
    const writer = await holdInOtherProcess(t, store)
    const live = await openAndCheck(store)
    assert.deepEqual([summaries(live), live.counts.records], [[], 3])
    writer.kill('SIGKILL')
    await new Promise((resolve) => writer.once('exit', resolve))
    assert.match(summaries(await openAndCheck(store)).join(), /torn-tail/)
})
