import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'

import { ZipFile } from 'yazl'

import { readZipSources } from '../../../../src/core/elm-app/source/zip-sources.js'
import { rawZip } from '../raw-zip.js'
import { rejectsWith } from '../rejects.js'
import { temporaryFolder } from '../temporary.js'

async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
    const zip = new ZipFile()
    for (const [path, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), path)
    zip.end()
    return await buffer(zip.outputStream)
}

function write(test: TestContext, bytes: Uint8Array): string {
    const path = join(temporaryFolder(test), 'an-app')
    writeFileSync(path, bytes)
    return path
}

const app = {
    'elm-app.map.json': '{}',
    'elm-app/elm.json': '{ }',
    'elm-app/Counter.elm': 'module Counter',
    'elm-app/src/Deep.elm': 'module Deep',
}

test('of elm-app.zip the map and the Elm sources are read, and nothing else', async (t) => {
    const path = write(
        t,
        await zipOf({
            ...app,
            'elm-app/elm-stuff/x.elm': '',
            'elm-app/node_modules/elm/elm.json': '',
            'elm-app/readme.md': '',
            'other/Y.elm': '',
        }),
    )
    const { map, files } = await readZipSources(path)
    assert.equal(Buffer.from(map!.bytes).toString(), '{}')
    assert.deepEqual([...files.keys()].sort(), ['Counter.elm', 'elm.json', 'src/Deep.elm'])
})

test('names with backslashes are read as folders', async (t) => {
    const path = write(t, rawZip([{ name: 'elm-app.map.json' }, { name: 'elm-app\\src\\Deep.elm' }]))
    assert.deepEqual([...(await readZipSources(path)).files.keys()], ['src/Deep.elm'])
})

test('of web-app-config.zip the elm-app.zip inside is read', async (t) => {
    const inner = await zipOf(app)
    const path = write(
        t,
        await zipOf({ 'map.json': '{}', 'elm-app.zip': inner, 'static/index.html': '<html>' }),
    )
    const { files } = await readZipSources(path)
    assert.equal(Buffer.from(files.get('Counter.elm')!).toString(), 'module Counter')
})

test('a hostile zip inside of web-app-config.zip is refused, and named', async (t) => {
    const inner = rawZip([{ name: '../x.elm' }])
    const path = write(t, await zipOf({ 'elm-app.zip': inner }))
    await rejectsWith(readZipSources(path), 'app-zip-rejected', /an-app\/elm-app\.zip/)
})

test('a zip of something else is said to lack its map', async (t) => {
    await rejectsWith(
        readZipSources(write(t, await zipOf({ 'readme.md': '' }))),
        'app-map-missing',
        /at its root/,
    )
    await rejectsWith(readZipSources(write(t, rawZip([]))), 'app-map-missing')
})

test('a zip of the folder rather than its content is recognised', async (t) => {
    const path = write(t, await zipOf({ 'my-app/elm-app.map.json': '{}' }))
    const error = await rejectsWith(readZipSources(path), 'app-map-missing')
    assert.match(error.hint!, /my-app\/elm-app\.map\.json/)
})
