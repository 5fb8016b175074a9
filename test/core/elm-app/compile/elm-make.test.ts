import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { runElmMakeAgain } from '../../../../src/core/elm-app/compile/compile.js'
import { type ElmMakeOptions, runElmMake } from '../../../../src/core/elm-app/compile/elm-make.js'
import { rejectsWith } from '../rejects.js'
import { temporaryFolder, writeFiles } from '../temporary.js'

const noSignals = process.platform === 'win32' ? 'Windows has no such signals' : false

/** Options that run a script in place of the compiler. */
function standIn(t: TestContext, script: string, options: Partial<ElmMakeOptions> = {}): ElmMakeOptions {
    const folder = writeFiles(temporaryFolder(t), { 'compiler.cjs': script })
    return {
        compiler: { file: process.execPath, leadingArguments: [join(folder, 'compiler.cjs')] },
        folder,
        entryFile: '--output=evil.elm',
        outputFile: join(folder, 'app.js'),
        optimize: true,
        elmHome: undefined,
        mayUseNetwork: true,
        timeMillisecondsMax: 20_000,
        signal: undefined,
        ...options,
    }
}

test('the compiler gets its home, no input, and no file name that it could take for a flag', async (t) => {
    const script = `const read = require('fs').readFileSync(0, 'utf8')
        process.stderr.write(JSON.stringify([process.argv.slice(2), process.env.ELM_HOME, read])); process.exit(1)`
    const options = standIn(t, script, { elmHome: '/some/home' })
    const { succeeded, report } = await runElmMake(options)
    assert.equal(succeeded, false)
    assert.deepEqual(JSON.parse(report), [
        ['make', './--output=evil.elm', '--optimize', `--output=${options.outputFile}`],
        '/some/home',
        '',
    ])
})

test('a long report arrives in full', async (t) => {
    const { report } = await runElmMake(
        standIn(t, `process.stderr.write('x'.repeat(3_000_000), () => process.exit(1))`),
    )
    assert.equal(report.length, 3_000_000)
})

test('a compiler that takes too long is stopped', async (t) => {
    const options = standIn(t, 'setInterval(() => {}, 1000)', { timeMillisecondsMax: 300 })
    await rejectsWith(runElmMake(options), 'limit-exceeded', /longer than 300 ms/)
})

test('a compiler is stopped by the signal, before it starts and while it runs', async (t) => {
    const abort = new AbortController()
    const running = runElmMake(standIn(t, 'setInterval(() => {}, 1000)', { signal: abort.signal }))
    setTimeout(() => abort.abort(), 200)
    await rejectsWith(running, 'interrupted')
    await rejectsWith(runElmMake(standIn(t, '', { signal: abort.signal })), 'interrupted')
})

for (const [signal, hint] of [
    ['SIGXCPU', /ulimit -t/],
    ['SIGKILL', /memory/],
    ['SIGSEGV', /again/],
] as const) {
    test(`a compiler that the system ends by ${signal} says nothing of the app`, {
        skip: noSignals,
    }, async (t) => {
        const script = `process.stderr.write('Compiling ...', () => process.kill(process.pid, '${signal}'))
            setInterval(() => {}, 1000)`
        const error = await rejectsWith(runElmMake(standIn(t, script)), 'file-system', new RegExp(signal))
        assert.match(error.hint ?? '', hint)
        assert.equal(error.output, undefined)
    })
}

test('a compiler that cannot be started is missing', async (t) => {
    const compiler = { file: join(temporaryFolder(t), 'elm'), leadingArguments: [] }
    await rejectsWith(runElmMake(standIn(t, '', { compiler })), 'app-compiler-missing')
})

test('a compiler that crashed over the files of another is run again', async (t) => {
    const script = `const fs = require('fs')
        if (fs.existsSync('tried')) process.exit(0)
        fs.writeFileSync('tried', '')
        process.stderr.write('I ran into something that bypassed the normal error reporting process!', () => process.exit(1))`
    assert.equal((await runElmMakeAgain(standIn(t, script))).succeeded, true)
})

test('a compiler that finds fault with the app is run once', async (t) => {
    const script = `require('fs').appendFileSync('runs', 'x'); process.stderr.write('-- TYPE MISMATCH -', () => process.exit(1))`
    const options = standIn(t, script)
    assert.equal((await runElmMakeAgain(options)).succeeded, false)
    assert.equal(readFileSync(join(options.folder, 'runs'), 'utf8'), 'x')
})
