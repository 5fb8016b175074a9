import assert from 'node:assert/strict'
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

import {
    cacheFolder,
    cacheKey,
    readCachedScript,
    writeCachedScript,
} from '../../../../src/core/elm-app/compile/script-cache.js'
import { functionsOfModule } from '../../../../src/core/elm-app/source/app-map.js'
import type { SourcesOfApp } from '../../../../src/core/elm-app/source/app-source.js'
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

test('a cache that cannot be written costs a note', async (t) => {
    const blocked = join(temporaryFolder(t), 'file')
    writeFileSync(blocked, '')
    assert.match((await writeCachedScript(join(blocked, 'cache'), 'K', script))!, /could not be kept/)
})

test("the folder is the caller's choice, else COMPLOG_CACHE_DIR", (t) => {
    setEnvironment(t, { COMPLOG_CACHE_DIR: join('/', 'from-environment') })
    assert.match(cacheFolder(join('/', 'chosen'))!, /chosen/)
    assert.match(cacheFolder(undefined)!, /from-environment/)
})

test("with neither, the folder is below the user's own cache directory", (t) => {
    setEnvironment(t, { COMPLOG_CACHE_DIR: undefined })
    assert.match(cacheFolder(undefined)!, /complog/)
})

test('a cache that cannot be made is a note, and no loop', {
    skip: process.platform === 'win32',
}, async (t) => {
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
})
