import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import {
    cacheFolder,
    cacheKey,
    codeCacheOf,
    readCachedScript,
    writeCachedScript,
} from '../../../../src/core/elm-app/compile/script-cache.js'
import { functionsOfModule } from '../../../../src/core/elm-app/source/app-map.js'
import type { SourcesOfApp } from '../../../../src/core/elm-app/source/app-source.js'
import { packageFolder, requireBuild } from '../../../support/build.js'
import { setEnvironment, temporaryFolder } from '../temporary.js'

function app(files: Readonly<Record<string, string>>, module = 'Counter'): SourcesOfApp {
    return {
        kind: 'sources',
        files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
        map: { entryFile: 'Counter.elm', functions: functionsOfModule(module) },
    }
}

const script = { bytes: Buffer.from('script'), optimized: true, notes: ['a note'] }

test('the key is that of the content, whatever the order of files', () => {
    assert.equal(cacheKey(app({ a: '1', b: '2' }), undefined), cacheKey(app({ b: '2', a: '1' }), undefined))
    assert.match(cacheKey(app({}), undefined), /^[0-9A-F]{64}$/)
})

test('anything that the script depends on changes the key', () => {
    const keys = [
        cacheKey(app({ a: '1', b: '2' }), undefined),
        cacheKey(app({ a: '1', b: '3' }), undefined),
        cacheKey(app({ a: '1', c: '2' }), undefined),
        cacheKey(app({ a: '1b2' }), undefined),
        cacheKey(app({ a: '1', b: '2' }, 'Other'), undefined),
        cacheKey(app({ a: '1', b: '2' }), resolve('/home/one')),
        cacheKey(app({ a: '1', b: '2' }), resolve('/home/two')),
    ]
    assert.equal(new Set(keys).size, keys.length)
})

test('a script comes back as it was kept, and leaves no temporary file', async (t) => {
    const folder = join(temporaryFolder(t), 'deep', 'cache')
    assert.equal(await readCachedScript(folder, 'K'), undefined)
    assert.equal(await writeCachedScript(folder, 'K', script), undefined)
    assert.deepEqual(await readCachedScript(folder, 'K'), script)
    assert.deepEqual(readdirSync(folder).sort(), ['K.js', 'K.json'])
})

for (const [name, content] of [
    ['K.js', 'scripT'],
    ['K.js', ''],
    ['K.json', '{'],
    ['K.json', '{"optimized":true}'],
    ['K.json', ''],
] as const) {
    test(`an entry whose ${name} was damaged to ${JSON.stringify(content)} is not believed`, async (t) => {
        const folder = temporaryFolder(t)
        await writeCachedScript(folder, 'K', script)
        writeFileSync(join(folder, name), content)
        assert.equal(await readCachedScript(folder, 'K'), undefined)
    })
}

test('code comes back for what it was made of, and for nothing else', async (t) => {
    const folder = temporaryFolder(t)
    const code = Buffer.from('code\nwith lines')
    const cache = codeCacheOf(folder, 'K', ['a', 'b'])
    assert.equal(await cache.read(), undefined)
    await cache.write(code)
    assert.deepEqual(await cache.read(), code)
    assert.deepEqual(readdirSync(folder), ['K.code'])
    for (const other of [['a'], ['ab'], ['a', 'c'], []]) {
        assert.equal(await codeCacheOf(folder, 'K', other).read(), undefined)
    }
    assert.equal(await codeCacheOf(folder, 'L', ['a', 'b']).read(), undefined)
})

test('code that was made under other flags of the engine is not believed', async (t) => {
    requireBuild()
    const cacheModule = pathToFileURL(join(packageFolder, 'dist/core/elm-app/compile/script-cache.js')).href
    const folder = temporaryFolder(t)
    const program = `
        import { codeCacheOf } from ${JSON.stringify(cacheModule)}
        await codeCacheOf(${JSON.stringify(folder)}, 'K', ['a']).write(Buffer.from('code'))`
    await codeCacheOf(folder, 'K', ['a']).write(Buffer.from('code'))
    assert.notEqual(await codeCacheOf(folder, 'K', ['a']).read(), undefined)
    execFileSync(process.execPath, ['--no-opt', '--input-type=module', '-e', program])
    assert.equal(await codeCacheOf(folder, 'K', ['a']).read(), undefined)
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
        assert.equal(await cache.read(), undefined, String(at))
        writeFileSync(path, whole.subarray(0, at))
        assert.equal(await cache.read(), undefined, String(at))
    }
})

test('code that cannot be written costs nothing', async (t) => {
    const cache = codeCacheOf(join(temporaryFolder(t), 'missing'), 'K', [])
    await cache.write(Buffer.from('code'))
    assert.equal(await cache.read(), undefined)
})

test('a cache that cannot be written costs a note', async (t) => {
    const blocked = join(temporaryFolder(t), 'file')
    writeFileSync(blocked, '')
    assert.match((await writeCachedScript(join(blocked, 'cache'), 'K', script))!, /could not be kept/)
})

test("the folder is the caller's choice, else COMPLOG_CACHE_DIR", (t) => {
    setEnvironment(t, { COMPLOG_CACHE_DIR: join('/', 'from-environment') })
    assert.match(cacheFolder(join('/', 'chosen')), /chosen/)
    assert.match(cacheFolder(undefined), /from-environment/)
})

test("with neither, the folder is below the user's own cache directory", (t) => {
    setEnvironment(t, { COMPLOG_CACHE_DIR: undefined })
    assert.match(cacheFolder(undefined), /complog/)
})

test(
    'a cache that cannot be made is a note, and no loop',
    { skip: process.platform === 'win32' },
    async (t) => {
        const folder = temporaryFolder(t)
        const link = join(folder, '.cache')
        symlinkSync('/nowhere/at/all', link)
        const nowhere = [
            join(link, 'complog', 'compiled-apps'),
            ...(process.platform === 'linux' ? ['/proc/nope/complog/compiled-apps'] : []),
        ]
        for (const cache of nowhere)
            assert.match(
                (await writeCachedScript(cache, 'K', script)) ?? '',
                /could not be kept.*(EEXIST|ENOENT)/,
            )
    },
)
