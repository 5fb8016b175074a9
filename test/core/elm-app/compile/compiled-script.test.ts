import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { additions, answers, assertCounted, editedCounter, load } from '../loading.js'
import { rejectsWith } from '../rejects.js'
import { elmHomeCopy, fixtureApp, setEnvironment, temporaryFolder } from '../temporary.js'

test('a second load comes from the cache, and needs neither compiler nor Elm home', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    const elmHome = join(temporaryFolder(t), 'home')
    cpSync(elmHomeCopy(), elmHome, { recursive: true })
    const path = fixtureApp('counter-0.19.0')
    const first = await load(t, { path, cacheDirectory, elmHome })
    rmSync(elmHome, { recursive: true })
    const second = await load(t, { path, cacheDirectory, elmHome })
    assert.deepEqual([first.source, second.source], ['compiled', 'cache'])
    assert.deepEqual(
        [second.scriptHash, second.optimized, second.notes],
        [first.scriptHash, first.optimized, first.notes],
    )
    assertCounted(await answers(second, additions))
    await rejectsWith(
        load(t, { path, cacheDirectory, elmHome, cache: false }),
        'app-packages-missing',
        /no Elm home/,
    )
})

test('a script built against one Elm home is not served to another', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    const elmHome = join(temporaryFolder(t), 'home')
    cpSync(elmHomeCopy(), elmHome, { recursive: true })
    await load(t, { cacheDirectory })
    assert.equal((await load(t, { cacheDirectory, elmHome })).source, 'compiled')
    setEnvironment(t, { ELM_HOME: elmHome })
    assert.equal((await load(t, { cacheDirectory, elmHome: undefined })).source, 'cache')
})

test('a damaged entry of the cache is compiled anew, and mended', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    await load(t, { cacheDirectory })
    const kept = join(cacheDirectory, 'compiled-apps')
    const script = join(kept, readdirSync(kept).find((file) => file.endsWith('.js'))!)
    writeFileSync(script, readFileSync(script, 'utf8').replace('author', 'Author'))
    assert.equal((await load(t, { cacheDirectory })).source, 'compiled')
    assert.equal((await load(t, { cacheDirectory })).source, 'cache')
})

test('without the cache nothing is read from it, nor written to it', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    assert.equal((await load(t, { cacheDirectory, cache: false })).source, 'compiled')
    assert.deepEqual(readdirSync(cacheDirectory), [])
    await load(t, { cacheDirectory })
    assert.equal((await load(t, { cacheDirectory, cache: false })).source, 'compiled')
})

test('a cache that cannot be written costs a note and not the run', async (t) => {
    const cacheDirectory = join(temporaryFolder(t), 'file')
    writeFileSync(cacheDirectory, '')
    const app = await load(t, { cacheDirectory })
    assert.match(app.notes.join(), /could not be kept/)
    assertCounted(await answers(app, additions))
})

test('loads at the same time, in one fresh Elm home, all succeed', async (t) => {
    const elmHome = temporaryFolder(t)
    cpSync(elmHomeCopy(), elmHome, {
        recursive: true,
        filter: (path) => !/\.dat$/.test(path) || /registry/.test(path),
    })
    const cacheDirectory = temporaryFolder(t)
    const names = [
        'counter',
        'string-builder',
        'counter-0.19.0',
        'counter',
        'misbehaving',
        'counter',
    ] as const
    const apps = await Promise.all(
        names.map((name) => load(t, { path: fixtureApp(name), elmHome, cacheDirectory })),
    )
    const sources = apps.map((app) => app.source).sort()
    assert.deepEqual(sources, ['cache', 'cache', 'compiled', 'compiled', 'compiled', 'compiled'])
})

test('an app that was moved is the same app', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    const path = editedCounter(t, (code) => code)
    await load(t, { path, cacheDirectory })
    renameSync(path, `${path}-moved`)
    t.after(() => rmSync(`${path}-moved`, { recursive: true, force: true }))
    assert.equal((await load(t, { path: `${path}-moved`, cacheDirectory })).source, 'cache')
})
