// The events of a log, one after the other, as they are looked through without an app.
import type { Chain, CompositionRecord, FoundRecord } from '../check/chain.js'
import { hashOfLine } from '../composition/hash.js'
import { placeOfLine } from '../composition/line-checks.js'
import { type Needles, Prefilter } from '../composition/prefilter.js'
import { isProblem, parseRecord } from '../composition/record.js'
import type { WorkOptions } from '../progress.js'
import { sizeOfFiles } from '../store/listing/list-files.js'
import { type ProcessStore } from '../store/process-store.js'
import { readForwards } from '../store/reading/read-forwards.js'
import type { DescribedRecord, ToldEvent } from './history.js'

/** An event, or a state that a record sets, and what is known of it. */
export interface EventToTest {
    /** Its position is 0 where the log is no one chain. */
    readonly record: CompositionRecord | DescribedRecord
    readonly eventIndex: number
    /** The event; undefined for a state that is set. */
    readonly text: string | undefined
    /** In stores since 2020-05, where it tells what else the event may be, and the text may not be there. */
    readonly told?: ToldEvent
    readonly response?: string | undefined
    readonly before?: string | undefined
    readonly state?: string | undefined
}

export interface EventInChain extends EventToTest {
    readonly record: CompositionRecord
}

interface Stretch {
    readonly from: number
    readonly to: number
    /** Events without them are left out. */
    readonly needles: Needles
}

/**
 * The events of a stretch of a chain. Between two reads it pauses, so that what was found can be told. Only
 * what nobody has looked through while the chain was checked is read.
 */
export async function* eventsInChain(
    chain: Chain,
    { from, to, needles }: Stretch,
    { signal, onProgress }: WorkOptions,
): AsyncGenerator<EventToTest | 'pause'> {
    for (const looked of chain.looked ?? [{ from, to, found: undefined }]) {
        const part = { from: Math.max(from, looked.from), to: Math.min(to, looked.to), needles }
        const report = (position: number) =>
            onProgress?.({
                activity: 'search',
                done: position - from + 1,
                total: to - from + 1,
                unit: 'records',
            })
        if (looked.found === undefined) yield* eventsRead(chain, part, { signal, report })
        else
            for (const line of looked.found)
                if (line.position >= part.from && line.position <= part.to) yield* eventsIn(recordOf(line))
    }
}

async function* eventsRead(
    chain: Chain,
    { from, to, needles }: Stretch,
    { signal, report }: Pick<WorkOptions, 'signal'> & { readonly report: (position: number) => void },
): AsyncGenerator<EventToTest | 'pause'> {
    if (from > to) return
    const parts = chain.readLines(from, to, { signal })
    if (parts === undefined) {
        for await (const records of chain.read(from, to, { signal })) {
            for (const record of records) yield* eventsIn(record)
            report(records.at(-1)?.position ?? from)
            yield 'pause'
        }
        return
    }
    for await (const part of parts) {
        const prefilter = new Prefilter(part.lines, needles)
        const found: CompositionRecord[] = []
        let last = from
        part.forEach((line) => {
            last = line.position
            if (prefilter.mayHold(line.begin, line.end)) found.push(part.record(line))
        })
        for (const record of found) yield* eventsIn(record)
        report(last)
        yield 'pause'
    }
}

/** The events of all records, as their lines stand. What cannot be read hides nothing else. */
export async function* eventsAsTheyStand(
    store: ProcessStore,
    { signal, onProgress }: WorkOptions,
): AsyncGenerator<EventToTest | 'pause'> {
    const total = sizeOfFiles(store.logFiles)
    let done = 0
    const onRead = (sizeBytes: number) => {
        done += sizeBytes
        onProgress?.({ activity: 'search', done, total, unit: 'bytes' })
    }
    for (const file of store.logFiles) {
        const { lineSizeBytesMax } = store.limits
        for await (const lines of readForwards(file, { lineSizeBytesMax, signal, onRead })) {
            for (const line of lines) {
                if (line.sizeBytes === 0 || line.oversized) continue
                const content = parseRecord(line.bytes)
                if (isProblem(content)) continue
                const place = placeOfLine(file.path, line)
                yield* eventsIn({ ...content, hash: hashOfLine(line.bytes), place, position: 0 })
            }
            yield 'pause'
        }
    }
}

function recordOf({ bytes, ...line }: FoundRecord): CompositionRecord {
    const content = parseRecord(bytes)
    if (isProblem(content)) throw new Error(`What was read as a record is none: ${content.message}`)
    return { ...content, ...line }
}

/** What an event is called in a message. */
export function nameOfEvent(event: EventToTest | undefined): string {
    if (event === undefined) return 'a record'
    const { record, eventIndex } = event
    const { position, place: at } = record
    const name = position > 0 ? `record #${position}` : `the record in ${at.file}, line ${at.line ?? '?'}`
    return eventIndex > 0 ? `event ${eventIndex + 1} of ${name}` : name
}

function* eventsIn(record: CompositionRecord): Generator<EventToTest> {
    for (const [eventIndex, text] of record.events.entries()) yield { record, eventIndex, text }
}
