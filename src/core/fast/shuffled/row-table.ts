// The index of a log that was read in pieces: what the rows in shared memory say, with the way back to the
// lines.
import type { RecordIndex, RowPlace } from '../../composition/chain/record-index.js'
import type { CompositionHash } from '../../composition/hash.js'
import { hashSizeBytes } from '../../composition/packed-rows.js'
import { behindUnreadable, type SharedRows, windowIn } from '../pieces/piece-rows.js'
import type { Piece } from '../pieces/pieces.js'
import type { LogSetup } from '../threads/piece-worker.js'
import type { LinkTable } from './link-rows.js'

/** What is known of a piece beside its rows. */
export interface IndexedPiece {
    /** Number of the first row within the piece, its line, its file; then of the next run. */
    readonly runs: Uint32Array
    /** Lines of the first file that stand before the piece. */
    readonly linesBefore: number
}

export interface RowTableParts {
    readonly setup: LogSetup & { readonly rows: SharedRows }
    readonly threads: number
    readonly indexed: readonly IndexedPiece[]
    /** First row of each piece, and the number of all rows behind them. */
    readonly firstRows: Uint32Array
    readonly links: LinkTable
    /**
     * Bytes of the chain to hand out at a time; default: as many as the memory of the parents' hashes holds,
     * or a little more.
     */
    readonly windowSizeBytes?: number | undefined
    /** Whether a line feed behind each record, as windows have it, is never taken for more of a line end. */
    readonly canBeInWindows: boolean
}

export interface Windows {
    /** Per row: where its line begins in the whole chain, in bytes, each line with a line feed behind it. */
    readonly places: Float64Array
    /** Memory for a stretch of the chain, and how much of it is to be used. */
    readonly window: Buffer
    readonly sizeBytes: number
}

const windowSizeBytesMin = 32 * 1024 * 1024

export class RowTable implements RecordIndex {
    readonly rows: number
    /** Per row: the row of its parent; -1 where no record is. */
    readonly parents: Int32Array
    readonly parts: RowTableParts
    /** Whether somebody reads in the memory of the windows, of whom there can be one at a time. */
    isWindowTaken = false
    readonly #hashes: Buffer
    readonly #parentHashes: Buffer
    /** Per file: bytes of the log before it. */
    readonly #before: Float64Array
    #chainRows: Uint32Array | undefined
    #oldestParent: CompositionHash | undefined
    #windows: Windows | 'none' | undefined

    constructor(parts: RowTableParts) {
        const { setup, links } = parts
        this.parts = parts
        this.rows = parts.firstRows.at(-1) ?? 0
        this.parents = links.parents
        this.#hashes = Buffer.from(setup.rows.hashes.buffer as SharedArrayBuffer)
        this.#parentHashes = Buffer.from(setup.rows.parents.buffer as SharedArrayBuffer)
        const { files } = setup.settings
        this.#before = new Float64Array(files.length + 1)
        for (const [i, { sizeBytes, beginBytes = 0 }] of files.entries())
            this.#before[i + 1] = (this.#before[i] as number) + Math.max(0, sizeBytes - beginBytes)
    }

    /** All rows, oldest first, where they are one chain. */
    get chainRows(): Uint32Array | undefined {
        return this.#chainRows
    }

    set chainRows(chainRows: Uint32Array | undefined) {
        this.#chainRows = chainRows
        const [first] = chainRows ?? []
        // Windows will lie where it stands.
        if (first !== undefined) this.#oldestParent = hex(this.#parentHashes, first)
    }

    hash(row: number): CompositionHash {
        return hex(this.#hashes, row)
    }

    hashStartsWith(row: number, prefix: string): boolean {
        const at = row * hashSizeBytes
        const held = this.#hashes.toString('hex', at, at + Math.ceil(prefix.length / 2))
        return held.toUpperCase().startsWith(prefix)
    }

    parentHash(row: number): CompositionHash {
        const parent = this.parents[row] as number
        if (parent >= 0) return this.hash(parent)
        return this.#oldestParent ?? hex(this.#parentHashes, row)
    }

    findParent(row: number): number {
        return this.parents[row] as number
    }

    behindUnreadable(row: number): boolean {
        return (this.parts.setup.rows.starts[row] as number) >= behindUnreadable
    }

    find(hash: CompositionHash): number {
        return this.parts.links.find(hash)
    }

    place(row: number): RowPlace {
        const { indexed, firstRows, setup } = this.parts
        const { pieces, files } = setup.settings
        const index = lastAtMost(firstRows, row, 1)
        const { runs, linesBefore } = indexed[index] as IndexedPiece
        const inPiece = row - (firstRows[index] as number)
        const run = lastAtMost(runs, inPiece, 3) * 3
        const line = (runs[run + 1] as number) + inPiece - (runs[run] as number)
        const file = runs[run + 2] as number
        const { fromFile, beginBytes } = pieces[index] as Piece
        const bytesBetween = (this.#before[file] as number) - (this.#before[fromFile] as number)
        const start = (setup.rows.starts[row] as number) % behindUnreadable
        const begin = file === fromFile ? beginBytes : (files.at(file)?.beginBytes ?? 0)
        return {
            file,
            offsetBytes: begin + start - bytesBetween,
            line: line + linesBefore,
            sizeBytes: setup.rows.sizes[row] as number,
        }
    }

    /** Undefined where the chain cannot be read in windows: then each record is to be read by itself. */
    windows(): Windows | undefined {
        this.#windows ??= this.#layOutWindows() ?? 'none'
        return this.#windows === 'none' ? undefined : this.#windows
    }

    #layOutWindows(): Windows | undefined {
        const { chainRows, rows } = this
        const { setup, canBeInWindows, windowSizeBytes = 0 } = this.parts
        if (chainRows === undefined || !canBeInWindows) return undefined
        const { places, window } = windowIn(setup.rows, rows)
        const { sizes } = setup.rows
        let longest = 0
        for (let row = 0; row < rows; row++) longest = Math.max(longest, (sizes[row] as number) + 1)
        const wanted = windowSizeBytes || Math.max(rows * (hashSizeBytes - 8), windowSizeBytesMin)
        const sizeBytes = Math.min(window.length, Math.max(wanted, longest))
        if (longest > sizeBytes) return undefined
        let at = 0
        for (const row of chainRows) {
            places[row] = at
            at += (sizes[row] as number) + 1
        }
        return { places, window, sizeBytes }
    }
}

function hex(hashes: Buffer, row: number): CompositionHash {
    const at = row * hashSizeBytes
    return hashes.toString('hex', at, at + hashSizeBytes).toUpperCase() as CompositionHash
}

/** The last of ascending numbers, every `stride`-th of a list, that is not above a value. */
function lastAtMost(list: Uint32Array, value: number, stride: number): number {
    let low = 0
    let high = list.length / stride - 1
    while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((list[middle * stride] as number) <= value) low = middle
        else high = middle - 1
    }
    return low
}
