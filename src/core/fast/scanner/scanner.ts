// Entrance of core/fast/scanner/: lines scanned, hashed and packed. In come bytes of a log; out come tables
// of records (here), their hashes (`hashing.ts`) and their events, packed for an app (`pack-inputs.ts`).
//
// The WebAssembly module from TypeScript's side: tables of records in its memory, filled by a scan of raw
// bytes.
import { endianness } from 'node:os'

import { hashSizeBytes } from '../../composition/packed-rows.js'
import { countWhile } from '../../count-while.js'
import { scannerBinary } from './scanner-binary.js'
import { type CompiledModule, webAssembly } from './web-assembly.js'

interface Exports {
    readonly memory: { readonly buffer: ArrayBuffer }
    readonly dataAt: { readonly value: number }
    readonly dataSizeBytes: { readonly value: number }
    readonly recordsMax: { readonly value: number }
    readonly hashSizeBytesMax: { readonly value: number }
    readonly startsAt: { readonly value: number }
    readonly sizesAt: { readonly value: number }
    readonly parentsAt: { readonly value: number }
    readonly hashesAt: { readonly value: number }
    readonly orderAt: { readonly value: number }
    readonly reportAt: { readonly value: number }
    readonly inputsMax: { readonly value: number }
    readonly entriesAt: { readonly value: number }
    readonly packedTextAt: { readonly value: number }
    readonly wantedAt: { readonly value: number }
    readonly wantedSizeBytes: { readonly value: number }
    scan(
        from: number,
        limit: number,
        end: number,
        records: number,
        sizeBytesMax: number,
        asciiOnly: number,
    ): void
    scanEventLines(from: number, end: number): void
    hashRecords(records: number, sizeBytesMax: number): void
    letThrough(beginning: number): void
    passFilter(records: number): number
    pack(row: number, limit: number, inputs: number, text: number): void
    find(from: number, end: number, text: number, sizeBytes: number): number
}

/** What a scan found, up to the first line that it leaves to the reference reader. */
export interface ScanReport {
    /** Where the first line begins that was not entered; the limit or more where all were. */
    readonly stoppedAt: number
    /** Records in the tables. */
    readonly records: number
    readonly events: number
    readonly of201811: number
    readonly first201811: number
    readonly of201903: number
    readonly hasNonAscii: boolean
}

/** How far packing has come. */
export interface PackReport {
    /** The first record that is not packed. */
    readonly row: number
    /** Inputs in the table, and bytes of their text. */
    readonly inputs: number
    readonly textSizeBytes: number
}

export interface RecordToEnter {
    readonly start: number
    readonly sizeBytes: number
    readonly parentHash: string
    readonly hash?: string
}

export const wordsPerHash = hashSizeBytes / Uint32Array.BYTES_PER_ELEMENT
let compiled: CompiledModule | undefined
/** One of this thread that nobody uses. */
let unused: Scanner | undefined

/** Compiles the module; undefined where this Node has no WebAssembly, or one without vectors. */
export function compileScanner(): CompiledModule | undefined {
    // The tables are read as the module writes them: in the order of little endian.
    if (compiled !== undefined || endianness() === 'BE') return compiled
    const api = webAssembly()
    const bytes = Buffer.from(scannerBinary, 'base64')
    if (api?.validate(bytes) === true) compiled = new api.Module(bytes)
    return compiled
}

/** Takes a scanner that was released, or a new one: each new memory makes V8 collect all garbage. */
export function takeScanner(module: CompiledModule): Scanner {
    const scanner = unused ?? new Scanner(module)
    unused = undefined
    return scanner
}

/** Gives back a scanner, of whose memory nothing is used any more. */
export function releaseScanner(scanner: Scanner): void {
    unused = scanner
}

/** Records are numbered from 0 in these tables. All offsets are in `memory`. */
export class Scanner {
    readonly #exports: Exports
    readonly #starts: Uint32Array
    readonly #sizes: Uint32Array
    readonly #order: Uint32Array
    readonly #report: Int32Array
    /** The whole memory, two bytes each. */
    readonly #units: Uint16Array
    readonly #parentsAt: number
    readonly #hashesAt: number
    readonly memory: Buffer
    /** Where bytes to scan go, and how many fit. */
    readonly dataAt: number
    readonly dataSizeBytes: number
    readonly recordsMax: number
    /** Entries of packed inputs, how many fit, and the offset of their text, which has `dataSizeBytes`. */
    readonly entries: Uint32Array
    readonly inputsMax: number
    readonly packedTextAt: number
    /** The largest record that `hashRecords` can hash. */
    readonly hashSizeBytesMax: number
    #letThrough: Uint32Array = new Uint32Array()

    constructor(module: CompiledModule) {
        const api = webAssembly()
        if (api === undefined) throw new Error('A compiled module, but nothing that could run it.')
        const exports = new api.Instance(module).exports as Exports
        const { buffer } = exports.memory
        this.#exports = exports
        this.memory = Buffer.from(buffer)
        this.dataAt = exports.dataAt.value
        this.dataSizeBytes = exports.dataSizeBytes.value
        this.recordsMax = exports.recordsMax.value
        this.hashSizeBytesMax = exports.hashSizeBytesMax.value
        this.inputsMax = exports.inputsMax.value
        this.entries = new Uint32Array(buffer, exports.entriesAt.value, this.inputsMax)
        this.packedTextAt = exports.packedTextAt.value
        this.#starts = new Uint32Array(buffer, exports.startsAt.value, this.recordsMax)
        this.#sizes = new Uint32Array(buffer, exports.sizesAt.value, this.recordsMax)
        this.#order = new Uint32Array(buffer, exports.orderAt.value, this.recordsMax)
        this.#report = new Int32Array(buffer, exports.reportAt.value, 7)
        this.#units = new Uint16Array(buffer)
        this.#parentsAt = exports.parentsAt.value
        this.#hashesAt = exports.hashesAt.value
    }

    /** Enters records behind those in the tables, from the line at `from` to those that begin at `limit`. */
    scan(
        range: { readonly from: number; readonly limit: number; readonly end: number },
        records: number,
        sizeBytesMax: number,
        asciiOnly: boolean,
    ): ScanReport {
        this.#exports.scan(range.from, range.limit, range.end, records, sizeBytesMax, asciiOnly ? 1 : 0)
        const [stoppedAt = 0, now = 0, events = 0, of201811 = 0, first201811 = 0, of201903 = 0, nonAscii] =
            this.#report
        const counts = { records: now, events, of201811, first201811, of201903 }
        return { stoppedAt, ...counts, hasNonAscii: nonAscii !== 0 }
    }

    /**
     * Enters the hash forms of lines that stand between two offsets, each an event of a host of 2021-07 or
     * later, up to the first that is not. The size of each line itself becomes an entry.
     */
    scanEventLines(from: number, end: number): Pick<ScanReport, 'stoppedAt' | 'records' | 'hasNonAscii'> {
        this.#exports.scanEventLines(from, end)
        const [stoppedAt = 0, records = 0] = this.#report
        return { stoppedAt, records, hasNonAscii: this.#report[6] !== 0 }
    }

    /** Enters a record that somebody else read. With its hash, its bytes need not be held. */
    enter(row: number, record: RecordToEnter): void {
        const { start, sizeBytes, parentHash, hash } = record
        this.#starts[row] = start
        this.#sizes[row] = hash === undefined ? sizeBytes : 0
        this.memory.write(parentHash, this.#parentsAt + row * hashSizeBytes, 'hex')
        if (hash !== undefined) this.memory.write(hash, this.#hashesAt + row * hashSizeBytes, 'hex')
    }

    /** Enters a line that is to be hashed, and nothing more. */
    enterBytes(row: number, start: number, sizeBytes: number): void {
        this.#starts[row] = start
        this.#sizes[row] = sizeBytes
    }

    /** Hashes the records of at most so many bytes that are not hashed yet. */
    hashRecords(records: number, sizeBytesMax: number): void {
        this.#exports.hashRecords(records, sizeBytesMax)
    }

    /** Enters a hash, given as 16 characters of two bytes, one by one: a call of `write` takes longer. */
    setHash(row: number, utf16: string): void {
        const at = (this.#hashesAt + row * hashSizeBytes) / 2
        for (let i = 0; i < 16; i++) this.#units[at + i] = utf16.charCodeAt(i)
    }

    /** Whether each record but the first is the child of the one before it. */
    areOneChain(records: number): boolean {
        if (records < 2) return true
        // Parents from the second on are what hashes are up to the last but one.
        const [parents, hashes] = [this.#parentsAt + hashSizeBytes, this.#hashesAt]
        const sizeBytes = (records - 1) * hashSizeBytes
        return (
            this.memory.compare(this.memory, parents, parents + sizeBytes, hashes, hashes + sizeBytes) === 0
        )
    }

    /**
     * Makes `passFilter` let records through whose hash begins with one of these 32 bits, little endian. What
     * the filter let through before stays in it, which `passFilter` looks at once more.
     */
    letThrough(ascending: Uint32Array): void {
        for (const beginning of ascending) this.#exports.letThrough(beginning)
        this.#letThrough = ascending
    }

    /** The records that the filter lets through: all that are meant, and hardly ever another. */
    passFilter(records: number): Uint32Array {
        const passed = this.#order.subarray(0, this.#exports.passFilter(records))
        const { hashes } = this.tables(records)
        const meant = this.#letThrough
        // The filter knows hashes by fewer bits: of thousands of them, it lets many others through.
        return passed.filter((row) => {
            const beginning = hashes[row * wordsPerHash] as number
            return meant[countWhile(meant.length, (i) => (meant[i] as number) < beginning)] === beginning
        })
    }

    /** The tables up to a number of records: for each its start, its size, and 8 words of each hash. */
    tables(records: number): {
        readonly starts: Uint32Array
        readonly sizes: Uint32Array
        readonly hashes: Uint32Array
        readonly parents: Uint32Array
    } {
        const words = (at: number) => new Uint32Array(this.#units.buffer, at, records * wordsPerHash)
        return {
            starts: this.#starts.subarray(0, records),
            sizes: this.#sizes.subarray(0, records),
            hashes: words(this.#hashesAt),
            parents: words(this.#parentsAt),
        }
    }

    /** 32 bytes of each of some rows. */
    hashesOf(rows: Uint32Array, table: 'hashes' | 'parents'): Uint8Array {
        const copied = new Uint8Array(rows.length * hashSizeBytes)
        const tableAt = table === 'hashes' ? this.#hashesAt : this.#parentsAt
        rows.forEach((row, i) => {
            const at = tableAt + row * hashSizeBytes
            this.memory.copy(copied, i * hashSizeBytes, at, at + hashSizeBytes)
        })
        return copied
    }

    /** Packs the events of records that a scan entered, behind what is packed; stops before one it cannot. */
    pack(limit: number, { row, inputs, textSizeBytes }: PackReport): PackReport {
        this.#exports.pack(row, limit, inputs, textSizeBytes)
        const [next, inputsNow, textNow] = this.#report as unknown as [number, number, number]
        return { row: next, inputs: inputsNow, textSizeBytes: textNow }
    }

    /**
     * What finds texts of ASCII: the first place between two others where one stands, or -1. Undefined where
     * there is no room for so many texts.
     */
    finder(texts: readonly string[]): ((text: string, from: number, end: number) => number) | undefined {
        const { wantedAt, wantedSizeBytes } = this.#exports
        if (texts.join('').length > wantedSizeBytes.value) return undefined
        const places = new Map<string, number>()
        let next = wantedAt.value
        for (const text of texts) {
            places.set(text, next)
            next += this.memory.write(text, next, 'latin1')
        }
        return (text, from, end) => this.#exports.find(from, end, places.get(text) ?? 0, text.length) || -1
    }

    start(row: number): number {
        return this.#starts[row] as number
    }

    /** 0 where the record was entered with its hash. */
    size(row: number): number {
        return this.#sizes[row] as number
    }

    /** The record as it stands in memory. A plain view, since a Buffer takes longer to make. */
    bytes(row: number): Uint8Array {
        return new Uint8Array(this.#units.buffer, this.start(row), this.size(row))
    }

    hash(row: number): string {
        return this.#hex(this.#hashesAt + row * hashSizeBytes)
    }

    parentHash(row: number): string {
        return this.#hex(this.#parentsAt + row * hashSizeBytes)
    }

    #hex(at: number): string {
        return this.memory.toString('hex', at, at + hashSizeBytes).toUpperCase()
    }
}
