import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import stringWidth from 'string-width'

import { type CliResult, withApp } from '../support/cli.js'
import { copyStore, fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const escape = '\u001B'
const folder = temporaryFolder({ after })
const sound = fixtureStores[2]!.path
const broken = makeStore(join(folder, 'broken'), ['{', '{"ParentHashBase16":"00"}', 'x'])

/** What every command says about a store, in all its words. */
function linesOf({ path, name, app }: (typeof fixtureStores)[number]): readonly (readonly string[])[] {
    const flags = withApp(app)
    const copy = join(folder, name)
    copyStore(path, copy)
    return [
        ['verify-chain', path, ...flags],
        ['replay', path, ...flags, '--responses', join(folder, `${name}.jsonl`)],
        ['reduce', copy, ...flags, '--every', '10'],
        ['truncate', copy, ...flags],
        ['truncate', copy, ...flags, '--yes', '--archive', join(folder, `${name}-old`)],
        ['reorder', copy, '--output', join(folder, `${name}-ordered`)],
        ['profile', path, ...flags, '--runs', '2', '--warmup', '0', '--from-genesis'],
    ]
}

/** Lines wider than 80 columns, those apart that a path makes so. */
function tooWide({ stdout, stderr }: Pick<CliResult, 'stdout' | 'stderr'>, without = ''): readonly string[] {
    const lines = `${stdout}\n${stderr}`.replace(without, '').split('\n')
    return lines.filter((line) => stringWidth(line) > 80 && !line.includes(folder) && !line.includes(sound))
}

describe('text in a pipe', () => {
    for (const fixture of fixtureStores.filter((_, nth) => nth % 2 >= thinned(1, 0))) {
        test(`about ${fixture.name} fits 80 columns, paths apart, and is plain`, async () => {
            for (const line of linesOf(fixture)) {
                const result = await warmComplog(line)
                const state = line[0] === 'replay' ? fixture.expected.state : ''
                assert.deepEqual(tooWide(result, state), [], line.join(' '))
                assert.ok(!(result.stdout + result.stderr).includes(escape))
            }
        })
    }

    test('about what is wrong fits 80 columns too', async () => {
        const lines = [
            ['verify-chain', broken],
            ['verify-chain', sound, '--expect-head', 'F'.repeat(64)],
            ['verify-chain', 'nothing'],
            ['replay', broken, ...withApp()],
            ['replay', sound],
            ['reorder', sound],
            ['truncate', sound],
            ['replay', sound, '--bogus'],
            ['replay', sound, '--until', 'xyz'],
            ['replay'],
            ['bogus'],
        ]
        for (const line of lines) {
            const result = await warmComplog(line)
            assert.deepEqual(tooWide(result), [], line.join(' '))
            assert.ok(!(result.stdout + result.stderr).includes(escape))
        }
    })

    test('is plain even where something asks for colour', async () => {
        const env = { FORCE_COLOR: '1', TERM: 'xterm-256color', COLORTERM: 'truecolor' }
        const { stdout, stderr } = await warmComplog(['verify-chain', broken], { env })
        assert.ok(!(stdout + stderr).includes(escape))
    })

    test('goes to stdout where it is the result, and only there', async () => {
        const verified = await warmComplog(['verify-chain', broken])
        assert.deepEqual([verified.exitCode, verified.stderr], [3, ''])
        const error = await warmComplog(['replay', broken, ...withApp()])
        assert.deepEqual([error.exitCode, error.stdout], [12, ''])
        assert.match(error.stderr, /^Error: /)
        const replayed = await warmComplog(['replay', sound, ...withApp()])
        assert.equal(replayed.stdout, fixtureStores[2]!.expected.state)
        assert.match(replayed.stderr, /^Restored record #48/)
    })

    test('shows no progress', async () => {
        const { stderr } = await warmComplog(['profile', sound, ...withApp(), '--runs', '3'])
        assert.equal(stderr, '')
    })
})
