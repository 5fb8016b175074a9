import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readAppSource } from '../../../src/core/elm-app/app-source.js'
import { rawZip } from './raw-zip.js'
import { rejectsWith } from './rejects.js'
import { standInScript } from './stand-in-app.js'
import { counterMap, temporaryFolder, writeFiles } from './temporary.js'

const project = { 'elm-app/elm.json': '{}', 'elm-app/Counter.elm': 'module Counter' }
const app = { ...project, 'elm-app.map.json': counterMap }

test('a folder, a zip and a script are told apart by content, whatever their names', async (t) => {
    const folder = writeFiles(temporaryFolder(t), {
        'app.js/elm-app.map.json': counterMap,
        'app.js/elm-app/elm.json': '{}',
        'app.js/elm-app/Counter.elm': '',
        'a-folder': rawZip(Object.entries(app).map(([name, content]) => ({ name, content }))),
        'app.zip': standInScript,
        'elm-app.map.json': counterMap,
    })
    assert.equal((await readAppSource(join(folder, 'app.js'), undefined)).kind, 'sources')
    assert.equal((await readAppSource(join(folder, 'a-folder'), undefined)).kind, 'sources')
    assert.equal((await readAppSource(join(folder, 'app.zip'), undefined)).kind, 'script')
})

test('a script takes its functions from the map beside it, or from the entry module', async (t) => {
    const folder = writeFiles(temporaryFolder(t), { 'app.js': standInScript })
    const path = join(folder, 'app.js')
    const error = await rejectsWith(readAppSource(path, undefined), 'app-map-missing')
    assert.match(error.hint!, /--entry/)
    const byEntry = await readAppSource(path, 'My.Module')
    assert.ok(byEntry.kind === 'script')
    assert.equal(byEntry.functions.initState, 'My.Module.initState')
    writeFileSync(join(folder, 'elm-app.map.json'), counterMap)
    const byMap = await readAppSource(path, undefined)
    assert.ok(byMap.kind === 'script')
    assert.equal(byMap.functions.initState, 'Counter.initState')
    const both = await readAppSource(path, 'My.Module')
    assert.ok(both.kind === 'script')
    assert.equal(both.functions.initState, 'My.Module.initState')
})

test('an entry module together with sources is a mistake of usage', async (t) => {
    const folder = writeFiles(temporaryFolder(t), app)
    await rejectsWith(readAppSource(folder, 'Counter'), 'usage', /is a folder/)
    writeFileSync(join(folder, 'x'), rawZip([]))
    await rejectsWith(readAppSource(join(folder, 'x'), 'Counter'), 'usage', /is a zip/)
})

test('a path where nothing is, is app-not-found', async (t) => {
    const folder = writeFiles(temporaryFolder(t), { file: '' })
    await rejectsWith(readAppSource(join(folder, 'nothing'), undefined), 'app-not-found', /nothing/)
    await rejectsWith(readAppSource(join(folder, 'file', 'below'), undefined), 'app-not-found')
})

for (const [what, content, message] of [
    ['some other file', 'hello', /neither a zip nor a script/],
    ['an empty file', '', /neither a zip nor a script/],
    ['a web page of elm make', `\n<!DOCTYPE HTML><script>_Platform_export(`, /web page/],
] as const) {
    test(`${what} is malformed, and the hint says what to give`, async (t) => {
        const folder = writeFiles(temporaryFolder(t), { app: content })
        const error = await rejectsWith(
            readAppSource(join(folder, 'app'), undefined),
            'app-malformed',
            message,
        )
        assert.match(error.hint!, /elm make/)
    })
}

test(
    'neither a folder nor a file is refused without waiting on it',
    { skip: process.platform === 'win32' },
    async (t) => {
        const pipe = join(temporaryFolder(t), 'pipe')
        execFileSync('mkfifo', [pipe])
        await rejectsWith(readAppSource(pipe, undefined), 'app-malformed', /neither a folder nor a file/)
    },
)

test('a folder without a map says which folder is meant', async (t) => {
    const folder = writeFiles(temporaryFolder(t), project)
    await rejectsWith(readAppSource(folder, undefined), 'app-map-missing')
    const inside = await rejectsWith(readAppSource(join(folder, 'elm-app'), undefined), 'app-map-missing')
    assert.match(inside.hint!, /the Elm project itself/)
    writeFiles(folder, { 'elm-app.zip': '' })
    const beside = await rejectsWith(readAppSource(folder, undefined), 'app-map-missing')
    assert.match(beside.hint!, /elm-app\.zip/)
})

test('a map that names a file which is not there is malformed', async (t) => {
    const folder = writeFiles(temporaryFolder(t), {
        ...app,
        'elm-app.map.json': counterMap.replace('Counter.elm', 'Other.elm'),
    })
    await rejectsWith(readAppSource(folder, undefined), 'app-map-malformed', /Other\.elm/)
})

test('an app without elm.json is malformed', async (t) => {
    const folder = writeFiles(temporaryFolder(t), {
        'elm-app.map.json': counterMap,
        'elm-app/Counter.elm': '',
    })
    await rejectsWith(readAppSource(folder, undefined), 'app-malformed', /elm-app\/elm\.json/)
})
