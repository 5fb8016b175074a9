import assert from 'node:assert/strict'
import { cpSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'

import stringWidth from 'string-width'

import { genesis } from '../../src/core/composition/hash.js'
import { complogJson, errorOf, resultOf } from '../support/envelope.js'
import { hashes, morning } from '../support/finding-stores/finding-store.js'
import { findingsFolder } from '../support/finding-stores/index.js'
import { listing } from '../support/listing.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'
import { warmComplog } from '../support/warm.js'

function copyOf(t: TestContext, name: string): string {
    const store = temporaryFolder(t)
    cpSync(join(findingsFolder, name, 'process-store'), store, { recursive: true, preserveTimestamps: true })
    return store
}

/** Also the times of folders, which a temporary file changes. */
function everything(store: string): readonly string[] {
    return listing(store).map((line) => `${line} ${statSync(join(store, line.split(' ')[0]!)).mtimeMs}`)
}

describe('repair', () => {
    test('shows what it cuts, keeps it, and leaves a sound log', async (t) => {
        const store = copyOf(t, 'torn-tail')
        const torn = readFileSync(join(store, 'composition', morning)).subarray(-100)
        const { exitCode, stdout, stderr } = await warmComplog(['repair', store, '--yes'])
        assert.deepEqual([exitCode, stderr], [0, ''])
        assert.match(stdout, /composition\.jsonl:6 +1 +100 B +torn-tail/)
        assert.match(stdout, /The head will be #5, [0-9A-F]{12}…/)
        assert.match(stdout, /^Repaired: moved 1 line, 100 B, out of the log\.$/m)
        assert.ok(!stdout.includes('\u001B'))
        const [, kept] = /^Kept in (.*)\.$/m.exec(stdout)!
        assert.deepEqual(readFileSync(join(store, kept!)), torn)
        const verified = await resultOf('verify-chain', [store, '--expect-head', hashes[4]!])
        assert.deepEqual(verified.findings, [])
    })

    test('answers in JSON, in a dry run as well, which touches nothing', async (t) => {
        const store = copyOf(t, 'malformed-record-between-records')
        const before = everything(store)
        const dry = await resultOf('repair', [store, '--quarantine', '--dry-run'])
        assert.deepEqual(everything(store), before)
        const { keptIn, index, ...part } = dry.parts[0]!
        assert.deepEqual([dry.dryRun, dry.lines, dry.records, dry.head], [true, 1, 6, hashes[5]])
        assert.deepEqual([part.file, part.first.finding, part.first.line], [morning, 'malformed-record', 3])
        assert.deepEqual([keptIn, index], [null, null])
        const done = await resultOf('repair', [store, '--quarantine', '--yes'])
        assert.equal(readFileSync(done.parts[0]!.keptIn!, 'utf8'), '# moved here from the old machine\n')
        const where = JSON.parse(readFileSync(done.parts[0]!.index!, 'utf8')) as Record<string, unknown>
        assert.equal(where['file'], morning)
        const again = await resultOf('repair', [store, '--quarantine'])
        assert.deepEqual([again.parts, again.lines], [[], 0])
    })

    test('has nothing to do on a sound store, and warns of what another command mends', async (t) => {
        const store = copyOf(t, 'line-end-missing')
        const before = everything(store)
        const { exitCode, stdout, stderr } = await warmComplog(['repair', store])
        assert.deepEqual([exitCode, stdout], [0, 'Nothing to repair.\n'])
        assert.match(stderr, /^Warning: The last record of the file has no line end/)
        assert.deepEqual(everything(store), before)
    })

    test('needs a yes where nobody can answer, and then shows the plan and touches nothing', async (t) => {
        const store = copyOf(t, 'torn-tail-of-zeros')
        const before = everything(store)
        const { exitCode, stdout, stderr } = await warmComplog(['repair', store])
        assert.deepEqual([exitCode, stdout], [2, ''])
        assert.match(stderr, /torn-tail[\s\S]*Error: Not confirmed\. Nothing was moved\./)
        const error = await errorOf('repair', [store])
        assert.deepEqual([error.exitCode, error.code], [2, 'not-confirmed'])
        assert.deepEqual(everything(store), before)
    })

    test('refuses whatever it cannot mend without a guess, with the place and what helps, and touches nothing', async (t) => {
        const cases: readonly (readonly [string, readonly string[], string, RegExp])[] = [
            ['fork', [], 'error-findings', /--quarantine --head [0-9A-F]{12} \(6 records\), .*\(5 records\)/],
            ['fork', ['--quarantine'], 'two-heads', /Choose one: --head [0-9A-F]{12} \(6 records\)/],
            ['unlinked-record', [], 'error-findings', /`complog repair --quarantine` moves 1 line /],
            ['head-not-last', [], 'error-findings', /`complog reorder --in-place --head/],
            ['altered-record', ['--quarantine'], 'broken-chain', /backup/],
            ['reduction-malformed', ['--quarantine'], 'error-findings', /complog reduce --replace/],
        ]
        for (const [name, flags, code, hint] of cases) {
            const store = copyOf(t, name)
            const before = everything(store)
            const error = await errorOf('repair', [store, ...flags, '--yes'])
            assert.deepEqual([error.exitCode, error.code], [12, code], name)
            assert.match(error.hint ?? '', hint)
            assert.ok(error.place !== null)
            const { exitCode, stdout, stderr } = await warmComplog(['repair', store, ...flags, '--yes'])
            assert.deepEqual([exitCode, stdout], [12, ''])
            for (const line of stderr.split('\n'))
                assert.ok(line.startsWith('  at ') || stringWidth(line) <= 80)
            assert.deepEqual(everything(store), before)
        }
    })

    test('takes the head that was chosen', async (t) => {
        const store = copyOf(t, 'fork')
        const result = await resultOf('repair', [store, '--quarantine', '--head', hashes[5]!, '--yes'])
        assert.deepEqual([result.head, result.lines], [hashes[5], 1])
        assert.deepEqual((await resultOf('verify-chain', [store])).findings, [])
        const usage = await complogJson('repair', [store, '--head', hashes[5]!])
        assert.equal(usage.exitCode, 2)
    })

    test('cuts a log that holds nothing but the beginning of its first record', async (t) => {
        const store = temporaryFolder(t)
        writeFiles(store, { 'composition/a.jsonl': '{"Parent' })
        const result = await resultOf('repair', [store, '--quarantine', '--yes'])
        assert.deepEqual([result.head, result.records, result.lines], [genesis, 0, 1])
        const { exitCode, stdout } = await warmComplog(['verify-chain', store])
        assert.equal(exitCode, 0, stdout)
    })

    test('fits 80 columns, with long names, many files and many kinds', async (t) => {
        const store = temporaryFolder(t)
        const files: Record<string, string> = {}
        for (let i = 0; i < 30; i++) files[`composition/${'x'.repeat(90)}${i}.jsonl`] = 'garbage\n{}\n'
        const record = readFileSync(
            join(findingsFolder, 'out-of-order/process-store/composition', morning),
            'utf8',
        )
        writeFiles(store, { ...files, 'composition/z.jsonl': record })
        const { exitCode, stdout } = await warmComplog(['repair', store, '--quarantine', '--dry-run'])
        assert.equal(exitCode, 0)
        assert.match(stdout, /… and 5 files more/)
        assert.deepEqual(
            stdout.split('\n').filter((line) => stringWidth(line) > 80),
            [],
        )
    })
})

describe('repair on a terminal', { skip: noTerminal }, () => {
    for (const [keys, expected] of [
        ['y\r', 0],
        ['n\r', 2],
        ['\u0004', 2],
        ['\u0003', 130],
    ] as const) {
        test(`asks, and ends with ${expected} where the answer is ${JSON.stringify(keys)}`, async (t) => {
            const store = copyOf(t, 'torn-tail')
            const before = listing(store)
            const { exitCode, shown } = await onTerminal(['repair', store], {
                steps: [['Move 1 line out of the log?', keys]],
            })
            assert.equal(exitCode, expected, shown)
            const text = stripVTControlCharacters(shown)
            assert.ok(text.indexOf('torn-tail') < text.indexOf('Move 1 line'), text)
            assert.equal(expected === 0, text.includes('Repaired: moved 1 line'))
            if (expected !== 0) assert.deepEqual(listing(store), before)
        })
    }
})
