import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { logFilePathAt } from '../../src/core/store/log-file-name.js'
import { binary } from '../support/build.js'
import { environment, withApp } from '../support/cli.js'
import { temporaryFolder } from '../support/temporary.js'

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
