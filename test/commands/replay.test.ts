import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { withApp } from '../support/cli.js'
import { resultOf } from '../support/envelope.js'
import { hashOf } from '../support/log-writer.js'
import { shuffledLogs } from '../support/shuffles.js'
import { copyStore, fixtureStores, type LogLines, readLog, writeLog } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const ways: readonly (readonly string[])[] = [[], ['--from-genesis'], ['--from-end']]

describe('replay of the stores that Kalmit wrote', () => {
    for (const [index, { name, path, app, expected, responses }] of fixtureStores.entries()) {
        for (const way of thinned([ways[index % ways.length]!], ways)) {
            test(`prints exactly the state of ${name}: ${way[0] ?? 'by default'}`, async () => {
                const { exitCode, stdout, stderr } = await warmComplog([
                    'replay',
                    path,
                    ...withApp(app),
                    ...way,
                ])
                assert.equal(exitCode, 0)
                assert.equal(stdout, expected.state)
                const head = expected.tip.slice(0, 12)
                assert.match(stderr, new RegExp(`^Restored record (#\\d+, )?${head}…: from the `))
            })
        }

        test(`writes every response of ${name}, one JSON string a line`, async (t) => {
            const file = join(temporaryFolder(t), 'responses.jsonl')
            const args = [path, ...withApp(app), '--from-genesis', '--responses', file]
            const result = await resultOf('replay', args)
            const lines = readFileSync(file, 'utf8').split('\n')
            assert.equal(lines.pop(), '')
            assert.deepEqual(
                lines.map((line) => JSON.parse(line) as string),
                responses,
            )
            assert.equal(result.responsesFile, file)
            assert.equal(result.events, expected.events)
            assert.equal(result.records, expected.records)
        })

        test(`restores ${name} however its lines stand in its files`, async (t) => {
            const folder = temporaryFolder(t)
            let run = 0
            // By its seed, because the log itself would fill pages.
            const property = fc.asyncProperty(fc.integer(), fc.constantFrom(...ways), async (seed, way) => {
                const [log] = fc.sample(shuffledLogs(readLog(path)), { seed, numRuns: 1 }) as [LogLines]
                const store = join(folder, String(++run))
                copyStore(path, store)
                // A restore from the end takes the last line for the head, as a host does.
                writeLog(store, way[0] === '--from-end' ? withLastLine(log, expected.tip) : log)
                const { stdout } = await warmComplog(['replay', store, ...withApp(app), ...way])
                assert.equal(stdout, expected.state)
            })
            await fc.assert(property, { numRuns: thinned(1, 3), endOnFailure: true })
        })

        test(`restores ${name} to each of its reductions, from the records before it`, async () => {
            for (const [hash, state] of Object.entries(expected.reductions).slice(0, thinned(2, Infinity))) {
                const args = [path, ...withApp(app), '--until', hash, '--from-genesis']
                const result = await resultOf('replay', args)
                assert.equal(result.state, state)
                assert.equal(result.hash, hash)
                assert.deepEqual(result.start, { kind: 'initial-state' })
            }
        })
    }

    const counter = fixtureStores[2]!

    test('starts at the newest reduction at or before the target', async () => {
        const { path, expected } = counter
        const byDefault = await resultOf('replay', [path, ...withApp()])
        assert.deepEqual(byDefault.start, { kind: 'reduction', hash: expected.tip, position: 48 })
        assert.equal(byDefault.records, 0)
        const before = await resultOf('replay', [path, ...withApp(), '--until', 'head~1'])
        assert.ok(before.start.kind === 'reduction')
        assert.equal(before.start.position, 47 - before.records)
        assert.notEqual(before.records, 0)
    })

    test('reads from the end only as far as the nearest reduction, as a host does', async (t) => {
        const { path, expected } = fixtureStores[3]!
        const store = temporaryFolder(t)
        copyStore(path, store)
        const [first] = Object.keys(readLog(store))
        writeLog(store, { ...readLog(store), [first!]: ['nothing that a restore from the end reads'] })
        const result = await resultOf('replay', [store, ...withApp('string-builder'), '--from-end'])
        assert.equal(result.state, expected.state)
        assert.equal(result.fromEnd, true)
        assert.equal(result.position, null)
        assert.equal((await warmComplog(['replay', store, ...withApp('string-builder')])).exitCode, 12)
    })

    test('leaves nothing behind in the store or beside the responses', async (t) => {
        const folder = temporaryFolder(t)
        copyStore(counter.path, join(folder, 'store'))
        const responses = join(folder, 'responses.jsonl')
        await warmComplog(['replay', join(folder, 'store'), ...withApp(), '--responses', responses])
        assert.deepEqual(readdirSync(folder).sort(), ['responses.jsonl', 'store'])
        assert.deepEqual(readdirSync(join(folder, 'store')).sort(), ['composition', 'reduction'])
    })

    test('restores an app of Elm 0.19.0, and says what was changed', async () => {
        const { exitCode, stdout, stderr } = await warmComplog([
            'replay',
            counter.path,
            ...withApp('counter-0.19.0'),
        ])
        assert.equal(exitCode, 0)
        assert.equal(stdout, counter.expected.state)
        assert.match(stderr.replaceAll(/\s+/g, ' '), /^Warning: elm\.json says .*0\.19\.0.*0\.19\.1/)
    })
})

/** Moves the record with this hash behind all others. */
function withLastLine(log: LogLines, hash: string): LogLines {
    const moved: LogLines = {}
    let line: Buffer | undefined
    for (const [file, lines] of Object.entries(log)) {
        line ??= lines.find((candidate) => hashOf(candidate) === hash)
        moved[file] = lines.filter((candidate) => hashOf(candidate) !== hash)
    }
    moved[Object.keys(log).at(-1)!]!.push(line!)
    return moved
}
