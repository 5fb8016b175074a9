import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import type { AppCalls } from '../../../../src/core/elm-app/thread/app-calls.js'
import { Digesting } from '../../../../src/core/elm-app/thread/digest.js'
import { SharedProgress } from '../../../../src/core/elm-app/thread/worker-protocol.js'

/** What is hashed of states and responses that are these texts. */
function digestOf(texts: readonly string[], everyNth = 1) {
    let state: string | undefined
    const app = { state: () => state, serializeState: () => state } as unknown as AppCalls
    const digesting = new Digesting(app, new SharedProgress(), { everyNth, each: true, inputs: texts.length })
    for (const [index, text] of texts.entries()) {
        state = text
        digesting.event('event', text)
        digesting.input(index)
    }
    return digesting.end()
}

// Few letters, so that lists are often nearly the same: put together, cut otherwise, half of a pair.
const texts = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'é', '\ud83d', '\ude42', '\uffff', '\0'), maxLength: 4 }),
    {
        minLength: 1,
        maxLength: 4,
    },
)

test('hashes are the same where all texts are, and only there', () => {
    fc.assert(
        fc.property(texts, texts, (one, other) => {
            const [a, b] = [digestOf(one), digestOf(other)]
            const areSame = one.length === other.length && one.every((text, at) => text === other[at])
            assert.equal(a.responses === b.responses, areSame)
            assert.equal(a.states === b.states, areSame)
            assert.equal(a.lastState === b.lastState, one.at(-1) === other.at(-1))
        }),
        { numRuns: 3000 },
    )
})

test('of more text than is hashed at a time, each counts', () => {
    const long = Array.from({ length: 9 }, (_, n) => String(n).repeat(100_000))
    const whole = digestOf(long)
    assert.deepEqual(digestOf([...long]), whole)
    for (let at = 0; at < long.length; at++) {
        const changed = digestOf(long.with(at, 'x'.repeat(100_000)))
        assert.notEqual(changed.responses, whole.responses)
        assert.notEqual(changed.states, whole.states)
    }
})

test('of every Nth state and the last, only those are looked at', () => {
    const numbers = Array.from({ length: 10 }, (_, n) => String(n))
    assert.equal(digestOf(numbers, 4).statesLooked, 3)
    assert.equal(digestOf(numbers.with(2, 'x'), 4).states, digestOf(numbers, 4).states)
    for (const at of [3, 7, 9])
        assert.notEqual(digestOf(numbers.with(at, 'x'), 4).states, digestOf(numbers, 4).states)
})
