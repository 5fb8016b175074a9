// Joins what was read of the pieces, in the order of the log.
import type { Findings } from '../../composition/findings.js'
import { type CompositionHash, genesis } from '../../composition/hash.js'
import type { ProcessStore } from '../../store/process-store.js'
import type { PieceMark, ReadPiece } from '../pieces/piece-result.js'
import { PieceTotals } from '../pieces/piece-totals.js'
import type { Piece } from '../pieces/pieces.js'
import type { FollowedLog, Mark } from './followed-log.js'

export class PieceJoiner {
    readonly #store: ProcessStore
    readonly #totals: PieceTotals
    readonly #marks: Mark[] = []
    readonly #reduced = new Map<CompositionHash, number>()
    #head = genesis
    #oldestParent = genesis

    constructor(store: ProcessStore, pieces: readonly Piece[], findings: Findings) {
        this.#store = store
        this.#totals = new PieceTotals(store.logFiles, pieces, findings)
    }

    /** Records of the pieces so far. */
    get records(): number {
        return this.#totals.records
    }

    /** Takes the next piece; false where its first record is not the child of the last one before it. */
    take(piece: ReadPiece): boolean {
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

    /** The whole, once it is complete. */
    end(): Omit<FollowedLog, 'piecesByHelpers' | 'oddReductions'> {
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

    #mark({ maybeReduced, ...mark }: PieceMark, recordsBefore: number, linesBefore: number): void {
        const position = mark.position + recordsBefore
        if (maybeReduced !== undefined && this.#store.reductionFiles.has(maybeReduced)) {
            this.#reduced.set(maybeReduced, position)
        }
        this.#marks.push({ ...mark, position, lineNumber: mark.lineNumber + linesBefore })
    }
}
