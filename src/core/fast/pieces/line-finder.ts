// Finds the lines of a piece that may hold some texts, while they lie in the scanner's memory anyway. What
// may hold them is told by history/prefilter.ts, the reference of this one.
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

const escape = '\\u'
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
    readonly #finders: ReturnType<Scanner['finders']>

    constructor(scanner: Scanner, wanted: WantedTexts) {
        this.wanted = wanted
        this.#scanner = scanner
        this.#room = new Int32Array(wanted.room)
        this.#finders = scanner.finders([escape, ...wanted.texts])
    }

    /** Undefined where not all lines can be looked at, or there is no room for those that are found. */
    find(records: PieceRecords): FoundLines | undefined {
        const finders = this.#finders
        const { starts, sizes } = this.#scanner.tables(records.records)
        const isHeld = records.odd.every(({ row }) => sizes[row] !== 0)
        if (finders === undefined || !isHeld || Atomics.load(this.#room, 0) < 0) return undefined
        const end = (starts.at(-1) ?? 0) + (sizes.at(-1) ?? 0)
        const rows: number[] = []
        const nexts = finders.map((find) => new NextPlace(find, end))
        const [escaped, ...texts] = nexts as [NextPlace, ...NextPlace[]]
        for (let row = 0; row < starts.length; row++) {
            const from = starts[row] as number
            const at = Math.min(escaped.behind(from), Math.max(...texts.map((text) => text.behind(from))))
            if (at === Infinity) break
            // All lines before that one lack a text.
            row = lastAtMost(starts, at, row)
            const begin = starts[row] as number
            const behind = begin + (sizes[row] as number)
            const isIn = (text: NextPlace) => text.behind(begin) < behind
            if (texts.every(isIn) || isIn(escaped)) rows.push(row)
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

/** Goes from one place of a text to the next, for questions about places further and further on. */
class NextPlace {
    readonly #find: (from: number, end: number) => number
    readonly #end: number
    #next = -1

    constructor(find: (from: number, end: number) => number, end: number) {
        this.#find = find
        this.#end = end
    }

    /** Where it stands first, from a place on. */
    behind(from: number): number {
        if (this.#next < from) this.#next = this.#find(from, this.#end)
        return this.#next
    }
}

/** The last of ascending numbers that is not greater than one, from the first index on, which is not. */
function lastAtMost(numbers: Uint32Array, most: number, first: number): number {
    let [low, high] = [first, numbers.length]
    while (high - low > 1) {
        const middle = (low + high) >>> 1
        if ((numbers[middle] as number) <= most) low = middle
        else high = middle
    }
    return low
}
