// The index of a log that was read in pieces: what the rows in shared memory say, with the way back to the lines.
import { type CompositionHash, hashOfLine } from '../../composition/hash.js'
import type { RecordIndex, RowPlace } from '../../composition/record-index.js'
import { ComplogError } from '../../errors.js'
import type { StoreFile } from '../../store/list-files.js'
import { RecordReader } from '../../store/record-reader.js'
import type { Piece } from '../pieces/pieces.js'
import { placeInPiece } from './piece-bytes.js'
import { oddLine } from './row-layout.js'
import type { RowModule } from './row-module.js'
import type { WorkerSetup } from './worker-setup.js'

/** What is known of a piece beside its rows. */
export interface IndexedPiece {
    /** Number of the first row within the piece, its line, its file; then of the next run. */
    readonly runs: Uint32Array
    /** Lines of the first file that stand before the piece. */
    readonly linesBefore: number
}

/** What is known of few rows only. */
export interface RareRows {
    /** Rows without a parent in the log, and what they name. */
    readonly unmatched: ReadonlyMap<number, CompositionHash>
    readonly behindUnreadable: ReadonlySet<number>
    /** Rows of records that a reduction is named after. */
    readonly reduced: ReadonlyMap<CompositionHash, number>
}

export interface RowTableParts {
    readonly files: readonly StoreFile[]
    readonly setup: WorkerSetup
    readonly module: RowModule
    readonly pieces: readonly Piece[]
    readonly indexed: readonly IndexedPiece[]
    /** First row of each piece, and the number of all rows behind them. */
    readonly firstRows: Uint32Array
    readonly rare: RareRows
    /** The rows of the chain, oldest first; undefined where they are not one chain. */
    readonly path: Uint32Array | undefined
    /** Bytes of the chain to hand out at a time; default: as many as the memory of the hashes holds, or a little more. */
    readonly windowSizeBytes?: number | undefined
}

export class RowTable implements RecordIndex {
    readonly rows: number
    /** Per row: the row of its parent; -1 where no record is. */
    readonly parents: Int32Array
    /** All rows, oldest first, where they are one chain. */
    readonly path: Uint32Array | undefined
    readonly parts: RowTableParts
    readonly #memory: Buffer
    readonly #prefixes: Uint32Array
    readonly #starts: Uint32Array
    readonly #sizes: Uint32Array
    #holdsHashes = true
    #isWindowTaken = false

    constructor(parts: RowTableParts) {
        const { layout, memory } = parts.setup.rows
        this.parts = parts
        this.path = parts.path
        this.rows = parts.firstRows.at(-1) ?? 0
        this.#memory = Buffer.from(memory.buffer)
        this.parents = new Int32Array(memory.buffer, layout.parentsAt, this.rows)
        this.#prefixes = new Uint32Array(memory.buffer, layout.prefixesAt, this.rows * 2)
        this.#starts = new Uint32Array(memory.buffer, layout.startsAt, this.rows)
        this.#sizes = new Uint32Array(memory.buffer, layout.sizesAt, this.rows)
    }

    hash(row: number): CompositionHash {
        const { prefixesAt, restsAt } = this.parts.setup.rows.layout
        if (!this.#holdsHashes) return this.#hashAgain(row)
        return (this.#hex(prefixesAt + row * 8, 8) + this.#hex(restsAt + row * 24, 24)) as CompositionHash
    }

    hashStartsWith(row: number, prefix: string): boolean {
        const { prefixesAt } = this.parts.setup.rows.layout
        const held = this.#hex(prefixesAt + row * 8, 8)
        return prefix.length <= 16
            ? held.startsWith(prefix)
            : prefix.startsWith(held) && this.hash(row).startsWith(prefix)
    }

    hasHash(row: number, hash: CompositionHash): boolean {
        return this.#holdsHashes ? this.hash(row) === hash : this.hashStartsWith(row, hash.slice(0, 16))
    }

    parentHash(row: number): CompositionHash {
        const parent = this.parents[row] as number
        return parent >= 0 ? this.hash(parent) : (this.parts.rare.unmatched.get(row) as CompositionHash)
    }

    findParent(row: number): number {
        return this.parents[row] as number
    }

    behindUnreadable(row: number): boolean {
        return this.parts.rare.behindUnreadable.has(row)
    }

    find(hash: CompositionHash): number {
        const known = this.parts.rare.reduced.get(hash)
        if (known !== undefined) return known
        const bytes = Buffer.from(hash, 'hex')
        const low = bytes.readUInt32LE(0)
        for (let row = 0; row < this.rows; row++) {
            if (this.#prefixes[row * 2] === low && this.hash(row) === hash) return row
        }
        return -1
    }

    place(row: number): RowPlace {
        const { files, pieces, indexed, firstRows } = this.parts
        const piece = lastAtMost(firstRows, row, firstRows.length - 1, 1)
        const { runs, linesBefore } = indexed[piece] as IndexedPiece
        const inPiece = row - (firstRows[piece] as number)
        const run = lastAtMost(runs, inPiece, runs.length / 3, 3) * 3
        const line = (runs[run + 1] as number) + inPiece - (runs[run] as number)
        const start = (this.#starts[row] as number) % oddLine
        const at = placeInPiece(files, pieces[piece] as Piece, start)
        return { ...at, line: line + linesBefore, sizeBytes: this.#sizes[row] as number }
    }

    /** First row of each file, and the number of all rows behind them. */
    firstRowsOfFiles(): Uint32Array {
        const { files, indexed, firstRows } = this.parts
        const first = new Uint32Array(files.length + 1).fill(this.rows)
        for (let piece = indexed.length - 1; piece >= 0; piece--) {
            const { runs } = indexed[piece] as IndexedPiece
            for (let at = runs.length - 3; at >= 0; at -= 3) {
                first[runs[at + 2] as number] = (firstRows[piece] as number) + (runs[at] as number)
            }
        }
        // A file without records begins where the next one does.
        for (let file = files.length - 1; file >= 0; file--) {
            if ((first[file] as number) > (first[file + 1] as number)) first[file] = first[file + 1] as number
        }
        return first
    }

    /**
     * Gives most of the memory of the hashes to whoever reads in windows: from then on a record is read again where its hash
     * is asked for. False where somebody else has it.
     */
    takeWindow(): boolean {
        if (this.#isWindowTaken) return false
        this.#holdsHashes = false
        this.#isWindowTaken = true
        return true
    }

    returnWindow(): void {
        this.#isWindowTaken = false
    }

    get isWindowTaken(): boolean {
        return this.#isWindowTaken
    }

    #hashAgain(row: number): CompositionHash {
        const reader = new RecordReader(this.parts.files)
        const { file, offsetBytes, sizeBytes } = this.place(row)
        try {
            const hash = hashOfLine(reader.read(file, offsetBytes, sizeBytes))
            if (this.hasHash(row, hash)) return hash
        } finally {
            reader.close()
        }
        throw new ComplogError('store-changed', 'The log changed while complog was reading it.', {
            place: { file: this.parts.files[file]?.path ?? '', offsetBytes, sizeBytes },
            hint: 'Wait for whatever changes the log to end, and run the same command again.',
        })
    }

    #hex(at: number, sizeBytes: number): string {
        return this.#memory.toString('hex', at, at + sizeBytes).toUpperCase()
    }
}

/** The last of so many ascending numbers, every `stride`-th of a list, that is not above a value. */
function lastAtMost(list: Uint32Array, value: number, count: number, stride: number): number {
    let low = 0
    let high = count - 1
    while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((list[middle * stride] as number) <= value) low = middle
        else high = middle - 1
    }
    return low
}
