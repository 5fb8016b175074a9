// Inputs that the app's thread takes out of shared memory.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { publishFunctions } from '../../../src/core/elm-app/compile/publish.js'
import { functionsOfModule } from '../../../src/core/elm-app/source/app-map.js'
import {
    forEachPacked,
    type PackedInputs,
    packedAsString,
    packedNotAscii,
    packedSetState,
} from '../../../src/core/packed-inputs.js'
import { unpackInputs } from '../../support/unpack-inputs.js'
import { failureOf, start } from './running.js'
import { standInScript } from './stand-in-app.js'

/** Packs inputs as a reader of a log does. A state to set is given as a list of one. */
function pack(
    inputs: readonly (string | readonly [string])[],
    asStrings: readonly number[] = [],
): PackedInputs {
    const entries: number[] = []
    const strings: string[] = []
    const texts: Buffer[] = []
    for (const [i, input] of inputs.entries()) {
        const [text, state] = typeof input === 'string' ? [input, 0] : [input[0], packedSetState]
        const bytes = Buffer.from(text)
        if (asStrings.includes(i)) {
            strings.push(text)
            entries.push(packedAsString | state)
        } else {
            texts.push(bytes)
            entries.push(bytes.length | state | (bytes.length === text.length ? 0 : packedNotAscii))
        }
    }
    const text = Buffer.concat(texts)
    const buffer = new SharedArrayBuffer(16 + entries.length * 4 + text.length)
    new Uint32Array(buffer, 16, entries.length).set(entries)
    new Uint8Array(buffer).set(text, 16 + entries.length * 4)
    return {
        buffer,
        tableAtBytes: 16,
        textAtBytes: 16 + entries.length * 4,
        length: entries.length,
        setStates: inputs.filter((input) => typeof input !== 'string').length,
        isOneEach: true,
        strings,
    }
}

test('come out as they were put in, however long and whatever their characters', () => {
    const inputs = ['', 'a', 'b'.repeat(700), 'c'.repeat(700), 'é', 'd', '', 'e'.repeat(5000), '😀\0', 'f']
    for (const asStrings of [[], [0, 4, 9], [...inputs.keys()]]) {
        const { inputs: unpacked, kinds } = unpackInputs(pack(inputs, asStrings))
        assert.deepEqual(unpacked, inputs)
        assert.deepEqual(
            [...kinds],
            inputs.map(() => 0),
        )
    }
    assert.deepEqual([...unpackInputs(pack(['1', ['2'], '3', ['4']], [3])).kinds], [0, 1, 0, 1])
    const visited: [string, boolean][] = []
    forEachPacked(pack([...inputs, ['state']], [4]), (text, isSetState) => visited.push([text, isSetState]))
    assert.deepEqual(visited, [...inputs.map((text) => [text, false]), ['state', true]])
})

test('are applied in order, states set and events answered', async (t) => {
    const app = await start(t)
    const packed = pack([['100'], '1', '2', ['é'], '30', ['7'], 'decode-error', '1'], [4])
    const result = await app.apply({ packed, collectResponses: true })
    assert.deepEqual(result.responses, ['101', '103', '30', '{"decodeError":"no"}', '8'])
    assert.deepEqual(
        [result.events, result.setStates, result.decodeErrors, result.firstDecodeErrorIndex],
        [5, 3, 1, 6],
    )
    assert.equal(await app.serializeState(), '8')
    assert.equal(result.inputMilliseconds, undefined)
    const { inputMilliseconds = [] } = await app.apply({ packed, measure: true })
    assert.equal(inputMilliseconds.length, packed.length)
    for (const time of inputMilliseconds) assert.ok(time >= 0 && time < 60_000)
})

test('a failure has the index of its input', async (t) => {
    const many = Array<string>(1000).fill('1')
    const thrown = await failureOf((await start(t)).apply({ packed: pack([...many, 'throw', '1']) }))
    assert.deepEqual([thrown.kind, thrown.during, thrown.inputIndex], ['threw', 'event', 1000])
    const slow = await start(t, { limits: { eventTimeMillisecondsMax: 300 } })
    const late = await failureOf(slow.apply({ packed: pack([...many, ['loop']]) }))
    assert.deepEqual([late.kind, late.during, late.inputIndex], ['timed-out', 'set-state', 1000])
    const small = await start(t, { limits: { appHeapMebibytesMax: 64 } })
    const leaks = await failureOf(small.apply({ packed: pack(Array<string>(100_000).fill('leak')) }))
    assert.deepEqual([leaks.kind, leaks.during], ['out-of-memory', 'event'])
})

test('a string that is larger than the heap is refused, with the index of its input', async (t) => {
    const app = await start(t, { limits: { appHeapMebibytesMax: 16 } })
    const packed = pack(['1', ['2'], '3', ['4'.repeat(20_000_000)]], [1, 3])
    const failure = await failureOf(app.apply({ packed }))
    assert.deepEqual([failure.kind, failure.during, failure.inputIndex], ['out-of-memory', 'set-state', 3])
})

test('calls that are under way end when the app is closed', async (t) => {
    const app = await start(t)
    const calls = [pack(['loop']), pack(['1'])].map((packed) => app.apply({ packed }))
    const ended = Promise.allSettled(calls)
    await app.close()
    assert.deepEqual(
        (await ended).map(({ status }) => status),
        ['rejected', 'rejected'],
    )
})

for (const [what, every, length, batches] of [
    ['a small part', 50, 72, 175],
    ['all', 1, 18, 60],
] as const) {
    test(`an app that keeps ${what} of its events needs a heap for these, not for what stood around them`, async (t) => {
        // Keeps events as they are given, as an Elm app does that puts them into its state.
        const keeping = standInScript.replace(
            'for (;;) {',
            `seen = (seen + 1) % ${every}; if (seen === 0) { $author$project$Counter$kept.push(event); return _Utils_Tuple2(state, ''); } for (;;) {`,
        )
        const script = publishFunctions(`var seen = 0;\n${keeping}`, functionsOfModule('Counter'))
        // Kept are at most 20 MB with all that belongs to a string; the texts that they are taken out of are 100 MB.
        const app = await start(t, { script, limits: { appHeapMebibytesMax: 72 } })
        const packed = pack(Array.from({ length: 7000 }, (_, i) => String(i).padStart(length, '0')))
        let events = 0
        for (let i = 0; i < batches; i++) events += (await app.apply({ packed })).events
        assert.equal(events, batches * packed.length)
    })
}
