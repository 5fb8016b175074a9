import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'

import { withApp } from '../support/cli.js'
import { contents, listing } from '../support/listing.js'
import { copyStore, fixtureStores } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'

const question = 'Remove 47 records?'

function copyOfStore(t: TestContext): string {
    const store = temporaryFolder(t)
    copyStore(fixtureStores[2]!.path, store)
    return store
}

describe('truncate on a terminal', { skip: noTerminal }, () => {
    test('shows the plan, asks, and removes once the answer is yes', async (t) => {
        const store = copyOfStore(t)
        const { exitCode, shown } = await onTerminal(['truncate', store, ...withApp()], {
            steps: [[question, 'y\r']],
        })
        assert.equal(exitCode, 0, shown)
        const text = stripVTControlCharacters(shown)
        assert.ok(text.indexOf('records     47       1') < text.indexOf(question), text)
        assert.match(text, /Removed 47 records, 7\.40 kB freed\./)
        assert.equal(text.split('The oldest record will be #48').length, 2, 'the plan is shown once')
        assert.equal(Object.keys(contents(store)).length, 2)
    })

    const answers: Readonly<Record<string, readonly [string, number, RegExp]>> = {
        no: ['n\r', 2, /Error: Not confirmed\. Nothing was removed\./],
        'Return alone': ['\r', 2, /Error: Not confirmed\. Nothing was removed\./],
        'Ctrl-D': ['\u0004', 2, /Error: Not confirmed\. Nothing was removed\./],
        'Ctrl-C': ['\u0003', 130, /Error: Interrupted \(SIGINT\)\. Nothing was removed\./],
    }
    for (const [name, [keys, expectedExitCode, message]] of Object.entries(answers)) {
        test(`touches nothing where the answer is ${name}, and ends with ${expectedExitCode}`, async (t) => {
            const store = copyOfStore(t)
            const before = listing(store)
            const { exitCode, shown } = await onTerminal(['truncate', store, ...withApp()], {
                steps: [[question, keys]],
            })
            assert.equal(exitCode, expectedExitCode, shown)
            assert.match(stripVTControlCharacters(shown), message)
            assert.deepEqual(listing(store), before)
        })
    }

    test('does not ask with --yes, nor in a dry run', async (t) => {
        const store = copyOfStore(t)
        for (const flag of ['--dry-run', '--yes']) {
            const { exitCode, shown } = await onTerminal(['truncate', store, ...withApp(), flag])
            assert.equal(exitCode, 0)
            assert.ok(!shown.includes(question))
        }
    })

    test('does not ask for an answer in JSON, nor where CI is set: nobody sits there', async (t) => {
        const store = copyOfStore(t)
        const before = listing(store)
        const json = await onTerminal(['truncate', store, ...withApp(), '--json'])
        assert.equal(json.exitCode, 2)
        assert.ok(!json.shown.includes(question))
        const inCi = await onTerminal(['truncate', store, ...withApp()], { env: { CI: 'true' } })
        assert.equal(inCi.exitCode, 2)
        assert.ok(!inCi.shown.includes(question))
        assert.deepEqual(listing(store), before)
    })
})
