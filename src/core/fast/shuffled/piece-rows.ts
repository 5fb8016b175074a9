// Reads a piece and enters its records as rows, in the order of the lines. Which row a piece begins with is known once all
// pieces before it have been scanned, not necessarily hashed.
import type { CompositionHash } from '../../composition/hash.js'
import type { PieceReader, ReadRecords } from '../pieces/piece-reader.js'
import { type Piece, isContinuation } from '../pieces/pieces.js'
import type { Scanner } from '../pieces/scanner.js'
import type { JobResult, RowsRead } from './jobs.js'
import { oddLine, scratchDataSizeBytes } from './row-layout.js'
import type { RowModule } from './row-module.js'
import type { WorkerSetup } from './worker-setup.js'

export class PieceRows {
    readonly #setup: WorkerSetup
    readonly #reader: PieceReader
    readonly #scanner: Scanner
    readonly #rows: RowModule
    readonly #memory: Buffer
    readonly #hashesAt: number
    readonly #parentsAt: number
    readonly #starts: Uint32Array
    readonly #sizes: Uint32Array
    /** The piece that is read and waits for the number of its first row. */
    #waiting: { readonly piece: number; readonly read: ReadRecords } | undefined
    /** A piece that is known to begin with a row. */
    #known = { piece: 0, firstRow: 0 }

    constructor(setup: WorkerSetup, reader: PieceReader, rows: RowModule, memory: Buffer, scratchAt: number) {
        const { layout, memory: shared } = setup.rows
        this.#setup = setup
        this.#reader = reader
        this.#scanner = reader.scanner
        this.#rows = rows
        this.#memory = memory
        this.#hashesAt = scratchAt
        this.#parentsAt = scratchAt + scratchDataSizeBytes
        this.#starts = new Uint32Array(shared.buffer, layout.startsAt, layout.rowsMax)
        this.#sizes = new Uint32Array(shared.buffer, layout.sizesAt, layout.rowsMax)
    }

    read(piece: number): JobResult | 'wait' {
        if (this.#waiting?.piece !== piece) {
            const read = this.#reader.readRecords(piece)
            // Windows put a line feed behind each line, and nothing else.
            if (read === undefined || read.records.hasReturnAtEnd) return { kind: 'gave-up' }
            Atomics.store(this.#setup.counts, piece, read.records.records)
            this.#waiting = { piece, read }
        }
        const firstRow = this.#firstRowOf(piece)
        if (firstRow === undefined) return 'wait'
        const { read } = this.#waiting
        this.#waiting = undefined
        if (firstRow + read.records.records > this.#setup.rows.layout.rowsMax) return { kind: 'gave-up' }
        this.#enter(piece, firstRow, read)
        return this.#result(piece, read)
    }

    #firstRowOf(piece: number): number | undefined {
        let { piece: at, firstRow } = this.#known
        for (; at < piece; at++) {
            const count = Atomics.load(this.#setup.counts, at)
            if (count < 0) break
            firstRow += count
        }
        this.#known = { piece: at, firstRow }
        return at === piece ? firstRow : undefined
    }

    #enter(piece: number, firstRow: number, { records }: ReadRecords): void {
        const scanner = this.#scanner
        const count = records.records
        const { starts, sizes, hashes, parents } = scanner.tables(count)
        this.#memory.set(hashes, this.#hashesAt)
        this.#memory.set(parents, this.#parentsAt)
        this.#rows.enterHashes(firstRow, count, this.#hashesAt, this.#parentsAt)
        // Behind a line that another piece has to itself, the byte before the piece is held as well.
        const skipped = isContinuation(this.#reader.pieces[piece] as Piece, this.#setup.settings.files)
        const shift = scanner.dataAt + (skipped ? 1 : 0)
        for (let i = 0; i < count; i++) this.#starts[firstRow + i] = (starts[i] as number) - shift
        this.#sizes.set(sizes, firstRow)
        for (const { row, sizeBytes } of records.odd) {
            this.#starts[firstRow + row] = ((this.#starts[firstRow + row] as number) | oddLine) >>> 0
            this.#sizes[firstRow + row] = sizeBytes
        }
    }

    #result(piece: number, read: ReadRecords): RowsRead {
        const { records } = read
        const scanner = this.#scanner
        return {
            kind: 'rows',
            ...this.#reader.linesOf(piece, read),
            runs: Uint32Array.from(
                records.runs.flatMap(({ firstRow, lineNumber, file }) => [firstRow, lineNumber, file]),
            ),
            odd: records.odd.map(({ row }) => ({
                row,
                parentHash: scanner.parentHash(row) as CompositionHash,
            })),
            behindUnreadable: records.behindUnreadable,
            endsUnreadable: records.endsUnreadable,
            maybeReduced: Array.from(this.#reader.maybeReduced(records.records), (row) => ({
                row,
                hash: scanner.hash(row) as CompositionHash,
            })),
        }
    }
}
