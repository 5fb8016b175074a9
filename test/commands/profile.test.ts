import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import type { Profiled } from '../../src/cli/json/results.js'
import type { Baseline } from '../../src/core/profile/baseline.js'
import { withApp } from '../support/cli.js'
import { complogJson, errorOf, resultOf } from '../support/envelope.js'
import { copyStore, fixtureStores } from '../support/stores.js'
import { readFiles, temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const counter = fixtureStores[2]!
const web = fixtureStores[3]!
/** As few as can be compared. */
const comparable = ['--runs', '7', '--warmup', '0']
const quick = ['--runs', '2', '--warmup', '0']
const webArgs = [web.path, ...withApp('string-builder'), ...quick, '--from-genesis']
let measured: Promise<Profiled> | undefined
const webProfile = () => (measured ??= resultOf('profile', webArgs))

describe('profile', () => {
    test('measures every phase of as many restores as it is told to', async () => {
        const result = await webProfile()
        assert.equal(result.mode, 'from-genesis')
        assert.equal(result.head, web.expected.tip)
        assert.equal(result.runs, 2)
        assert.deepEqual([result.records, result.events], [web.expected.records, web.expected.events])
        const log = Object.values(readFiles(join(web.path, 'composition')))
        assert.equal(result.logSizeBytes, Buffer.concat(log).length)
        assert.deepEqual([result.comparison, result.saved], [null, null])
        for (const { low, median, high } of Object.values(result.milliseconds)) {
            assert.ok(low <= median && median <= high)
        }
        assert.ok(result.milliseconds.load.median > 0)
        assert.ok(result.milliseconds.total.median >= result.milliseconds.replay.median)
        assert.ok(result.eventsPerSecond! > 0)
        assert.ok(result.bytesPerSecond! > 0)
        assert.ok(result.peakHeapBytes > 1e6)
    })

    test('names the ten slowest events with their places, slowest first', async () => {
        const { slowest } = await webProfile()
        assert.equal(slowest.length, 10)
        const times = slowest.map(({ milliseconds }) => milliseconds)
        assert.deepEqual(
            times,
            times.toSorted((a, b) => b - a),
        )
        assert.equal(new Set(slowest.map(({ position }) => position)).size, 10)
        for (const { place, eventIndex } of slowest) {
            assert.match(place.file, /^2019-04-2\d\/.*\.composition\.jsonl$/)
            assert.ok(place.line! >= 1)
            assert.equal(eventIndex, 0)
        }
    })

    test('sums up web events by method and path', async () => {
        const { kinds } = await webProfile()
        assert.deepEqual(kinds.map(({ kind }) => kind).sort(), ['GET /', 'GET /api', 'POST /', 'POST /api'])
        assert.equal(
            kinds.reduce((sum, { events }) => sum + events, 0),
            web.expected.events,
        )
    })

    test('shows it all as tables, and as Markdown', async () => {
        const { stdout } = await warmComplog(['profile', ...webArgs])
        assert.match(stdout, /^2 restores from genesis: each replays 120 records, 120 events, of a log of/)
        for (const phase of ['load the app', 'read and hash', 'order', 'replay', 'serialise', 'total']) {
            assert.match(stdout, new RegExp(`^  ${phase} +[\\d.]+ (µs|ms|s)  [\\d.]+ .* to `, 'm'))
        }
        assert.match(stdout, /^Slowest events:$/m)
        assert.match(stdout, /^Time by kind of event:$/m)
        const markdown = await warmComplog(['profile', ...webArgs, '--markdown'])
        assert.equal(markdown.exitCode, 0)
        assert.match(markdown.stdout, /^### Restore of 84061BF0E159$/m)
        assert.match(markdown.stdout, /^\| phase \| median \| interval \|$/m)
        assert.match(markdown.stdout, /^\| total \| [\d.]+ m?s \| /m)
    })

    test('measures a restore from the end, where nobody counts bytes', async () => {
        const args = [web.path, ...withApp('string-builder'), ...quick, '--from-end']
        const result = await resultOf('profile', args)
        assert.equal(result.mode, 'from-end')
        assert.equal(result.bytesPerSecond, null)
        assert.ok(result.records < 120)
    })
})

describe('profile against a baseline', () => {
    const args = [counter.path, ...withApp(), ...comparable, '--from-genesis']
    const few = [counter.path, ...withApp(), '--warmup', '0', '--from-genesis', '--runs', '1']
    /** As if the same had taken so many times as long. */
    const doctored = (baseline: Baseline, factor: number) =>
        JSON.stringify({ ...baseline, relative: baseline.relative.map((time) => time * factor) })

    test('saves one that fits itself, tells slower and neither apart though few runs were asked for, and refuses one of few', async (t) => {
        const file = join(temporaryFolder(t), 'baseline.json')
        const saved = await complogJson('profile', [...few, '--save', file])
        assert.match(saved.warnings.map(({ message }) => message).join(), /fewer than 7/)
        assert.equal((saved as { result: Profiled }).result.saved, file)
        const baseline = JSON.parse(readFileSync(file, 'utf8')) as Baseline
        assert.equal(baseline.schema, 'complog/profile-baseline/1')
        assert.equal(baseline.relative.length, 7)

        // Generous, because the machine that runs the tests is busy with others.
        writeFileSync(file, JSON.stringify({ ...baseline, machine: { ...baseline.machine, cpu: 'Z80' } }))
        const same = await complogJson('profile', [...args, '--baseline', file, '--max-slowdown', '900%'])
        assert.equal(same.status, 'ok')
        const { comparison } = (same as { result: Profiled }).result
        assert.deepEqual([comparison?.regressed, comparison?.maxSlowdown], [false, 9])
        // Where the two were measured under different conditions, that is said.
        assert.match(same.warnings.map(({ message }) => message).join(), /measured with another CPU: Z80/)

        const fast = doctored(baseline, 0.01)
        writeFileSync(file, fast)
        const slower = await complogJson('profile', [...few, '--baseline', file, '--save', file])
        assert.deepEqual([slower.exitCode, slower.status], [3, 'no'])
        const failed = (slower as { result: Profiled }).result.comparison
        assert.deepEqual([failed?.answer, failed?.regressed], ['slower', true])
        assert.ok(failed!.ratio.low > 1.1)
        // What has failed must not become what the next one is compared with.
        assert.equal(readFileSync(file, 'utf8'), fast)
        assert.match(slower.warnings.map(({ message }) => message).join(), /Not saved: /)
        const text = await warmComplog(['profile', ...args, '--baseline', file, '--markdown'])
        assert.equal(text.exitCode, 3)
        assert.match(text.stdout, /^\*\*Slower than the baseline by more than is allowed: \+[\d.]+ %, /m)

        writeFileSync(file, JSON.stringify({ ...baseline, relative: baseline.relative.slice(1) }))
        const error = await errorOf('profile', [...few, '--baseline', file])
        assert.deepEqual([error.exitCode, error.code], [2, 'usage'])
        assert.match(error.message, /^The baseline holds 6 measurements, .* fewer than 7\.$/)
    })

    test('refuses what is no baseline: exit code 2, and how to write one', async (t) => {
        const file = join(temporaryFolder(t), 'baseline.json')
        for (const text of ['', 'no JSON', '{}', '[]', '{"schema":"complog/profile-baseline/1"}']) {
            writeFileSync(file, text)
            const error = await errorOf('profile', [...args, '--baseline', file])
            assert.deepEqual([error.exitCode, error.code], [2, 'usage'])
            assert.ok(error.message.startsWith(`${file} is not a baseline: `), error.message)
            assert.match(error.hint ?? '', /`complog profile --save`/)
        }
        const missing = await errorOf('profile', [...args, '--baseline', `${file}.not`])
        assert.deepEqual([missing.exitCode, missing.code], [16, 'file-system'])
    })

    test('says before the measuring that the file cannot be written', async (t) => {
        const folder = temporaryFolder(t)
        const options = ['--save', join(folder, 'no', 'baseline.json'), '--runs', '1000000']
        const error = await errorOf('profile', [counter.path, ...withApp(), ...options])
        assert.deepEqual([error.exitCode, error.code], [16, 'file-system'])
        const store = join(folder, 'store')
        copyStore(counter.path, store)
        const inLog = ['--save', join(store, 'composition', 'baseline.json')]
        assert.equal((await errorOf('profile', [store, ...withApp(), ...inLog])).exitCode, 2)
        assert.deepEqual(readdirSync(folder), ['store'])
    })
})
