// Which events take the time: the slowest ones by name, and the sums by kind.
import { kindOfEvent } from '../composition/event-kind.js'
import type { CompositionHash } from '../composition/hash.js'
import type { Place } from '../errors.js'
import type { InputPlace, MeasuredInput, RecordInput } from '../restore/replay-run.js'

/** One of the slowest events, and where it stands. */
export interface SlowEvent {
    readonly milliseconds: number
    readonly hash: CompositionHash
    readonly position: number
    /** Index into the record's events, from 0. */
    readonly eventIndex: number
    readonly place: Place
    readonly kind: string
}

/** What all events of a kind took together. */
export interface KindCost {
    readonly kind: string
    readonly events: number
    readonly milliseconds: number
}

type FoundSlow = Pick<SlowEvent, 'milliseconds' | 'kind'> & { readonly place: InputPlace }

const slowestMax = 10
const kindsMax = 50
const otherKinds = '(other kinds)'

/** Sums up as the replay goes, in bounded memory. */
export class EventCosts {
    #found: FoundSlow[] = []
    #slowest: readonly SlowEvent[] = []
    readonly #kinds = new Map<string, { events: number; milliseconds: number }>()

    add(inputs: readonly MeasuredInput[]): void {
        for (const { text, isSetState, milliseconds, place } of inputs) {
            if (isSetState) {
                this.#count('(set state)', milliseconds)
                continue
            }
            const kind = kindOfEvent(text)
            this.#count(kind, milliseconds)
            if (milliseconds <= (this.#found[slowestMax - 1]?.milliseconds ?? -1)) continue
            this.#found.push({ milliseconds, kind, place })
            this.#found = this.#found.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, slowestMax)
        }
    }

    /** Finds the records of the slowest ones. */
    async end(find: (place: InputPlace) => Promise<RecordInput>): Promise<void> {
        const slowest: SlowEvent[] = []
        for (const { place: at, ...cost } of this.#found) {
            const { record, eventIndex } = await find(at)
            const { hash, position, place } = record
            slowest.push({ ...cost, hash, position, eventIndex, place })
        }
        this.#slowest = slowest
    }

    /** Empty before `end`. */
    get slowest(): readonly SlowEvent[] {
        return this.#slowest
    }

    /** Costliest kind first. */
    get kinds(): readonly KindCost[] {
        return [...this.#kinds]
            .map(([kind, cost]) => ({ kind, ...cost }))
            .sort((a, b) => b.milliseconds - a.milliseconds)
    }

    #count(kind: string, milliseconds: number): void {
        const name = this.#kinds.has(kind) || this.#kinds.size < kindsMax ? kind : otherKinds
        const cost = this.#kinds.get(name) ?? { events: 0, milliseconds: 0 }
        cost.events += 1
        cost.milliseconds += milliseconds
        this.#kinds.set(name, cost)
    }
}
