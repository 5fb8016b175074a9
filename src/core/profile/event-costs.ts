// Which events take the time: the slowest ones by name, and the sums by kind.
import { kindOfEvent } from '../composition/event-kind.js'
import type { CompositionHash } from '../composition/hash.js'
import type { Place } from '../errors.js'
import type { MeasuredInput } from '../restore/replay.js'

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

const slowestMax = 10
const kindsMax = 50
const otherKinds = '(other kinds)'

/** Sums up as the replay goes, in bounded memory. */
export class EventCosts {
    #slowest: SlowEvent[] = []
    readonly #kinds = new Map<string, { events: number; milliseconds: number }>()

    add(inputs: readonly MeasuredInput[]): void {
        for (const { record, eventIndex, milliseconds } of inputs) {
            if (eventIndex < 0) {
                this.#count('(set state)', milliseconds)
                continue
            }
            const kind = kindOfEvent(record.events[eventIndex] ?? '')
            this.#count(kind, milliseconds)
            const { hash, position, place } = record
            if (milliseconds <= (this.#slowest[slowestMax - 1]?.milliseconds ?? -1)) continue
            this.#slowest.push({ milliseconds, hash, position, eventIndex, place, kind })
            this.#slowest = this.#slowest.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, slowestMax)
        }
    }

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
