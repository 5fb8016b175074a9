import assert from 'node:assert/strict'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

import {
    packageFolder,
    readablePath,
    threadPermissions,
} from '../../../../src/core/elm-app/thread/thread-permissions.js'
import { temporaryFolder } from '../temporary.js'

/** What an expression comes to in a thread with these flags: its value, or the code of its error. */
function inThread(t: TestContext, flags: readonly string[], expression: string): Promise<unknown> {
    const code = `const { parentPort } = require('node:worker_threads')
        try { parentPort.postMessage({ value: typeof (${expression}) }) }
        catch (error) { parentPort.postMessage({ value: error.code }) }`
    // Without an experimental warning on the tests' own stderr.
    const worker = new Worker(code, { eval: true, execArgv: [...flags], env: {}, stderr: true })
    t.after(() => worker.terminate())
    return new Promise((resolve, reject) => {
        worker.on('message', (message: { value: unknown }) => resolve(message.value))
        worker.on('error', reject)
    })
}

const refused = 'ERR_ACCESS_DENIED'
const ways: Readonly<Record<string, readonly [expression: string, outcome: string]>> = {
    'read what is outside of the package': [`require('fs').readFileSync('/etc/hostname')`, refused],
    'read the environment of the process': [`require('fs').readFileSync('/proc/self/environ')`, refused],
    'write into the package': [`require('fs').writeFileSync(${q(join(packageFolder(), 'x'))}, '')`, refused],
    'write elsewhere': [`require('fs').writeFileSync('/tmp/complog-escaped', '')`, refused],
    'start a process': [`require('child_process').execFileSync('true')`, refused],
    'start a thread': [`new (require('worker_threads').Worker)('1', { eval: true })`, refused],
    'start a thread of other permissions': [
        `new (require('worker_threads').Worker)('1', { eval: true, execArgv: [] })`,
        refused,
    ],
    "inspect the process's main thread": [
        `new (require('inspector').Session)().connectToMainThread()`,
        refused,
    ],
    'load native code': [`process.dlopen({ exports: {} }, '/tmp/x.node')`, 'ERR_DLOPEN_DISABLED'],
    "take Node's own bindings": [`process.binding('fs')`, refused],
    'open a database': [`require('node:sqlite')`, 'ERR_UNKNOWN_BUILTIN_MODULE'],
    'write a report': [`process.report.writeReport('/tmp/complog-escaped.json')`, refused],
}

for (const [what, [expression, outcome]] of Object.entries(ways)) {
    test(`a thread with the app's permissions cannot ${what}`, async (t) =>
        assert.equal(await inThread(t, threadPermissions(), expression), outcome))
}

test("a thread with the app's permissions can read this package, for its own code", async (t) => {
    const path = q(join(packageFolder(), 'package.json'))
    assert.equal(
        await inThread(t, threadPermissions(), `require('fs').readFileSync(${path}, 'utf8')`),
        'string',
    )
})

for (const name of ['plain', 'with, comma', 'with * star', 'with space', 'mit Ümläut']) {
    test(`a module starts from a folder named "${name}", and reads nothing above it`, async (t) => {
        const folder = join(realpathSync(temporaryFolder(t)), name)
        mkdirSync(folder)
        writeFileSync(join(folder, '..', 'above'), 'above')
        writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
        writeFileSync(join(folder, 'other.js'), 'export const other = 1')
        const file = join(folder, 'entry.js')
        writeFileSync(
            file,
            `import { readFileSync } from 'node:fs'
            import { parentPort } from 'node:worker_threads'
            import { other } from './other.js'
            try { readFileSync(${q(join(folder, '..', 'above'))}); parentPort.postMessage('read') }
            catch (error) { parentPort.postMessage(error.code) }`,
        )
        const [flag = ''] = threadPermissions()
        const execArgv = [flag, `--allow-fs-read=${readablePath(folder)}`]
        const worker = new Worker(pathToFileURL(file), { execArgv, env: {}, stderr: true })
        t.after(() => worker.terminate())
        const said = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
        assert.equal(said, refused)
    })
}

function q(text: string): string {
    return JSON.stringify(text)
}
