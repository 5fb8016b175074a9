import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, test } from 'node:test'

import { complog, shell, withApp } from '../support/cli.js'
import { fixtureStores } from '../support/stores.js'

const { path, expected } = fixtureStores[2]!
const app = withApp().join(' ')
const noDevFull = existsSync('/dev/full') ? false : 'there is no /dev/full here'

describe('in a pipe', () => {
    test('a reader that has seen enough is no error', async () => {
        const first = await shell(`{ complog verify-chain ${path}; echo "ended with $?" >&2; } | head -1`)
        assert.match(first.stdout, /^ {2}records +48 records, .*\n$/)
        assert.equal(first.stderr, 'ended with 0\n')
    })

    test('a reader that reads nothing at all is no error', async () => {
        for (const command of [`verify-chain ${path} --json`, `replay ${path} ${app}`, 'replay --help']) {
            const { stderr } = await shell(`{ complog ${command}; echo "ended with $?" >&2; } | true`)
            assert.match(stderr, /ended with 0\n$/)
            assert.ok(!stderr.includes('EPIPE'), stderr)
        }
    })

    test('the exit code tells the answer even where nobody reads it', async () => {
        const args = `verify-chain ${path} --expect-head ${'A'.repeat(64)}`
        const { stderr } = await shell(`{ complog ${args}; echo "ended with $?" >&2; } | true`)
        assert.equal(stderr, 'ended with 3\n')
        const error = await shell(`{ complog verify-chain /nowhere 2>&1; echo "ended with $?" >&2; } | true`)
        assert.equal(error.stderr, 'ended with 10\n')
    })

    test(
        'a result that cannot be written is an error with the exit code 16',
        { skip: noDevFull },
        async () => {
            for (const flags of ['', '--json']) {
                const { exitCode, stderr } = await shell(`complog verify-chain ${path} ${flags} > /dev/full`)
                assert.equal(exitCode, 16)
                assert.match(stderr, /^Error: Cannot write to stdout: ENOSPC\.\nFree some space/)
            }
        },
    )

    test('stdout is the state and nothing else, so that it can be written to a file', async () => {
        const { stdout, stderr } = await shell(`complog replay ${path} ${app} 2>/dev/null | cat`)
        assert.deepEqual([stdout, stderr], [expected.state, ''])
    })

    test('nothing is read from stdin', async () => {
        const { exitCode, stdout } = await complog(['replay', path, ...withApp()], {
            input: 'y\n'.repeat(99),
        })
        assert.deepEqual([exitCode, stdout], [0, expected.state])
    })
})
