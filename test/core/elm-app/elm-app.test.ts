import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { AppFailure } from '../../../src/core/elm-app/elm-app.js'
import { additions, answers, assertCounted, editedCounter, load } from './loading.js'
import { rawZip } from './raw-zip.js'
import { rejectsWith } from './rejects.js'
import { fixtureApp, temporaryFolder, writeFiles } from './temporary.js'

test('a Kalmit folder is compiled, optimised, and runs', async (t) => {
    const app = await load(t)
    assert.equal(app.source, 'compiled')
    assert.equal(app.optimized, true)
    assert.deepEqual(app.notes, [])
    assert.match(app.scriptHash, /^[0-9A-F]{64}$/)
    assertCounted(await answers(app, additions))
})

test('an app that uses Debug is compiled without --optimize, with a note, and its log is handed on', async (t) => {
    const lines: string[] = []
    const path = fixtureApp('misbehaving')
    const app = await load(t, { path, onAppLog: (text) => lines.push(text) })
    assert.equal(app.optimized, false)
    assert.match(app.notes.join(), /not optimised, because the app uses Debug/)
    assert.deepEqual(await answers(app, ['log:hello', 'add:2']), ['0', '2', '2'])
    assert.deepEqual(lines, ['misbehaving: "hello"'])
})

test('the web app of the corpus answers requests', async (t) => {
    const app = await load(t, { path: fixtureApp('string-builder') })
    const request = { method: 'POST', uri: 'http://localhost/api', bodyAsString: 'abc', headers: [] }
    const event = JSON.stringify({
        httpRequest: {
            posixTimeMilli: 1556452842465,
            httpRequestId: '1556452842465-1',
            requestContext: { clientAddress: '::1' },
            request,
        },
    })
    const [response, state] = await answers(app, [event])
    assert.match(response!, /"bodyAsString":"abc"/)
    assert.match(state!, /abc/)
})

for (const [module, main] of [
    [
        'Main',
        '\nmain =\n    Platform.worker { init = \\() -> ( interfaceToHost_initState, Cmd.none ), update = \\e s -> ( interfaceToHost_processEvent e (interfaceToHost_deserializeState (interfaceToHost_serializeState s)) |> Tuple.first, Cmd.none ), subscriptions = \\_ -> Sub.none }\n',
    ],
    ['Backend.Main', ''],
] as const) {
    test(`an app without a map, with the functions that hosts looked for in ${module}, runs`, async (t) => {
        const path = writeFiles(temporaryFolder(t), {
            'elm-app/elm.json': readFileSync(join(fixtureApp('counter'), 'elm-app/elm.json'), 'utf8').replace(
                '"."',
                '"src"',
            ),
            [`elm-app/src/${module.replace('.', '/')}.elm`]: `module ${module} exposing (..)

interfaceToHost_initState = 0

interfaceToHost_processEvent : String -> Int -> ( Int, String )
interfaceToHost_processEvent event state =
    ( state + String.length event, "took " ++ event )

interfaceToHost_serializeState = String.fromInt

interfaceToHost_deserializeState text = String.toInt text |> Maybe.withDefault 0
${main}`,
        })
        assert.deepEqual(await answers(await load(t, { path }), ['one', 'four']), [
            'took one',
            'took four',
            '7',
        ])
    })
}

test('elm-app.zip and web-app-config.zip run as the folder does', async (t) => {
    const files = ['elm-app.map.json', 'elm-app/elm.json', 'elm-app/Counter.elm']
    const inner = rawZip(
        files.map((name) => ({
            name: name.replaceAll('/', '\\'),
            content: readFileSync(join(fixtureApp('counter'), name)),
        })),
    )
    const folder = writeFiles(temporaryFolder(t), {
        'elm-app.zip': inner,
        'web-app-config.zip': rawZip([
            { name: 'map.json', content: '[]' },
            { name: 'elm-app.zip', content: inner },
        ]),
    })
    const cacheDirectory = temporaryFolder(t)
    const { scriptHash } = await load(t, { cacheDirectory })
    for (const name of ['elm-app.zip', 'web-app-config.zip']) {
        const app = await load(t, { path: join(folder, name), cacheDirectory })
        assert.equal(app.scriptHash, scriptHash)
        assert.equal(app.source, 'cache', 'the same sources are the same app')
        assertCounted(await answers(app, additions))
    }
})

test('code of a large script is kept, taken again, and made anew where it is damaged', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    const text = 'x'.repeat(1024 * 1024)
    // What is only text goes into the script once, and none of it is looked at.
    const path = editedCounter(t, (code) =>
        code.replace('"Failed to', () => `(if stateBefore == -1 then "${text}" else "") ++ "Failed to`),
    )
    const folder = join(cacheDirectory, 'compiled-apps')
    const codeFile = () => join(folder, readdirSync(folder).find((name) => name.endsWith('.code')) ?? 'none')
    const run = async () => {
        const app = await load(t, { path, cacheDirectory })
        assertCounted(await answers(app, additions))
        return app.source
    }
    assert.equal(await run(), 'compiled')
    const kept = readFileSync(codeFile())
    const { ino } = statSync(codeFile())
    assert.equal(await run(), 'cache')
    assert.equal(statSync(codeFile()).ino, ino)
    const damaged = Buffer.from(kept)
    damaged.fill(0, kept.length - 10)
    writeFileSync(codeFile(), damaged)
    await run()
    assert.deepEqual(readFileSync(codeFile()).subarray(0, 100), kept.subarray(0, 100))
    assert.notDeepEqual(readFileSync(codeFile()), damaged)
})

test('no code is kept of a small script, nor without a cache', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    assertCounted(await answers(await load(t, { cacheDirectory }), additions))
    assert.deepEqual(
        readdirSync(join(cacheDirectory, 'compiled-apps')).filter((name) => name.endsWith('.code')),
        [],
    )
})

test('a script of elm make runs as it is, and its hash is that of its file', async (t) => {
    const cacheDirectory = temporaryFolder(t)
    await load(t, { cacheDirectory })
    const kept = join(cacheDirectory, 'compiled-apps')
    const name = readdirSync(kept).find((file) => file.endsWith('.js'))!
    const path = join(kept, name)
    const error = await rejectsWith(
        load(t, { path, entry: 'Counter' }),
        'script-not-allowed',
        /any JavaScript/,
    )
    assert.match(error.hint!, /--allow-script/)
    const app = await load(t, { path, entry: 'Counter', allowScript: true })
    assert.equal(app.source, 'script')
    assert.equal(app.optimized, null)
    const hash = createHash('sha256')
        .update(readFileSync(join(kept, name)))
        .digest('hex')
        .toUpperCase()
    assert.equal(app.scriptHash, hash)
    assertCounted(await answers(app, additions))
})

test('a function that main does not reach is missing, and the hint says why', async (t) => {
    const path = editedCounter(t, (code) => code)
    const map = join(path, 'elm-app.map.json')
    writeFileSync(map, readFileSync(map, 'utf8').replace('Counter.serializeState', 'Counter.serialiseState'))
    const app = await load(t, { path })
    const error = await rejectsWith(app.start(), 'app-function-missing', /Counter\.serialiseState/)
    assert.match(error.hint!, /main/)
})

for (const [event, kind, limits] of [
    ['loop', 'timed-out', { eventTimeMillisecondsMax: 200 }],
    ['leak', 'out-of-memory', { appHeapMebibytesMax: 64 }],
    ['crash', 'threw', {}],
] as const) {
    test(`the real app's ${event} is ended as ${kind}, at its input`, async (t) => {
        const app = await load(t, { path: fixtureApp('misbehaving'), limits })
        const instance = await app.start()
        t.after(() => instance.close())
        const call = instance.apply({ inputs: ['add:1', 'add:2', event], kinds: new Uint8Array(3) })
        await assert.rejects(call, (error) => {
            assert.ok(error instanceof AppFailure)
            assert.deepEqual([error.kind, error.during, error.inputIndex], [kind, 'event', 2])
            return true
        })
    })
}
