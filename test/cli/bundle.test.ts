// The files in dist/bundle/ that threads start from. Where the file of a helping thread is not found, the command still
// gives the right answer, only later: nothing else would show it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { pieceSettings } from '../../src/core/fast/pieces/piece-reader.js'
import { compileScanner } from '../../src/core/fast/scanner/scanner.js'
import { newClaims } from '../../src/core/fast/threads/piece-claims.js'
import { packSetup } from '../../src/core/fast/threads/piece-worker.js'
import type { HelperStart, JobMessage } from '../../src/core/fast/threads/threads.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { binary, packageFolder, requireBuild } from '../support/build.js'
import { environment } from '../support/cli.js'
import { counterLog, LogWriter } from '../support/log-writer.js'
import { makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

requireBuild()

/** Loaded into a command: tells what becomes of each of its threads. */
const watchThreads = `
const threads = require('node:worker_threads')
const { basename } = require('node:path')
threads.Worker = class extends threads.Worker {
    constructor(file, options) {
        super(file, options)
        const name = basename(String(file))
        this.on('message', () => process.stderr.write('thread message ' + name + '\\n'))
        this.on('error', (error) => process.stderr.write('thread error ' + name + ' ' + error.message + '\\n'))
    }
}
`

/** Loaded into a command: tells which packages are loaded, and which of Node's own modules. */
const watchPackages = `
const Module = require('node:module')
const { _load } = Module
Module._load = function (name, ...rest) {
    process.stderr.write('loaded ' + name + '\\n')
    return _load.call(this, name, ...rest)
}
`

const bundled = (name: string) => join(packageFolder, 'dist', 'bundle', name)

describe('the bundle', () => {
    test('has the helping thread, which reads pieces', async (t) => {
        const store = await openProcessStore(makeStore(temporaryFolder(t), counterLog(100).lines))
        const setup = { scanner: compileScanner()!, settings: pieceSettings(store, {}) }
        const workerData: HelperStart = { setup: packSetup(setup), thread: 1 }
        const worker = new Worker(bundled('helper.js'), { workerData })
        const job: JobMessage = { id: 0, job: { kind: 'follow', ring: undefined }, claims: newClaims(1) }
        worker.postMessage(job)
        const { result } = await new Promise<{ result: { records: number } }>((resolve, reject) =>
            worker.once('message', resolve).once('error', reject),
        )
        assert.equal(result.records, 100)
        worker.postMessage(undefined)
        await once(worker, 'exit')
    })

    test('has the file of every thread that the sources start', () => {
        const sources = readdirSync(join(packageFolder, 'src'), { recursive: true, encoding: 'utf8' })
        const threads = sources
            .filter((path) => path.endsWith('.ts'))
            .flatMap((path) => [
                ...readFileSync(join(packageFolder, 'src', path), 'utf8').matchAll(
                    /new URL\(`\.\/([\w-]+)\$\{workerExtension\}`/g,
                ),
            ])
            .map(([, name]) => name)
        assert.ok(threads.length >= 2, threads.join())
        for (const name of threads) assert.ok(existsSync(bundled(`${name}.js`)), name)
    })

    test('has the thread that helps with shuffled logs: it does some of the work, and fails at none', (t) => {
        const folder = temporaryFolder(t)
        // Long enough for many pieces, so that the helper gets some, however late it starts.
        const log = new LogWriter()
        for (let i = 0; i < 200_000; i++) log.addAdditions(1)
        const { lines } = log
        const store = makeStore(folder, [...lines.slice(100_000), ...lines.slice(0, 100_000)])
        const watch = join(folder, 'watch.cjs')
        writeFileSync(watch, watchThreads)
        // On a machine that has much to do, it may start only when everything is done.
        for (let attempt = 1; ; attempt++) {
            const { stdout, stderr } = spawnSync(
                process.execPath,
                ['--require', watch, binary, 'verify-chain', store, '--json'],
                // A machine with one processor would have no helper.
                { encoding: 'utf8', env: environment({ COMPLOG_THREADS: '2' }) },
            )
            assert.equal((JSON.parse(stdout) as { result: { records: number } }).result.records, 200_000)
            assert.doesNotMatch(stderr, /^thread error/m)
            if (stderr.includes('thread message helper.js')) break
            assert.ok(attempt < 10, stderr)
        }
    })

    test('leaves the schemas of what is printed out of the commands, which only describe it', () => {
        for (const file of readdirSync(bundled('.')).filter((name) => /^[\w-]+\.js$/.test(name))) {
            // The host reads what an app answers by such a schema.
            if (file !== 'host.js')
                assert.doesNotMatch(readFileSync(bundled(file), 'utf8'), /"ZodString"/, file)
        }
    })

    for (const command of ['verify-chain', 'replay', 'append', 'search'])
        test(`loads what loads an app only where an app is asked for: ${command}`, (t) => {
            const watch = join(temporaryFolder(t), 'watch.cjs')
            writeFileSync(watch, watchPackages)
            const run = ['--require', watch, binary, command, join(temporaryFolder(t), 'nowhere'), '--json']
            const { stdout, stderr } = spawnSync(process.execPath, run, {
                encoding: 'utf8',
                env: environment(),
            })
            assert.equal((JSON.parse(stdout) as { status: string }).status, 'error')
            assert.match(stderr, /^loaded node:fs$/m)
            assert.doesNotMatch(stderr, /^loaded yauzl$/m)
        })

    test('is of plain characters, each of which takes one byte in memory', () => {
        for (const file of readdirSync(bundled('.')).filter((name) => name.endsWith('.js')))
            assert.doesNotMatch(readFileSync(bundled(file), 'latin1'), /[^\0-\x7f]/, file)
    })

    test('names every package in it with its licence', () => {
        const text = readFileSync(bundled('LICENSES.txt'), 'utf8')
        for (const name of ['@oclif/core', 'chalk', 'cli-table3', 'wrap-ansi']) {
            assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n\\n.*licen[cs]e`, 'im'))
        }
    })
})
