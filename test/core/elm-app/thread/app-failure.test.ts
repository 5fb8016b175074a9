import assert from 'node:assert/strict'
import { test } from 'node:test'

import { publishFunctions } from '../../../../src/core/elm-app/compile/publish.js'
import { events, failureOf, functions, start } from '../running.js'
import { standInScript } from '../stand-in-app.js'

for (const millisecondsMax of [300, 600]) {
    test(`an endless loop is ended behind its bound of ${millisecondsMax} ms, and its input is known`, async (t) => {
        const app = await start(t, { limits: { eventTimeMillisecondsMax: millisecondsMax } })
        const before = performance.now()
        const failure = await failureOf(app.apply(events('1', '2', 'loop', '3')))
        const took = performance.now() - before
        assert.equal(failure.kind, 'timed-out')
        assert.equal(failure.during, 'event')
        assert.equal(failure.inputIndex, 2)
        assert.ok(took >= millisecondsMax, `${took} ms`)
    })
}

test('the bound is for one input, not for the batch', async (t) => {
    const app = await start(t, { limits: { eventTimeMillisecondsMax: 400 } })
    const before = performance.now()
    while (performance.now() - before < 900)
        await app.apply(events(...Array.from({ length: 20_000 }, () => '1')))
})

test('a loop while a state is set, serialised or brought back is told apart', async (t) => {
    const limits = { eventTimeMillisecondsMax: 300 }
    const setting = await start(t, { limits })
    const setFailure = await failureOf(setting.apply({ inputs: ['1', 'loop'], kinds: Uint8Array.of(0, 1) }))
    assert.deepEqual([setFailure.during, setFailure.inputIndex], ['set-state', 1])
    const serializing = await start(t, { limits })
    await serializing.apply(events('666'))
    const serializeFailure = await failureOf(serializing.serializeState())
    assert.deepEqual([serializeFailure.during, serializeFailure.inputIndex], ['serialize', -1])
    const bringing = await failureOf((await start(t, { limits })).roundTrip('loop'))
    assert.deepEqual([bringing.during, bringing.inputIndex], ['set-state', -1])
})

test('a leak is ended at the heap bound, and its input is known', async (t) => {
    const app = await start(t, { limits: { appHeapMebibytesMax: 64 } })
    const failure = await failureOf(app.apply(events('1', 'leak')))
    assert.equal(failure.kind, 'out-of-memory')
    assert.equal(failure.during, 'event')
    assert.equal(failure.inputIndex, 1)
    assert.match(failure.message, /64 MiB/)
})

test('an input larger than the heap is refused before it can end the process', async (t) => {
    const limits = { appHeapMebibytesMax: 64 }
    const huge = 'x'.repeat(80_000_000)
    const app = await start(t, { limits })
    const before = app.apply(events('7'))
    const failure = await failureOf(app.apply({ inputs: ['1', huge], kinds: Uint8Array.of(0, 1) }))
    assert.deepEqual([failure.kind, failure.during, failure.inputIndex], ['out-of-memory', 'set-state', 1])
    assert.deepEqual((await before).responses, ['7'], 'what was under way is not lost')
    const other = await failureOf((await start(t, { limits })).roundTrip(huge))
    assert.deepEqual([other.kind, other.inputIndex], ['out-of-memory', -1])
})

for (const [event, message] of [
    ['crash', /Maximum call stack size exceeded/],
    ['throw', /the app had enough/],
    ['number', /response is not a string/],
] as const) {
    test(`the event ${event} fails with the app's own message, and the app stays closed`, async (t) => {
        const app = await start(t)
        const first = app.apply(events('1', event, '1'))
        const second = app.apply(events('1'))
        const failure = await failureOf(first)
        assert.equal(failure.kind, 'threw')
        assert.equal(failure.inputIndex, 1)
        assert.match(failure.message, message)
        assert.equal(await failureOf(second), failure)
        assert.equal(await failureOf(app.apply(events('1'))), failure)
        assert.equal(await failureOf(app.serializeState()), failure)
        await app.close()
        assert.equal(await failureOf(app.roundTrip('1')), failure)
    })
}

test('a script that loops or throws as it starts fails the start', async (t) => {
    const script = (statement: string): string =>
        publishFunctions(
            standInScript.replace('var $author$project$Counter$main', `${statement}; $&`),
            functions,
        )
    const limits = { eventTimeMillisecondsMax: 300 }
    const looped = await failureOf(start(t, { script: script('for (;;) {}'), limits }))
    assert.deepEqual([looped.kind, looped.during, looped.inputIndex], ['timed-out', 'start', -1])
    const threw = await failureOf(start(t, { script: script('throw new Error("no start")') }))
    assert.deepEqual([threw.kind, threw.during], ['threw', 'start'])
    assert.match(threw.message, /no start/)
    const full = await failureOf(
        start(t, {
            script: script('var x = []; for (;;) x.push(new Array(10000).fill(0))'),
            limits: { appHeapMebibytesMax: 48 },
        }),
    )
    assert.deepEqual([full.kind, full.during], ['out-of-memory', 'start'])
})
