import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { EventCosts } from '../../../src/core/profile/event-costs.js'
import type { InputPlace, MeasuredInput, RecordInput } from '../../../src/core/restore/replay-run.js'
import { hashOf } from '../../support/log-writer.js'

const web = (method: unknown, uri: unknown) =>
    JSON.stringify({ httpRequest: { posixTimeMilli: 1, request: { method, uri } } })

function measured(text: string, milliseconds: number, position = 1): MeasuredInput {
    return { text, isSetState: false, milliseconds, place: { firstPosition: position, inputIndex: 0 } }
}

function find({ firstPosition: position }: InputPlace): Promise<RecordInput> {
    const place = { file: 'a.jsonl', line: position, offsetBytes: 0, sizeBytes: 1 }
    const record = {
        hash: hashOf(String(position)),
        parentHash: hashOf(''),
        position,
        place,
        events: ['e'],
        generation: '2019-04' as const,
    }
    return Promise.resolve({ record, eventIndex: 0 })
}

describe('the costs of events', () => {
    test('name the ten slowest, slowest first, with record and place', async () => {
        const property = fc.asyncProperty(
            fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { maxLength: 200 }),
            async (times) => {
                const costs = new EventCosts()
                const inputs = times.map((milliseconds, i) => measured('e', milliseconds, i + 1))
                // In batches of any size, as they come.
                for (let i = 0; i < inputs.length; i += 7) costs.add(inputs.slice(i, i + 7))
                await costs.end(find)
                const slowest = costs.slowest.map(({ milliseconds }) => milliseconds)
                assert.deepEqual(slowest, times.toSorted((a, b) => b - a).slice(0, 10))
                for (const { position, milliseconds, place, hash, eventIndex } of costs.slowest) {
                    assert.equal(times[position - 1], milliseconds)
                    assert.equal(place.line, position)
                    assert.equal(hash, hashOf(String(position)))
                    assert.equal(eventIndex, 0)
                }
            },
        )
        await fc.assert(property)
    })

    test('sum up by kind, costliest first, and lose no event', () => {
        const event = fc.constantFrom(web('GET', '/a'), web('POST', '/a'), '{"x":1}', 'text')
        const inputs = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 100 })))
        const property = fc.property(inputs, (pairs) => {
            const costs = new EventCosts()
            costs.add(pairs.map(([text, milliseconds]) => measured(text, milliseconds)))
            const sums = costs.kinds.map(({ milliseconds }) => milliseconds)
            assert.deepEqual(
                sums,
                sums.toSorted((a, b) => b - a),
            )
            assert.equal(total(sums), total(pairs.map(([, milliseconds]) => milliseconds)))
            assert.equal(total(costs.kinds.map(({ events }) => events)), pairs.length)
        })
        fc.assert(property)
    })

    test('keep no more than fifty kinds, and sum up the others', () => {
        const costs = new EventCosts()
        costs.add(Array.from({ length: 500 }, (_, i) => measured(`{"kind-${i}":1}`, 1)))
        assert.equal(costs.kinds.length, 51)
        assert.deepEqual(costs.kinds[0], { kind: '(other kinds)', events: 450, milliseconds: 450 })
    })

    test('count a state that is set as a kind of its own, never among the slowest events', async () => {
        const costs = new EventCosts()
        costs.add([{ ...measured('e', 900), isSetState: true }])
        await costs.end(find)
        assert.deepEqual(costs.slowest, [])
        assert.deepEqual(costs.kinds, [{ kind: '(set state)', events: 1, milliseconds: 900 }])
    })
})

function total(numbers: readonly number[]): number {
    return numbers.reduce((sum, number) => sum + number, 0)
}
