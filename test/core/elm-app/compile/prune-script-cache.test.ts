import assert from 'node:assert/strict'
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { codeCacheOf, pruneScriptCache } from '../../../../src/core/elm-app/compile/script-cache.js'
import { readCachedScript, writeCachedScript } from '../../../../src/core/elm-app/compile/script-cache.js'
import { temporaryFolder } from '../temporary.js'

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
    await pruneScriptCache(folder, 2)
    const expected = [4, 5].flatMap((number) => [`${keyOf(number)}.js`, `${keyOf(number)}.json`])
    assert.deepEqual(readdirSync(folder).sort(), expected)
})

test('a script that was read counts as used', async (t) => {
    const folder = await folderWith(t, 3)
    assert.deepEqual(await readCachedScript(folder, keyOf(1)), script)
    await pruneScriptCache(folder, 1)
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
    await pruneScriptCache(folder, 1)
    assert.deepEqual(
        [temporary(1), temporary(2), ...others].filter((name) => existsSync(join(folder, name))),
        [temporary(2), ...others],
    )
})

test('a folder that is not there is no error', async (t) => {
    await pruneScriptCache(join(temporaryFolder(t), 'missing'))
})
