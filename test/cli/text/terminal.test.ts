import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import stringWidth from 'string-width'

import { withApp } from '../../support/cli.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { noTerminal, onTerminal } from '../../support/terminal.js'

const escape = '\u001B'
/** A prompt must move the cursor, in colour or not. */
const cursorMovement = new RegExp(`${escape}\\[(?:\\?\\d+[hl]|\\d*[A-K])`, 'g')
const sound = fixtureStores[2]!.path
const broken = makeStore(join(temporaryFolder({ after }), 'broken'), ['{', 'x', '{"ParentHashBase16":"00"}'])

describe('text on a terminal', { skip: noTerminal }, () => {
    test('has colour', async () => {
        const verified = await onTerminal(['verify-chain', broken])
        assert.ok(verified.shown.includes(`${escape}[31mNot sound${escape}[39m`), verified.shown)
        const error = await onTerminal(['verify-chain', 'nothing'])
        assert.ok(error.shown.includes(`${escape}[31mError:${escape}[39m`))
    })

    const plain: Readonly<Record<string, { env?: Record<string, string>; flags?: string[] }>> = {
        'with NO_COLOR': { env: { NO_COLOR: '1' } },
        'with --no-color': { flags: ['--no-color'] },
        'of a kind that knows no escapes': { env: { TERM: 'dumb' } },
    }
    for (const [what, { env = {}, flags = [] }] of Object.entries(plain)) {
        test(`has none ${what}`, async () => {
            for (const line of [
                ['verify-chain', broken],
                ['truncate', sound, ...withApp(), '--dry-run'],
                ['bogus'],
            ]) {
                const { shown } = await onTerminal([...line, ...flags], { env })
                assert.ok(!shown.replaceAll(cursorMovement, '').includes(escape), shown)
            }
        })
    }

    test('puts a line end behind the state, for the prompt', async () => {
        const { shown } = await onTerminal(['replay', sound, ...withApp()])
        assert.ok(shown.startsWith('1134\nRestored record #48'), shown)
    })

    test('is wrapped to the width of the terminal, and to no more than 100 columns', async () => {
        for (const [columns, widest] of [
            [60, 60],
            [200, 100],
        ] as const) {
            const { shown } = await onTerminal(['verify-chain', broken, '--no-color'], { columns })
            const widths = shown.split('\n').map((line) => stringWidth(line))
            assert.ok(Math.max(...widths) <= widest, shown)
        }
    })

    test('shows the progress of long work, and clears it', async () => {
        const args = ['profile', sound, ...withApp(), '--runs', '12', '--from-genesis']
        const { exitCode, shown } = await onTerminal(args)
        assert.equal(exitCode, 0)
        assert.match(shown, /Measuring: run \d+ of 12/)
        assert.match(shown.slice(shown.lastIndexOf('Measuring')), cursorMovement)
    })

    test('shows none of it where CI is set', async () => {
        const args = ['profile', sound, ...withApp(), '--runs', '4']
        const { shown } = await onTerminal(args, { env: { CI: '1' } })
        assert.ok(!shown.includes('Measuring'))
    })
})
