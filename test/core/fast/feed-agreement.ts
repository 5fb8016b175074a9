// What the fast way hands out for the app, held against what the reference reader reads: the same events and states, in
// the same order, or the same refusal.
import assert from 'node:assert/strict'

import type { CompositionRecord } from '../../../src/core/check/chain.js'
import type { CheckedLog } from '../../../src/core/check/check-log.js'
import { Findings } from '../../../src/core/composition/findings.js'
import {
    type Followed,
    type FollowOptions,
    followInputs,
} from '../../../src/core/fast/in-order/follow-log.js'
import { packLines } from '../../../src/core/fast/scanner/pack-lines.js'
import type { PackedRecords } from '../../../src/core/packed-inputs.js'
import type { ProcessStore } from '../../../src/core/store/process-store.js'
import { unpackInputs } from '../../support/unpack-inputs.js'

/** Each input with what it is, as `state` or `event`. */
export type Fed = readonly (readonly [kind: 'state' | 'event', text: string])[]

export function fedByRecords(records: readonly CompositionRecord[]): Fed {
    return records.flatMap(({ setState, events }) => [
        ...(setState === undefined ? [] : [['state', setState] as const]),
        ...events.map((event) => ['event', event] as const),
    ])
}

/** Takes what is packed, as the app's thread would, and lets its memory be used again. */
export function fedByPacked({ inputs, release }: PackedRecords): Fed {
    const unpacked = unpackInputs(inputs)
    assert.equal(unpacked.kinds.filter((kind) => kind === 1).length, inputs.setStates)
    release()
    return unpacked.inputs.map((text, i) => [unpacked.kinds[i] === 1 ? 'state' : 'event', text])
}

/** What following a log hands out, and what it says at the end. */
export async function follow(
    store: ProcessStore,
    options: FollowOptions,
): Promise<{ readonly fed: Fed; readonly records: number; readonly followed: Followed }> {
    const steps = followInputs(store, new Findings(), options)
    const fed: Fed[number][] = []
    let records = 0
    for (;;) {
        const step = await steps.next()
        if (step.done === true) return { fed, records, followed: step.value }
        assert.equal(step.value.firstPosition, records + 1)
        records += step.value.records
        // There may be more of them than a call takes arguments.
        for (const input of fedByPacked(step.value)) fed.push(input)
    }
}

/** Fails where any of the ways to feed the app from this log gives something else than these records. */
export async function agreeOnFeed(
    { store, longest }: CheckedLog,
    expected: readonly CompositionRecord[],
    options: FollowOptions,
): Promise<void> {
    const fed = fedByRecords(expected)
    const followed = await follow(store, options)
    assert.deepEqual(followed.fed, fed)
    assert.equal(followed.records, expected.length)

    const from = Math.ceil(expected.length / 3)
    const to = Math.ceil(expected.length * 0.9)
    const part: Fed[number][] = []
    if (from > 0) {
        for await (const batch of longest.readPacked(from, to))
            part.push(...('release' in batch ? fedByPacked(batch) : fedByRecords(batch)))
        assert.deepEqual(part, fedByRecords(expected.slice(from - 1, to)))
    }
}

/** The same for lines that somebody put in order. */
export async function agreeOnLines(
    lines: readonly Buffer[],
    expected: Fed,
    linesPerBuffer: number,
): Promise<void> {
    const buffers: Buffer[] = []
    for (let i = 0; i < lines.length; i += linesPerBuffer)
        buffers.push(Buffer.concat(lines.slice(i, i + linesPerBuffer)))
    const fed: Fed[number][] = []
    let next = 1
    for await (const packed of packLines(buffers, 1)) {
        assert.equal(packed.firstPosition, next)
        next += packed.records
        fed.push(...fedByPacked(packed))
    }
    assert.deepEqual(fed, expected)
    assert.equal(next - 1, lines.length)
}
