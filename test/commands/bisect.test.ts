import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'

import type { Bisected } from '../../src/core/bisect/bisect.js'
import { scriptOf } from '../core/compare/script-app.js'
import { complog, withApp } from '../support/cli.js'
import { errorOf, resultOf } from '../support/envelope.js'
import { counterLog, LogWriter } from '../support/log-writer.js'
import { fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

type Context = Parameters<typeof temporaryFolder>[0]

/** A store of the counter app that counts to so many: the state after a record is its number. */
function countingStore(t: Context, records: number): string {
    return makeStore(
        temporaryFolder(t),
        new LogWriter().addAdditions(...Array<number>(records).fill(1)).lines,
    )
}

function bisectArgs(store: string, ...rest: readonly string[]): readonly string[] {
    return ['bisect', store, ...withApp(), ...rest]
}

describe('bisect --run', () => {
    test('finds the record, and prints its event, its response and what it changed', async (t) => {
        const store = makeStore(temporaryFolder(t), counterLog(300).lines)
        const { exitCode, stdout, stderr } = await warmComplog(
            bisectArgs(store, '--run', 'sh', '-c', 'test $(cat) -lt 20000'),
        )
        assert.equal(stderr, '')
        assert.equal(exitCode, 0)
        assert.match(stdout, /^Record #200, [0-9A-F]{12}… is the first after which the state is bad\.\n/)
        assert.match(stdout, /event +addition +\{"addition":200\}\n/)
        assert.match(stdout, /response +20100\n/)
        assert.match(stdout, /19900 → 20100/)
        assert.match(stdout, /Replayed 300 records, tested 1\d states, and two of them again/)
    })

    test('gives the command the exact state, and the name of the record', async (t) => {
        const folder = temporaryFolder(t)
        const script = 'cat > "$COMPLOG_REF"; test "$COMPLOG_REF" != "#30"'
        const { exitCode } = await warmComplog(bisectArgs(countingStore(t, 30), `--run=${script}`), {
            cwd: folder,
        })
        assert.equal(exitCode, 0)
        for (const position of [0, 29, 30])
            assert.equal(readFileSync(join(folder, `#${position}`), 'utf8'), String(position))
    })

    test('finds the command in the PATH, with a script of an app as well', async (t) => {
        const folder = temporaryFolder(t)
        writeFiles(folder, { 'app.js': scriptOf('return [state + event.addition, ""]') })
        writeFiles(folder, { 'bin/is-small': '#!/bin/sh\ntest -z "$SECRET" && test $(cat) -lt 7\n' })
        chmodSync(join(folder, 'bin/is-small'), 0o755)
        const app = ['--app', join(folder, 'app.js'), '--entry', 'App', '--allow-script']
        const args = ['bisect', countingStore(t, 12), ...app, '--run', 'is-small']
        const env = { PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`, SECRET: 'x' }
        const { exitCode, stdout } = await warmComplog(args, { env })
        assert.equal(exitCode, 0)
        assert.match(stdout, /^Record #7, /)
    })

    test('takes all that follows for the command, whatever flags it has, and keeps its output apart', async (t) => {
        const store = countingStore(t, 9)
        const script = 'echo "said $*"; test $(cat) -lt 4'
        const words = ['sh', '-c', script, 'name', '--json', '-h', '--no-such-flag', '--run', '--']
        const { exitCode, stdout, stderr } = await warmComplog(bisectArgs(store, '--run', ...words))
        assert.equal(exitCode, 0)
        assert.match(stdout, /^Record #4,/)
        assert.match(stderr, /^said --json -h --no-such-flag --run --\n/)
        assert.doesNotMatch(stdout, /said/)
        const other = await warmComplog(bisectArgs(store, '--run', '--', ...words))
        assert.match(other.stdout, /^Record #4,/)
    })

    test('takes a command between quotes for a line of the shell', async (t) => {
        const store = countingStore(t, 9)
        for (const run of [['--run', 'test $(cat) -lt 4'], ['--run=test $(cat) -lt 4']])
            assert.match((await warmComplog(bisectArgs(store, ...run))).stdout, /^Record #4,/)
    })

    test('does not mind a command that does not read the state', async (t) => {
        const long = JSON.stringify({ addition: 1, pad: 'x'.repeat(200_000) })
        const log = new LogWriter()
        log.add({ setState: '7' })
        for (let i = 0; i < 3; i++) log.add({ events: [long] })
        const store = makeStore(temporaryFolder(t), log.lines)
        const { exitCode, stdout } = await warmComplog(bisectArgs(store, '--run', 'true'))
        assert.equal(exitCode, 3)
        assert.match(
            stdout,
            /^Never: 5 tested states are good, from the initial state to the state after #4\./,
        )
    })

    test('a command that fails everywhere is told so, and not blamed on a record', async (t) => {
        const { exitCode, stdout } = await warmComplog(bisectArgs(countingStore(t, 9), '--run', 'false'))
        assert.equal(exitCode, 3)
        assert.match(stdout, /^Already: the initial state is bad.*See\nwhether the test fails everywhere/s)
        assert.doesNotMatch(stdout, /#\d/)
    })

    test('where only skipped states are left, it says which, and that is an answer', async (t) => {
        const store = countingStore(t, 20)
        const script = 'n=$(cat); test $n -lt 7 && exit 0; test $n -lt 10 && exit 125; exit 1'
        const { exitCode, stdout } = await warmComplog(bisectArgs(store, `--run=${script}`))
        assert.equal(exitCode, 0)
        assert.match(stdout, /^One of these 4 records is the first after which the state is bad/)
        assert.deepEqual(
            [...stdout.matchAll(/^ {2}#(\d+) /gm)].map(([, position]) => Number(position)),
            [7, 8, 9, 10],
        )
    })

    test('says where it was made so more than once, and --exact finds the first time', async (t) => {
        const store = countingStore(t, 50)
        const script = 'n=$(cat); test $n -lt 8 -o $n -gt 12 -a $n -lt 45'
        const sought = await resultOf('bisect', [store, ...withApp(), `--run=${script}`])
        assert.deepEqual([sought.record?.position, sought.monotonic], [8, false])
        const narrow = 'n=$(cat); test $n -ne 3 -a $n -lt 45'
        const first = await resultOf('bisect', [store, ...withApp(), '--exact', `--run=${narrow}`])
        assert.deepEqual([first.record?.position, first.tested], [3, 4])
    })

    test('gives up where the command does, and names it', async (t) => {
        const store = countingStore(t, 9)
        for (const [script, how] of [
            ['exit 128', 'ended with 128'],
            ['kill -9 $$', 'was ended by SIGKILL'],
        ] as const) {
            const { code, message, exitCode } = await errorOf('bisect', [
                store,
                ...withApp(),
                `--run=${script}`,
            ])
            assert.deepEqual([code, exitCode], ['run-gave-up', 18])
            assert.ok(message.includes(`(${script}) ${how} at the initial state`), message)
        }
    })

    test('refuses what cannot be run, and a line that says it not at all or twice', async (t) => {
        const store = countingStore(t, 9)
        for (const [args, said] of [
            [['--run', './no-such-program'], /Cannot run \.\/no-such-program: it is not there/],
            [['--run'], /--run is there without a command/],
            [['--run=false', '--run', 'false'], /--run is there twice/],
            [[], /One of --where, --run,\s+--decode-error and --fails/],
            [['--decode-error', '--run', 'false'], /One of --where/],
            [['--good', '#5', '--bad', '#5', '--run', 'false'], /are the same, #5/],
            [['--good', '#5', '--bad', '#4', '--run', 'false'], /#5 to begin with comes behind #4/],
        ] as const) {
            const { exitCode, stdout, stderr } = await warmComplog(bisectArgs(store, ...args))
            assert.deepEqual([exitCode, stdout], [2, ''])
            assert.match(stderr, said)
        }
    })

    test('a program that may not be executed is named', async (t) => {
        const folder = temporaryFolder(t)
        writeFiles(folder, { script: '#!/bin/sh\n' })
        chmodSync(join(folder, 'script'), 0o644)
        const { exitCode, stderr } = await warmComplog(bisectArgs(countingStore(t, 2), '--run', './script'), {
            cwd: folder,
        })
        assert.equal(exitCode, 2)
        assert.match(stderr, /Cannot run \.\/script: it may not be executed/)
    })

    test('ends the command when it is interrupted', async (t) => {
        let say: (value: unknown) => void = () => undefined
        const when = new Promise((resolve) => (say = resolve))
        const { exitCode } = await complog(
            bisectArgs(countingStore(t, 9), '--run=echo here; exec sleep 60'),
            {
                onOutput: (text) => text.includes('here') && say(undefined),
                interrupt: { when, signal: 'SIGINT' },
            },
        )
        assert.equal(exitCode, 130)
    })
})

describe('bisect --where', () => {
    test('finds the record after which the expression is true of the state', async (t) => {
        const store = makeStore(temporaryFolder(t), counterLog(300).lines)
        const { exitCode, stdout } = await warmComplog(bisectArgs(store, '--where', 'state >= 20000'))
        assert.equal(exitCode, 0)
        assert.match(stdout, /^Record #200, [0-9A-F]{12}… is the first after which the state is bad\.\n/)
        assert.match(stdout, /19900 → 20100/)
        const exact = await resultOf('bisect', [store, ...withApp(), '--exact', '--where', 'state === 6'])
        assert.deepEqual([exact.record?.position, exact.tested], [3, 4])
        assert.deepEqual(exact.condition, { kind: 'where', text: 'state === 6' })
    })

    test('says where it is true of the first state already, and where it never is', async (t) => {
        const store = makeStore(temporaryFolder(t), counterLog(30).lines)
        const already = await warmComplog(bisectArgs(store, '--where', 'state < 1000'))
        assert.equal(already.exitCode, 3)
        assert.match(already.stdout, /^Already: the initial state is bad/)
        const never = await warmComplog(bisectArgs(store, '--where', 'state < 0'))
        assert.equal(never.exitCode, 3)
        assert.match(never.stdout, /^Never: 18 tested states are good/)
    })

    test('an expression that is none, throws, asks for an event or takes too long is refused', async (t) => {
        const store = makeStore(temporaryFolder(t), counterLog(30).lines)
        for (const [where, said] of [
            ['state >', /--where 'state >' failed.*Give one expression of JavaScript/s],
            ['state.a.b', /failed at the initial\s+state: Cannot read/],
            ['event.addition > 3', /event is not\s+there\. Here states are tested/],
            ['state === 3 || (() => { for (;;); })()', /at the initial\s+state: it took longer than 300 ms/],
        ] as const) {
            const args = bisectArgs(store, '--where', where, '--event-timeout', '300ms')
            const { exitCode, stdout, stderr } = await warmComplog(args)
            assert.deepEqual([exitCode, stdout], [2, ''], where)
            assert.match(stderr, said)
        }
    })
})

describe('bisect without a search', () => {
    test('--decode-error finds the first event that the app does not understand', async () => {
        const [, , , web] = fixtureStores
        const { exitCode, stdout } = await warmComplog([
            'bisect',
            web!.path,
            ...withApp('string-builder'),
            '--decode-error',
        ])
        const first = web!.responses.findIndex((response) => response.startsWith('{"decodeError"'))
        assert.equal(exitCode, first < 0 ? 3 : 0)
        if (first < 0) assert.match(stdout, /^Never: the app understands every event/)
        else assert.match(stdout, /holds the first event that the app does not understand/)
    })

    test('--fails finds the record on which the app throws, and the event', async (t) => {
        const log = new LogWriter()
        for (const addition of [1, 2, 3]) log.add({ events: [`add:${addition}`] })
        const before = makeStore(temporaryFolder(t), log.lines)
        const never = await resultOf('bisect', [before, ...withApp('misbehaving'), '--fails'], 'no')
        assert.deepEqual([never.outcome, never.tested, never.record], ['never', 0, null])
        log.add({ events: ['add:4', 'crash', 'add:5'] })
        log.add({ events: ['add:6'] })
        const store = makeStore(temporaryFolder(t), log.lines)
        const { exitCode, stdout } = await warmComplog([
            'bisect',
            store,
            ...withApp('misbehaving'),
            '--fails',
        ])
        assert.equal(exitCode, 0)
        assert.match(stdout, /^Record #4, [0-9A-F]{12}… is the first on which the app fails\./)
        assert.match(stdout, /event 2 ← +\(text\) +crash\n/)
        assert.match(stdout, /failure +The app failed while it processed an event: Maximum call stack/)
        const found = await resultOf('bisect', [store, ...withApp('misbehaving'), '--fails'])
        assert.deepEqual([found.eventIndex, found.difference], [1, null])
    })
})

const hasGit = spawnSync('git', ['--version']).status === 0

/** A history of the same states, the initial one first: the file `state` of commit n holds n. */
function gitHistory(t: Context, records: number): string {
    const repository = temporaryFolder(t)
    const git = (args: readonly string[], input?: string) =>
        execFileSync('git', args, { cwd: repository, stdio: ['pipe', 'pipe', 'ignore'], input })
    git(['init', '--quiet', '--initial-branch=main'])
    let stream = ''
    for (let n = 0; n <= records; n++) {
        stream += `commit refs/heads/main\ncommitter a <a@b> ${1556452800 + n} +0000\ndata <<E\n${n}\nE\n`
        stream += `M 100644 inline state\ndata <<E\n${n}\nE\n\n`
    }
    git(['fast-import', '--quiet'], stream)
    git(['checkout', '--quiet', 'main'])
    return repository
}

/** What git finds: the numbers of the commits that may be the first bad one. */
function gitBisect(repository: string, records: number, script: string): readonly number[] {
    const git = (...args: readonly string[]) =>
        spawnSync('git', args, { cwd: repository, encoding: 'utf8' }).stdout
    git('bisect', 'start', 'main', `main~${records}`)
    const said = git('bisect', 'run', 'sh', '-c', `(${script}) < state`)
    git('bisect', 'reset')
    const found = /^([0-9a-f]{40}) is the first bad commit/m.exec(said)?.[1]
    const [, list = ''] = said.split('The first bad commit could be any of:\n')
    const hashes = found === undefined ? (list.match(/^[0-9a-f]{40}$/gm) ?? []) : [found]
    return hashes.map((hash) => Number(git('show', '-s', '--format=%s', hash))).sort((a, b) => a - b)
}

function foundBy({
    record,
    candidates,
}: { record: { position: number } | null } & Pick<Bisected, 'candidates'>) {
    return record === null ? candidates.map(({ position }) => position) : [record.position]
}

test('bisect --run finds what git bisect run finds in a history of the same states', {
    skip: !hasGit,
}, async (t) => {
    const records = 37
    const [store, repository] = [countingStore(t, records), gitHistory(t, records)]
    const cases = [
        { bad: 17, skip: 'false' },
        { bad: 12, skip: 'test $n -ge 9 -a $n -le 15' },
        { bad: 9, skip: 'test $n = 9' },
        ...thinned(
            [],
            [
                { bad: 1, skip: 'false' },
                { bad: 37, skip: 'false' },
                { bad: 20, skip: 'test $((n % 2)) = 0' },
                { bad: 30, skip: 'test $n -ge 2 -a $n -le 28' },
                { bad: 25, skip: 'test $((n % 5)) != 0' },
            ],
        ),
    ]
    for (const { bad, skip } of cases) {
        const ends = `test $n = 0 -o $n = ${records}`
        const script = `n=$(cat); if ! ( ${ends} ) && ( ${skip} ); then exit 125; fi; test $n -lt ${bad}`
        const expected = gitBisect(repository, records, script)
        assert.ok(expected.length > 0, script)
        const sought = await resultOf('bisect', [store, ...withApp(), `--run=${script}`])
        assert.deepEqual(foundBy(sought), expected, script)
        if (thinned(skip !== 'false', false)) continue
        const exact = await resultOf('bisect', [store, ...withApp(), '--exact', `--run=${script}`])
        assert.deepEqual(foundBy(exact), expected, script)
    }
})
