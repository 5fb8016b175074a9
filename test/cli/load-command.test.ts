// Code of commands that is kept for the next time: it changes how long a command takes, and nothing else.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { binary } from '../support/build.js'
import { type CliOptions, type CliResult, complog, run } from '../support/cli.js'
import { counterLog } from '../support/log-writer.js'
import { fixturesFolder, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

/** Loaded into a command: tells what V8 says of code that it is given. */
const watchScripts = `
const vm = require('node:vm')
vm.Script = class extends vm.Script {
    constructor(text, options) {
        super(text, options)
        process.stderr.write('rejected: ' + this.cachedDataRejected + '\\n')
    }
}
`

function places(t: TestContext) {
    const folder = temporaryFolder(t)
    const cache = join(folder, 'cache')
    const watch = join(folder, 'watch.cjs')
    writeFileSync(watch, watchScripts)
    const store = makeStore(folder, counterLog(30).lines)
    return {
        cache,
        store,
        kept: join(cache, 'commands'),
        options: { env: { COMPLOG_CACHE_DIR: cache } } satisfies CliOptions,
        watched: (...args: readonly string[]) =>
            run(process.execPath, ['--require', watch, binary, ...args], {
                env: { COMPLOG_CACHE_DIR: cache },
            }),
    }
}

function assertSound({ exitCode, stdout, stderr }: CliResult): void {
    assert.match(stdout, /^Sound: no findings\.$/m)
    assert.deepEqual([exitCode, stderr], [0, ''])
}

function onlyFile(folder: string): string {
    const names = readdirSync(folder)
    assert.equal(names.length, 1, names.join())
    return join(folder, names[0]!)
}

test('what a command was made of is kept, readable for its user alone, and taken the next time', async (t) => {
    const { store, kept, watched } = places(t)
    assert.equal((await watched('verify-chain', store)).stderr, 'rejected: undefined\n')
    const file = onlyFile(kept)
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
    const { mtimeMs } = statSync(file)
    const second = await watched('verify-chain', store)
    assert.equal(second.stderr, 'rejected: false\n')
    assert.match(second.stdout, /^Sound: no findings\.$/m)
    assert.equal(statSync(onlyFile(kept)).mtimeMs, mtimeMs)
})

test('a command that loads packages later does so from kept code as well', async (t) => {
    const { store, options } = places(t)
    for (const text of ['made anew', 'from the cache', 'and once more']) {
        const { exitCode, stderr } = await complog(['reorder', store, '--in-place'], options)
        assert.deepEqual([exitCode, stderr], [0, ''], text)
    }
})

for (const [name, damage] of [
    [
        'damaged',
        (path: string) =>
            writeFileSync(
                path,
                readFileSync(path).map((byte) => byte ^ 1),
            ),
    ],
    ['cut off', (path: string) => truncateSync(path, 1000)],
    ['empty', (path: string) => truncateSync(path, 0)],
] as const)
    test(`code that is ${name} is not taken, and made anew`, async (t) => {
        const { store, kept, options, watched } = places(t)
        assertSound(await complog(['verify-chain', store], options))
        const whole = readFileSync(onlyFile(kept))
        damage(onlyFile(kept))
        assert.notDeepEqual(readFileSync(onlyFile(kept)), whole)
        assert.equal((await watched('verify-chain', store)).stderr, 'rejected: undefined\n')
        assert.equal((await watched('verify-chain', store)).stderr, 'rejected: false\n')
    })

test('where nothing can be kept, a command says what it would and no more', async (t) => {
    const { cache, store, options } = places(t)
    writeFileSync(cache, 'a file, where the folder of the cache would be')
    assertSound(await complog(['verify-chain', store], options))
    assert.equal(readFileSync(cache, 'utf8'), 'a file, where the folder of the cache would be')
})

test('a user without a home has no cache, and the same answer', {
    skip: process.geteuid?.() !== 0,
}, async () => {
    const store = join(fixturesFolder, 'stores', 'kalmit-2019-04', 'process-store')
    const bare = ['-u', 'HOME', '-u', 'COMPLOG_CACHE_DIR', process.execPath, binary]
    const { exitCode, stderr } = await run('/usr/bin/env', [...bare, 'verify-chain', store], {
        uid: 54321,
    })
    assert.deepEqual([exitCode, stderr], [0, ''])
})

test('a run that goes wrong, or that is told so, keeps nothing', async (t) => {
    const { cache, store, kept, options } = places(t)
    mkdirSync(cache)
    assert.notEqual((await complog(['verify-chain', join(store, 'nowhere')], options)).exitCode, 0)
    const env = { ...options.env, NODE_DISABLE_COMPILE_CACHE: '1' }
    assertSound(await complog(['verify-chain', store], { env }))
    assert.throws(() => readdirSync(kept), { code: 'ENOENT' })
})
