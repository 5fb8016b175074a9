// Finds the lines of a piece that may hold some texts, while they lie in the scanner's memory anyway.
import { escapeMark, Prefilter } from '../../composition/prefilter.js'
import type { Scanner } from '../scanner/scanner.js'
import type { PieceRecords } from './piece-records.js'
import type { FoundLines } from './piece-result.js'

/** What to find: every line that holds all of these texts, and every one with an escaped character. */
export interface WantedTexts {
    /** Of ASCII, none of which a writer escapes. */
    readonly texts: readonly string[]
    /** How many bytes of lines may still be found, by all threads together. */
    readonly room: SharedArrayBuffer
}

/** What is found waits for the end of the check: more of it is read once more. */
const roomBytesDefault = 4 * 1024 * 1024

export function wantedTexts(texts: readonly string[], roomBytes = roomBytesDefault): WantedTexts {
    const room = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    new Int32Array(room)[0] = roomBytes
    return { texts, room }
}

export class LineFinder {
    readonly wanted: WantedTexts
    readonly #scanner: Scanner
    readonly #room: Int32Array
    readonly #finder: ReturnType<Scanner['finder']>

    constructor(scanner: Scanner, wanted: WantedTexts) {
        this.wanted = wanted
        this.#scanner = scanner
        this.#room = new Int32Array(wanted.room)
        this.#finder = scanner.finder([escapeMark, ...wanted.texts])
    }

    /** Undefined where not all lines can be looked at, or there is no room for those that are found. */
    find(records: PieceRecords): FoundLines | undefined {
        const finder = this.#finder
        const { starts, sizes } = this.#scanner.tables(records.records)
        const isHeld = records.odd.every(({ row }) => sizes[row] !== 0)
        if (finder === undefined || !isHeld || Atomics.load(this.#room, 0) < 0) return undefined
        const end = (starts.at(-1) ?? 0) + (sizes.at(-1) ?? 0)
        const filter = new Prefilter((text, from) => finder(text, from, end), this.wanted.texts)
        const rows: number[] = []
        for (let row = 0; row < starts.length; row++) {
            const begin = starts[row] as number
            if (filter.mayHold(begin, begin + (sizes[row] as number))) rows.push(row)
        }
        return this.#linesOf(records, Uint32Array.from(rows))
    }

    #linesOf(records: PieceRecords, rows: Uint32Array): FoundLines | undefined {
        const scanner = this.#scanner
        const sizesBytes = rows.map((row) => scanner.size(row))
        const sizeBytes = sizesBytes.reduce((sum, size) => sum + size, 0)
        if (Atomics.sub(this.#room, 0, sizeBytes) < sizeBytes) return undefined
        const bytes = new Uint8Array(sizeBytes)
        let at = 0
        rows.forEach((row, i) => {
            bytes.set(scanner.bytes(row), at)
            at += sizesBytes[i] as number
        })
        return { marks: records.marksOf(rows), hashes: scanner.hashesOf(rows, 'hashes'), sizesBytes, bytes }
    }
}
