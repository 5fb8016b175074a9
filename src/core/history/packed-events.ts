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
    readonly read: () => Promise<readonly EventToTest[]>
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
        let known: Promise<readonly EventToTest[]> | undefined
        const read = () => (known ??= this.#eventsOf(firstPosition, firstPosition + records - 1))
        const nameOf = async (index: number) => nameOfEvent((await read())[index])
        return underWayOf(condition.testPacked(inputs, nameOf), read, release)
    }

    async #eventsOf(from: number, to: number): Promise<readonly EventToTest[]> {
        const events: EventToTest[] = []
        for await (const records of this.#chain.read(from, to, { signal: this.#work.signal }))
            events.push(...inputsIn(records))
        return events
    }
}

function test(condition: Condition, toTest: readonly EventToTest[]): UnderWay {
    const events = toTest.filter(({ text }) => text !== undefined)
    const hits = condition.test(
        events.map(({ text }) => text ?? ''),
        (index) => nameOfEvent(events[index]),
    )
    return underWayOf(
        hits,
        () => Promise.resolve(events),
        () => undefined,
    )
}

function underWayOf(hits: Promise<Uint8Array>, read: UnderWay['read'], release: () => void): UnderWay {
    // Whoever awaits it sees the failure; until then it is not an unhandled one.
    hits.catch(() => undefined)
    return { hits, read, release }
}

async function hitsOf({ hits, read, release }: UnderWay): Promise<readonly EventToTest[]> {
    const found = await hits
    release()
    if (!found.includes(1)) return []
    const events = await read()
    return events.filter((_, index) => found[index] === 1)
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
