import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { readFolderSources } from '../../../../src/core/elm-app/source/folder-sources.js'
import { appFileBounds } from '../../../../src/core/foreign-files.js'
import { rejectsWith } from '../rejects.js'
import { temporaryFolder, writeFiles } from '../temporary.js'

const app = {
    'elm-app.map.json': '{}',
    'elm-app/elm.json': '{ }',
    'elm-app/src/Deep.elm': 'module Deep',
}
const noLinks = process.platform === 'win32' ? 'symlinks need a privilege on Windows' : false

test('of a folder the map and the Elm sources are read, and nothing else', async (t) => {
    const folder = writeFiles(temporaryFolder(t), {
        ...app,
        'elm-app/elm-stuff/0.19.1/x.elm': '',
        'elm-app/node_modules/a/elm.json': '',
        'elm-app/notes.txt': '',
        'Outside.elm': '',
    })
    const { map, files } = await readFolderSources(folder)
    assert.equal(Buffer.from(map!.bytes).toString(), '{}')
    assert.deepEqual([...files.keys()].sort(), ['elm.json', 'src/Deep.elm'])
})

test('a folder without a map yields none', async (t) => {
    const { map, files } = await readFolderSources(temporaryFolder(t))
    assert.equal(map, undefined)
    assert.equal(files.size, 0)
})

test('a symlink that stays within the folder is followed', { skip: noLinks }, async (t) => {
    const folder = writeFiles(temporaryFolder(t), { ...app, 'shared/Shared.elm': 'module Shared' })
    symlinkSync('../shared', join(folder, 'elm-app/shared'))
    symlinkSync('src/Deep.elm', join(folder, 'elm-app/Same.elm'))
    const { files } = await readFolderSources(folder)
    assert.deepEqual([...files.keys()].sort(), ['Same.elm', 'elm.json', 'shared/Shared.elm', 'src/Deep.elm'])
})

for (const name of ['elm-app/Evil.elm', 'elm-app/evil', 'elm-app.map.json', 'elm-app']) {
    test(`a symlink ${name} that points out of the folder is refused`, { skip: noLinks }, async (t) => {
        const outside = writeFiles(temporaryFolder(t), { 'x.elm': 'secret' })
        const folder = temporaryFolder(t)
        if (name.includes('/')) mkdirSync(join(folder, 'elm-app'))
        symlinkSync(name.includes('.') ? join(outside, 'x.elm') : outside, join(folder, name))
        await rejectsWith(readFolderSources(folder), 'app-malformed', /lies outside of the app folder/)
    })
}

test('a symlink that leads in a circle is refused', { skip: noLinks }, async (t) => {
    const folder = writeFiles(temporaryFolder(t), app)
    symlinkSync('..', join(folder, 'elm-app/src/up'))
    await rejectsWith(readFolderSources(folder), 'app-malformed', /in a circle/)
})

test('a symlink to nothing is an error that names it', { skip: noLinks }, async (t) => {
    const folder = writeFiles(temporaryFolder(t), app)
    symlinkSync('nowhere', join(folder, 'elm-app/Gone.elm'))
    await rejectsWith(readFolderSources(folder), 'file-system', /Gone\.elm/)
})

test('a folder beyond the bounds is refused', async (t) => {
    const folder = writeFiles(temporaryFolder(t), app)
    const read = (bounds: object): Promise<unknown> =>
        readFolderSources(folder, { ...appFileBounds, ...bounds })
    await rejectsWith(read({ filesMax: 2 }), 'limit-exceeded', /more than 2 files/)
    await rejectsWith(read({ fileSizeBytesMax: 4 }), 'limit-exceeded', /a file of more than 4 bytes/)
    await rejectsWith(read({ totalSizeBytesMax: 8 }), 'limit-exceeded', /8 bytes altogether/)
})

test('a folder nested too deep is refused', async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'elm-app', ...Array.from({ length: 70 }, () => 'd')), { recursive: true })
    await rejectsWith(readFolderSources(folder), 'limit-exceeded', /nested deeper/)
})
