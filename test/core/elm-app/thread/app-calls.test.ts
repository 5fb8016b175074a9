import assert from 'node:assert/strict'
import { test } from 'node:test'

import { type AppCalls, appCalls } from '../../../../src/core/elm-app/thread/app-calls.js'
import type { PublishedApp } from '../../../../src/core/elm-app/thread/app-context.js'
import { appTextCharactersMax } from '../../../../src/core/limits.js'

type Curried = (event: string) => (state: unknown) => unknown

const published: PublishedApp = {
    applyTwo: (f: Curried, a: string, b: unknown) => f(a)(b),
    initState: 'start',
    processSerializedEvent: (event: string) => (state: string) => ({ a: `${state}+${event}`, b: event }),
    serializeState: String,
    deserializeState: (text: string) => text,
}

function callsOf(changes: Partial<PublishedApp>): AppCalls {
    const calls = appCalls({ ...published, ...changes })
    assert.ok(!('kind' in calls))
    return calls
}

test('events change the state and are answered, states are set and serialised', () => {
    const app = callsOf({})
    assert.equal(app.processEvent('x'), 'x')
    assert.equal(app.serializeState(), 'start+x')
    app.setState('other')
    assert.equal(app.serialize(app.deserialize('side')), 'side')
    assert.equal(app.serializeState(), 'other')
})

test('functions that are not there are named, all of them', () => {
    assert.deepEqual(appCalls({ ...published, initState: undefined, serializeState: undefined }), {
        kind: 'lacks-functions',
        keys: ['initState', 'serializeState'],
    })
})

test('what cannot be called is refused', () => {
    for (const key of ['applyTwo', 'processSerializedEvent', 'serializeState', 'deserializeState']) {
        const result = appCalls({ ...published, [key]: 5 })
        assert.ok('kind' in result && result.kind === 'malformed')
        assert.match(result.message, new RegExp(key))
    }
    assert.ok('kind' in appCalls(undefined))
    assert.ok('kind' in appCalls({ ...published, applyTwo: undefined }))
})

test('a response or a serialised state that is not a string is refused, and the state stays', () => {
    for (const result of [{ a: 1, b: 2 }, 7, undefined, null]) {
        const app = callsOf({ processSerializedEvent: () => () => result })
        assert.throws(() => app.processEvent('x'), /response is not a string.*String -> State/)
        assert.equal(app.serializeState(), 'start')
    }
    assert.throws(
        () => callsOf({ serializeState: () => 5 }).serializeState(),
        /not a string.*State -> String/,
    )
})

test('an initial state that is a function is refused: the map names the wrong one', () => {
    assert.deepEqual(appCalls({ ...published, initState: String }), {
        kind: 'malformed',
        message: 'its initState is a function, not a state',
    })
})

test('a text that is longer than can be passed on is refused before anything is done with it', () => {
    const long = 'x'.repeat(appTextCharactersMax + 1)
    const app = callsOf({ processSerializedEvent: () => () => ({ a: 'other', b: long }) })
    assert.throws(() => app.processEvent('x'), /response has 134217729 characters, and no more/)
    assert.equal(app.serializeState(), 'start')
    const states = callsOf({ serializeState: () => long })
    assert.throws(() => states.serializeState(), /serialised state has 134217729 characters/)
    assert.throws(() => states.serialize('any'), /serialised state has 134217729 characters/)
})
