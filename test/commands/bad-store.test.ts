import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'

import type { CommandName } from '../../src/cli/json/versions.js'
import { genesis } from '../../src/core/composition/hash.js'
import { binary } from '../support/build.js'
import { run, withApp } from '../support/cli.js'
import { complogJson, errorOf, resultOf } from '../support/envelope.js'
import { contents, listing } from '../support/listing.js'
import { copyStore, fixtureStores, readLog, writeLog } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const app = withApp()
/** Each command with what it needs besides a store. */
const commands: readonly (readonly [CommandName, ...string[]])[] = [
    ['verify-chain'],
    ['replay', ...app],
    ['reduce', ...app],
    ['truncate', ...app, '--yes'],
    ['reorder', '--in-place'],
    ['profile', ...app, '--runs', '1'],
]

describe('every command, given no process store', () => {
    for (const [command, ...flags] of commands) {
        test(`${command} ends with 10, says why, and what to name instead`, async (t) => {
            const folder = temporaryFolder(t)
            mkdirSync(join(folder, 'other'))
            writeFileSync(join(folder, 'other', 'notes.txt'), 'no log')
            const unchanged = listing(folder)
            const cases = {
                'not-there': 'there is no such file or folder',
                other: 'it holds neither a folder',
            }
            for (const [name, why] of Object.entries(cases)) {
                const path = join(folder, name)
                const error = await errorOf(command, [path, ...flags])
                assert.deepEqual([error.exitCode, error.code], [10, 'no-process-store'])
                assert.ok(error.message.startsWith(`No process store at ${path}: ${why}`), error.message)
                assert.match(
                    error.hint ?? '',
                    /^Name the folder that holds `composition\/` and `reduction\/`/,
                )
            }
            const text = await warmComplog([command, join(folder, 'not-there'), ...flags])
            assert.deepEqual([text.exitCode, text.stdout], [10, ''])
            assert.match(text.stderr, /^Error: No process store at/)
            assert.deepEqual(listing(folder), unchanged)
        })
    }

    test('an empty text for STORE is an error, never the working directory', async (t) => {
        const cwd = temporaryFolder(t)
        copyStore(fixtureStores[2]!.path, cwd)
        const error = await errorOf('truncate', ['', ...app, '--yes'], { cwd })
        assert.deepEqual([error.exitCode, error.message], [2, 'STORE is an empty text.'])
    })
})

describe('an empty store is a valid one', () => {
    const empty: Readonly<Record<string, readonly string[]>> = {
        'an empty folder': [],
        'empty folders': ['composition', 'reduction'],
        'a folder without composition': ['reduction'],
    }
    for (const [what, folders] of Object.entries(empty)) {
        test(`${what}: sound, its head is genesis, its state the initial one`, async (t) => {
            const store = temporaryFolder(t)
            for (const name of folders) mkdirSync(join(store, name))
            const unchanged = listing(store)
            const verified = await resultOf('verify-chain', [store, '--expect-head', genesis])
            assert.deepEqual([verified.sound, verified.records, verified.heads], [true, 0, []])
            assert.equal(verified.head, null)
            const restored = await resultOf('replay', [store, ...app])
            assert.deepEqual([restored.state, restored.hash, restored.position], ['0', genesis, 0])
            const fromEnd = await warmComplog(['replay', store, ...app, '--from-end'])
            assert.deepEqual([fromEnd.exitCode, fromEnd.stdout], [0, '0'])
            assert.match(fromEnd.stderr, /^The log is empty: this is the initial state of the app\./)
            assert.deepEqual((await resultOf('reduce', [store, ...app])).reductions, [])
            assert.equal((await resultOf('reorder', [store, '--in-place'])).records, 0)
            assert.equal((await resultOf('profile', [store, ...app, '--runs', '1'])).events, 0)
            const cut = await errorOf('truncate', [store, ...app, '--yes'])
            assert.deepEqual([cut.exitCode, cut.code], [12, 'no-reduction'])
            assert.match(cut.hint ?? '', /`complog reduce`/)
            assert.deepEqual(listing(store), unchanged)
        })
    }

    test('the first record of an empty store cannot be named', async (t) => {
        const error = await errorOf('replay', [temporaryFolder(t), ...app, '--until', 'first'])
        assert.deepEqual([error.exitCode, error.code], [2, 'unknown-ref'])
        assert.match(error.hint ?? '', /^The log is empty/)
    })
})

const isRoot = process.getuid?.() === 0
const nobody = 65534

describe('a store that may not be read', {
    skip: isRoot ? false : 'only root can become another user',
}, () => {
    let skip: string | false = false
    before(async () => {
        const canStart = await run(process.execPath, [binary, '--version'], { uid: nobody })
        if (canStart.exitCode !== 0) skip = 'another user may not read this package'
    })

    /** A log that anybody may read but one part of it. */
    function unreadable(t: Parameters<typeof temporaryFolder>[0], part: string): string {
        const store = temporaryFolder(t)
        copyStore(fixtureStores[2]!.path, store)
        writeFiles(store, { 'reduction/README': '' })
        chmodSync(store, 0o755)
        chmodSync(join(store, part), 0)
        return store
    }

    const parts = {
        'a log file': 'composition/2019-04-28/2019-04-28T13.composition.jsonl',
        'a folder of log files': 'composition/2019-04-29',
        'the folder of reductions': 'reduction',
    }
    test('past a log file that may not be read, verify-chain goes on: a finding, and exit code 16', async (t) => {
        if (skip) {
            t.skip(skip)
            return
        }
        const store = unreadable(t, parts['a log file'])
        const checked = await complogJson('verify-chain', [store], { uid: nobody })
        assert.equal(checked.exitCode, 16)
        assert.ok(checked.status === 'no')
        const { findings, records } = checked.result
        const found = findings.find(({ id }) => id === 'unreadable-file')
        assert.deepEqual(found?.place?.file, parts['a log file'].replace('composition/', ''))
        assert.match(`${found.message} ${found.help}`, /: EACCES\. Run complog as a user who may read/)
        assert.ok(findings.some(({ id }) => id === 'reduction-misnamed'))
        assert.ok(records > 30 && records < 48, String(records))
    })

    for (const [what, part] of Object.entries(parts)) {
        test(`${what}: exit code 16, the path, and what to do`, async (t) => {
            if (skip) {
                t.skip(skip)
                return
            }
            const store = unreadable(t, part)
            const unchanged = contents(store)
            for (const [command, ...flags] of [['verify-chain'], ['reorder', '--in-place']] as const) {
                // Past one file it goes on: see below.
                if (command === 'verify-chain' && what === 'a log file') continue
                const error = await errorOf(command, [store, ...flags], { uid: nobody })
                assert.deepEqual([error.exitCode, error.code], [16, 'file-system'])
                assert.ok(error.message.includes(part) && error.message.endsWith(': EACCES.'), error.message)
                assert.match(error.hint ?? '', /as a user who may read/)
            }
            assert.deepEqual(contents(store), unchanged)
        })
    }

    test('one that may be read but not written: exit code 16, and nothing is touched', async (t) => {
        if (skip) {
            t.skip(skip)
            return
        }
        const store = temporaryFolder(t)
        copyStore(fixtureStores[2]!.path, store)
        chmodSync(store, 0o755)
        const unchanged = listing(store)
        const cut = await errorOf('truncate', [store, '--unproven', '--yes'], { uid: nobody })
        assert.deepEqual([cut.exitCode, cut.code], [16, 'file-system'])
        assert.match(cut.hint ?? '', /and, to change it, write/)
        assert.deepEqual(listing(store), unchanged)

        const log = readLog(store)
        writeLog(
            store,
            Object.fromEntries(Object.entries(log).map(([file, lines]) => [file, lines.reverse()])),
        )
        const shuffled = listing(store)
        const reordered = await errorOf('reorder', [store, '--in-place'], { uid: nobody })
        assert.deepEqual([reordered.exitCode, reordered.code], [16, 'file-system'])
        assert.deepEqual(listing(store), shuffled)
    })
})
