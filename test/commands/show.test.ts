import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { resultOf } from '../support/envelope.js'
import { LogWriter } from '../support/log-writer.js'
import { fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'
import { warmComplog } from '../support/warm.js'

const counter = fixtureStores[2]!
const web = fixtureStores[3]!

const lineOf = (text: string) => JSON.parse(text) as Record<string, unknown>

describe('show', () => {
    test('tells of the head what it says, where it stands and when it was', async () => {
        const { exitCode, stdout } = await warmComplog(['show', web.path, '#5'])
        assert.equal(exitCode, 0)
        for (const part of [
            /^record #5\n/,
            /hash +0589A4EC864D3A9ED1994548A92CC3FC8931D0DA4055A41EFE9CFEE22CAC4F13/,
            /time +2019-04-28 12:03:54\.428 UTC, as an event says/,
        ])
            assert.match(stdout, part)
        assert.match(stdout, /\n {2}POST http:\/\/localhost:32768\/\n {2}Cache-Control: no-cache\n/)
        const { stdout: hourly } = await warmComplog(['show', counter.path, '#3'])
        assert.match(
            hourly,
            /from 2019-04-28 13:00:00 to 2019-04-28 13:59:59\.999 UTC, as the name\s+of the file says/,
        )
    })

    test('with an app shows the response and what changed in the state', async () => {
        const { stdout } = await warmComplog(['show', counter.path, '#3', ...withApp()])
        assert.match(
            stdout,
            /response\n {2}-1411\n\nchange of the state\n {2}~ all of it {2}-1765 → -1411\n$/,
        )
        const { records } = await resultOf('show', [counter.path, '#3', ...withApp()])
        const effect = records[0]?.effect
        assert.deepEqual(effect?.responses, ['-1411'])
        assert.deepEqual(effect.difference?.changes, [{ pointer: '', before: '-1765', after: '-1411' }])
    })

    test('prints with --state just the state, byte for byte', async () => {
        const args = ['show', web.path, ...withApp('string-builder'), '--state']
        const { stdout, stderr } = await warmComplog(args)
        assert.equal(stdout, web.expected.state)
        assert.match(stderr, /^record #120\n/)
        const none = await warmComplog([...args, '--path', '/none'])
        assert.deepEqual([none.exitCode, none.stdout], [3, ''])
        assert.match(none.stderr, /Nothing stands at \/none/)
    })

    test('lists a range, the newest first, one line each', async () => {
        const { stdout } = await warmComplog(['show', counter.path, '#3..head~40'])
        const numbers = stdout
            .trim()
            .split('\n')
            .map((line) => /^#(\d+) {2}[0-9A-F]{12} {2}/.exec(line)?.[1])
        assert.deepEqual(numbers, ['8', '7', '6', '5', '4'])
        const limited = await warmComplog(['show', counter.path, '..', '--limit', '2'])
        assert.equal(limited.stdout.trim().split('\n').length, 2)
        assert.match(
            limited.stderr,
            /46 older records beyond these: raise --limit, or go\s+on\s+with\s+\.\.#46/,
        )
        const { records, more } = await resultOf('show', [counter.path, '#3..', '--limit', '2'])
        assert.deepEqual([records.map(({ position }) => position), more], [[48, 47], 43])
    })

    test('lists with an app what each record of a range did, as it says of each alone', async () => {
        const range = [counter.path, '#30..#40', ...withApp()]
        const { records, more } = await resultOf('show', [...range, '--limit', '8'])
        assert.deepEqual(
            [records.map(({ position }) => position), more],
            [[40, 39, 38, 37, 36, 35, 34, 33], 2],
        )
        for (const record of records) {
            const alone = await resultOf('show', [counter.path, `#${record.position}`, ...withApp()])
            assert.deepEqual(record, alone.records[0])
        }
        const { stdout } = await warmComplog(['show', ...range])
        assert.match(stdout, /^#40 .*\n {2}~ all of it {2}-?\d+ → -?\d+\n#39 /)
        const { stdout: states } = await warmComplog(['show', ...range, '--state', '--lines', '--limit', '2'])
        const known = states.trim().split('\n').map(lineOf)
        assert.deepEqual(
            known.map(({ state }) => String(state)),
            records.slice(0, 2).map(({ effect }) => effect?.responses?.at(-1)),
        )
    })

    for (const { name, path, app, responses } of fixtureStores) {
        test(`shows of every event the response that its host gave: ${name}`, async () => {
            const range = ['..head', '--limit', '1000', ...withApp(app)]
            const { records } = await resultOf('show', [path, ...range])
            const shown = records.toReversed().flatMap(({ effect }) => effect?.responses ?? [])
            assert.deepEqual(shown, responses)
        })
    }

    test('prints a line of JSON a record with --lines, the events as JSON', async () => {
        const { stdout } = await warmComplog(['show', counter.path, '..', '--lines'])
        const lines = stdout.trim().split('\n').map(lineOf)
        assert.equal(lines.length, 48)
        assert.deepEqual(lines[0]?.['events'], [{ addition: 470 }])
        const one = await warmComplog(['show', counter.path, '#3', ...withApp(), '--lines'])
        const { responses, difference } = lineOf(one.stdout) as {
            responses: unknown
            difference: { form: string }
        }
        assert.deepEqual([responses, difference.form], [[-1411], 'json'])
    })

    test('keeps numbers as they were written, and texts that are no JSON as texts', async (t) => {
        const log = new LogWriter()
        log.add({ events: ['{"n":9007199254740993,\n"m":1.0}', 'a "text"\n'], setState: '7' })
        const store = makeStore(temporaryFolder(t), log.lines)
        const { stdout } = await warmComplog(['show', store, '--lines'])
        assert.ok(
            stdout.endsWith(`"setState":7,"events":[{"n":9007199254740993, "m":1.0},"a \\"text\\"\\n"]}\n`),
            stdout,
        )
        const { stdout: text } = await warmComplog(['show', store])
        assert.match(
            text,
            /sets the state\n {2}7\n\nevent 1 of 2 {2}n\n {2}\{"n": 9007199254740993, "m": 1\.0\}/,
        )
    })

    test('lets nothing of hostile events through to a terminal', { skip: noTerminal }, async (t) => {
        const log = new LogWriter()
        const controls = ['\u001b', '\u0007', '\u009b', '\u202e']
        const hostile = '\u001b[2J\u001b]0;gone\u0007\u009b31m\u202e</script>'
        log.add({ events: [hostile, JSON.stringify({ [hostile]: hostile }), JSON.stringify(hostile)] })
        log.add({
            events: [
                `{"httpRequest":{"request":${JSON.stringify({ method: hostile, uri: hostile, bodyAsString: hostile, headers: [{ name: hostile, values: [hostile] }] })}}}`,
            ],
        })
        const store = makeStore(temporaryFolder(t), log.lines)
        for (const more of [['#1'], ['head'], ['..'], ['..', '--lines'], ['--json']]) {
            const { shown } = await onTerminal(['show', store, ...more, '--no-color'])
            assert.ok(!controls.some((control) => shown.includes(control)), more.join(' '))
            assert.match(shown, /\\u001b/)
        }
    })

    test('shows a million brackets, and half of a character, without falling over', async (t) => {
        const log = new LogWriter()
        log.add({ events: ['['.repeat(1_000_000) + ']'.repeat(1_000_000)] })
        const store = makeStore(temporaryFolder(t), [...log.lines])
        const { exitCode, stdout } = await warmComplog(['show', store])
        assert.equal(exitCode, 0)
        assert.ok(stdout.length < 20_000)
    })

    test('refuses what makes no sense', async (t) => {
        const empty = makeStore(temporaryFolder(t), [])
        const refused = async (args: readonly string[], message: RegExp) => {
            const { exitCode, stderr } = await warmComplog(['show', ...args])
            assert.equal(exitCode, 2)
            assert.match(stderr, message)
        }
        await refused([empty], /empty: there is no record/)
        await refused([counter.path, '..', ...withApp(), '--state'], /range are printed as lines of JSON/)
        await refused([counter.path, '--state'], /Which app\?/)
        await refused([counter.path, '--path', '/~5', ...withApp()], /not a JSON pointer/)
        await refused([counter.path, '#49'], /names no record/)
        await refused([counter.path, '#9..#3'], /ends with #3, before #9[^]*first: #3\.\.#9/)
        await refused([counter.path, ...withApp(), '--state', '--diff'], /cannot also be provided/)
    })
})
