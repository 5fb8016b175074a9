import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import { complog, shell, withApp } from '../support/cli.js'
import { hostileApp } from '../support/hostile-script.js'
import { LogWriter } from '../support/log-writer.js'
import { fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

const { path, expected } = fixtureStores[2]!
const app = withApp().join(' ')
const scripts = temporaryFolder({ after })
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

    test('a result that cannot be written is an error with the exit code 16', {
        skip: noDevFull,
    }, async () => {
        for (const flags of ['', '--json']) {
            const { exitCode, stderr } = await shell(`complog verify-chain ${path} ${flags} > /dev/full`)
            assert.equal(exitCode, 16)
            assert.match(stderr, /^Error: Cannot write to stdout: ENOSPC\.\nFree some space/)
        }
    })

    test('of a result for which there is only some room, nothing is held back in silence', async (t) => {
        const folder = temporaryFolder(t)
        const file = join(folder, 'out')
        const event = (body: string) =>
            `{"httpRequest":{"posixTimeMilli":1,"httpRequestId":"1-1","requestContext":{},"request":{"method":"POST","uri":"/","bodyAsString":"${body}","headers":[]}}}`
        const builder = withApp('string-builder').join(' ')
        const log = new LogWriter()
        log.add({ events: [event('x'.repeat(300_000))] })
        const store = makeStore(join(folder, 'store'), log.lines)
        // Compiled before there is a bound.
        assert.equal((await shell(`complog replay ${store} ${builder}`)).stdout.length, 300_000)
        const counts = new LogWriter()
        counts.add({ events: ['1'] })
        const counted = makeStore(join(folder, 'counted'), counts.lines)
        const script = hostileApp(folder, {}).join(' ')
        const code = readFileSync(join(folder, 'app.js'), 'utf8')
        writeFileSync(join(folder, 'app.js'), code.replace("return '' + state", "return 'x'.repeat(300000)"))
        const lines = [
            `replay ${store} ${builder}`,
            `replay ${store} ${builder} --json`,
            `replay ${counted} ${script}`,
            `append ${store} ${builder}`,
            `append ${store} ${builder} --json`,
        ]
        for (const line of lines) {
            // In blocks of 512 bytes. What is written at once becomes a part of it.
            const limited = `(ulimit -f 128; complog ${line} > '${file}'); echo "ended with $?" >&2`
            const { stderr } = await shell(limited, { input: JSON.stringify(event('y')) })
            assert.match(stderr, /^Error: Cannot write to stdout: EFBIG\.\n.*ulimit -f.*\n?/m, line)
            assert.match(stderr, /^ended with 16$/m, line)
            assert.equal(statSync(file).size, 65_536, line)
        }
    })

    for (const [what, flags] of [
        ['sources', withApp()],
        ['a script', hostileApp(scripts, {})],
    ] as const) {
        test(`no room at all is an error as well with ${what}`, { skip: noDevFull }, async (t) => {
            const log = new LogWriter()
            log.add({ events: [what === 'a script' ? '1' : '{"addition":1}'] })
            const store = makeStore(temporaryFolder(t), log.lines)
            for (const command of [`replay ${store}`, `verify-chain ${store} --json`, `append ${store}`]) {
                const line = `echo '"1"' | complog ${command} ${flags.join(' ')} > /dev/full; echo "ended with $?" >&2`
                const { stderr } = await shell(line)
                assert.match(stderr, /^Error: Cannot write to stdout: ENOSPC\.$/m, command)
                assert.match(stderr, /^ended with 16$/m, command)
            }
        })
    }

    test('the version and the help too end with 16 where there is no room, and well where nobody reads', {
        skip: noDevFull,
    }, async () => {
        for (const words of ['--version', 'help']) {
            const full = await shell(`complog ${words} > /dev/full`)
            assert.equal(full.exitCode, 16, words)
            assert.match(full.stderr, /^Error: Cannot write to stdout: ENOSPC\.\nFree some space[^\n]*\n$/)
            const unread = await shell(
                `{ complog ${words}; echo "ended with $?" >&2; } | (exec 0<&-; sleep 0.5)`,
            )
            assert.equal(unread.stderr, 'ended with 0\n', words)
        }
    })

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
