import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { withApp } from '../support/cli.js'
import { errorOf, resultOf } from '../support/envelope.js'
import { contents, listing } from '../support/listing.js'
import { counterLog, LogWriter } from '../support/log-writer.js'
import { shuffledLogs } from '../support/shuffles.js'
import {
    copyStore,
    dailyFile,
    fixtureStores,
    type LogLines,
    makeStore,
    readLog,
    writeLog,
} from '../support/stores.js'
import { readFiles, temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

describe('reorder of the stores that Kalmit wrote, shuffled', () => {
    for (const { name, path, app, expected } of fixtureStores) {
        test(`brings ${name} back in order, in place and into a folder`, async (t) => {
            const folder = temporaryFolder(t)
            let run = 0
            // By its seed, because the log itself would fill pages.
            const property = fc.asyncProperty(fc.integer(), async (seed) => {
                const [log] = fc.sample(shuffledLogs(readLog(path)), { seed, numRuns: 1 }) as [LogLines]
                const store = join(folder, String(++run))
                const output = `${store}-ordered`
                copyStore(path, store)
                writeLog(store, log)
                const before = listing(store)
                const copied = await resultOf('reorder', [store, '--output', output])
                assert.deepEqual(listing(store), before)
                const inPlace = await resultOf('reorder', [store, '--in-place'])
                for (const { head, records, moved } of [copied, inPlace]) {
                    assert.deepEqual([head, records, moved], [expected.tip, expected.records, copied.moved])
                }
                assert.deepEqual(lineCounts(readLog(store)), lineCounts(log))
                assert.deepEqual(lineCounts(readLog(output)), lineCounts(log))
                assert.deepEqual(Object.values(readLog(output)).flat(), Object.values(readLog(store)).flat())
                const all = Object.values(readLog(store)).flat().map(String)
                assert.deepEqual(all, Object.values(readLog(path)).flat().map(String))
                const verified = await resultOf('verify-chain', [store])
                assert.deepEqual([verified.head, verified.inOrder], [expected.tip, true])
                assert.deepEqual([verified.counts.error, verified.counts.warning], [0, 0])
            })
            await fc.assert(property, { numRuns: thinned(1, 2), endOnFailure: true })
        })

        test(`leaves ${name} as it is, which is in order`, async (t) => {
            const store = temporaryFolder(t)
            copyStore(path, store)
            const before = listing(store)
            const { exitCode, stdout } = await warmComplog(['reorder', store, '--in-place'])
            assert.equal(exitCode, 0)
            assert.equal(stdout, 'Nothing to do: the lines stand in chain order already.\n')
            assert.deepEqual(listing(store), before)
            const output = join(temporaryFolder(t), 'copy')
            await resultOf('reorder', [store, '--output', output])
            assert.deepEqual(contents(output), contents(store))
            const { stdout: state } = await warmComplog(['replay', output, ...withApp(app)])
            assert.equal(state, expected.state)
        })
    }
})

/** How many records stand in each file that has any. */
function lineCounts(log: LogLines): Readonly<Record<string, number>> {
    const counts = Object.entries(log).map(([file, lines]) => [file, lines.length] as const)
    return Object.fromEntries(counts.filter(([, lines]) => lines > 0))
}

describe('reorder of what does not belong to the chain', () => {
    const log = counterLog(5)
    const branch = new LogWriter('2019-04', log.hashes[1]).addAdditions(100)
    const lines = [...log.lines.slice(0, 3), 'no record', ...log.lines.slice(2), branch.lines[0]!]

    test('keeps it, line by line, beside the log, never below composition/', async (t) => {
        const store = makeStore(temporaryFolder(t), lines)
        const result = await resultOf('reorder', [store, '--in-place', '--head', log.head])
        assert.equal(result.outside.lines, 3)
        assert.deepEqual(
            result.outside.places.map(({ file, line }) => [file, line]),
            [
                [dailyFile, 4],
                [dailyFile, 5],
                [dailyFile, 8],
            ],
        )
        assert.deepEqual(readdirSync(store).sort(), ['composition', 'outside-chain'])
        const kept = readFileSync(result.outside.file!, 'utf8')
        assert.equal(kept, ['no record', log.lines[2], branch.lines[0], ''].join('\n'))
        assert.deepEqual(readLog(store)[dailyFile]!.map(String), log.lines)
        assert.equal((await resultOf('verify-chain', [store])).findings.length, 0)
    })

    test('says in text what was moved and kept, and where', async (t) => {
        const store = makeStore(temporaryFolder(t), [...lines.toReversed()])
        const { exitCode, stdout } = await warmComplog(['reorder', store, '--in-place', '--head', log.head])
        assert.equal(exitCode, 0)
        assert.match(stdout, /^Reordered 5 records in .*: \d records? moved, 1 file written\.$/m)
        assert.match(stdout, /^3 lines outside the chain kept in .*\/outside-chain\/[0-9a-f]{16}\.jsonl\.$/m)
    })

    test('refuses a log with two heads until one is chosen: exit code 12, nothing touched', async (t) => {
        const store = makeStore(temporaryFolder(t), lines)
        const before = listing(store)
        for (const way of [['--in-place'], ['--output', join(store, 'x')]]) {
            const error = await errorOf('reorder', [store, ...way])
            assert.deepEqual([error.exitCode, error.code], [12, 'two-heads'])
            assert.match(error.hint ?? '', /--head/)
        }
        assert.deepEqual(listing(store), before)
    })
})

describe('reorder into a folder', () => {
    const log = counterLog(3)
    const lines = log.lines.toReversed()

    test('refuses one that is not empty, or that lies within the log', async (t) => {
        const folder = temporaryFolder(t)
        const store = makeStore(join(folder, 'store'), lines)
        mkdirSync(join(folder, 'full'))
        writeFileSync(join(folder, 'full', 'file'), '')
        const before = listing(folder)
        const full = await errorOf('reorder', [store, '--output', join(folder, 'full')])
        assert.deepEqual([full.exitCode, full.code], [2, 'output-not-empty'])
        for (const place of [store, join(store, 'composition', 'x'), join(store, 'reduction')]) {
            const error = await errorOf('reorder', [store, '--output', place])
            assert.deepEqual([error.exitCode, error.code], [2, 'usage'])
            assert.match(error.hint ?? '', /outside of the store/)
        }
        assert.deepEqual(listing(folder), before)
    })

    test('takes a folder beside a single log file, as the working directory is', async (t) => {
        const cwd = temporaryFolder(t)
        writeFileSync(join(cwd, 'log.jsonl'), `${lines.join('\n')}\n`)
        const { exitCode, stderr } = await warmComplog(['reorder', 'log.jsonl', '--output', 'ordered'], {
            cwd,
        })
        assert.deepEqual([exitCode, stderr], [0, ''])
        assert.deepEqual(Object.keys(readFiles(join(cwd, 'ordered'))), ['composition/log.jsonl'])
        const state = await warmComplog(['replay', 'ordered', ...withApp(), '--from-end'], { cwd })
        assert.equal(state.stdout, '6')
    })

    test('refuses one below the composition folder that a single log file lies in', async (t) => {
        const store = makeStore(temporaryFolder(t), lines)
        const file = join(store, 'composition', dailyFile)
        const error = await errorOf('reorder', [file, '--output', join(store, 'composition', 'ordered')])
        assert.match(error.message, /where a host would read it/)
    })

    test('needs to be told where to write', async (t) => {
        const store = makeStore(temporaryFolder(t), lines)
        const error = await errorOf('reorder', [store])
        assert.equal(error.exitCode, 2)
        assert.equal(error.message, 'Say where to write: --output DIR or --in-place.')
    })

    test('of an empty store is an empty store', async (t) => {
        const folder = temporaryFolder(t)
        const store = join(folder, 'store')
        mkdirSync(store)
        for (const way of [['--in-place'], ['--output', join(folder, 'ordered')]]) {
            const { exitCode, stdout } = await warmComplog(['reorder', store, ...way])
            assert.deepEqual([exitCode, stdout], [0, 'Nothing to do: the log is empty.\n'])
        }
        assert.deepEqual(readdirSync(store), [])
        assert.equal((await resultOf('verify-chain', [join(folder, 'ordered')])).records, 0)
    })
})
