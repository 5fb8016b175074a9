import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { additions, answers, assertCounted, editedCounter, load } from '../loading.js'
import { rejectsWith } from '../rejects.js'
import { elmHomeCopy, fixtureApp, listing, setEnvironment, temporaryFolder } from '../temporary.js'

/** Gives a test a place of its own for temporary files, and returns what tells the folders of compiling there. */
function watchTemporaryFiles(t: TestContext): () => readonly string[] {
    const folder = temporaryFolder(t)
    setEnvironment(t, { TMPDIR: folder, TEMP: folder, TMP: folder })
    return () => readdirSync(folder).filter((name) => name.startsWith('complog-'))
}

/** Keeps the compiler from any network that there may be. */
function cutNetwork(t: TestContext): void {
    const nowhere = 'http://127.0.0.1:9'
    setEnvironment(t, {
        https_proxy: nowhere,
        HTTPS_PROXY: nowhere,
        http_proxy: nowhere,
        HTTP_PROXY: nowhere,
    })
}

test('an app of Elm 0.19.0 is compiled as 0.19.1, with a note, and its folder is left as it was', async (t) => {
    const before = listing(fixtureApp('counter-0.19.0'))
    const leftBehind = watchTemporaryFiles(t)
    const app = await load(t, { path: fixtureApp('counter-0.19.0') })
    assert.deepEqual(app.notes, ['elm.json says elm-version 0.19.0; compiled as 0.19.1 in a copy'])
    assertCounted(await answers(app, additions))
    assert.deepEqual(listing(fixtureApp('counter-0.19.0')), before)
    assert.deepEqual(leftBehind(), [])
})

test("the compiler's report arrives in full, and nothing is left behind", async (t) => {
    const leftBehind = watchTemporaryFiles(t)
    const path = editedCounter(t, (code) => code.replace(/^ {4}0$/m, '    "zero"'))
    const before = listing(path)
    const error = await rejectsWith(load(t, { path }), 'app-compile-failed')
    assert.match(error.output!, /^-- TYPE MISMATCH -+ Counter\.elm$/m)
    assert.match(error.output!, /Something is off with the body of the `initState` definition:/)
    assert.match(error.output!, /says it should be:\s+State\s*$/)
    assert.deepEqual(listing(path), before)
    assert.deepEqual(leftBehind(), [])
})

test('an Elm home without packages, and without a network, is packages missing', async (t) => {
    cutNetwork(t)
    const elmHome = temporaryFolder(t)
    const error = await rejectsWith(load(t, { elmHome }), 'app-packages-missing')
    assert.match(error.hint!, /this very command.*--elm-home/)
    assert.ok(error.output!.length > 0)
})

test('a home that lacks one package is packages missing', async (t) => {
    cutNetwork(t)
    const elmHome = temporaryFolder(t)
    cpSync(elmHomeCopy(), elmHome, { recursive: true })
    rmSync(join(elmHome, '0.19.1/packages/elm/json'), { recursive: true })
    await rejectsWith(load(t, { elmHome }), 'app-packages-missing')
})

test('an Elm home that is not there is said to be that, and is not made', async (t) => {
    const folder = temporaryFolder(t)
    await rejectsWith(
        load(t, { elmHome: join(folder, 'typo') }),
        'app-packages-missing',
        /no Elm home at .*typo/,
    )
    assert.deepEqual(readdirSync(folder), [])
})

test('an Elm home that may not be written is said to be that', {
    skip: process.getuid?.() === 0 || process.platform === 'win32',
}, async (t) => {
    const elmHome = join(temporaryFolder(t), 'home')
    mkdirSync(elmHome, { mode: 0o500 })
    await rejectsWith(load(t, { elmHome }), 'file-system', /could not use/)
})

test('the signal ends a load, and nothing is left behind', async (t) => {
    const leftBehind = watchTemporaryFiles(t)
    const abort = new AbortController()
    const loading = load(t, { cache: false, signal: abort.signal })
    setTimeout(() => abort.abort(), 15)
    await rejectsWith(loading, 'interrupted')
    await rejectsWith(load(t, { signal: abort.signal }), 'interrupted')
    assert.deepEqual(leftBehind(), [])
})
