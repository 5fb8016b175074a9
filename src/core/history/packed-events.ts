// Events as the fast reader packs them: tested where they lie, without a record being made of any line but
// those of hits.
import type { Chain, CompositionRecord } from '../check/chain.js'
import type { Condition } from '../condition/condition.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'
import { type EventInChain, type EventToTest, nameOfEvent } from './events-to-test.js'

interface Stretch {
    readonly from: number
    readonly to: number
}

/** What is packed is tested in another thread, while the next is being read. */
interface UnderWay {
    readonly hits: Promise<Uint8Array>
    /** Those of some numbers, which go up. */
    readonly read: (wanted: readonly number[]) => Promise<readonly EventInChain[]>
    readonly release: () => void
}

/** The events of a stretch of a chain. */
export class PackedEvents {
    readonly #chain: Chain
    readonly #stretch: Stretch
    readonly #work: WorkOptions

    constructor(chain: Chain, stretch: Stretch, work: WorkOptions) {
        this.#chain = chain
        this.#stretch = stretch
        this.#work = work
    }

    /** Those of which a condition that looks at events alone is true, in their order, some at a time. */
    async *thatFulfil(condition: Condition): AsyncGenerator<readonly EventToTest[]> {
        const { from, to } = this.#stretch
        const { signal, onProgress } = this.#work
        if (from > to) return
        let underWay: UnderWay | undefined
        let done = 0
        try {
            const packed = this.#chain.readPacked?.(from, to, { signal })
            for await (const batch of packed ?? this.#chain.read(from, to, { signal })) {
                const before = underWay
                underWay =
                    'release' in batch ? this.#testPacked(condition, batch) : test(condition, inputsIn(batch))
                if (before !== undefined) yield await hitsOf(before)
                done += 'release' in batch ? batch.records : batch.length
                onProgress?.({ activity: 'search', done, total: to - from + 1, unit: 'records' })
            }
            if (underWay !== undefined) yield await hitsOf(underWay)
        } finally {
            underWay?.hits.catch(() => undefined)
        }
    }

    #testPacked(condition: Condition, { inputs, records, firstPosition, release }: PackedRecords): UnderWay {
        const to = firstPosition + records - 1
        const read = (wanted: readonly number[]) =>
            inputs.isOneEach
                ? this.#inRecords(wanted.map((index) => firstPosition + index))
                : this.#among(firstPosition, to, wanted)
        const nameOf = async (index: number) => nameOfEvent((await read([index]))[0])
        return underWayOf(condition.testPacked(inputs, nameOf), read, release)
    }

    /** Makes records of these lines alone, where the lines between them can be passed over. */
    async #inRecords(positions: readonly number[]): Promise<readonly EventInChain[]> {
        const [from = 1, to = 0] = [positions[0], positions.at(-1)]
        const wanted = new Set(positions)
        const parts = this.#chain.readLines(from, to, { signal: this.#work.signal })
        const records: CompositionRecord[] = []
        if (parts === undefined)
            for await (const batch of this.#chain.read(from, to, { signal: this.#work.signal }))
                records.push(...batch.filter(({ position }) => wanted.has(position)))
        else
            for await (const part of parts)
                part.forEach((line) => {
                    if (wanted.has(line.position)) records.push(part.record(line))
                })
        return inputsIn(records)
    }

    async #among(from: number, to: number, wanted: readonly number[]): Promise<readonly EventInChain[]> {
        const events: EventInChain[] = []
        for await (const records of this.#chain.read(from, to, { signal: this.#work.signal }))
            events.push(...inputsIn(records))
        return wanted.map((index) => events[index]).filter((event) => event !== undefined)
    }
}

function test(condition: Condition, toTest: readonly EventInChain[]): UnderWay {
    const events = toTest.filter(({ text }) => text !== undefined)
    const hits = condition.test(
        events.map(({ text }) => text ?? ''),
        (index) => nameOfEvent(events[index]),
    )
    const read = (wanted: readonly number[]) =>
        Promise.resolve(wanted.map((index) => events[index]).filter((event) => event !== undefined))
    return underWayOf(hits, read, () => undefined)
}

function underWayOf(hits: Promise<Uint8Array>, read: UnderWay['read'], release: () => void): UnderWay {
    // Whoever awaits it sees the failure; until then it is not an unhandled one.
    hits.catch(() => undefined)
    return { hits, read, release }
}

async function hitsOf({ hits, read, release }: UnderWay): Promise<readonly EventToTest[]> {
    const found = await hits
    release()
    const wanted = [...found.keys()].filter((index) => found[index] === 1)
    return wanted.length === 0 ? [] : read(wanted)
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
