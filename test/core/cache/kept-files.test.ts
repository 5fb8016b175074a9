import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
    chmodSync,
    chownSync,
    existsSync,
    readdirSync,
    readFileSync,
    utimesSync,
    writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { codeCacheOf, pruneCache } from '../../../src/core/cache/kept-files.js'
import { readCachedScript, writeCachedScript } from '../../../src/core/elm-app/compile/script-cache.js'
import { packageFolder, requireBuild } from '../../support/build.js'
import { temporaryFolder } from '../../support/temporary.js'

test('code comes back for what it was made of, and for nothing else', async (t) => {
    const folder = temporaryFolder(t)
    const code = Buffer.from('code\nwith lines')
    const cache = codeCacheOf(folder, 'K', ['a', 'b'])
    assert.equal(cache.read(), undefined)
    await cache.write(code)
    assert.deepEqual(cache.read(), code)
    assert.deepEqual(readdirSync(folder), ['K.code'])
    for (const other of [['a'], ['ab'], ['a', 'c'], []]) {
        assert.equal(codeCacheOf(folder, 'K', other).read(), undefined)
    }
    assert.equal(codeCacheOf(folder, 'L', ['a', 'b']).read(), undefined)
})

test('code that was made under other flags of the engine is not believed', async (t) => {
    requireBuild()
    const cacheModule = pathToFileURL(join(packageFolder, 'dist/core/cache/kept-files.js')).href
    const folder = temporaryFolder(t)
    const program = `
        import { codeCacheOf } from ${JSON.stringify(cacheModule)}
        await codeCacheOf(${JSON.stringify(folder)}, 'K', ['a']).write(Buffer.from('code'))`
    await codeCacheOf(folder, 'K', ['a']).write(Buffer.from('code'))
    assert.notEqual(codeCacheOf(folder, 'K', ['a']).read(), undefined)
    execFileSync(process.execPath, ['--no-opt', '--input-type=module', '-e', program])
    assert.equal(codeCacheOf(folder, 'K', ['a']).read(), undefined)
})

test('damaged code is not believed, wherever the damage is', async (t) => {
    const folder = temporaryFolder(t)
    const cache = codeCacheOf(folder, 'K', ['a'])
    await cache.write(Buffer.from('code'))
    const path = join(folder, 'K.code')
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at += 1) {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] ?? 0) ^ 1
        writeFileSync(path, damaged)
        assert.equal(cache.read(), undefined, String(at))
        writeFileSync(path, whole.subarray(0, at))
        assert.equal(cache.read(), undefined, String(at))
    }
})

test('code that cannot be written costs nothing', async (t) => {
    const cache = codeCacheOf(join(temporaryFolder(t), 'missing'), 'K', [])
    await cache.write(Buffer.from('code'))
    assert.equal(cache.read(), undefined)
})

test('code that others could have written is not believed', {
    skip: process.platform === 'win32',
}, async (t) => {
    const folder = temporaryFolder(t)
    const cache = codeCacheOf(folder, 'K', [])
    await cache.write(Buffer.from('code'))
    for (const mode of [0o620, 0o602]) {
        chmodSync(join(folder, 'K.code'), mode)
        assert.equal(cache.read(), undefined, mode.toString(8))
    }
    chmodSync(join(folder, 'K.code'), 0o600)
    assert.notEqual(cache.read(), undefined)
    if (process.geteuid?.() !== 0) return
    chownSync(join(folder, 'K.code'), 1, 1)
    assert.equal(cache.read(), undefined)
})

const script = { bytes: Buffer.from('script'), optimized: true, notes: [] }
const keyOf = (number: number) => number.toString(16).toUpperCase().padStart(64, '0')

/** Makes a file look as if it had been used last so many days ago. */
function age(folder: string, name: string, days: number): void {
    const time = Date.now() / 1000 - days * 24 * 60 * 60
    utimesSync(join(folder, name), time, time)
}

async function folderWith(t: Parameters<typeof temporaryFolder>[0], count: number): Promise<string> {
    const folder = temporaryFolder(t)
    for (let number = 1; number <= count; number++) {
        await writeCachedScript(folder, keyOf(number), script)
        for (const end of ['js', 'json']) age(folder, `${keyOf(number)}.${end}`, 100 - number)
    }
    return folder
}

test('the scripts that were not used for longest go, each with what is known of it', async (t) => {
    const folder = await folderWith(t, 5)
    await codeCacheOf(folder, keyOf(1), []).write(script.bytes)
    age(folder, `${keyOf(1)}.code`, 99)
    await pruneCache(folder, 2)
    const expected = [4, 5].flatMap((number) => [`${keyOf(number)}.js`, `${keyOf(number)}.json`])
    assert.deepEqual(readdirSync(folder).sort(), expected)
})

test('a script that was read counts as used', async (t) => {
    const folder = await folderWith(t, 3)
    assert.deepEqual(await readCachedScript(folder, keyOf(1)), script)
    await pruneCache(folder, 1)
    assert.deepEqual(readdirSync(folder).sort(), [`${keyOf(1)}.js`, `${keyOf(1)}.json`])
})

test('a script that is kept lets the folder grow no further than to fifty', async (t) => {
    const folder = await folderWith(t, 52)
    await writeCachedScript(folder, keyOf(60), script)
    assert.equal(readdirSync(folder).length, 100)
    assert.deepEqual(await readCachedScript(folder, keyOf(60)), script)
    assert.equal(await readCachedScript(folder, keyOf(3)), undefined)
})

test('what a killed process left half written goes after a day, and files of others stay', async (t) => {
    const folder = await folderWith(t, 1)
    const temporary = (id: number) => `${keyOf(2)}.js.00000000-0000-4000-8000-00000000000${id}.tmp`
    const others = ['notes.txt', 'app.js', `${keyOf(3)}.js.bak`]
    for (const name of [temporary(1), temporary(2), ...others]) writeFileSync(join(folder, name), '')
    for (const name of [temporary(1), ...others]) age(folder, name, 2)
    await pruneCache(folder, 1)
    assert.deepEqual(
        [temporary(1), temporary(2), ...others].filter((name) => existsSync(join(folder, name))),
        [temporary(2), ...others],
    )
})

test('a folder that is not there is no error', async (t) => {
    await pruneCache(join(temporaryFolder(t), 'missing'))
})
