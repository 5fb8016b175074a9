// `repair` and `reorder` on stores since 2020-05, and the record that a host of April 2020 did not write.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { errorOf, resultOf } from '../support/envelope.js'
import { lastKalmitStoreNames, unpackLater } from '../support/later-stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

test('repair takes torn bytes out in front of a record, keeps them, and the store is sound', async (t) => {
    const store = unpackLater('damaged/torn-then-same-minute-v2022-03-20', temporaryFolder(t))
    assert.equal((await warmComplog(['verify-chain', store])).exitCode, 3)
    const result = await resultOf('repair', [store, '--yes'])
    assert.deepEqual([result.parts[0]?.first.finding, result.lines], ['merged-line', 1])
    const after = await resultOf('verify-chain', [store])
    assert.deepEqual([after.sound, after.head, after.records], [true, result.head, 21])
    const { stdout } = await warmComplog(['repair', store])
    assert.equal(stdout, 'Nothing to repair.\n')
})

test('repair puts the record of a migration back where a file has the state', async (t) => {
    const folder = temporaryFolder(t)
    const name = lastKalmitStoreNames.find((each) => each === 'l2b-migrations') ?? ''
    const store = unpackLater(name, folder)
    const [state, wrong] = ['right.json', 'wrong.json'].map((each) => join(folder, each)) as [string, string]
    writeFiles(folder, {
        'right.json': '{"sum":7,"words":["erste Notiz"],"edition":2}\n',
        'wrong.json': '{}',
    })
    const before = readFiles(store)
    const error = await errorOf('repair', [store, '--migrated-state', wrong, '--yes'])
    assert.deepEqual([error.exitCode, readFiles(store)], [12, before])
    const { exitCode, stdout } = await warmComplog(['repair', store, '--migrated-state', state, '--yes'])
    assert.equal(exitCode, 0)
    assert.match(stdout, /^Put back before .*T13\.composition\.jsonl:2: A29F02AAE372…/m)
    assert.match(stdout, /^Repaired: put 1 record back\.$/m)
    assert.equal((await resultOf('verify-chain', [store])).sound, true)
    const later = unpackLater('plain-v2022-03-20', folder)
    assert.equal((await errorOf('repair', [later, '--migrated-state', state])).exitCode, 2)
})

test('the plan of a repair names a file that it moves aside with its folder', async (t) => {
    const store = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    const path = Object.keys(readFiles(store)).find((each) => each.startsWith('provisional-reduction/')) ?? ''
    writeFiles(store, { [path]: '{}' })
    const { stdout } = await warmComplog(['repair', store, '--quarantine', '--dry-run'])
    assert.ok(stdout.includes(`Moved aside as a whole: ${path}.\n`), stdout)
})

test('reorder writes a copy of a store since 2021-07 in its order, and nothing in place', async (t) => {
    const folder = temporaryFolder(t)
    const store = unpackLater('plain-v2022-03-20', folder)
    const sound = readFiles(store)
    const file = Object.keys(sound).find((path) => path.endsWith('T10-07')) ?? ''
    const lines = sound[file]?.toString().trimEnd().split('\n') ?? []
    assert.ok(lines.length > 1)
    writeFiles(store, { [file]: `${lines.toReversed().join('\n')}\n` })
    const swapped = readFiles(store)
    const error = await errorOf('reorder', [store, '--in-place'])
    assert.deepEqual([error.exitCode, error.code], [12, 'generation-not-read'])
    assert.match(error.message, /not put in order in place\.$/)
    const output = join(folder, 'copy')
    await resultOf('reorder', [store, '--output', output])
    assert.deepEqual(readFiles(output), sound)
    assert.deepEqual(readFiles(store), swapped)
})
