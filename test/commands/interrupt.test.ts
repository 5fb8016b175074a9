import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'

import { problemsOf } from '../support/envelope.js'
import { complog, withApp } from '../support/cli.js'
import { contents } from '../support/listing.js'
import { LogWriter, additionEvent } from '../support/log-writer.js'
import { makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'

const app = withApp()
const folder = temporaryFolder({ after })
const store = join(folder, 'store')
let untouched: Readonly<Record<string, string>>

before(() => {
    // Enough for seconds of replay, in few records: what takes time to write is their hashes.
    const log = new LogWriter()
    const events = Array.from({ length: 2000 }, (_, i) => additionEvent(i % 7))
    for (let i = 0; i < 1000; i++) log.add({ events })
    makeStore(store, log.lines)
    untouched = contents(store)
})

/** Waits until something is there, such as a file with something in it. */
async function until(isThere: () => boolean): Promise<void> {
    const deadline = Date.now() + 20_000
    while (!isThere()) {
        if (Date.now() > deadline) throw new Error('It did not happen within 20 s.')
        await sleep(5)
    }
}

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
        const args = ['profile', store, ...app, '--runs', '1000', '--warmup', '0', '--save', saved]
        const { exitCode, shown } = await onTerminal(args, { steps: [['Measuring: run', '\u0003']] })
        assert.equal(exitCode, 130, shown)
        assert.match(stripVTControlCharacters(shown), /Error: Interrupted \(SIGINT\)\.\n$/)
        assert.ok(!existsSync(saved))
    })
})
