import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

import { publishFunctions } from '../../../../src/core/elm-app/compile/publish.js'
import { functionsOfModule } from '../../../../src/core/elm-app/source/app-map.js'
import { packageFolder, sourceExtension, sourceFlags } from '../../../support/build.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { rejectsWith } from '../rejects.js'
import { events, failureOf, functions, start } from '../running.js'
import { standInScript } from '../stand-in-app.js'

test('events and states are applied in order, over several calls under way at once', async (t) => {
    const app = await start(t)
    const first = app.apply(events('1', '2'))
    const second = app.apply({ inputs: ['40', '2'], kinds: Uint8Array.of(1, 0), collectResponses: true })
    assert.deepEqual((await second).responses, ['42'])
    assert.deepEqual((await first).responses, ['1', '3'])
    assert.equal(await app.serializeState(), '42')
})

test('a round trip leaves the state alone', async (t) => {
    const app = await start(t)
    await app.apply(events('5'))
    assert.equal(await app.roundTrip('007'), '7')
    assert.equal(await app.serializeState(), '5')
})

test('a state that was kept can be serialised and gone on from, and the current one stays', async (t) => {
    const app = await start(t)
    await app.apply(events('5'))
    assert.ok((await app.keep(1)) > 100_000)
    await app.apply(events('2'))
    await app.keep(2)
    await app.apply(events('1'))
    assert.equal(await app.serializeKept(1), '5')
    assert.equal(await app.serializeState(), '8')
    await app.goOnFromKept(1)
    assert.deepEqual((await app.apply(events('10'))).responses, ['15'])
    assert.equal(await app.serializeKept(1), '5')
    assert.equal(await app.serializeKept(2), '7')
})

test('a state that was let go of is not there any more', async (t) => {
    const app = await start(t)
    await app.keep(1)
    await app.keep(2)
    await app.forget([1])
    assert.equal(await app.serializeKept(2), '0')
    const failure = await failureOf(app.serializeKept(1))
    assert.match(failure.message, /no state was kept under 1/)
})

test('every instance starts in the initial state, apart from the others', async (t) => {
    const one = await start(t)
    await one.apply(events('5'))
    const other = await start(t)
    assert.equal(await other.serializeState(), '0')
})

test('the heap is measured after each batch, and its highest is kept', async (t) => {
    const app = await start(t)
    await app.apply(events('5'))
    const afterOne = app.peakHeapBytes
    assert.ok(afterOne > 100_000)
    await app.apply(events('5'))
    assert.ok(app.peakHeapBytes >= afterOne)
})

test('kinds may be a view into a larger buffer', async (t) => {
    const app = await start(t)
    const kinds = Uint8Array.of(9, 9, 1, 0, 9).subarray(2, 4)
    assert.deepEqual((await app.apply({ inputs: ['10', '1'], kinds, collectResponses: true })).responses, [
        '11',
    ])
})

test('functions that the script lacks are named, with what to look at', async (t) => {
    const others = functionsOfModule('Other')
    const options = { script: publishFunctions(standInScript, others), functions: others }
    const error = await rejectsWith(
        start(t, options),
        'app-function-missing',
        /Other\.initState, Other\.processSerializedEvent/,
    )
    assert.match(error.hint!, /main/)
})

test('a script that is no JavaScript, or publishes no functions, is malformed', async (t) => {
    const uncallable = standInScript.replace(
        'var $author$project$Counter$main',
        '$author$project$Counter$serializeState = 5; $&',
    )
    await rejectsWith(
        start(t, { script: publishFunctions(uncallable, functions) }),
        'app-malformed',
        /serializeState/,
    )
    await rejectsWith(
        start(t, { script: 'this is no script' }),
        'app-malformed',
        /not JavaScript: .*Unexpected identifier/,
    )
})

test('log lines arrive before the result of their batch, in order, and the banner does not', async (t) => {
    const lines: string[] = []
    const app = await start(t, { onAppLog: (text) => lines.push(text) })
    await app.apply(events('log:a', '1', 'log:b'))
    assert.deepEqual(lines, ['event: a', 'event: b'])
})

test('an app that logs without end neither stalls nor fills the memory of its caller', async (t) => {
    let lines = 0
    const app = await start(t, { onAppLog: () => (lines += 1) })
    await app.apply(events(...Array.from({ length: 50_000 }, () => 'log:x')))
    assert.equal(lines, 50_000)
})

test('an app that logs in an endless loop is ended at its bound', async (t) => {
    let characters = 0
    const onAppLog = (text: string): void => {
        characters += text.length
    }
    const app = await start(t, { onAppLog, limits: { eventTimeMillisecondsMax: 300 } })
    assert.equal((await failureOf(app.apply(events('chatter')))).kind, 'timed-out')
    assert.ok(characters > 0)
})

test('lines logged before an endless loop are not lost', async (t) => {
    const lines: string[] = []
    const app = await start(t, {
        onAppLog: (text) => lines.push(text),
        limits: { eventTimeMillisecondsMax: 300 },
    })
    await failureOf(app.apply(events('log:last words', 'loop')))
    assert.deepEqual(lines, ['event: last words'])
})

test('a log callback that throws ends the instance with its error', async (t) => {
    const trouble = new Error('no more lines')
    const app = await start(t, {
        onAppLog: () => {
            throw trouble
        },
    })
    await assert.rejects(app.apply(events('log:a')), trouble)
})

test('the signal ends calls under way and all later ones', async (t) => {
    const abort = new AbortController()
    const app = await start(t, { signal: abort.signal })
    const looping = app.apply(events('loop'))
    setTimeout(() => abort.abort(), 50)
    await rejectsWith(looping, 'interrupted')
    await rejectsWith(app.serializeState(), 'interrupted')
    await rejectsWith(start(t, { signal: abort.signal }), 'interrupted')
})

test('closing ends calls under way', async (t) => {
    const app = await start(t)
    const looping = app.apply(events('loop'))
    await app.close()
    await assert.rejects(looping, /was closed/)
    await assert.rejects(app.serializeState(), /was closed/)
    await app.close()
})

test('an instance that nobody closes does not keep the process alive', (t) => {
    const module = new URL(
        `../../../../src/core/elm-app/thread/running-app${sourceExtension}`,
        import.meta.url,
    )
    const program = `const { RunningApp } = await import(${JSON.stringify(module.href)})
        const functions = ${JSON.stringify(functions)}
        const app = await RunningApp.start({ script: ${JSON.stringify(publishFunctions(standInScript, functions))},
            functions, limits: { eventTimeMillisecondsMax: 60000, appHeapMebibytesMax: 512 } })
        console.log(await app.serializeState())`
    // From a file: under the oldest Node, tsx starts no thread in a process that was given its program as a text.
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'program.mjs': program })
    const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [...sourceFlags, join(folder, 'program.mjs')],
        { cwd: packageFolder, encoding: 'utf8', timeout: 20_000 },
    )
    assert.deepEqual({ stdout, stderr, status }, { stdout: '0\n', stderr: '', status: 0 })
})
