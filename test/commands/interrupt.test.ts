import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

import { binary, packageFolder } from '../support/build.js'
import { complog, environment, withApp } from '../support/cli.js'
import { problemsOf } from '../support/envelope.js'
import { hostileApp } from '../support/hostile-script.js'
import { contents } from '../support/listing.js'
import { additionEvent, LogWriter } from '../support/log-writer.js'
import { fixturesFolder, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'
import { until } from '../support/until.js'

const app = withApp()
const folder = temporaryFolder({ after })
const store = join(folder, 'store')
const small = join(fixturesFolder, 'stores', 'kalmit-2019-04', 'process-store')
let untouched: Readonly<Record<string, string>>

before(() => {
    // Enough for seconds of replay, in few records: what takes time to write is their hashes.
    const log = new LogWriter()
    const events = Array.from({ length: 2000 }, (_, i) => additionEvent(i % 7))
    for (let i = 0; i < 1000; i++) log.add({ events })
    makeStore(store, log.lines)
    untouched = contents(store)
})

function hasContent(path: string): boolean {
    return existsSync(path) && statSync(path).size > 0
}

describe('Ctrl-C', () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        test(`during a replay (${signal}): exit code 130, and no half-written responses`, async () => {
            const responses = join(folder, 'responses.jsonl')
            const when = until(() =>
                readdirSync(folder).some((name) => name.endsWith('.part') && hasContent(join(folder, name))),
            )
            const result = await complog(['replay', store, ...app, '--responses', responses], {
                interrupt: { when, signal },
            })
            assert.deepEqual([result.exitCode, result.stdout], [130, ''])
            assert.equal(result.stderr, `Error: Interrupted (${signal}).\n`)
            assert.deepEqual(readdirSync(folder), ['store'])
        })
    }

    test('tells the same in JSON', async () => {
        const responses = join(folder, 'responses.jsonl')
        const when = until(() => readdirSync(folder).length > 1)
        const { exitCode, stdout } = await complog(
            ['replay', store, ...app, '--responses', responses, '--json'],
            { interrupt: { when, signal: 'SIGINT' } },
        )
        assert.equal(exitCode, 130)
        const envelope = JSON.parse(stdout) as { status: string; error: { code: string } }
        assert.deepEqual(problemsOf(envelope), [])
        assert.deepEqual([envelope.status, envelope.error.code], ['error', 'interrupted'])
    })

    test('during a reduction: no reduction, and no temporary file is left', async () => {
        const when = until(() => existsSync(join(store, '.complog')))
        const { exitCode } = await complog(['reduce', store, ...app, '--every', '2'], {
            interrupt: { when, signal: 'SIGINT' },
        })
        assert.equal(exitCode, 130)
        assert.deepEqual(readdirSync(store), ['composition'])
        assert.deepEqual(contents(store), untouched)
    })

    test('typed on a terminal while profile measures: nothing is saved', { skip: noTerminal }, async () => {
        const saved = join(folder, 'baseline.json')
        const args = ['profile', small, ...app, '--runs', '100000', '--warmup', '0', '--save', saved]
        const { exitCode, shown } = await onTerminal(args, { steps: [['Measuring: run', '\u0003']] })
        assert.equal(exitCode, 130, shown)
        assert.doesNotMatch(stripVTControlCharacters(shown), /Error/)
        assert.ok(!shown.includes('\u001b[?25l'), 'the cursor is hidden')
        assert.ok(!existsSync(saved))
    })
})

describe('a main thread that never ends a loop', () => {
    const preload = join(packageFolder, 'test', 'support', 'spinning.mjs')

    /** How a command ended to which a signal was sent when it spun, and how many ms later. */
    async function ended(
        args: readonly string[],
        at: string,
        signal: NodeJS.Signals,
    ): Promise<readonly [number | NodeJS.Signals | null, number, string]> {
        const child = spawn(
            process.execPath,
            [`--title=${at}`, `--import=${pathToFileURL(preload).href}`, binary, ...args],
            // One that nobody ends fails its test, and does not stay.
            { env: environment(), stdio: ['ignore', 'pipe', 'pipe'], timeout: 50_000, killSignal: 'SIGHUP' },
        )
        let output = ''
        let sent = 0
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding('utf8').on('data', (text: string) => {
                output += text
                if (sent > 0 || !output.includes('spinning')) return
                sent = performance.now()
                child.kill(signal)
            })
        }
        const [code, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
        return [code ?? by, performance.now() - sent, output]
    }

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        test(`is ended by ${signal} at once where there is nothing to finish`, async () => {
            const [how, milliseconds] = await ended(['verify-chain', small], '.composition.jsonl', signal)
            assert.equal(how, signal)
            assert.ok(milliseconds < 4000, `${milliseconds} ms`)
        })
    }

    test('is ended by the watchdog where something is being written', { timeout: 60_000 }, async () => {
        const copy = join(folder, 'written')
        cpSync(small, copy, { recursive: true })
        const before = contents(copy)
        const args = ['reduce', copy, ...app, '--at', '#12']
        const [how] = await ended(args, '.staged', 'SIGTERM')
        assert.equal(how, 'SIGKILL')
        for (const [path, content] of Object.entries(before)) assert.equal(contents(copy)[path], content)
        assert.equal((await complog(args)).exitCode, 0, 'it does not go on afterwards')
    })

    test('of a second process is ended by the first', { timeout: 60_000 }, async () => {
        const args = ['replay', small, ...hostileApp(folder, {})]
        const [how, , output] = await ended(args, '.composition.jsonl', 'SIGTERM')
        assert.equal(how, 130, output)
        assert.match(output, /Error: Interrupted \(SIGTERM\)\.\n$/)
    })

    test('of a second process ends when the first was killed', { timeout: 60_000 }, async () => {
        const args = ['replay', small, ...hostileApp(folder, {})]
        // The pipes close when the last process that holds them has ended.
        const [how, milliseconds] = await ended(args, '.composition.jsonl', 'SIGKILL')
        assert.equal(how, 'SIGKILL')
        assert.ok(milliseconds > 1000, 'it had ended before')
    })
})
