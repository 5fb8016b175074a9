// Joins what was read of the pieces, in the order of the log.
import type { Findings } from '../../composition/findings.js'
import { type CompositionHash, genesis } from '../../composition/hash.js'
import type { ProcessStore } from '../../store/process-store.js'
import { hashSizeBytes, Marks, numbersPerMark } from '../pieces/marks.js'
import type { ReadPiece } from '../pieces/piece-result.js'
import { PieceTotals } from '../pieces/piece-totals.js'
import type { Piece } from '../pieces/pieces.js'
import type { FollowedLog } from './followed-log.js'

const digitsPerHash = 2 * hashSizeBytes

export class PieceJoiner {
    readonly #store: ProcessStore
    readonly #totals: PieceTotals
    readonly #marks = new Marks()
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
        this.#enterReduced(piece, recordsBefore)
        this.#marks.addAll(marks, recordsBefore, linesBefore)
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

    #enterReduced({ marks: { numbers }, maybeReduced }: ReadPiece, recordsBefore: number): void {
        const digits = Buffer.from(maybeReduced.buffer).toString('hex').toUpperCase()
        for (let i = 0; i < maybeReduced.length / hashSizeBytes; i++) {
            const hash = digits.slice(i * digitsPerHash, (i + 1) * digitsPerHash) as CompositionHash
            if (!this.#store.reductionFiles.has(hash)) continue
            this.#reduced.set(hash, recordsBefore + (numbers[i * numbersPerMark] as number))
        }
    }
}
