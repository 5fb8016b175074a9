// The files in dist/bundle/ that threads start from. Where the file of a helping thread is not found, the command still
// gives the right answer, only later: nothing else would show it.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'

import type { HelperStart } from '../../src/core/fast/threads.js'
import { newClaims } from '../../src/core/fast/piece-claims.js'
import { compileScanner } from '../../src/core/fast/scanner.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { packageFolder, requireBuild } from '../support/build.js'
import { counterLog } from '../support/log-writer.js'
import { makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

requireBuild()

const bundled = (name: string) => join(packageFolder, 'dist', 'bundle', name)

describe('the bundle', () => {
    test('has the helping thread, which reads pieces', async (t) => {
        const store = await openProcessStore(makeStore(temporaryFolder(t), counterLog(100).lines))
        const workerData: HelperStart = {
            module: compileScanner()!,
            settings: {
                files: store.logFiles,
                lineSizeBytesMax: 1000,
                pieceSizeBytes: 1 << 20,
                lookahead: { firstSizeBytes: 100, sizeBytesMax: 1000 },
                scannerHashSizeBytesMax: 1000,
                reduced: new Uint32Array(),
            },
            claims: newClaims(1),
            thread: 1,
            ring: undefined,
        }
        const worker = new Worker(bundled('helper.js'), { workerData })
        const result = await new Promise<{ records: number }>((resolve, reject) => {
            worker.once('message', resolve).once('error', reject)
        })
        assert.equal(result.records, 100)
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
        assert.ok(threads.length >= 3, threads.join())
        for (const name of threads) assert.ok(existsSync(bundled(`${name}.js`)), name)
    })

    test('names every package in it with its licence', () => {
        const text = readFileSync(bundled('LICENSES.txt'), 'utf8')
        for (const name of ['@oclif/core', 'chalk', 'cli-table3', 'wrap-ansi']) {
            assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n\\n.*licen[cs]e`, 'im'))
        }
    })
})
