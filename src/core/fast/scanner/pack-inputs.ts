// Packs the inputs of the records in the scanner's tables: what a scan entered is taken out by the scanner,
// what the reference reader read is put in between.
import { isProblem, parseRecord, type RecordContent } from '../../composition/record.js'
import { type PackedInputs, packedAsString, packedSetState } from '../../packed-inputs.js'
import type { PackReport, Scanner } from './scanner.js'

/** A record that the reference reader read, and its row. */
export interface ReadRow {
    readonly row: number
    readonly content: RecordContent
}

/** Where packed inputs are to go, if they fit. */
export interface InputSlot {
    readonly buffer: SharedArrayBuffer
    readonly beginBytes: number
    readonly sizeBytes: number
}

/** Longer texts are sent as strings, rather than to be copied into the buffer and out of it. */
const textSizeBytesMax = 1 << 12
const ascii = /^[\0-\x7f]*$/

export class InputPacker {
    readonly #scanner: Scanner
    #done: PackReport = { row: 0, inputs: 0, textSizeBytes: 0 }
    #setStates = 0
    #hasEmpty = false
    readonly #strings: string[] = []

    constructor(scanner: Scanner) {
        this.#scanner = scanner
    }

    /** The inputs of so many records, of which the reference reader read these. To be called once. */
    pack(records: number, read: readonly ReadRow[], slot: InputSlot): PackedInputs {
        for (const { row, content } of read) {
            if (!this.#packUntil(row) || !this.#put(content)) return this.#asStrings(records, read)
        }
        return this.#packUntil(records) ? this.#copyTo(slot) : this.#asStrings(records, read)
    }

    /** False where there is no room for more. */
    #packUntil(limit: number): boolean {
        while (this.#done.row < limit) {
            this.#done = this.#scanner.pack(limit, this.#done)
            const { row } = this.#done
            if (row < limit && !this.#put(this.#read(row))) return false
        }
        return true
    }

    #read(row: number): RecordContent {
        const content = parseRecord(Buffer.from(this.#scanner.bytes(row)))
        if (isProblem(content))
            throw new Error(`What the scanner took for a record is none: ${content.message}`)
        return content
    }

    /** Packs the next record. */
    #put({ setState, events }: RecordContent): boolean {
        let { inputs } = this.#done
        const { entries, inputsMax } = this.#scanner
        if (inputs + events.length + 1 > inputsMax) return false
        // Where a record does both, the state is set first.
        if (setState !== undefined) {
            entries[inputs++] = this.#entryOf(setState) | packedSetState
            this.#setStates += 1
        }
        for (const event of events) entries[inputs++] = this.#entryOf(event)
        this.#hasEmpty ||= inputs === this.#done.inputs
        this.#done = { ...this.#done, row: this.#done.row + 1, inputs }
        return true
    }

    /** Puts a text behind the others, or among the strings. */
    #entryOf(text: string): number {
        const { memory, packedTextAt, dataSizeBytes } = this.#scanner
        const { textSizeBytes } = this.#done
        if (
            text.length > textSizeBytesMax ||
            textSizeBytes + text.length > dataSizeBytes ||
            !ascii.test(text)
        ) {
            this.#strings.push(text)
            return packedAsString
        }
        memory.write(text, packedTextAt + textSizeBytes, 'latin1')
        this.#done = { ...this.#done, textSizeBytes: textSizeBytes + text.length }
        return text.length
    }

    #copyTo(slot: InputSlot): PackedInputs {
        const { entries, memory, packedTextAt } = this.#scanner
        const { row: records, inputs: length, textSizeBytes } = this.#done
        const tableSizeBytes = length * Uint32Array.BYTES_PER_ELEMENT
        const { buffer, beginBytes } =
            tableSizeBytes + textSizeBytes <= slot.sizeBytes
                ? slot
                : { buffer: new SharedArrayBuffer(tableSizeBytes + textSizeBytes), beginBytes: 0 }
        const textAtBytes = beginBytes + tableSizeBytes
        new Uint32Array(buffer, beginBytes, length).set(entries.subarray(0, length))
        memory.copy(new Uint8Array(buffer, textAtBytes), 0, packedTextAt, packedTextAt + textSizeBytes)
        return {
            buffer,
            tableAtBytes: beginBytes,
            textAtBytes,
            length,
            setStates: this.#setStates,
            // What the scanner packs has one at least.
            isOneEach: length === records && !this.#hasEmpty,
            strings: this.#strings,
        }
    }

    #asStrings(records: number, read: readonly ReadRow[]): PackedInputs {
        const contents = new Map(read.map(({ row, content }) => [row, content]))
        return packAsStrings(
            Array.from({ length: records }, (_, row) => contents.get(row) ?? this.#read(row)),
        )
    }
}

/** The same inputs, all as strings: what packing must agree with, and what is left where it has no room. */
export function packAsStrings(records: readonly RecordContent[]): PackedInputs {
    const strings: string[] = []
    const entries: number[] = []
    for (const { setState, events } of records) {
        if (setState !== undefined) {
            strings.push(setState)
            entries.push(packedAsString | packedSetState)
        }
        for (const event of events) {
            strings.push(event)
            entries.push(packedAsString)
        }
    }
    const buffer = new SharedArrayBuffer(entries.length * Uint32Array.BYTES_PER_ELEMENT)
    new Uint32Array(buffer).set(entries)
    const setStates = records.filter(({ setState }) => setState !== undefined).length
    const isOneEach = records.every(
        ({ setState, events }) => events.length + (setState === undefined ? 0 : 1) === 1,
    )
    return {
        ...{ buffer, tableAtBytes: 0, textAtBytes: 0 },
        ...{ length: entries.length, setStates, isOneEach, strings },
    }
}
