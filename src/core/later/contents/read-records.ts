// Entrance of core/later/contents/: what a person asks of a store that was read. In comes that, and the name
// of a record; out come the record with its texts, the state that it gives, and the app with its sources.
//
// Records of a store of 2020-05 or later that was read, read again where they stand, with the texts that they
// hold or name.
import { ComplogError } from '../../errors.js'
import { laterLogFileSizeBytesMax } from '../../limits.js'
import { readWholeFile } from '../../store/reading/read-whole.js'
import { type RecordTime, timeOf } from '../../store/time-of-record.js'
import type { ReadLater } from '../reading/read-later.js'
import { isNoRecord, type LaterEvent, type LaterRecord, parseLaterRecord } from '../records/record.js'
import type { Value, ValueHash } from '../values/value.js'
import { hashOfBlob, sha256 } from '../values/value.js'
import { decodeJsonForm } from '../values/value-forms.js'
import { stateAsJson, stateFrom } from './state-json.js'

/** Reads records by their rows: fast where those of one file are asked for one after the other. */
export class LaterRecords {
    readonly #read: ReadLater
    #file = ''
    #bytes: Buffer = Buffer.alloc(0)

    constructor(read: ReadLater) {
        this.#read = read
    }

    /** @throws ComplogError `store-changed` where it is no longer what it was, `file-system` */
    at(row: number): LaterRecord {
        const { log, store } = this.#read
        const hash = log.table.hashAt(row)
        const bytes = this.bytesAt(row)
        const found = store.generation.hashed === 'blob' ? hashOfBlob(bytes) : sha256(bytes)
        const record = found === hash ? parseLaterRecord(bytes) : undefined
        if (record !== undefined && !isNoRecord(record)) return record
        throw new ComplogError('store-changed', `Record #${row + 1} is no longer what it was.`, {
            place: log.table.placeAt(row),
        })
    }

    /** As they stand; of a record that is a value and not there, none. @throws ComplogError `file-system` */
    bytesAt(row: number): Buffer {
        const { log, store, values } = this.#read
        const { file, line, offsetBytes, sizeBytes } = log.table.placeAt(row)
        if (line === undefined) {
            const value = values.load(log.table.hashAt(row))
            return value?.kind === 'blob' ? value.bytes : Buffer.alloc(0)
        }
        if (file !== this.#file || offsetBytes + sizeBytes > this.#bytes.length) {
            this.#file = file
            const absolutePath = `${store.root}/${file}`
            const endBytes = log.table.endOfFileOf(row)
            this.#bytes = readWholeFile(
                { path: file, absolutePath, sizeBytes: endBytes },
                laterLogFileSizeBytesMax,
            )
        }
        return this.#bytes.subarray(offsetBytes, offsetBytes + sizeBytes)
    }

    /** When a record was made, as its events or its file say; undefined where nothing does. */
    timeAt(row: number, { events } = this.at(row)): RecordTime | undefined {
        const { file } = this.#read.log.table.placeAt(row)
        return timeOf(this.#toldToApp(events), file)
    }

    *#toldToApp(events: readonly LaterEvent[]): Generator<string> {
        for (const event of events) {
            if (event.kind !== 'event' && event.kind !== 'apply-function-on-literal') continue
            const { text } = this.textOf(event)
            if (text !== undefined) yield text
        }
    }

    /**
     * What an event says: to the app, as a state, or as the arguments of a function, JSON made of values
     * since 2025-03. A problem instead where that is not there, or longer than the bounds. A deployment and a
     * revert say nothing but what they name.
     */
    textOf({ kind, names, text }: LaterEvent): { readonly text?: string; readonly problem?: string } {
        try {
            if (kind === 'apply-function-on-literal') return argumentsIn(text ?? '')
            if (text !== undefined) return { text }
            if (names === undefined || (kind !== 'event' && kind !== 'set-state')) return {}
            if (kind === 'set-state') return { text: stateFrom(this.#read, names).state }
            const value = this.#read.values.load(names)
            if (value?.kind === 'blob') return { text: value.bytes.toString('utf8') }
            return { problem: `The value ${names} of the event is missing, or is not what its name says.` }
        } catch (error) {
            if (!(error instanceof ComplogError)) throw error
            return { problem: error.message }
        }
    }
}

function argumentsIn(text: string): { readonly text: string } | { readonly problem: string } {
    const decoded = decodeJsonForm(Buffer.from(text))
    if ('problem' in decoded) return { problem: `The arguments are no value. ${decoded.problem}` }
    // All that is in it lies in it.
    const get = (hash: ValueHash) => decoded.values.get(hash) as Value
    return { text: stateAsJson(decoded.hash, get).json }
}
