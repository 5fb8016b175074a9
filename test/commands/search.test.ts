import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { complogJson, errorOf, resultOf } from '../support/envelope.js'
import { additionEvent, LogWriter } from '../support/log-writer.js'
import { fixtureStores, makeStore, readLog } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const counter = fixtureStores[2]!
const web = fixtureStores[3]!

/** Events of a store, in order. */
function eventsOf(path: string): readonly string[] {
    const lines = Object.values(readLog(path)).flat()
    return lines.flatMap((line) => {
        const { AppendedEvents = [] } = JSON.parse(line.toString()) as {
            AppendedEvents?: { LiteralString: string }[]
        }
        return AppendedEvents.map(({ LiteralString }) => LiteralString)
    })
}

const noJq = spawnSync('jq', ['--version']).status === 0 ? false : 'there is no jq'

/** Those of the events of which a filter of jq is true. */
function byJq(events: readonly string[], filter: string): readonly string[] {
    const program = `fromjson as $e | select($e | ${filter})`
    const { stdout, stderr, status } = spawnSync('jq', ['-c', program], {
        input: events.map((event) => JSON.stringify(event)).join('\n'),
        encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
    return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as string)
}

async function found(path: string, args: readonly string[]): Promise<readonly (string | null)[]> {
    const envelope = await complogJson('search', [path, ...args])
    assert.ok(envelope.status !== 'error', JSON.stringify(envelope))
    const { hits, count } = envelope.result
    assert.deepEqual([count, envelope.status], [hits.length, count > 0 ? 'ok' : 'no'])
    return hits.map(({ text }) => text)
}

describe('search finds what jq finds', { skip: noJq }, () => {
    const request = '.httpRequest.request'
    const cases: readonly (readonly [store: typeof web, args: readonly string[], filter: string])[] = [
        [counter, ['--where', 'event.addition > 900'], '.addition > 900'],
        [counter, ['--where', 'event.addition < 0'], '.addition < 0'],
        [counter, ['--where', 'event.addition % 2 === 0'], '.addition % 2 == 0'],
        [counter, ['--where', 'Math.abs(event.addition) > 500 && event.addition < 0'], '.addition < -500'],
        [counter, ['--where', '[470, 794].includes(event.addition)'], '.addition == 470 or .addition == 794'],
        [counter, ['--where', "'addition' in event"], 'has("addition")'],
        [counter, ['--where', 'event.nothing'], '.nothing'],
        [counter, ['--match', '9'], 'tojson | test("9")'],
        [counter, ['--match', '-\\d{2}\\}'], 'tojson | test("-[0-9]{2}}")'],
        [counter, ['--match', '^\\{"addition":-?1'], 'tojson | test("^{\\"addition\\":-?1")'],
        [counter, ['--kind', 'addition', '--match', '77'], 'has("addition") and (tojson | test("77"))'],
        [web, ['--kind', 'POST'], `${request}.method == "POST"`],
        [
            web,
            ['--kind', 'POST /api'],
            `${request}.method == "POST" and (${request}.uri | test("^http://[^/]+/api([/?]|$)"))`,
        ],
        [
            web,
            ['--kind', 'GET /'],
            `${request}.method == "GET" and (${request}.uri | test("^http://[^/]+/([?]|$)"))`,
        ],
        [web, ['--match', 'Firefox'], 'tojson | test("Firefox")'],
        [web, ['--match', 'firefox', '-i'], 'tojson | test("firefox"; "i")'],
        [web, ['--match', '三'], `tostring | test("三")`],
        [web, ['--match', '<b>&amp;</b>'], `${request}.bodyAsString | test("<b>&amp;</b>")`],
        [
            web,
            ['--where', "event.httpRequest.request.uri.endsWith('?x=1')"],
            `${request}.uri | endswith("?x=1")`,
        ],
        [
            web,
            ['--where', 'event.httpRequest.request.bodyAsString?.length > 3'],
            `(${request}.bodyAsString // "" | length) > 3`,
        ],
        [
            web,
            ['--where', 'event.httpRequest.request.headers.length < 4'],
            `(${request}.headers | length) < 4`,
        ],
        [
            web,
            ['--where', "event.httpRequest.request.headers.some(({ name }) => name === 'User-Agent')"],
            `any(${request}.headers[]; .name == "User-Agent")`,
        ],
        [
            web,
            ['--where', 'event.httpRequest.posixTimeMilli >= 1556453034428'],
            '.httpRequest.posixTimeMilli >= 1556453034428',
        ],
        [
            web,
            ['--match', 'Firefox', '--where', "event.httpRequest.request.method === 'GET'"],
            `(tojson | test("Firefox")) and ${request}.method == "GET"`,
        ],
    ]
    for (const [store, args, filter] of cases) {
        test(`with ${args.join(' ')}`, async () =>
            assert.deepEqual(await found(store.path, args), byJq(eventsOf(store.path), filter)))
    }

    test('which is something, most of the time', () => {
        const some = cases.filter(([{ path }, , filter]) => byJq(eventsOf(path), filter).length > 0)
        assert.ok(some.length >= 20, String(some.length))
    })
})

describe('search', () => {
    test('ends with 0 where there is something, with 3 where there is nothing', async () => {
        const some = await warmComplog(['search', counter.path, '--match', 'addition', '--count'])
        assert.deepEqual([some.exitCode, some.stdout], [0, `${counter.expected.events}\n`])
        const none = await warmComplog(['search', counter.path, '--match', 'subtraction'])
        assert.deepEqual([none.exitCode, none.stdout, none.stderr], [3, '', ''])
    })

    test('looks between two records or times, both included', async () => {
        const positions = async (...args: readonly string[]) =>
            (await resultOf('search', [counter.path, ...args])).hits.map(({ position }) => position)
        assert.deepEqual([...new Set(await positions('--since', '#3', '--until', 'head~43'))], [3, 4, 5])
        const hour = await positions('--since', '2019-04-28T13:00', '--until', '2019-04-28T13:59:59')
        assert.deepEqual([...new Set(hour)], [3, 4])
        const { exitCode } = await warmComplog(['search', counter.path, '--since', '2030-01-01'])
        assert.equal(exitCode, 3)
    })

    test('ends with the limit, and says where to go on', async () => {
        const all = await found(counter.path, [])
        const { hits, next } = await resultOf('search', [counter.path, '--limit', '5'])
        assert.deepEqual(
            hits.map(({ text }) => text),
            all.slice(0, 5),
        )
        const rest = await found(counter.path, ['--since', next!])
        assert.ok(all.length - 5 <= rest.length)
        assert.deepEqual(rest, all.slice(all.length - rest.length))
        const { stderr } = await warmComplog(['search', counter.path, '--limit', '5'])
        assert.match(stderr, new RegExp(`--since\\s+'${next!}'`))
        // Whoever goes on as it says, with the same end, gets all of it and no error.
        const bounded = [counter.path, '--until', '#5', '--limit', '2']
        let pages = (await resultOf('search', bounded)).hits
        let since = (await resultOf('search', bounded)).next
        while (since !== null) {
            const page = await resultOf('search', [...bounded, '--since', since])
            const known = pages.map(({ hash, eventIndex }) => `${hash} ${eventIndex}`)
            pages = [
                ...pages,
                ...page.hits.filter(({ hash, eventIndex }) => !known.includes(`${hash} ${eventIndex}`)),
            ]
            since = page.next === since ? null : page.next
        }
        const whole = await resultOf('search', [counter.path, '--until', '#5'])
        assert.deepEqual(pages, whole.hits)
        // Behind the last event of the log there is no record to go on from.
        const toEnd = [counter.path, '--limit', String(all.length)]
        assert.equal((await resultOf('search', toEnd)).next, null)
        assert.equal((await warmComplog(['search', ...toEnd])).stderr, '')
    })

    test('ended within the record that it began with, asks for a larger limit, not for the same again', async (t) => {
        const log = new LogWriter()
        log.add({ events: ['"a"', '"b"', '"c"'] })
        log.add({ events: ['"d"'] })
        const store = makeStore(temporaryFolder(t), log.lines)
        const { stderr } = await warmComplog(['search', store, '--limit', '2'])
        assert.match(stderr, /Ended after 2 hits, within #1: raise --limit/)
        const all = await warmComplog(['search', store, '--limit', '3'])
        assert.match(all.stderr, /Ended after 3 hits\. Go on with --since '#2'\./)
    })

    test('finds the events that changed a part of the state, with the values around', async () => {
        const { hits } = await resultOf('search', [counter.path, ...withApp(), '--changed', '#'])
        const ofEvents = hits.filter(({ eventIndex }) => eventIndex !== null)
        assert.deepEqual(
            ofEvents.map(({ after }) => after),
            counter.responses,
        )
        let state: string | null = '0'
        for (const { before, after } of hits) {
            assert.equal(before, state)
            state = after
        }
        const { stdout } = await warmComplog([
            'search',
            counter.path,
            ...withApp(),
            '--changed',
            '#',
            '--csv',
            '--limit',
            '1',
        ])
        assert.match(
            stdout,
            /^position,hash,time,event,kind,before,after\n1,[0-9A-F]{64},2019-04-28T12:00:00\.000Z,1,addition,0,-858\n$/,
        )
    })

    test('lets an expression look at the response and the state', async () => {
        const low = await found(counter.path, [...withApp(), '--where', 'state < -3000 && before >= -3000'])
        const states = [0, ...counter.responses.map(Number)]
        const expected = eventsOf(counter.path).filter(
            (_, index) => states[index + 1]! < -3000 && states[index]! >= -3000,
        )
        assert.deepEqual(low, expected)
        assert.ok(low.length > 0)
        const answered = await found(counter.path, [...withApp(), '--where', 'response === -1411'])
        assert.deepEqual(answered, ['{"addition":354}'])
    })

    test('refuses what cannot be looked for, before it looks', async () => {
        const refused = async (args: readonly string[], code: string, message: RegExp) => {
            const error = await errorOf('search', [counter.path, ...args])
            assert.deepEqual([error.exitCode, error.code], [2, code])
            assert.match(error.message, message)
        }
        await refused(['--match', '('], 'usage', /--match: Invalid regular expression/)
        await refused(['--where', 'event.'], 'condition-failed', /--where 'event\.' failed: .*character 7/)
        await refused(['--where', 'state > 1'], 'condition-failed', /state is not there\. Give the app/)
        await refused(['--where', 'event.a.b'], 'condition-failed', /at record #1: .*, at character 9/)
        await refused(['--changed', '/a'], 'usage', /Which app/)
        await refused(['--since', '2019-13-01'], 'usage', /does not name a record/)
        await refused(['--since', '#10', '--until', '#5'], 'usage', /ends with #5, before #10/)
        await refused(['--since', 'head', '--until', '2019-04-28T13:30'], 'usage', /before #48/)
        const times = ['--since', '2019-04-28T13:40', '--until', '2019-04-28T13:30']
        await refused(times, 'usage', /time of --until is before/)
    })

    test('stops an expression that never ends, by its name', async (t) => {
        const log = new LogWriter()
        log.add({ events: ['fine'] })
        log.add({ events: [`${'a'.repeat(80)}!`] })
        const store = makeStore(temporaryFolder(t), log.lines)
        const error = await errorOf('search', [store, '--match', '(a+)+$', '--event-timeout', '300ms'])
        assert.equal(error.code, 'condition-failed')
        assert.match(
            error.message,
            /^--match '\/\(a\+\)\+\$\/' failed at record #2: it took longer than 300 ms/,
        )
    })

    test('goes on behind lines that are no records, and behind very long ones', async (t) => {
        const log = new LogWriter()
        for (const n of [1, 2, 3]) log.add({ events: [additionEvent(n)] })
        const [first, second, third] = log.lines as [string, string, string]
        const broken = Buffer.concat([
            Buffer.from(second.slice(0, -9)),
            Buffer.from([0xff, 0xfe]),
            Buffer.from('"}]}'),
        ])
        const long = `{"x":"${'y'.repeat(3_000_000)}"}`
        const folder = temporaryFolder(t)
        for (const [name, line] of Object.entries({ broken, long, torn: second.slice(0, 30) })) {
            const store = makeStore(`${folder}/${name}`, [first, line, third])
            const args = ['search', store, '--match', 'addition', '--max-line-size', '1MB']
            const { exitCode, stdout, stderr } = await warmComplog(args)
            assert.equal(exitCode, 0, stderr)
            assert.deepEqual(stdout.match(/\{"addition":\d\}/g), ['{"addition":1}', '{"addition":3}'], name)
            assert.match(stderr, /searched as their lines stand/)
        }
    })

    test('finds in a long log what stands in it, and names the record that an expression fails on', async (t) => {
        const log = new LogWriter()
        const events: string[] = []
        for (let n = 0; n < 3000; n++) {
            const own = Array.from({ length: n % 4 }, (_, i) => JSON.stringify({ addition: n, i, ä: 'ö' }))
            log.add({ events: own, ...(n % 7 === 0 && { setState: '1' }) })
            events.push(...own)
        }
        const store = makeStore(temporaryFolder(t), log.lines)
        const few = events.filter((event) => /1999|,"i":2/.test(event))
        assert.deepEqual(await found(store, ['--where', 'event.addition === 1999 || event.i === 2']), few)
        assert.deepEqual(await found(store, ['--match', '1999|,"i":2']), few)
        const since = await found(store, ['--where', 'event.i === 2', '--since', '#1500', '--until', '#2900'])
        const between = few.filter((event) => {
            const { addition, i } = JSON.parse(event) as { addition: number; i: number }
            return i === 2 && addition >= 1499 && addition < 2900
        })
        assert.deepEqual(since, between)
        const failing = ['--where', 'event.addition < 2001 || event.no.more']
        const { code, message } = await errorOf('search', [store, ...failing])
        assert.equal(code, 'condition-failed')
        assert.match(message, /failed at record #2002: Cannot read/)
    })

    const mebibytes = thinned(20, 64)
    test(`finds what stands in a line of ${mebibytes} MiB, and behind it`, async (t) => {
        const log = new LogWriter()
        log.add({ events: [`${'x'.repeat(mebibytes * 1024 * 1024)} needle`] })
        log.add({ events: ['the needle'] })
        const store = makeStore(temporaryFolder(t), log.lines)
        for (const regex of ['needle', 'ne{2}dle$']) {
            const { stdout } = await warmComplog(['search', store, '--match', regex])
            assert.equal(stdout.split('\n').length, 3)
            assert.ok(stdout.length < 2000)
        }
    })

    test('keeps halves of characters, a hundred thousand brackets and states that are no JSON apart', async (t) => {
        const log = new LogWriter()
        const deep = '['.repeat(100_000) + ']'.repeat(100_000)
        log.add({ events: ['half \ud800', deep, 'half \ud801'], setState: 'no JSON' })
        const store = makeStore(temporaryFolder(t), log.lines)
        assert.equal((await found(store, ['--where', 'Array.isArray(event)'])).length, 1)
        assert.equal((await found(store, ['--where', "text === 'half \\ud800'"])).length, 1)
        const { stdout } = await warmComplog(['search', store, '--where', 'Array.isArray(event)', '--lines'])
        assert.ok(stdout.includes(`"event":${deep},`))
    })

    test('lets nothing of hostile events through to a terminal, and draws the course', {
        skip: noTerminal,
    }, async (t) => {
        const log = new LogWriter()
        log.add({ events: ['\u001b]0;gone\u0007 \u009b2J \u202e</script>'] })
        const store = makeStore(temporaryFolder(t), log.lines)
        for (const more of [[], ['--lines'], ['--csv']]) {
            const { shown } = await onTerminal(['search', store, '--match', 'gone', '--no-color', ...more])
            assert.ok(
                !['\u001b', '\u0007', '\u009b', '\u202e'].some((control) => shown.includes(control)),
                more[0],
            )
        }
        const { shown } = await onTerminal([
            'search',
            counter.path,
            ...withApp(),
            '--changed',
            '#',
            '--no-color',
        ])
        assert.match(shown, /\n[▁▂▃▄▅▆▇█]{40,} {2}-?\d+ to -?\d+\n/)
    })
})
