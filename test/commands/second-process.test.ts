// A command that runs a compiled script consists of two processes. A person, a shell and a service manager see one.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import { PersistentProcess } from '../../src/core/process/persistent-process.js'
import { complog, shell } from '../support/cli.js'
import { errorOf } from '../support/envelope.js'
import { hostileApp } from '../support/hostile-script.js'
import { inProcess } from '../support/in-process-app.js'
import { listing } from '../support/listing.js'
import { LogWriter } from '../support/log-writer.js'
import { isAlive, isAtWork, noChildren, secondOf, startBoth } from '../support/second-process.js'
import { makeStore, openAndCheck, summaries } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { until } from '../support/until.js'
import { warmComplog } from '../support/warm.js'

function storeWith(t: TestContext, events: readonly string[]): string {
    const log = new LogWriter()
    for (const event of events) log.add({ events: [event] })
    return makeStore(join(temporaryFolder(t), 'store'), log.lines)
}

const ones = (count: number): readonly string[] => Array.from({ length: count }, () => '1')

/** What takes a moment, and can be interrupted. */
const slowly = 'for (var i = 0, x = 0; i < 2e6; i++) x += i % 7;'
const forEver = 'for (;;) {}'
/** V8 looks at nothing else until it is through. */
const uninterrupted = '[].indexOf.call({ length: Math.pow(2, 53) - 1 }, 1);'

describe('a signal to the first process', () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        test(`${signal} ends a replay with 130, and leaves no half-written file`, async (t) => {
            const store = storeWith(t, ones(20_000))
            const app = hostileApp(temporaryFolder(t), {}, { atEvery: slowly })
            const folder = temporaryFolder(t)
            const before = listing(store)
            const when = until(() => readdirSync(folder).length > 0)
            const result = await complog(
                ['replay', store, ...app, '--responses', join(folder, 'responses')],
                {
                    interrupt: { when, signal },
                },
            )
            assert.deepEqual([result.exitCode, result.stdout], [130, ''])
            assert.equal(result.stderr, `Error: Interrupted (${signal}).\n`)
            assert.deepEqual(readdirSync(folder), [])
            assert.deepEqual(listing(store), before)
        })
    }

    test('comes through while the second one is only starting', { skip: noChildren }, async (t) => {
        const app = hostileApp(temporaryFolder(t), {}, { atStart: forEver })
        const { first, ended } = startBoth(t, ['replay', storeWith(t, ['1']), ...app])
        const second = await secondOf(first)
        first.kill('SIGTERM')
        assert.equal(await ended, 130)
        assert.ok(!isAlive(second))
    })

    for (const count of [1, 2]) {
        test(`ends both, ${count} times, where the app cannot be interrupted`, {
            skip: noChildren,
        }, async (t) => {
            const app = hostileApp(temporaryFolder(t), {}, { atStart: uninterrupted })
            const { first, ended } = startBoth(t, ['replay', storeWith(t, ['1']), ...app])
            const second = await secondOf(first)
            await until(() => isAtWork(second))
            for (let i = 0; i < count; i++) first.kill('SIGINT')
            assert.equal(await ended, 130)
            assert.ok(!isAlive(second))
        })
    }
})

describe('when the first process is killed, the second one ends', () => {
    for (const [name, atStart] of Object.entries({ forEver, uninterrupted })) {
        test(`though its app runs ${name}`, { skip: noChildren }, async (t) => {
            const app = hostileApp(temporaryFolder(t), {}, { atStart })
            const { first, ended } = startBoth(t, ['replay', storeWith(t, ['1']), ...app])
            const second = await secondOf(first)
            t.after(() => isAlive(second) && process.kill(second, 'SIGKILL'))
            await until(() => isAtWork(second))
            first.kill('SIGKILL')
            assert.equal(await ended, 'SIGKILL')
            await until(() => !isAlive(second))
        })
    }

    test('append with all that it answered in the log, and the lock free', {
        skip: noChildren,
    }, async (t) => {
        const store = join(temporaryFolder(t), 'store')
        const app = hostileApp(temporaryFolder(t), {})
        const { first, stdout, ended } = startBoth(t, ['append', store, ...app])
        first.stdin?.write('"1"\n"1"\n')
        await until(() => stdout() === '"counted"\n"counted"\n')
        const second = await secondOf(first)
        first.kill('SIGKILL')
        await ended
        await until(() => !isAlive(second))
        assert.equal(await eventsWithOneMore(store), 3)
    })
})

describe('what the second process says is what the command says', () => {
    test('stdout byte for byte, whatever its size and letters, into a pipe and through a slow reader', async (t) => {
        const app = hostileApp(
            temporaryFolder(t),
            {},
            { atEvery: `return { a: '\\u4e09\\ud83d\\ude00\\n'.repeat(3e5), b: '' };` },
        )
        const store = storeWith(t, ['1'])
        const expected = '三\u{1F600}\n'.repeat(3e5)
        assert.equal((await complog(['replay', store, ...app])).stdout, expected)
        const slow = await shell(`complog replay ${store} ${app.join(' ')} | (sleep 1; cat)`)
        assert.ok(slow.stdout === expected)
    })

    test('a reader that goes away ends both', async (t) => {
        const app = hostileApp(temporaryFolder(t), {}, { atEvery: `return { a: 'x'.repeat(1e6), b: '' };` })
        const { stdout } = await shell(`complog replay ${storeWith(t, ['1'])} ${app.join(' ')} | head -c 3`)
        assert.equal(stdout, 'xxx')
    })

    test('its exit code, and stderr with every warning', async (t) => {
        const app = hostileApp(temporaryFolder(t), {})
        const store = storeWith(t, ['1', '1'])
        const no = await complog(['verify-chain', store, ...app, '--head', '0'.repeat(64)])
        const same = await warmComplog(['verify-chain', store, '--head', '0'.repeat(64)])
        assert.notEqual(no.exitCode, 0)
        assert.deepEqual([no.exitCode, no.stdout], [same.exitCode, same.stdout])
        const wrong = await complog(['replay', store, ...app, '--no-such-flag'])
        assert.equal(wrong.exitCode, 2)
        assert.match(wrong.stderr, /^Error: .*--no-such-flag/)
        const logged = await complog(['replay', store, ...app, '--from-genesis'])
        assert.deepEqual([logged.exitCode, logged.stdout], [0, '2'])
    })

    test('and where V8 ends it, one envelope that says so', async (t) => {
        const atEvery = `if (state === 1) 'x'.repeat(2e8).split('')`
        const app = hostileApp(temporaryFolder(t), {}, { atEvery })
        const error = await errorOf('replay', [storeWith(t, ['1', '1']), ...app, '--app-heap', '64MiB'])
        assert.deepEqual([error.exitCode, error.code], [15, 'app-out-of-memory'])
    })
})

describe('append with a script', () => {
    test('answers what comes on stdin, and ends with it', async (t) => {
        const store = join(temporaryFolder(t), 'store')
        const app = hostileApp(temporaryFolder(t), {})
        const { exitCode, stdout } = await complog(['append', store, ...app], { input: '"1"\n"1"\n"1"' })
        assert.deepEqual([exitCode, stdout], [0, '"counted"\n'.repeat(3)])
        assert.equal(await eventsWithOneMore(store), 4)
    })

    test('SIGTERM ends it with 130; what was answered is in the log, and the lock is free', async (t) => {
        const store = join(temporaryFolder(t), 'store')
        const app = hostileApp(temporaryFolder(t), {})
        const { first, stdout, ended } = startBoth(t, ['append', store, ...app])
        first.stdin?.write('"1"\n')
        await until(() => stdout() === '"counted"\n')
        first.kill('SIGTERM')
        assert.equal(await ended, 130)
        assert.equal(await eventsWithOneMore(store), 2)
    })

    test('where V8 ends it, what was answered is in the log, and the lock is free', async (t) => {
        const store = join(temporaryFolder(t), 'store')
        const app = hostileApp(temporaryFolder(t), { huge: `'x'.repeat(2e8).split('')` })
        const { first, stdout, ended } = startBoth(t, ['append', store, ...app, '--app-heap', '64MiB'])
        first.stdin?.write('"1"\n"1"\n')
        await until(() => stdout() === '"counted"\n"counted"\n')
        first.stdin?.write('"huge"\n')
        assert.equal(await ended, 15)
        assert.equal(await eventsWithOneMore(store), 3)
    })
})

/** Appends one more event, as a host opens the store, and counts those in the log. */
async function eventsWithOneMore(store: string): Promise<number> {
    const app = inProcess<number>({
        initialState: 0,
        process: (_, state) => [state + 1, ''],
        serialize: String,
        deserialize: Number,
    })
    const opened = await PersistentProcess.open(store, app)
    await opened.processEvents(['1'])
    await opened.close()
    const checked = await openAndCheck(store)
    assert.deepEqual(summaries(checked), [])
    assert.ok(!existsSync(join(store, '.complog', 'lock')))
    return checked.counts.events
}
