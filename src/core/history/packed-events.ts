// Events as the fast reader packs them: tested where they lie, without a record being made of any line but
// those of hits.
import type { Chain, CompositionRecord, Positions } from '../check/chain.js'
import type { Condition } from '../condition/condition.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'
import { type EventInChain, nameOfEvent } from './events-to-test.js'

/** A stretch of a chain, and a condition that looks at events alone. */
interface Tested extends Positions, WorkOptions {
    readonly condition: Condition
}

/** The events of which the condition is true, in their order, some at a time. */
export async function* eventsThatFulfil(
    chain: Chain,
    tested: Tested,
): AsyncGenerator<readonly EventInChain[]> {
    const { from, to, signal, onProgress } = tested
    if (from > to) return
    let underWay: Promise<readonly EventInChain[]> | undefined
    let done = 0
    for await (const batch of chain.readPacked(from, to, { signal })) {
        const before = underWay
        // Tested in another thread, while the next is being read.
        underWay = 'release' in batch ? amongPacked(chain, batch, tested) : among(batch, tested)
        // Whoever awaits it sees the failure; until then it is not an unhandled one.
        underWay.catch(() => undefined)
        if (before !== undefined) yield await before
        done += 'release' in batch ? batch.records : batch.length
        onProgress?.({ activity: 'search', done, total: to - from + 1, unit: 'records' })
    }
    if (underWay !== undefined) yield await underWay
}

async function among(
    records: readonly CompositionRecord[],
    { condition }: Tested,
): Promise<readonly EventInChain[]> {
    const events = inputsIn(records).filter(({ text }) => text !== undefined)
    const texts = events.map(({ text }) => text ?? '')
    const hits = await condition.test(texts, (index) => nameOfEvent(events[index]))
    return events.filter((_, index) => hits[index] === 1)
}

async function amongPacked(
    chain: Chain,
    { inputs, records, firstPosition, release }: PackedRecords,
    { condition, signal }: Tested,
): Promise<readonly EventInChain[]> {
    /** Those of some numbers, which go up. */
    const read = async (wanted: readonly number[]): Promise<readonly EventInChain[]> => {
        if (inputs.isOneEach)
            return inputsAt(chain, { positions: wanted.map((index) => firstPosition + index), signal })
        const events: EventInChain[] = []
        for await (const batch of chain.read(firstPosition, firstPosition + records - 1, { signal }))
            events.push(...inputsIn(batch))
        return wanted.map((index) => events[index]).filter((event) => event !== undefined)
    }
    const nameOf = async (index: number) => nameOfEvent((await read([index]))[0])
    const hits = await condition.testPacked(inputs, nameOf)
    release()
    const wanted = [...hits.keys()].filter((index) => hits[index] === 1)
    return wanted.length === 0 ? [] : read(wanted)
}

/** Makes records of these lines alone, where the lines between them can be passed over. */
async function inputsAt(
    chain: Chain,
    { positions, signal }: { readonly positions: readonly number[] } & Pick<WorkOptions, 'signal'>,
): Promise<readonly EventInChain[]> {
    const [from = 1, to = 0] = [positions[0], positions.at(-1)]
    const wanted = new Set(positions)
    const parts = chain.readLines(from, to, { signal })
    const records: CompositionRecord[] = []
    if (parts === undefined)
        for await (const batch of chain.read(from, to, { signal }))
            records.push(...batch.filter(({ position }) => wanted.has(position)))
    else
        for await (const part of parts)
            part.forEach((line) => {
                if (wanted.has(line.position)) records.push(part.record(line))
            })
    return inputsIn(records)
}

/** All inputs of records, in the order in which they are packed. */
export function inputsIn(records: readonly CompositionRecord[]): readonly EventInChain[] {
    return records.flatMap((record) => {
        const events = record.events.map((text, eventIndex) => ({ record, eventIndex, text }))
        // Where a record does both, the state is set first.
        return record.setState === undefined
            ? events
            : [{ record, eventIndex: -1, text: undefined }, ...events]
    })
}
