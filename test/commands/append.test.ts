import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { logFilePathAt } from '../../src/core/store/log-file-name.js'
import { binary } from '../support/build.js'
import { complog, environment, withApp } from '../support/cli.js'
import { counterLog, logFile } from '../support/log-writer.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { until } from '../support/until.js'

test(
    'append ends when its log cannot be written, also while its input stays open',
    { timeout: 60_000 },
    async (t) => {
        const store = join(temporaryFolder(t), 'store')
        // Folders stand where the files of this hour and the next one must be made.
        for (const hour of [0, 1]) {
            const file = logFilePathAt(new Date(Date.now() + hour * 3_600_000))
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
    },
)

const { lines, head } = counterLog(6)
const unended = logFile(lines).subarray(0, -1)
const damages: Readonly<Record<string, Readonly<Record<string, Buffer>>>> = {
    'without its line end': { '2019.jsonl': unended },
    'before the zeros that a crash has left': { '2019.jsonl': Buffer.concat([unended, Buffer.alloc(40)]) },
    'in a file that an empty one stands behind': { '2019.jsonl': unended, '2020.jsonl': Buffer.alloc(0) },
}
for (const [where, log] of Object.entries(damages)) {
    test(
        `while append waits for its first event, others read the whole record ${where}`,
        { timeout: 60_000 },
        async (t) => {
            const store = join(temporaryFolder(t), 'store')
            writeFiles(join(store, 'composition'), log)
            const child = spawn(process.execPath, [binary, 'append', store, ...withApp()], {
                env: environment(),
                stdio: ['pipe', 'ignore', 'ignore'],
            })
            t.after(() => child.kill('SIGKILL'))
            await until(() => existsSync(join(store, '.complog', 'append-lock')))
            // It may still be reading the log.
            let checked = await complog(['verify-chain', store, '--expect-head', head])
            for (let tries = 0; checked.exitCode !== 0 && tries < 20; tries++)
                checked = await complog(['verify-chain', store, '--expect-head', head])
            assert.deepEqual([checked.exitCode, checked.stderr], [0, ''], checked.stdout)
            const restored = await complog(['replay', store, ...withApp()])
            assert.deepEqual([restored.exitCode, restored.stdout], [0, '21'])
        },
    )
}
