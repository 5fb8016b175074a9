// The first job: reads the whole log and enters its rows, and puts together what the pieces say beside them.
import type { Findings } from '../../composition/findings.js'
import type { CompositionHash } from '../../composition/hash.js'
import type { LogCounts } from '../../composition/log-counts.js'
import type { WorkOptions } from '../../progress.js'
import type { ProcessStore } from '../../store/process-store.js'
import { PieceTotals } from '../pieces/piece-totals.js'
import { type Crew, GaveUp } from './crew.js'
import type { RowsRead } from './jobs.js'
import type { IndexedPiece } from './row-table.js'

export interface ReadRows {
    readonly counts: LogCounts
    /** First row of each piece, and the number of all rows behind them. */
    readonly firstRows: Uint32Array
    readonly indexed: readonly IndexedPiece[]
    /** Rows that the scanner did not know, and what they name as parent. */
    readonly odd: ReadonlyMap<number, CompositionHash>
    readonly behindUnreadable: ReadonlySet<number>
    readonly reduced: ReadonlyMap<CompositionHash, number>
}

/** Lines that are read one by one cost time and memory: where there are very many, nothing is gained. */
const oddRowsMax = 200_000
const runsMax = 1_000_000

/** @throws GaveUp, HelperLost */
export async function readRows(
    crew: Crew,
    store: ProcessStore,
    findings: Findings,
    { signal, onProgress }: WorkOptions,
): Promise<ReadRows> {
    const { pieces } = crew.worker
    const joiner = new RowJoiner(store, new PieceTotals(store.logFiles, pieces, findings), pieces.length)
    const total = store.logFiles.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    let done = 0
    await crew.run(
        { kind: 'read' },
        pieces.length,
        (result) => {
            if (result.kind !== 'rows') throw new Error('A piece was read, and something else came of it.')
            joiner.take(result)
            done += result.sizeBytes
            onProgress?.({ activity: 'check', done, total, unit: 'bytes' })
        },
        signal,
    )
    return joiner.end()
}

class RowJoiner {
    readonly #store: ProcessStore
    readonly #totals: PieceTotals
    /** Pieces that are done before one in front of them is. */
    readonly #waiting = new Map<number, RowsRead>()
    #next = 0
    readonly #firstRows: Uint32Array
    readonly #indexed: IndexedPiece[] = []
    readonly #odd = new Map<number, CompositionHash>()
    readonly #behindUnreadable = new Set<number>()
    readonly #reduced = new Map<CompositionHash, number>()
    #endsUnreadable = false
    #runs = 0

    constructor(store: ProcessStore, totals: PieceTotals, pieces: number) {
        this.#store = store
        this.#totals = totals
        this.#firstRows = new Uint32Array(pieces + 1)
    }

    take(piece: RowsRead): void {
        this.#waiting.set(piece.piece, piece)
        for (;;) {
            const next = this.#waiting.get(this.#next)
            if (next === undefined) return
            this.#waiting.delete(this.#next)
            this.#join(next)
            this.#next += 1
        }
    }

    end(): ReadRows {
        return {
            counts: this.#totals.end(),
            firstRows: this.#firstRows,
            indexed: this.#indexed,
            odd: this.#odd,
            behindUnreadable: this.#behindUnreadable,
            reduced: this.#reduced,
        }
    }

    #join(piece: RowsRead): void {
        const firstRow = this.#totals.records
        const linesBefore = this.#totals.add(piece)
        this.#firstRows[piece.piece + 1] = this.#totals.records
        this.#indexed.push({ runs: piece.runs, linesBefore })
        for (const { row, parentHash } of piece.odd) this.#odd.set(firstRow + row, parentHash)
        if (this.#endsUnreadable && piece.records > 0) this.#behindUnreadable.add(firstRow)
        for (const row of piece.behindUnreadable) this.#behindUnreadable.add(firstRow + row)
        this.#endsUnreadable = piece.endsUnreadable || (this.#endsUnreadable && piece.records === 0)
        for (const { row, hash } of piece.maybeReduced) {
            if (this.#store.reductionFiles.has(hash) && !this.#reduced.has(hash))
                this.#reduced.set(hash, firstRow + row)
        }
        this.#runs += piece.runs.length / 3
        if (this.#odd.size > oddRowsMax || this.#runs > runsMax) throw new GaveUp()
    }
}
