// What is left to a script that did get out of its context: a copy of the command, in which a hole was opened, so that
// Node's own `require` and `process` are in the script's hands. Only the permissions of the thread stand behind it.
import assert from 'node:assert/strict'
import { cpSync, existsSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import { packageFolder, requireBuild } from '../support/build.js'
import { run } from '../support/cli.js'
import { hostileApp } from '../support/hostile-script.js'
import { LogWriter } from '../support/log-writer.js'
import { makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

requireBuild()

const folder = realpathSync(temporaryFolder({ after }))
const canary = join(folder, 'canary')
const written = join(folder, 'written')
writeFileSync(canary, 'the-canary-sings')

/** Hands the script one function more: what an expression comes to outside of its context, or the code of its error. */
const hole = `'use strict';
const vm = require('node:vm')
const { compileFunction } = vm
const outside = (expression) => {
    try { return String(new Function('require', 'process', 'return ' + expression)(require, process)) }
    catch (error) { return error.code ?? error.message }
}
vm.compileFunction = (script, parameters, options) => {
    const compiled = compileFunction(script, [...parameters, 'outside'], options)
    return (...values) => compiled(...values, outside)
}
`

/** The built command, as it is installed, but for the hole. */
function copyWithHole(): string {
    const copy = join(folder, 'package')
    for (const part of ['package.json', 'bin', 'dist/bundle']) {
        cpSync(join(packageFolder, part), join(copy, part), { recursive: true })
    }
    symlinkSync(join(packageFolder, 'node_modules'), join(copy, 'node_modules'), 'junction')
    const worker = join(copy, 'dist', 'bundle', 'app-worker.js')
    writeFileSync(worker, hole + readFileSync(worker, 'utf8'))
    return copy
}

const q = JSON.stringify
const denied = 'ERR_ACCESS_DENIED'
const attempts: Readonly<Record<string, readonly [expression: string, outcome: string]>> = {
    'read a file': [`require('fs').readFileSync(${q(canary)}, 'utf8')`, denied],
    'list a folder': [`require('fs').readdirSync(${q(folder)})`, denied],
    "read the store's own log": [
        `require('fs').readdirSync(${q(join(folder, 'store', 'composition'))})`,
        denied,
    ],
    'read the environment of the process': [`require('fs').readFileSync('/proc/self/environ')`, denied],
    'find anything in its own environment': ['Object.keys(process.env).length', '0'],
    'write a file': [`require('fs').writeFileSync(${q(written)}, '')`, denied],
    'write where it may read': [
        `require('fs').writeFileSync(require.resolve('./app-worker.js'), '')`,
        denied,
    ],
    'start a process': [`require('child_process').execFileSync('true')`, denied],
    'start a thread': [`new (require('worker_threads').Worker)('1', { eval: true, execArgv: [] })`, denied],
    'inspect the other threads': [`new (require('inspector').Session)().connectToMainThread()`, denied],
    'load native code': [`process.dlopen({ exports: {} }, '/tmp/x.node')`, 'ERR_DLOPEN_DISABLED'],
    'have a report written': ['typeof process.report', 'undefined'],
}

describe('a script that got out of its context, in the thread of the command itself,', async () => {
    const copy = copyWithHole()
    // The hole is there: what the thread may read, it reads.
    const own = `require('fs').readFileSync(require.resolve('./package.json'), 'utf8').trim()`
    const log = new LogWriter()
    for (const [expression] of [[own], ...Object.values(attempts)]) log.add({ events: [expression] })
    const app = hostileApp(folder, {}, { atEvery: 'return { a: state + 1, b: outside(event) };' })
    const responsesFile = join(folder, 'responses')
    const { exitCode, stdout, stderr } = await run(
        process.execPath,
        [
            join(copy, 'bin', 'run.js'),
            'replay',
            makeStore(join(folder, 'store'), log.lines),
            ...app,
            '--responses',
            responsesFile,
        ],
        { env: { CANARY: 'the-canary-sings' } },
    )
    const responses = existsSync(responsesFile)
        ? readFileSync(responsesFile, 'utf8')
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line) as unknown)
        : []

    test('is out, and can read the code of the command', () => {
        assert.deepEqual([exitCode, stdout], [0, String(log.lines.length)], stderr)
        assert.equal(responses[0], '{ "type": "commonjs" }')
    })
    for (const [index, [what, [, outcome]]] of Object.entries(attempts).entries()) {
        test(`cannot ${what}`, () => assert.equal(responses[index + 1], outcome))
    }
    test('has left nothing behind', () => {
        assert.equal(readFileSync(canary, 'utf8'), 'the-canary-sings')
        assert.ok(!existsSync(written))
    })
})
