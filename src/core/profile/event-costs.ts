// Which events take the time: the slowest ones by name, and the sums by kind.
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

/**
 * For a web event its method and path, such as `POST /api`; for another JSON object its first key; else what
 * it is. The shape of web events is Kalmit's interface to web apps of 2019.
 */
export function kindOfEvent(event: string): string {
    let json: unknown
    try {
        json = JSON.parse(event)
    } catch {
        return '(text)'
    }
    if (!isObject(json)) return '(JSON value)'
    const [key] = Object.keys(json)
    if (key === undefined) return '{}'
    const request = key === 'httpRequest' && isObject(json[key]) ? json[key]['request'] : undefined
    if (!isObject(request)) return key
    return `${asText(request['method']).toUpperCase()} ${pathOf(asText(request['uri']))}`
}

function pathOf(uri: string): string {
    return URL.canParse(uri) ? new URL(uri).pathname : (uri.split('?')[0] ?? uri)
}

function asText(value: unknown): string {
    return typeof value === 'string' ? value : ''
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}
