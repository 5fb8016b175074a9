// The records of a whole log as rows of tables that all threads share: each piece enters its own, in bulk
// from the scanner's tables, and copies the lines of a stretch of the chain to where they belong in it.
import { hashOfLine } from '../../composition/hash.js'
import { hashSizeBytes } from '../../composition/packed-rows.js'
import { isSystemError } from '../../errors.js'
import type { ReadableFile } from '../../store/listing/list-files.js'
import { FileCut } from '../../store/reading/log-file-reader.js'
import { hashAll } from '../scanner/hashing.js'
import { type Scanner, wordsPerHash } from '../scanner/scanner.js'
import type { PieceReader, PieceSettings, ReadRecords } from './piece-reader.js'
import type { PieceLines } from './piece-result.js'
import { isContinuation, type Piece } from './pieces.js'

/** Rows stand in the order of the lines, numbered from 0. Memory that nobody writes to costs nothing. */
export interface SharedRows {
    /** Per row, 8 words: the hash of the record. */
    readonly hashes: Uint32Array
    /**
     * Per row, 8 words: what it names as parent. Once windows are read: the place in the chain, 8 bytes; then
     * the window.
     */
    readonly parents: Uint32Array
    /** Per row: where in its piece the line begins, and whether an unreadable one stands before it. */
    readonly starts: Uint32Array
    readonly sizes: Uint32Array
    /** Per piece: its records; -1 where nobody knows yet. */
    readonly counts: Int32Array
}

/** What a piece says that has entered its rows. `undecided`: the reference must say. */
export type RowsResult = RowsEntered | 'undecided'

export interface RowsEntered extends PieceLines {
    /** Rows on lines one behind the other: number of the first within the piece, its line, its file. */
    readonly runs: Uint32Array
    /** A line that could not be read stands behind its last row. */
    readonly endsUnreadable: boolean
    /** A record ends with a carriage return of its own. */
    readonly hasReturnAtEnd: boolean
}

/** Copies the lines of a stretch of the chain to their places. */
export interface GatherJob {
    readonly kind: 'gather'
    /** First row of each piece, and the number of all rows behind them. */
    readonly firstRows: Uint32Array
    /** Where the stretch begins and ends, in bytes of the whole chain, each line with its line feed. */
    readonly fromBytes: number
    readonly toBytes: number
}

/** `changed`: a line is not what was entered. An error of the system: as it can be sent between threads. */
export type GatherResult =
    | { readonly kind: 'gathered' }
    | { readonly kind: 'changed' }
    | { readonly kind: 'unread'; readonly path: string; readonly code: string }

/** Set in a start: a line that could not be read stands before the row. */
export const behindUnreadable = 0x8000_0000

const recordSizeBytesMin = 62
const rowsMax = 1 << 28
const placeSizeBytes = Float64Array.BYTES_PER_ELEMENT
const lineFeed = 0x0a

/** Room for as many rows as a log of so many bytes can have at most; undefined where that is too much. */
export function shareRows(logSizeBytes: number, files: number, pieces: number): SharedRows | undefined {
    const rows = Math.floor(logSizeBytes / recordSizeBytesMin) + files
    if (rows > rowsMax) return undefined
    const words = (count: number) => new Uint32Array(new SharedArrayBuffer(count * 4))
    try {
        return {
            hashes: words(rows * wordsPerHash),
            parents: words(rows * wordsPerHash),
            starts: words(rows),
            sizes: words(rows),
            counts: new Int32Array(words(pieces).buffer).fill(-1),
        }
    } catch (error) {
        if (error instanceof RangeError) return undefined
        throw error
    }
}

/** The places in the chain of so many rows, and the window behind them, in the memory of the parents. */
export function windowIn({ parents }: SharedRows, rows: number): { places: Float64Array; window: Buffer } {
    const { buffer } = parents
    return {
        places: new Float64Array(buffer, 0, rows),
        window: Buffer.from(buffer as SharedArrayBuffer, rows * placeSizeBytes),
    }
}

export class PieceRows {
    readonly #reader: PieceReader
    readonly #settings: PieceSettings
    readonly #rows: SharedRows
    /** The piece that is read and waits for the number of its first row. */
    #waiting: { readonly piece: number; readonly read: ReadRecords } | undefined
    /** A piece that is known to begin with a row. */
    #known = { piece: 0, firstRow: 0 }
    /** Rows whose lines are to be copied. */
    #chosen = new Uint32Array()

    constructor(reader: PieceReader, settings: PieceSettings, rows: SharedRows) {
        this.#reader = reader
        this.#settings = settings
        this.#rows = rows
    }

    /** Which row a piece begins with is known once all pieces before it are read, not yet hashed. */
    enter(piece: number): RowsResult | 'wait' {
        if (this.#waiting?.piece !== piece) {
            const read = this.#reader.readRecords(piece)
            if (read === undefined) return 'undecided'
            const { records } = read.records
            const known = Atomics.compareExchange(this.#rows.counts, piece, -1, records)
            // Of a thread that broke down: others have counted on what it read.
            if (known >= 0 && known !== records) return 'undecided'
            this.#reader.hashRecords(read)
            this.#waiting = { piece, read }
        }
        const firstRow = this.#firstRowOf(piece)
        if (firstRow === undefined) return 'wait'
        const { read } = this.#waiting
        this.#waiting = undefined
        if (firstRow + read.records.records > this.#rows.starts.length) return 'undecided'
        this.#fill(piece, firstRow, read)
        const { runs, endsUnreadable, hasReturnAtEnd } = read.records
        return {
            ...this.#reader.linesOf(piece, read),
            runs: Uint32Array.from(runs.flatMap((run) => [run.firstRow, run.lineNumber, run.file])),
            endsUnreadable,
            hasReturnAtEnd,
        }
    }

    #firstRowOf(piece: number): number | undefined {
        let { piece: at, firstRow } = piece >= this.#known.piece ? this.#known : { piece: 0, firstRow: 0 }
        for (; at < piece; at++) {
            const count = Atomics.load(this.#rows.counts, at)
            if (count < 0) break
            firstRow += count
        }
        this.#known = { piece: at, firstRow }
        return at === piece ? firstRow : undefined
    }

    #fill(piece: number, firstRow: number, { records }: ReadRecords): void {
        const { scanner } = this.#reader
        const { hashes, parents, starts, sizes } = this.#rows
        const tables = scanner.tables(records.records)
        hashes.set(tables.hashes, firstRow * wordsPerHash)
        parents.set(tables.parents, firstRow * wordsPerHash)
        sizes.set(tables.sizes, firstRow)
        // Behind a line that another piece has to itself, the byte before the piece is held as well.
        const skipped = isContinuation(this.#settings.pieces[piece] as Piece, this.#settings.files)
        const shift = scanner.dataAt + (skipped ? 1 : 0)
        for (let i = 0; i < records.records; i++) starts[firstRow + i] = (tables.starts[i] as number) - shift
        for (const { row, sizeBytes } of records.odd) sizes[firstRow + row] = sizeBytes
        for (const row of records.behindUnreadable) markBehindUnreadable(this.#rows, firstRow + row)
    }

    /** Each line is hashed, and copied only if it is what it was when it was entered. */
    gather(job: GatherJob, piece: number): GatherResult {
        try {
            return { kind: this.#gather(job, piece) ? 'gathered' : 'changed' }
        } catch (error) {
            if (error instanceof FileCut) return { kind: 'changed' }
            if (!isSystemError(error)) throw error
            const { code, path } = error
            // A file that is gone has changed, and is not broken.
            return code === undefined || code === 'ENOENT' || path === undefined
                ? { kind: 'changed' }
                : { kind: 'unread', path, code }
        }
    }

    #gather({ firstRows, fromBytes, toBytes }: GatherJob, piece: number): boolean {
        const { scanner } = this.#reader
        const { hashes, starts, sizes } = this.#rows
        const { places, window } = windowIn(this.#rows, firstRows.at(-1) as number)
        const end = firstRows[piece + 1] as number
        const held = { at: -1, count: 0 }
        const chosen = this.#chosenOf(scanner)
        for (let row = firstRows[piece] as number; row < end; row++) {
            const at = places[row] as number
            if (at < fromBytes || at >= toBytes) continue
            if (held.at < 0) held.at = this.#readBytes(piece)
            const start = (starts[row] as number) % behindUnreadable
            const sizeBytes = sizes[row] as number
            if (start + sizeBytes <= held.at) {
                scanner.enterBytes(held.count, scanner.dataAt + start, sizeBytes)
                chosen[held.count++] = row
            } else if (!this.#gatherLong(piece, row, window, at - fromBytes)) return false
        }
        hashAll(scanner, held.count, this.#settings.scannerHashSizeBytesMax)
        const tables = scanner.tables(held.count)
        const from = new DataView(scanner.memory.buffer, scanner.memory.byteOffset)
        const to = new DataView(window.buffer, window.byteOffset)
        for (let i = 0; i < held.count; i++) {
            const row = chosen[i] as number
            if (!areEqual(tables.hashes, i, hashes, row)) return false
            const sizeBytes = tables.sizes[i] as number
            const at = (places[row] as number) - fromBytes
            copyBytes(from, tables.starts[i] as number, to, at, sizeBytes)
            window[at + sizeBytes] = lineFeed
        }
        return true
    }

    #chosenOf({ recordsMax }: Scanner): Uint32Array {
        if (this.#chosen.length === 0) this.#chosen = new Uint32Array(recordsMax)
        return this.#chosen
    }

    /** Reads a piece as it stands, with some of its last line beyond it. Returns how many bytes are held. */
    #readBytes(piece: number): number {
        const { files, lookahead } = this.#settings
        const { fromFile, toFile, beginBytes, endBytes } = this.#settings.pieces[piece] as Piece
        const { memory, dataAt } = this.#reader.scanner
        if (toFile === fromFile + 1) {
            const { sizeBytes } = files.at(fromFile) as ReadableFile
            const held = Math.min(sizeBytes, endBytes + lookahead.firstSizeBytes) - beginBytes
            this.#reader.files.read(fromFile, memory, dataAt, held, beginBytes)
            return held
        }
        let held = 0
        for (let file = fromFile; file < toFile; file++) {
            const { beginBytes: begin = 0, sizeBytes } = files.at(file) as ReadableFile
            if (sizeBytes <= begin) continue
            this.#reader.files.read(file, memory, dataAt + held, sizeBytes - begin, begin)
            held += sizeBytes - begin
        }
        return held
    }

    /** A line that goes on far behind its piece, which then is a part of one file. */
    #gatherLong(piece: number, row: number, window: Buffer, at: number): boolean {
        const { fromFile, beginBytes } = this.#settings.pieces[piece] as Piece
        const { starts, sizes, hashes } = this.#rows
        const sizeBytes = sizes[row] as number
        const line = Buffer.allocUnsafe(sizeBytes)
        this.#reader.files.read(
            fromFile,
            line,
            0,
            sizeBytes,
            beginBytes + ((starts[row] as number) % behindUnreadable),
        )
        const expected = Buffer.from(hashes.buffer, row * hashSizeBytes, hashSizeBytes)
        if (!expected.equals(Buffer.from(hashOfLine(line), 'hex'))) return false
        line.copy(window, at)
        window[at + sizeBytes] = lineFeed
        return true
    }
}

export function markBehindUnreadable({ starts }: SharedRows, row: number): void {
    starts[row] = ((starts[row] as number) | behindUnreadable) >>> 0
}

/** Whether all 32 bytes of two hashes are equal, each a row of a table. */
export function areEqual(one: Uint32Array, row: number, others: Uint32Array, other: number): boolean {
    const [a, b] = [row * wordsPerHash, other * wordsPerHash]
    return (
        one[a] === others[b] &&
        one[a + 1] === others[b + 1] &&
        one[a + 2] === others[b + 2] &&
        one[a + 3] === others[b + 3] &&
        one[a + 4] === others[b + 4] &&
        one[a + 5] === others[b + 5] &&
        one[a + 6] === others[b + 6] &&
        one[a + 7] === others[b + 7]
    )
}

/** Four at a time: to call what Node has for it takes longer than to copy a line of usual length. */
function copyBytes(from: DataView, begin: number, to: DataView, at: number, sizeBytes: number): void {
    let done = 0
    for (; done + 4 <= sizeBytes; done += 4) to.setUint32(at + done, from.getUint32(begin + done, true), true)
    for (; done < sizeBytes; done++) to.setUint8(at + done, from.getUint8(begin + done))
}
