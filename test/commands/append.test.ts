import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { hourlyFileAt } from '../../src/core/generations/kalmit.js'
import { binary } from '../support/build.js'
import { complog, environment, run, withApp } from '../support/cli.js'
import { errorOf } from '../support/envelope.js'
import { hostileApp } from '../support/hostile-script.js'
import { listing } from '../support/listing.js'
import { counterLog, logFile, recordLine } from '../support/log-writer.js'
import { openAndCheck } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { until } from '../support/until.js'
import { warmComplog } from '../support/warm.js'

test('append ends when its log cannot be written, also while its input stays open', {
    timeout: 60_000,
}, async (t) => {
    const store = join(temporaryFolder(t), 'store')
    // Folders stand where the files of this hour and the next one must be made.
    for (const hour of [0, 1]) {
        const file = hourlyFileAt(new Date(Date.now() + hour * 3_600_000))
        mkdirSync(join(store, 'composition', file), { recursive: true })
    }
    const child = spawn(process.execPath, [binary, 'append', store, ...withApp()], {
        env: environment(),
        stdio: ['pipe', 'pipe', 'pipe'],
    })
    t.after(() => child.kill('SIGKILL'))
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
        child[name].setEncoding('utf8').on('data', (text: string) => void (output[name] += text))
    child.stdin.on('error', () => undefined).write(`${JSON.stringify('{"addition":1}')}\n`)
    const [exitCode] = (await once(child, 'close')) as [number | null]
    assert.deepEqual([exitCode, output.stdout], [16, ''])
    assert.match(output.stderr, /EISDIR/)
})

const { lines, hashes, head } = counterLog(6)
const unended = logFile(lines).subarray(0, -1)
const damages: Readonly<Record<string, Readonly<Record<string, Buffer>>>> = {
    'without its line end': { '2019.jsonl': unended },
    'before the zeros that a crash has left': { '2019.jsonl': Buffer.concat([unended, Buffer.alloc(40)]) },
    'in a file of another name behind one of a host': {
        '2019-04-28.composition.jsonl': logFile(lines.slice(0, -1)),
        '2019.jsonl': logFile(lines.slice(-1)).subarray(0, -1),
    },
    'in a file that an empty one stands behind': { '2019.jsonl': unended, '2020.jsonl': Buffer.alloc(0) },
}
for (const [where, log] of Object.entries(damages)) {
    test(`while append waits for its first event, others read the whole record ${where}`, {
        timeout: 60_000,
    }, async (t) => {
        const store = join(temporaryFolder(t), 'store')
        writeFiles(join(store, 'composition'), log)
        const child = spawn(process.execPath, [binary, 'append', store, ...withApp()], {
            env: environment(),
            stdio: ['pipe', 'ignore', 'ignore'],
        })
        t.after(() => child.kill('SIGKILL'))
        await until(() => existsSync(join(store, '.complog', 'append-lock')))
        // It ends the last line that it finds in a file of hosts once it has read the log.
        const [file = ''] = Object.keys(log)
        await until(() => readFileSync(join(store, 'composition', file)).at(-1) === 0x0a)
        const checked = await warmComplog(['verify-chain', store, '--expect-head', head])
        assert.deepEqual([checked.exitCode, checked.stderr], [0, ''], checked.stdout)
        const restored = await warmComplog(['replay', store, ...withApp()])
        assert.deepEqual([restored.exitCode, restored.stdout], [0, '21'])
    })
}

test('where the last line of a log cannot be ended, append and host end with 16 and change nothing', {
    skip: process.platform === 'win32',
    timeout: 60_000,
}, async (t) => {
    // No file may be larger than the log already is, which is nothing but whole blocks.
    const blocks = 4
    const log = logFile(lines.slice(0, -1))
    const last = recordLine({ parent: hashes[4]!, events: ['{"addition":6}'] })
    const padding = ' '.repeat(blocks * 512 - log.length - last.length)
    const whole = Buffer.concat([
        log,
        Buffer.from(recordLine({ parent: hashes[4]!, events: [`{"addition":6}${padding}`] })),
    ])
    assert.equal(whole.length, blocks * 512)
    const store = join(temporaryFolder(t), 'store')
    writeFiles(join(store, 'composition'), { '2019-04-28.composition.jsonl': whole })
    // What the app compiles to is in the cache from then on.
    assert.equal((await warmComplog(['reduce', store, ...withApp(), '--dry-run'])).exitCode, 0)
    const before = listing(store)
    const limited = `ulimit -f ${blocks}; exec "$@"`
    for (const args of [
        ['append', store, ...withApp()],
        ['host', store, ...withApp(), '--listen', '127.0.0.1:0', '--no-admin'],
    ]) {
        const command = ['-c', limited, 'sh', process.execPath, binary, ...args]
        const { exitCode, stdout, stderr } = await run('/bin/sh', command, { input: '"add:1"\n' })
        assert.deepEqual([exitCode, stdout], [16, ''], stderr)
        assert.match(stderr, /2019-04-28\.composition\.jsonl:\s+EFBIG/)
        assert.deepEqual(listing(store), before)
    }
    const goneOn = await complog(['append', store, ...withApp(), '--raw'], { input: '{"addition":1}\n' })
    assert.deepEqual([goneOn.exitCode, goneOn.stdout], [0, '22\n'], goneOn.stderr)
    const { findings, counts } = await openAndCheck(store)
    assert.deepEqual([findings.list, counts.records], [[], 7])
})

test('append ends with 15 where the app fails, and its log before that line', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const ending = ['append', store, ...withApp('misbehaving'), '--raw']
    const { exitCode, stdout, stderr } = await complog(ending, { input: 'add:1\ncrash\nadd:2\nadd:3\n' })
    assert.deepEqual([exitCode, stdout], [15, '1\n'])
    assert.match(stderr, /line 2 of the input/)
    assert.match(stderr, /give the lines from 2\s+on/)
    const goneOn = await complog(ending, { input: 'add:2\nadd:3\n' })
    assert.deepEqual([goneOn.exitCode, goneOn.stdout], [0, '3\n6\n'])
    assert.equal((await openAndCheck(store)).counts.records, 3)
})

test('append keeps a line on which the app fails in a file that it can read again', async (t) => {
    const folder = temporaryFolder(t)
    const failed = join(folder, 'failed.jsonl')
    const keeping = ['append', join(folder, 'store'), ...withApp('misbehaving'), '--failed-events', failed]
    const ended = await complog(keeping, { input: '"add:1"\n"crash"\n' })
    assert.equal(ended.exitCode, 15)
    assert.equal(readFileSync(failed, 'utf8'), '"crash"\n')
    const again = await complog(['append', join(folder, 'copy'), ...withApp(), '--json'], {
        input: readFileSync(failed, 'utf8'),
    })
    assert.equal(again.exitCode, 0, again.stderr)
})

test('lines that hold no event count as lines where one is named', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const input = '"add:1"\n\n\n"crash"\n'
    const { exitCode, message } = await errorOf('append', [store, ...withApp('misbehaving')], { input })
    assert.equal(exitCode, 15)
    assert.match(message, /line 4 of the input/)
})

const ofRefused: Readonly<Record<string, readonly [number, string]>> = {
    'the app fails': [15, '"throw"'],
    'the record would be too long': [17, JSON.stringify('x'.repeat(2000))],
}
for (const [why, [exitCode, refused]] of Object.entries(ofRefused)) {
    test(`append ends with ${exitCode} where a line is refused since ${why}, and neither it nor what follows is in the log`, async (t) => {
        const store = join(temporaryFolder(t), 'store')
        const atEvery = `
            if (event === 'throw') throw new Error('no');
            if (event === 'large') return { a: 'x'.repeat(3000), b: 'taken' };`
        const app = hostileApp(temporaryFolder(t), {}, { atEvery })
        const input = `"large"\n${refused}\n"1"\n"1"\n`
        const ended = await complog(['append', store, ...app, '--max-line-size', '2KiB'], { input })
        assert.deepEqual([ended.exitCode, ended.stdout], [exitCode, '"taken"\n'])
        const told = ended.stderr.replaceAll(/\s+/g, ' ')
        assert.match(told, /line 2 of the input.* that line and those behind it are not/)
        assert.equal((await openAndCheck(store)).counts.records, 1)
    })
}

test('of a line that is too long it says that the lines before it are in the log, and they are', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const input = `"add:1"\n\n"${'x'.repeat(2000)}"\n"add:2"\n`
    const args = [store, ...withApp('misbehaving'), '--max-line-size', '1KiB']
    const { exitCode, message } = await errorOf('append', args, { input })
    assert.deepEqual(
        [exitCode, message],
        [17, 'Line 3 of the input is longer than 1024 bytes. The lines before it are in the log.'],
    )
    assert.equal((await openAndCheck(store)).counts.records, 1)
})

test('append refuses half of a surrogate pair and names its line', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    // Between an event and a pair of two halves, what only looks like a half in its text.
    const input = ['"{\\"addition\\":1}"', '"\\\\ud800 \\ud83d\\ude00"', '"x\\udc00"', '"y"'].join('\n')
    const { exitCode, stdout, stderr } = await complog(['append', store, ...withApp()], { input })
    assert.deepEqual([exitCode, stdout.trimEnd().split('\n').length], [2, 2])
    assert.match(stderr, /Line 3 of the input is no event: it holds half of a surrogate pair/)
    assert.equal((await openAndCheck(store)).counts.records, 2)
})
