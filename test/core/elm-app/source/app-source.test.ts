import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { readAppSource } from '../../../../src/core/elm-app/source/app-source.js'
import { rawZip } from '../raw-zip.js'
import { rejectsWith } from '../rejects.js'
import { standInScript } from '../stand-in-app.js'
import { counterMap, temporaryFolder, writeFiles } from '../temporary.js'

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

test('neither a folder nor a file is refused without waiting on it', {
    skip: process.platform === 'win32',
}, async (t) => {
    const pipe = join(temporaryFolder(t), 'pipe')
    execFileSync('mkfifo', [pipe])
    await rejectsWith(readAppSource(pipe, undefined), 'app-malformed', /neither a folder nor a file/)
})

test('a folder without a map says which folder is meant', async (t) => {
    const folder = writeFiles(temporaryFolder(t), project)
    await rejectsWith(readAppSource(folder, undefined), 'app-map-missing')
    const inside = await rejectsWith(readAppSource(join(folder, 'elm-app'), undefined), 'app-map-missing')
    assert.match(inside.hint!, /Put the Elm project into elm-app\/, and beside it elm-app\.map\.json/)
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

const conventional = ['initState', 'processEvent', 'serializeState', 'deserializeState']
    .map((name) => `interfaceToHost_${name} =\n    Debug.todo ""\n`)
    .join('\n')

for (const [module, entryFile] of [
    ['Main', 'src/Main.elm'],
    ['Backend.Main', 'src/Backend/Main.elm'],
    ['Backend.InterfaceToHost_Root', 'src/Backend/InterfaceToHost_Root.elm'],
] as const) {
    test(`without a map the functions are those of ${module}, in elm-app/ or in the project itself`, async (t) => {
        const source = `module ${module} exposing (..)\n\n${conventional}\nmain =\n    1\n`
        for (const prefix of ['elm-app/', '']) {
            const folder = writeFiles(temporaryFolder(t), {
                [`${prefix}elm.json`]: '{}',
                [`${prefix}${entryFile}`]: source,
                [`${prefix}src/Other.elm`]: '',
            })
            const found = await readAppSource(folder, undefined)
            assert.ok(found.kind === 'sources')
            assert.equal(found.map.entryFile, entryFile)
            assert.equal(found.map.functions.processSerializedEvent, `${module}.interfaceToHost_processEvent`)
            const zip = join(temporaryFolder(t), 'zip')
            const files = [...found.files].map(([name, content]) => ({ name: prefix + name, content }))
            writeFileSync(
                zip,
                rawZip(
                    files.map(({ name, content }) => ({ name, content: Buffer.from(content).toString() })),
                ),
            )
            const zipped = await readAppSource(zip, undefined)
            assert.deepEqual(zipped.kind === 'sources' && zipped.map, found.map)
        }
    })
}

test('a module without main gets one on top, as its host gave it', async (t) => {
    const folder = writeFiles(temporaryFolder(t), {
        'elm-app/elm.json': '{}',
        'elm-app/src/Backend/Main.elm': `module Backend.Main exposing (..)\n\n${conventional}`,
    })
    const found = await readAppSource(folder, undefined)
    assert.ok(found.kind === 'sources')
    assert.equal(found.map.entryFile, 'src/Backend/InterfaceToHost_Root.elm')
    assert.ok(found.files.has(found.map.entryFile))
})

test('a module with some of the functions is said to lack the others', async (t) => {
    const folder = writeFiles(temporaryFolder(t), {
        'elm-app/elm.json': '{}',
        'elm-app/src/Backend/Main.elm': conventional.replaceAll(
            /interfaceToHost_(?:de)?serialize\w+/g,
            'other',
        ),
    })
    await rejectsWith(
        readAppSource(folder, undefined),
        'app-map-missing',
        /src\/Backend\/Main\.elm .* lacks interfaceToHost_serializeState and interfaceToHost_deserializeState/,
    )
})

test('an app without a map and without such functions is shown the map to write', async (t) => {
    const folder = writeFiles(temporaryFolder(t), project)
    const error = await rejectsWith(readAppSource(folder, undefined), 'app-map-missing', /Which functions/)
    const [map = ''] = /\{.*\}/.exec(error.hint!) ?? []
    writeFileSync(join(folder, 'elm-app.map.json'), map)
    const found = await readAppSource(folder, undefined)
    assert.equal(found.kind === 'sources' && found.map.entryFile, 'Counter.elm')
})

test('a map may have its name of November 2018, and each name in any case', async (t) => {
    for (const name of ['elm-app.entry-config.json', 'Elm-App.Map.JSON']) {
        const folder = writeFiles(temporaryFolder(t), {
            ...project,
            [name]: counterMap.replace('Counter.elm', 'counter.ELM'.replace('ELM', 'elm')),
        })
        const found = await readAppSource(folder, undefined)
        assert.equal(found.kind === 'sources' && found.map.entryFile, 'Counter.elm')
    }
})

test('a folder may hold what a web-app-config.zip does', async (t) => {
    const zip = rawZip(Object.entries(app).map(([name, content]) => ({ name, content })))
    const folder = writeFiles(temporaryFolder(t), { 'map.json': '{}', 'Elm-App.zip': zip })
    const found = await readAppSource(folder, undefined)
    assert.equal(found.kind === 'sources' && found.map.entryFile, 'Counter.elm')
})

test('a script without a map has the functions of a module in which hosts looked for them', async (t) => {
    const script = standInScript.replaceAll(
        /Counter\$(\w+)/g,
        (_, name: string) =>
            `Backend$Main$interfaceToHost_${name === 'processSerializedEvent' ? 'processEvent' : name}`,
    )
    const path = join(writeFiles(temporaryFolder(t), { 'app.js': script }), 'app.js')
    for (const entry of [undefined, 'Backend.Main']) {
        const found = await readAppSource(path, entry)
        assert.ok(found.kind === 'script')
        assert.equal(found.functions.processSerializedEvent, 'Backend.Main.interfaceToHost_processEvent')
    }
})
