import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { AppCalls } from '../../../../src/core/elm-app/thread/app-calls.js'
import { applyBatch, isDecodeError } from '../../../../src/core/elm-app/thread/batch.js'
import { SharedProgress } from '../../../../src/core/elm-app/thread/worker-protocol.js'

for (const [response, expected] of [
    ['{"decodeError":"x"}', true],
    ['{"decodeEventError":"x"}', true],
    [' {\n "decodeError" : {"a":[]} } ', true],
    ['{"decodeEventSuccess":[]}', false],
    ['{"decodeError":"x","decodeEventError":"x"}', false],
    ['{"decodeError":"x","other":1}', false],
    ['{"decodeSuccess":[]}', false],
    ['{"decodeError":', false],
    ['{"a":{"decodeError":"x"}}', false],
    ['decodeError', false],
    ['["decodeError"]', false],
    ['', false],
] as const) {
    test(`the response ${JSON.stringify(response)} is ${expected ? 'a' : 'no'} decodeError`, () =>
        assert.equal(isDecodeError(response), expected))
}

/** Answers each event with its state, which is all events so far. */
function echoApp(): AppCalls {
    let state = ''
    return {
        processEvent: (event) => (state += event),
        setState: (text) => {
            state = text
        },
        serializeState: () => state,
        state: () => state,
        goOnFrom: (other) => {
            state = String(other)
        },
        deserialize: (text) => text,
        serialize: String,
    }
}

const batch = { inputs: ['a', 'S', '{"decodeError":1}', 'b'], kinds: Uint8Array.of(0, 1, 0, 0) }

test('inputs are applied in order, states set and events answered', () => {
    const result = applyBatch(echoApp(), { ...batch, collectResponses: true }, new SharedProgress())
    assert.deepEqual(result, {
        events: 3,
        setStates: 1,
        responses: ['a', 'S{"decodeError":1}', 'S{"decodeError":1}b'],
        decodeErrors: 0,
        firstDecodeErrorIndex: -1,
        behindSetState: {
            setStateIndex: 1,
            events: 2,
            decodeErrors: 0,
            firstDecodeErrorIndex: -1,
            lastDecodeErrors: 0,
        },
    })
})

const wrong = '{"decodeError":"x"}'
const repeatingApp = (): AppCalls => ({ ...echoApp(), processEvent: (event: string) => event })

test('decode errors are counted, and the index of the first is that of its input', () => {
    const inputs = ['a', 'S', wrong, 'b', wrong]
    const result = applyBatch(repeatingApp(), { inputs, kinds: new Uint8Array(5) }, new SharedProgress())
    assert.equal(result.decodeErrors, 2)
    assert.equal(result.firstDecodeErrorIndex, 2)
    assert.equal(result.responses, undefined)
    assert.deepEqual(result.behindSetState, {
        setStateIndex: -1,
        events: 5,
        decodeErrors: 2,
        firstDecodeErrorIndex: 2,
        lastDecodeErrors: 1,
    })
})

test('what stands before a state that is set is counted apart from what stands behind it', () => {
    const inputs = [wrong, wrong, 'S', wrong, 'T', 'b', wrong, wrong]
    const kinds = Uint8Array.of(0, 0, 1, 0, 1, 0, 0, 0)
    const result = applyBatch(repeatingApp(), { inputs, kinds }, new SharedProgress())
    assert.deepEqual([result.decodeErrors, result.firstDecodeErrorIndex], [5, 0])
    assert.deepEqual(result.behindSetState, {
        setStateIndex: 4,
        events: 3,
        decodeErrors: 2,
        firstDecodeErrorIndex: 6,
        lastDecodeErrors: 2,
    })
})

test('times are measured one an input, only when asked for', () => {
    const result = applyBatch(echoApp(), { ...batch, measure: true }, new SharedProgress())
    assert.equal(result.inputMilliseconds?.length, 4)
    assert.ok(result.inputMilliseconds.every((time) => time >= 0 && time < 1000))
    assert.equal(applyBatch(echoApp(), batch, new SharedProgress()).inputMilliseconds, undefined)
})

test('what input the app is at can be seen from outside', () => {
    const progress = new SharedProgress()
    const outside = new SharedProgress(progress.buffer)
    const seen: unknown[] = []
    const app: AppCalls = {
        ...echoApp(),
        processEvent: (event) => {
            seen.push(outside.read())
            return event
        },
    }
    progress.beginCall()
    applyBatch(app, batch, progress)
    assert.deepEqual(
        seen,
        [0, 2, 3].map((inputIndex) => ({ call: 1, phase: 'event', inputIndex })),
    )
})
