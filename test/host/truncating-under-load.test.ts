// A host that keeps its log short while it has much to do, while it is killed, and while others read its store.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { PersistentProcess } from '../../src/core/process/persistent-process.js'
import { fixtureApp } from '../support/apps.js'
import { withApp } from '../support/cli.js'
import {
    type HostProcess,
    passwordEnvironment,
    setState,
    startHost,
    stateOf,
} from '../support/host-process.js'
import { assertAllThere, startLoad } from '../support/load.js'
import { openAndCheck, readLog, summaries } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { until } from '../support/until.js'
import { warmComplog } from '../support/warm.js'

const rounds = Number(process.env['COMPLOG_KILL_ROUNDS'] ?? 2)
const app = withApp('string-builder')

function truncations({ log }: HostProcess): number {
    return log.filter(({ msg }) => msg === 'truncated the log').length
}

function troubles({ log }: HostProcess, leastLevel = 40): readonly string[] {
    return log.filter(({ level }) => level >= leastLevel).map((line) => JSON.stringify(line))
}

test(`killed ${rounds} times while it truncates under load, a host has lost nothing that it answered`, async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const loaded = await fixtureApp('string-builder')
    const flags = ['--reduction-records', '50', '--truncate-after-reduction']
    let stateBefore = ''
    let acknowledged = 0
    for (let round = 0; round < rounds; round++) {
        const keep = round % 2 === 0 ? [] : ['--keep-reductions', '2']
        const host = await startHost(t, store, { args: [...flags, ...keep], env: passwordEnvironment })
        assert.equal(await stateOf(host), stateBefore)
        // A state of every round's own, so that requests do not become larger and larger.
        await setState(host, '')
        const load = startLoad(host.url, thinned(8, 32), String(round))
        await until(() => truncations(host) >= 2)
        await wait(Math.random() * 200)
        assert.deepEqual(troubles(host), [])
        await host.end('SIGKILL')
        await load.stop()

        const before = summaries(await openAndCheck(store)).filter((text) => /\(error\)/.test(text))
        assert.deepEqual(
            before.filter((text) => !text.startsWith('torn-tail')),
            [],
        )
        const next = await PersistentProcess.open(store, loaded)
        const state = await next.serializeState()
        await next.close()
        assert.equal((await openAndCheck(store)).findings.counts.error, 0)
        assertAllThere(load.acknowledged, state)
        acknowledged += load.acknowledged.length
        stateBefore = state
    }
    t.diagnostic(`${acknowledged} writing requests acknowledged, none lost`)
})

test('under load the log stays short, and whoever reads the store meanwhile finds nothing wrong', async (t) => {
    const folder = temporaryFolder(t)
    const store = join(folder, 'store')
    const responses = join(folder, 'responses.jsonl')
    const interval = thinned(50, 200)
    const host = await startHost(t, store, {
        args: [
            ...['--reduction-records', String(interval)],
            ...['--truncate-after-reduction', '--keep-reductions', '2'],
        ],
    })
    const load = startEmptyRequests(host.url, 4)
    let largest = 0
    const watching = setInterval(() => {
        largest = Math.max(largest, Object.values(readLogOrNothing(store)).flat().length)
    }, 100)
    t.after(() => clearInterval(watching))
    for (let round = 0; round < thinned(1, 2) || truncations(host) < 3; round++) {
        for (const args of [
            ['verify-chain', store, '--json'],
            ...thinned([], [['replay', store, ...app]]),
            ['replay', store, ...app, '--responses', responses],
            ['replay', store, ...app, '--from-end'],
            ['reduce', store, ...app],
        ]) {
            let result = await warmComplog(args)
            // What stores a reduction has to wait while the host cuts, and is told so.
            for (const deadline = Date.now() + 60_000; args[0] === 'reduce' && result.exitCode === 11; ) {
                assert.ok(Date.now() < deadline, 'the store is never free')
                result = await warmComplog(args)
            }
            const { exitCode, stdout, stderr } = result
            assert.equal(exitCode, 0, `${args[0]}: ${stderr} ${args.includes('--json') ? stdout : ''}`)
        }
    }
    const served = await load.stop()
    clearInterval(watching)
    // Once the host can keep up, no more is left than two reductions and what came behind them.
    for (let round = 0; round < 3; round++) {
        const before = truncations(host)
        const some = Array.from({ length: interval * 1.2 }, () => fetch(host.url, { method: 'POST' }))
        for (const response of await Promise.all(some)) assert.equal(response.status, 200)
        await until(() => truncations(host) > before)
    }
    assert.equal(await host.end('SIGTERM'), 0)
    // Two reductions are kept, and a third is on its way, while requests go on.
    assert.ok(largest < Math.max(20_000, served / 2), `${largest} records at most, ${served} requests`)
    const { findings, counts } = await openAndCheck(store)
    assert.equal(findings.counts.error, 0)
    assert.ok(counts.records < 4 * interval, `${counts.records} records, ${served} requests`)
    // Where `reduce` stores a reduction at that moment, the host leaves the log as it is, which is no error.
    assert.deepEqual(troubles(host, 50), [])
})

/** Requests that leave the app's state as it is. Gives how many were answered. */
function startEmptyRequests(url: string, connections: number) {
    const counts = { answered: 0 }
    const stopped = new AbortController()
    const one = async () => {
        while (!stopped.signal.aborted) {
            await (await fetch(url, { method: 'POST', body: '' })).text()
            counts.answered += 1
            // As clients do: the host has more to do than they.
            await wait(thinned(5, 0))
        }
    }
    const all = Promise.all(Array.from({ length: connections }, one))
    return {
        async stop(): Promise<number> {
            stopped.abort()
            await all
            return counts.answered
        },
    }
}

function readLogOrNothing(store: string): ReturnType<typeof readLog> {
    try {
        return readLog(store)
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
        throw error
    }
}
