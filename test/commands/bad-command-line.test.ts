import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import type { CommandName } from '../../src/cli/json/versions.js'
import { withApp } from '../support/cli.js'
import { errorOf, problemsOf } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { copyStore, fixtureStores } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const store = '{store}'
const app = withApp()

interface Wrong {
    readonly line: readonly [CommandName, ...string[]]
    readonly message: string | RegExp
    /** Default: to see the help of the command. */
    readonly hint?: RegExp
}

const wrong: Readonly<Record<string, Wrong>> = {
    'no STORE': {
        line: ['verify-chain'],
        message: 'STORE is missing: process store, its composition folder, or a single log file.',
    },
    'one argument too many': { line: ['replay', store, 'more'], message: 'Unexpected argument: more' },
    'no STORE, of a command with a flag that takes several values': {
        line: ['host'],
        message: 'STORE is missing: folder of the process store; made where it is not there.',
    },
    'an app whose name is empty': {
        line: ['verify-chain', store, '--app', ''],
        message: '--app is an empty text.',
    },
    'an archive whose name is empty': {
        line: ['truncate', store, ...app, '--archive', '', '--yes'],
        message: '--archive is an empty text.',
    },
    'an origin that is empty': {
        line: ['host', store, ...app, '--cors='],
        message: '--cors is an empty text.',
    },
    'a bound without a baseline': {
        line: ['profile', store, ...app, '--max-slowdown', '5%'],
        message: /--max-slowdown.*--baseline/s,
    },
    'an unknown flag': { line: ['replay', store, '--bogus'], message: 'There is no flag --bogus.' },
    'a flag with two letters swapped': {
        line: ['replay', store, '--form-end'],
        message: 'There is no flag --form-end. Did you mean --from-end?',
    },
    'only the beginning of a flag, with a value': {
        line: ['replay', store, '--event=3s'],
        message: 'There is no flag --event. Did you mean --event-timeout?',
    },
    'the beginning of several flags': {
        line: ['replay', store, '--from', 'genesis'],
        message: 'There is no flag --from. Did you mean --from-genesis or --from-end?',
    },
    'a switch with a value': {
        line: ['verify-chain', store, '--no-color=true'],
        message: '--no-color takes no value.',
        hint: /^Write --no-color alone, or leave it out\.$/,
    },
    'a switch with a value where STORE is not named': {
        line: ['append', '--raw=true', ...app],
        message: '--raw takes no value.',
        hint: /^Write --raw alone/,
    },
    'help with a value': {
        line: ['replay', store, '--help=true'],
        message: '--help takes no value.',
        hint: /^Write --help alone/,
    },
    'a flag without its value': { line: ['replay', store, '--app'], message: 'Flag --app expects a value' },
    'a duration that is none': {
        line: ['replay', store, ...app, '--event-timeout', 'abc'],
        message: '--event-timeout: "abc" is not a duration, such as 500ms, 30s or 2m.',
    },
    'a duration of nothing': {
        line: ['replay', store, ...app, '--event-timeout', '0s'],
        message: /^--event-timeout: "0s" is not a duration/,
    },
    'a time to wait that no timer can': {
        line: ['host', store, ...app, '--answer-timeout', '1000h'],
        message: '--answer-timeout: "1000h" is too long a time to wait: it goes up to 596h.',
    },
    'a time for a request that no timer can': {
        line: ['host', store, ...app, '--request-timeout', '597h'],
        message: '--request-timeout: "597h" is too long a time to wait: it goes up to 596h.',
    },
    'a size that is none': {
        line: ['verify-chain', store, '--max-line-size', '12 parsecs'],
        message: '--max-line-size: "12 parsecs" is not a size, such as 1000, 64MiB or 2GB.',
    },
    'a percentage that is none': {
        line: ['profile', store, ...app, '--max-slowdown', 'much'],
        message: '--max-slowdown: "much" is not a percentage, such as 10%.',
    },
    'a number out of range': {
        line: ['reduce', store, ...app, '--every', '0'],
        message: '--every: Expected an integer greater than or equal to 1 but received: 0',
    },
    'no number': {
        line: ['profile', store, ...app, '--runs', 'x'],
        message: '--runs: Expected an integer but received: x',
    },
    'a REF that is none': {
        line: ['truncate', store, ...app, '--before', 'xyz'],
        message: '--before: "xyz" does not name a record.',
        hint: /^Use a hash or at least 6 of its first digits, head, head~3, first, #12/,
    },
    'a hash that is not whole': {
        line: ['verify-chain', store, '--expect-head', 'ABC123'],
        message: '--expect-head takes a whole hash of 64 hex digits, not "ABC123".',
        hint: /by chance or by malice/,
    },
    'flags that exclude each other: ways to start': {
        line: ['replay', store, ...app, '--from-end', '--from-genesis'],
        message: '--from-genesis cannot also be provided when using --from-end.',
    },
    'flags that exclude each other: --from-end and --until': {
        line: ['replay', store, ...app, '--from-end', '--until', 'head'],
        message: /^--until cannot also be provided when using --from-end\.$/,
    },
    'flags that exclude each other: what to reduce': {
        line: ['reduce', store, ...app, '--at', 'head', '--every', '2'],
        message: '--every cannot also be provided when using --at.',
    },
    'flags that exclude each other: with and without proof': {
        line: ['truncate', store, ...app, '--unproven', '--yes'],
        message: '--app cannot also be provided when using --unproven.',
    },
    'flags that exclude each other: where to write': {
        line: ['reorder', store, '--in-place', '--output', 'x'],
        message: '--in-place cannot also be provided when using --output.',
    },
}

describe('a command line that is wrong ends with 2', () => {
    for (const [what, { line, message, hint }] of Object.entries(wrong)) {
        test(`${what}: the same in text and in JSON, and nothing is touched`, async (t) => {
            const copy = temporaryFolder(t)
            copyStore(fixtureStores[2]!.path, copy)
            const before = listing(copy)
            const [command, ...words] = line
            const args = words.map((word) => (word === store ? copy : word))
            const error = await errorOf(command, args)
            assert.deepEqual([error.exitCode, error.code, error.place], [2, 'usage', null])
            if (typeof message === 'string') assert.equal(error.message, message)
            else assert.match(error.message, message)
            const seeHelp = new RegExp(`^See the help: complog ${command} --help\\.$`)
            assert.match(error.hint ?? '', hint ?? seeHelp)

            const text = await warmComplog([command, ...args])
            assert.deepEqual([text.exitCode, text.stdout], [2, ''])
            const told = text.stderr.replaceAll(/\s+/g, ' ')
            assert.equal(told, `Error: ${error.message} ${error.hint ?? ''} `)
            assert.deepEqual(listing(copy), before)
        })
    }
})

test('--json takes no value, with a store and without one', async () => {
    for (const stores of [[], [fixtureStores[2]!.path]]) {
        const { exitCode, stdout, stderr } = await warmComplog(['verify-chain', ...stores, '--json=true'])
        assert.deepEqual([exitCode, stdout], [2, ''])
        assert.match(stderr, /^Error: --json takes no value\.$/m)
    }
})

test('two forms of output exclude each other, and the error comes as JSON', async () => {
    const args = [fixtureStores[2]!.path, ...app, '--markdown']
    const error = await errorOf('profile', args)
    assert.equal(error.message, '--json cannot also be provided when using --markdown.')
})

describe('no command at all', () => {
    const lines: Readonly<Record<string, readonly [readonly string[], string]>> = {
        'an unknown command': [['bogus'], 'There is no command "bogus".'],
        'a command that is nearly one': [
            ['verify-chan', 'store'],
            'There is no command "verify-chan". Did you mean verify-chain?',
        ],
        'the beginning of a command': [
            ['verify', 'store'],
            'There is no command "verify". Did you mean verify-chain?',
        ],
        'nearly the beginning of a command': [
            ['verfy', 'store'],
            'There is no command "verfy". Did you mean verify-chain?',
        ],
        'the beginning of several commands': [
            ['rep', 'store'],
            'There is no command "rep". Did you mean repair or replay?',
        ],
        'a command with two letters swapped': [
            ['reapir', 'store'],
            'There is no command "reapir". Did you mean repair?',
        ],
        'a command, then what it would write to': [
            ['replya', 'store', '--app', 'app'],
            'There is no command "replya". Did you mean replay?',
        ],
        'only a flag': [['--json'], 'Which command?'],
    }
    for (const [what, [line, message]] of Object.entries(lines)) {
        test(`${what} ends with 2 and names the list of commands`, async () => {
            const json = await warmComplog([...line.filter((word) => word !== '--json'), '--json'])
            assert.equal(json.exitCode, 2)
            const envelope = JSON.parse(json.stdout) as { schema: string; error: { message: string } }
            assert.deepEqual(problemsOf(envelope), [])
            assert.equal(envelope.schema, 'complog/complog/1')
            assert.equal(envelope.error.message, message)
            if (line.includes('--json')) return
            const text = await warmComplog(line)
            assert.deepEqual([text.exitCode, text.stdout], [2, ''])
            const told = text.stderr.replaceAll(/\s+/g, ' ')
            assert.equal(told, `Error: ${message} List the commands: complog help. `)
        })
    }

    test('help for an unknown command ends with 2', async () => {
        const { exitCode, stderr } = await warmComplog(['help', 'bogus'])
        assert.deepEqual(
            [exitCode, stderr],
            [2, 'Error: Command bogus not found.\nList the commands: complog help.\n'],
        )
    })

    test('nothing shows the list of commands and ends with 0', async () => {
        const { exitCode, stdout } = await warmComplog([])
        assert.equal(exitCode, 0)
        assert.match(stdout, /^ {2}verify-chain +Check every record/m)
    })
})
