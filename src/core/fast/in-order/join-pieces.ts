// Joins what was read of the pieces, in the order of the log, whatever the order in which they were done.
import type { Findings } from '../../composition/findings.js'
import { type CompositionHash, genesis } from '../../composition/hash.js'
import type { ProcessStore } from '../../store/process-store.js'
import type { FollowedLog, Mark } from './followed-log.js'
import type { PieceMark, PieceRead } from '../pieces/piece-result.js'
import { PieceTotals } from '../pieces/piece-totals.js'
import type { Piece } from '../pieces/pieces.js'

export class PieceJoiner {
    readonly #store: ProcessStore
    readonly #pieces: readonly Piece[]
    readonly #totals: PieceTotals
    readonly #onJoined: (piece: PieceRead, firstPosition: number) => void
    /** Pieces that are done before one in front of them is. */
    readonly #waiting = new Map<number, PieceRead>()
    #next = 0
    readonly #marks: Mark[] = []
    readonly #reduced = new Map<CompositionHash, number>()
    #head = genesis
    #oldestParent = genesis

    /** @param onJoined takes each piece once all before it were taken, and the position of its first record */
    constructor(
        store: ProcessStore,
        pieces: readonly Piece[],
        findings: Findings,
        onJoined: (piece: PieceRead, firstPosition: number) => void,
    ) {
        this.#onJoined = onJoined
        this.#store = store
        this.#pieces = pieces
        this.#totals = new PieceTotals(store.logFiles, pieces, findings)
    }

    /** False where the first record of a piece is not the child of the last one before it. */
    take(piece: PieceRead): boolean {
        this.#waiting.set(piece.piece, piece)
        for (;;) {
            const next = this.#waiting.get(this.#next)
            if (next === undefined) return true
            this.#waiting.delete(this.#next)
            const firstPosition = this.#totals.records + 1
            if (!this.#join(next)) return false
            this.#next += 1
            this.#onJoined(next, firstPosition)
        }
    }

    /** Whether a piece was taken. */
    has(piece: number): boolean {
        return piece < this.#next || this.#waiting.has(piece)
    }

    get isComplete(): boolean {
        return this.#next === this.#pieces.length
    }

    /** The whole, once it is complete. */
    end(): Omit<FollowedLog, 'piecesByHelpers'> {
        const counts = this.#totals.end()
        return {
            counts,
            length: counts.records,
            head: this.#head,
            oldestParent: this.#oldestParent,
            reduced: this.#reduced,
            marks: this.#marks,
        }
    }

    #join(piece: PieceRead): boolean {
        const { link, marks } = piece
        const recordsBefore = this.#totals.records
        const linesBefore = this.#totals.add(piece)
        if (link === undefined) return true
        if (recordsBefore === 0) this.#oldestParent = link.firstParent
        else if (link.firstParent !== this.#head) return false
        for (const mark of marks) this.#mark(mark, recordsBefore, linesBefore)
        this.#head = link.lastHash
        return true
    }

    #mark({ maybeReduced, ...mark }: PieceMark, recordsBefore: number, linesBefore: number): void {
        const position = mark.position + recordsBefore
        if (maybeReduced !== undefined && this.#store.reductionFiles.has(maybeReduced)) {
            this.#reduced.set(maybeReduced, position)
        }
        this.#marks.push({ ...mark, position, lineNumber: mark.lineNumber + linesBefore })
    }
}
