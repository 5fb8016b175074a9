// Records of stores since 2020-05, as a person reads them: what each event does, what it is, and what it
// says, with the values that it names. Nothing of it is worked out before it is asked for.
import { kindOfEvent } from '../composition/event-kind.js'
import type { Needles } from '../composition/prefilter.js'
import { ComplogError } from '../errors.js'
import { headFile } from '../generations/head-file.js'
import { jsonIn } from '../json.js'
import { filesOfApp } from '../later/contents/deployed-app.js'
import { LaterRecords } from '../later/contents/read-records.js'
import type { ReadLater } from '../later/reading/read-later.js'
import type { EventKind, LaterEvent, LaterRecord } from '../later/records/record.js'
import type { ValueHash } from '../later/values/value.js'
import type { DescribedRecord, ToldEvent } from './history.js'

/** Tells the records of a store that was read, by their rows. */
export class LaterHistory {
    readonly read: ReadLater
    readonly #records: LaterRecords

    constructor(read: ReadLater) {
        this.read = read
        this.#records = new LaterRecords(read)
    }

    /** @throws ComplogError `store-changed`, `file-system` */
    at(row: number): DescribedRecord {
        const { log, store, live } = this.read
        const record = this.#records.at(row)
        const place = log.table.placeAt(row)
        const timeAt = () => this.#records.timeAt(row, record)
        return {
            hash: log.table.hashAt(row),
            position: row + 1,
            parentHash: record.parent,
            generation: place.line === undefined ? headFile.id : store.generation.id,
            place,
            get time() {
                return timeAt()
            },
            isVoid: !live.isLive(row),
            events: this.#eventsOf(record, row),
        }
    }

    /** Whether an event that stands in its record as text may hold some letters; true for all others. */
    mayHold(row: number, needles: Needles): boolean {
        const { log, store } = this.read
        if (store.generation.order !== 'files' || log.table.kindAt(row) !== 'event') return true
        if (log.table.placeAt(row).line === undefined) return true
        const bytes = this.#records.bytesAt(row)
        return needles.every((needle) => bytes.includes(needle))
    }

    #eventsOf({ events }: LaterRecord, row: number): readonly ToldEvent[] {
        return events.map((event) => new ToldLaterEvent(event, () => this.#said(event, row)))
    }

    #said(event: LaterEvent, row: number): Said {
        const { kind, names } = event
        if (kind === 'revert') return { text: this.#revert(row) }
        if (names !== undefined && kind.startsWith('deploy-')) return this.#deployment(names)
        const said = this.#records.textOf(event)
        if (said.text === undefined) return said
        if (kind === 'apply-function') return { text: functionIn(said.text) }
        if (kind !== 'apply-function-on-literal') return said
        return { text: `{"function":${JSON.stringify(names)},"arguments":${said.text}}` }
    }

    #deployment(app: ValueHash): Said {
        try {
            return { text: JSON.stringify({ app, files: [...filesOfApp(this.read.values, app).keys()] }) }
        } catch (error) {
            if (!(error instanceof ComplogError)) throw error
            return { problem: error.message }
        }
    }

    /** To where it goes back, and which records it takes out that counted until then. */
    #revert(row: number): string {
        const { log, live } = this.read
        const target = live.targets.get(row)
        const hash = log.reverts.find((revert) => revert.row === row)?.hash
        if (target === undefined) return JSON.stringify({ to: { hash, position: null }, void: null })
        const before = (at: number) => live.targets.get(at) ?? at - 1
        let [records, first, last] = [0, 0, 0]
        for (let [from, to] = [row - 1, target]; from !== to; ) {
            if (from > to) {
                records++
                last ||= from + 1
                first = from + 1
                from = before(from)
            } else to = before(to)
        }
        return JSON.stringify({ to: { hash, position: target + 1 }, void: { records, first, last } })
    }
}

type Said = { readonly text?: string; readonly problem?: string }

class ToldLaterEvent implements ToldEvent {
    readonly does: EventKind
    readonly #say: () => Said
    #said: Said | undefined

    constructor({ kind }: LaterEvent, say: () => Said) {
        this.does = kind
        this.#say = say
    }

    get text(): string | undefined {
        return (this.#said ??= this.#say()).text
    }

    get problem(): string | undefined {
        return (this.#said ??= this.#say()).problem
    }

    get kind(): string {
        const { does, text } = this
        if (text === undefined || !kindsToldByText.has(does)) return does
        if (does === 'apply-function')
            return `${does} ${(JSON.parse(text) as { function: string }).function}`.trim()
        const kind = kindOfEvent(text)
        return kind === 'function' ? does : kind
    }
}

/** Of which the kind is told by what they say. */
export const kindsToldByText: ReadonlySet<EventKind> = new Set([
    'event',
    'apply-function',
    'apply-function-on-literal',
])

/** The call of a function as hosts since 2023-03 write it, with what its arguments say as JSON. */
function functionIn(text: string): string {
    const { functionName, serializedArgumentsJson } = (jsonIn(text) ?? {}) as Readonly<
        Record<string, unknown>
    >
    if (typeof functionName !== 'string') return JSON.stringify({ function: '', text })
    const given = Array.isArray(serializedArgumentsJson) ? (serializedArgumentsJson as unknown[]) : []
    const list = given.map((each) => {
        const isJson = typeof each === 'string' && jsonIn(each) !== undefined
        return isJson ? each.replaceAll(/[\r\n]+/g, ' ') : JSON.stringify(each)
    })
    return `{"function":${JSON.stringify(functionName)},"arguments":[${list.join(',')}]}`
}
