import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { complogJson, problemsOf } from '../support/envelope.js'
import { expectedOfLater, laterStoreNames, unpackLater } from '../support/later-stores.js'
import { readFiles, temporaryFolder } from '../support/temporary.js'
import { elmHome } from '../support/test-folder.js'
import { warmComplog } from '../support/warm.js'

describe('verify-chain on a store of 2020-05 or later', () => {
    test('prints what is there in both forms, and changes nothing', async (t) => {
        for (const name of ['g2-plain', 'g3d-plain', 'history-v2023-03-16', 'v053-plain']) {
            const store = unpackLater(name, temporaryFolder(t))
            const before = readFiles(store)
            const { head, records, void: voidRecords } = expectedOfLater(name)
            const text = await warmComplog(['verify-chain', store, '--expect-head', head.toUpperCase()])
            assert.equal(text.exitCode, 0, text.stdout)
            assert.match(text.stdout, new RegExp(`head +${head}`))
            assert.match(text.stdout, /Sound: no findings\./)
            const envelope = await complogJson('verify-chain', [store])
            assert.equal(envelope.status, 'ok')
            const { result } = envelope as unknown as { result: Record<string, unknown> }
            assert.equal(result['head'], head)
            assert.equal(result['records'], records.length)
            assert.equal(result['void'], voidRecords)
            assert.deepEqual(readFiles(store), before)
        }
    })

    test('ends with 3 where an error was found, and says what the host does', async (t) => {
        const store = unpackLater('damaged/byte-altered-v2022-03-20', temporaryFolder(t))
        const { exitCode, stdout } = await warmComplog(['verify-chain', store])
        assert.equal(exitCode, 3)
        assert.match(stdout, /error missing-parent/)
        assert.match(stdout, /hosts never\s+look at a parent/)
    })

    test('obeys its schema for every store', async (t) => {
        const folder = temporaryFolder(t)
        for (const name of laterStoreNames.filter((each) => /damaged\/(?:g2|v0|two)/.test(each))) {
            const { stdout } = await warmComplog(['verify-chain', unpackLater(name, folder), '--json'])
            assert.deepEqual(problemsOf(JSON.parse(stdout)), [], name)
        }
    })

    test('compares the reductions with an app, where one can replay', async (t) => {
        const folder = temporaryFolder(t)
        const lied = unpackLater('damaged/g2-reduction-plausible-lie', folder)
        assert.equal((await warmComplog(['files', lied, '--output', join(folder, 'app')])).exitCode, 0)
        const withApp = ['--app', join(folder, 'app'), '--elm-home', elmHome]
        const { exitCode, stdout } = await warmComplog(['verify-chain', lied, ...withApp])
        assert.equal(exitCode, 3)
        assert.match(stdout, /reductions +4, 4 usable, 3 proven by replay[^]*Not sound: 1 error/)
        const envelope = await complogJson('verify-chain', [lied, ...withApp])
        assert.equal(envelope.status, 'no')
        const engine = unpackLater('v040-plain', folder)
        const refused = await warmComplog(['verify-chain', engine, ...withApp])
        assert.deepEqual([refused.exitCode, refused.stdout], [12, ''])
        assert.match(refused.stderr, /engine\s+of\s+their\s+own[^]*Run\s+it\s+without\s+--app/)
    })

    test('tells all that it found where the app cannot be loaded, and ends with the code of that', async (t) => {
        const folder = temporaryFolder(t)
        const damaged = unpackLater('damaged/state-element-missing-v2022-03-20', folder)
        assert.equal((await warmComplog(['files', damaged, '--output', join(folder, 'app')])).exitCode, 0)
        const plain = (await warmComplog(['verify-chain', damaged])).stdout
        const withApp = [damaged, '--app', join(folder, 'app'), '--elm-home', elmHome]
        const { exitCode, stdout, stderr } = await warmComplog(['verify-chain', ...withApp])
        assert.equal(exitCode, 14)
        const found = (text: string) => text.slice(text.search(/^(?:Not )?[Ss]ound: /m))
        assert.equal(found(stdout), found(plain))
        assert.match(
            stderr,
            /not\s+compared[^]*Which\s+functions\s+make\s+up\s+the\s+app\?[^]*elm-app\.map\.json/,
        )
        const envelope = await complogJson('verify-chain', withApp)
        assert.equal(envelope.exitCode, 14)
        const { result } = envelope as unknown as { result: { findings: readonly unknown[] } }
        assert.ok(result.findings.length > 0)
    })
})

test('what is not offered for such a store is refused with 12, by its name, and changes nothing', async (t) => {
    const store = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    const before = readFiles(store)
    for (const args of [
        ['append', store],
        ['host', store],
        ['bisect', store, '--decode-error'],
        ['compare', store],
        ['reduce', store],
    ]) {
        const { exitCode, stderr } = await warmComplog(args)
        assert.equal(exitCode, 12, stderr)
        assert.match(
            stderr.replaceAll(/\s+/g, ' '),
            new RegExp(`\`complog ${args[0] ?? ''}\` does not read it`),
        )
        assert.doesNotMatch(stderr, /backup/)
    }
    assert.deepEqual(readFiles(store), before)
})
