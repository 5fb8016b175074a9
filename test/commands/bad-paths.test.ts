import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { errorOf, resultOf } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { counterLog, reductionFile } from '../support/log-writer.js'
import { makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

const app = withApp()

/** A store with a reduction, and beside it a file. */
function storeAndFile(t: TestContext) {
    const folder = temporaryFolder(t)
    const log = counterLog(4)
    const reductions = { [log.hashes[2]!]: reductionFile(log.hashes[2]!, '6') }
    const store = makeStore(join(folder, 'store'), log.lines, reductions)
    const file = join(folder, 'file')
    writeFileSync(file, 'of somebody else')
    return { folder, store, file }
}

describe('a file where a folder is meant', () => {
    test('as STORE is read as a log, and what is no record in it is found', async (t) => {
        const { folder, file } = storeAndFile(t)
        const before = listing(folder)
        const result = await resultOf('verify-chain', [file], 'no')
        assert.deepEqual(
            result.findings.map(({ id, place }) => [id, place?.file, place?.line]),
            [['malformed-record', 'file', 1]],
        )
        const error = await errorOf('replay', [file, ...app])
        assert.equal(error.exitCode, 12)
        assert.deepEqual(listing(folder), before)
    })

    test('as composition is no process store', async (t) => {
        const folder = temporaryFolder(t)
        writeFileSync(join(folder, 'composition'), '')
        const error = await errorOf('verify-chain', [folder])
        assert.deepEqual([error.exitCode, error.code], [10, 'no-process-store'])
        assert.match(error.message, /neither a folder `composition`/)
    })

    test('as reduction, archive or output is an error of the file system: 16, and nothing is touched', async (t) => {
        const { folder, store, file } = storeAndFile(t)
        const other = makeStore(join(folder, 'other'), counterLog(2).lines)
        writeFileSync(join(other, 'reduction'), '')
        const before = listing(folder)
        const errors = [
            await errorOf('verify-chain', [other]),
            await errorOf('reduce', [other, ...app]),
            await errorOf('truncate', [store, '--unproven', '--yes', '--archive', file]),
            await errorOf('reorder', [store, '--output', file]),
            await errorOf('reorder', [store, '--output', join(file, 'below')]),
        ]
        for (const error of errors) {
            assert.deepEqual([error.exitCode, error.code], [16, 'file-system'], error.message)
            assert.match(error.message, /: ENOTDIR\.$/)
            assert.match(error.hint ?? '', /^A file stands on this path/)
        }
        assert.deepEqual(listing(folder), before)
    })
})

test('a path below a file is no process store', async (t) => {
    const { file } = storeAndFile(t)
    const error = await errorOf('verify-chain', [join(file, 'below')])
    assert.deepEqual([error.exitCode, error.code], [10, 'no-process-store'])
})

describe('what is neither a file nor a folder', () => {
    test('is no process store, and nobody waits for it', async (t) => {
        const pipe = join(temporaryFolder(t), 'pipe')
        try {
            execFileSync('mkfifo', [pipe])
        } catch {
            t.skip('there is no mkfifo here')
            return
        }
        const error = await errorOf('verify-chain', [pipe])
        assert.deepEqual([error.exitCode, error.code], [10, 'no-process-store'])
        assert.match(error.message, /it is neither a folder nor a regular file\.$/)
        assert.equal((await errorOf('replay', [pipe, ...app])).exitCode, 10)
        const { store } = storeAndFile(t)
        for (const [command, flag] of [
            ['repair', '--migrated-state'],
            ['profile', '--baseline'],
        ] as const) {
            const named = await errorOf(command, [store, flag, pipe, ...(command === 'repair' ? [] : app)])
            assert.deepEqual([named.exitCode, named.hint], [16, 'Name a file.'])
        }
    })
})

describe('a bound that is too low', () => {
    test('makes long lines a finding, and a replay refuses them: what to raise is named', async (t) => {
        const { store } = storeAndFile(t)
        const bound = ['--max-line-size', '100']
        const result = await resultOf('verify-chain', [store, ...bound], 'no')
        assert.ok(
            result.findings.some(({ id, help }) => id === 'oversized-line' && /--max-line-size/.test(help)),
        )
        const error = await errorOf('reorder', [store, '--in-place', ...bound])
        assert.deepEqual([error.exitCode, error.code], [17, 'limit-exceeded'])
        assert.match(error.hint ?? '', /--max-line-size/)
        assert.notEqual(error.place, null)
        assert.equal((await errorOf('replay', [store, ...app, ...bound])).exitCode, 12)
    })
})

describe('an empty folder for what is written', () => {
    test('is taken, and one that is not there is made', async (t) => {
        const { folder, store } = storeAndFile(t)
        mkdirSync(join(folder, 'empty'))
        for (const name of ['empty', 'deep/er/new']) {
            await resultOf('reorder', [store, '--output', join(folder, name)])
            assert.equal((await resultOf('verify-chain', [join(folder, name)])).records, 4)
        }
    })
})
