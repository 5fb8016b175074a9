// The command on stores since 2020-05: whole log files go, without a proof by replay, and can be kept.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { errorOf, resultOf } from '../support/envelope.js'
import { unpackLater } from '../support/later-stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

test('nothing is proven by replay: that is to be said, once, and until then nothing is touched', async (t) => {
    const store = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    const before = readFiles(store)
    for (const flags of [[], ['--app', 'app']]) {
        const error = await errorOf('truncate', [store, '--yes', ...flags])
        assert.deepEqual([error.exitCode, error.code], [2, 'usage'])
        assert.match(error.hint ?? '', /without --app: --unproven/)
    }
    const { exitCode, stderr } = await warmComplog(['truncate', store, '--unproven'])
    assert.equal(exitCode, 2)
    assert.match(stderr, /record[^]*Not confirmed/)
    assert.deepEqual(readFiles(store), before)
})

test('what goes is in the archive, and both are sound, with the state that hosts start in', async (t) => {
    const folder = temporaryFolder(t)
    const store = unpackLater('plain-v2022-03-20', folder)
    // A file without a byte that stayed in front would look as if it had lost records.
    writeFiles(store, { 'composition-log/literal/2022-04-03/2022-04-03T10-01': '' })
    const archive = join(folder, 'archive')
    const { records } = await resultOf('verify-chain', [store])
    const state = await warmComplog(['replay', store])
    const result = await resultOf('truncate', [store, '--unproven', '--yes', '--archive', archive])
    assert.ok(result.records.removed > 0)
    assert.deepEqual([result.proven, result.records.removed + result.records.kept], [false, records])
    const [cut, kept] = [await resultOf('verify-chain', [store]), await resultOf('verify-chain', [archive])]
    assert.deepEqual([cut.sound, cut.records], [true, result.records.kept])
    assert.deepEqual([kept.sound, kept.records], [true, result.records.removed])
    assert.equal((await warmComplog(['replay', store])).stdout, state.stdout)
    const { stdout } = await warmComplog(['truncate', store, '--unproven', '--yes'])
    assert.match(stdout, /^Nothing to remove/)
})
