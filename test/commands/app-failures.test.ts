import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import type { CommandName } from '../../src/cli/json/versions.js'
import { binary } from '../support/build.js'
import { type CliResult, run, withApp } from '../support/cli.js'
import { errorOf } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { LogWriter } from '../support/log-writer.js'
import { dailyFile, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const app = withApp('misbehaving')

/** Two good records, and one whose third event is this one. */
function logWith(event: string): LogWriter {
    const log = new LogWriter()
    log.add({ events: ['add:1'] })
    log.add({ events: ['add:2'] })
    log.add({ events: ['add:3', 'log:nearly there', event] })
    log.add({ events: ['add:4'] })
    return log
}

interface Failure {
    readonly event: string
    readonly flags: readonly string[]
    readonly code: string
    readonly says: RegExp
    readonly hint: RegExp
}

const failures: Readonly<Record<string, Failure>> = {
    'loops forever': {
        event: 'loop',
        flags: ['--event-timeout', '300ms'],
        code: 'app-timed-out',
        says: /longer than 300 ms\. /,
        hint: /raise --event-timeout/,
    },
    'takes all memory': {
        event: 'leak',
        flags: ['--app-heap', '64MiB'],
        code: 'app-out-of-memory',
        says: /beyond 64 MiB\. /,
        hint: /raise --app-heap/,
    },
    'overflows the stack': {
        event: 'crash',
        flags: [],
        code: 'app-threw',
        says: /Maximum call stack size exceeded\. /,
        hint: /the app that wrote the log/,
    },
}

describe('an app that fails ends the command with 15', () => {
    for (const [what, { event, flags, code, says, hint }] of Object.entries(failures)) {
        test(`where it ${what}: names the record and the event`, async (t) => {
            const log = logWith(event)
            const store = makeStore(temporaryFolder(t), log.lines)
            const error = await errorOf('replay', [store, ...app, ...flags])
            assert.deepEqual([error.exitCode, error.code], [15, code])
            assert.match(error.message, says)
            const record = `In record #3 (${log.hashes[2]!.slice(0, 12)}…), at event 3 of 3, "${event}".`
            assert.ok(error.message.endsWith(record), error.message)
            assert.deepEqual([error.place?.file, error.place?.line], [dailyFile, 3])
            assert.match(error.hint ?? '', hint)
        })
    }

    const others: readonly (readonly [CommandName, ...string[]])[] = [
        ['reduce', '--every', '1'],
        ['profile', '--runs', '1'],
    ]
    for (const [command, ...flags] of others) {
        test(`${command} too, and leaves the store as it was`, async (t) => {
            const store = makeStore(temporaryFolder(t), logWith('crash').lines)
            const before = listing(store)
            const error = await errorOf(command, [store, ...app, ...flags])
            assert.deepEqual([error.exitCode, error.code], [15, 'app-threw'])
            assert.deepEqual(listing(store), before)
        })
    }

    test('restores up to the record before it', async (t) => {
        const store = makeStore(temporaryFolder(t), logWith('crash').lines)
        const { exitCode, stdout } = await warmComplog(['replay', store, ...app, '--until', '#2'])
        assert.deepEqual([exitCode, stdout], [0, '3'])
    })
})

describe('what an app writes with Debug.log', () => {
    test('goes nowhere, unless --app-log: then to stderr, and never to stdout', async (t) => {
        const store = makeStore(temporaryFolder(t), logWith('add:0').lines)
        const silent = await warmComplog(['replay', store, ...app])
        assert.deepEqual([silent.exitCode, silent.stdout], [0, '10'])
        assert.ok(!silent.stderr.includes('nearly there'))
        assert.match(silent.stderr, /^Warning: Not optimised, because the app uses Debug\.$/m)
        const loud = await warmComplog(['replay', store, ...app, '--app-log'])
        assert.deepEqual([loud.exitCode, loud.stdout], [0, '10'])
        assert.match(loud.stderr, /^misbehaving: "nearly there"$/m)
    })
})

test('where no more files may be open as the app is started, that limit is named, and not the app', async (t) => {
    const store = makeStore(temporaryFolder(t), new LogWriter().addAdditions(1, 2).lines)
    const replay = ['replay', store, ...withApp()]
    // What the app compiles to is in the cache from then on.
    assert.equal((await warmComplog(replay)).exitCode, 0)
    const under = (filesMax: number) =>
        run('/bin/sh', ['-c', `ulimit -n ${filesMax}; exec "$@"`, 'sh', process.execPath, binary, ...replay])
    // How many Node itself takes differs between its versions: just below what is enough, it is the app that has none.
    let [tooFew, enough] = [10, 60]
    let ended: CliResult | undefined
    while (enough - tooFew > 2) {
        const filesMax = Math.floor((tooFew + enough) / 2)
        const result = await under(filesMax)
        if (result.exitCode === 0) enough = filesMax
        else [tooFew, ended] = [filesMax, result]
    }
    assert.deepEqual([ended?.exitCode, ended?.stdout], [16, ''], `${tooFew}: ${ended?.stderr}`)
    assert.match(
        ended?.stderr ?? '',
        /EMFILE\.\nRaise the number of files a process may open \(ulimit -n\)\./,
    )
})

test('where no file may be as long as what elm make writes, that limit is named, and not the app', async (t) => {
    const folder = temporaryFolder(t)
    const store = makeStore(join(folder, 'store'), new LogWriter().addAdditions(1, 2).lines)
    // In blocks of 512 bytes: enough for the sources, too few for the script.
    const limited = ['-c', 'ulimit -f 32; exec "$@"', 'sh', process.execPath, binary]
    const args = ['replay', store, ...withApp(), '--no-cache']
    const { exitCode, stdout, stderr } = await run('/bin/sh', [...limited, ...args])
    assert.deepEqual([exitCode, stdout], [16, ''], stderr)
    assert.match(stderr, /^Error: elm make was ended by the system: SIGXFSZ\.\n[^]*\(ulimit\s+-f\)/)
})
