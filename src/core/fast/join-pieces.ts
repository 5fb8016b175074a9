// Joins what was read of the pieces, in the order of the log, whatever the order in which they were done.
import type { Findings } from '../composition/findings.js'
import { type CompositionHash, genesis } from '../composition/hash.js'
import { LineChecks, type ManyLines } from '../composition/line-checks.js'
import type { Generation } from '../composition/record.js'
import type { ProcessStore } from '../store/process-store.js'
import type { FollowedLog, Mark } from './followed-log.js'
import { addFindings } from './piece-findings.js'
import type { PieceMark, PieceRead } from './piece-result.js'
import { type Piece, isContinuation } from './pieces.js'

export class PieceJoiner {
    readonly #store: ProcessStore
    readonly #pieces: readonly Piece[]
    readonly #findings: Findings
    readonly #checks: LineChecks
    /** Pieces that are done before one in front of them is. */
    readonly #waiting = new Map<number, PieceRead>()
    #next = 0
    /** Lines of the file before the next piece, where that is a part of the same file. */
    #linesBefore = 0
    #records = 0
    #events = 0
    #setStates = 0
    #unreadableLines = 0
    readonly #generations: Record<Generation, number> = { '2018-11': 0, '2019-03': 0, '2019-04': 0 }
    readonly #marks: Mark[] = []
    readonly #reduced = new Map<CompositionHash, number>()
    #head = genesis
    #oldestParent = genesis

    constructor(store: ProcessStore, pieces: readonly Piece[], findings: Findings) {
        this.#store = store
        this.#pieces = pieces
        this.#findings = findings
        this.#checks = new LineChecks(findings)
    }

    /** False where the first record of a piece is not the child of the last one before it. */
    take(piece: PieceRead): boolean {
        this.#waiting.set(piece.piece, piece)
        for (;;) {
            const next = this.#waiting.get(this.#next)
            if (next === undefined) return true
            this.#waiting.delete(this.#next)
            if (!this.#join(next)) return false
            this.#next += 1
        }
    }

    /** The pieces that were not taken. */
    get missing(): readonly number[] {
        return [...this.#pieces.keys()].filter((piece) => piece >= this.#next && !this.#waiting.has(piece))
    }

    get isComplete(): boolean {
        return this.#next === this.#pieces.length
    }

    /** The whole, once it is complete. */
    end(): Omit<FollowedLog, 'piecesByHelpers'> {
        this.#checks.afterReading()
        const { logFiles } = this.#store
        return {
            counts: {
                files: logFiles.length,
                sizeBytes: logFiles.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
                records: this.#records,
                events: this.#events,
                setStates: this.#setStates,
                generations: this.#generations,
                unreadableLines: this.#unreadableLines,
            },
            length: this.#records,
            head: this.#head,
            oldestParent: this.#oldestParent,
            reduced: this.#reduced,
            marks: this.#marks,
        }
    }

    #join(piece: PieceRead): boolean {
        const { link } = piece
        const isSameFile = isContinuation(this.#pieces[piece.piece] as Piece, this.#store.logFiles)
        if (!isSameFile) this.#linesBefore = 0
        const before = this.#linesBefore
        this.#linesBefore += piece.lines
        addFindings(piece, before, this.#findings)
        if (piece.blank) this.#checks.addBlank(placeOf(piece.blank, before), piece.blank.lines)
        if (piece.oldGeneration) {
            this.#checks.addOldGeneration(placeOf(piece.oldGeneration, before), piece.oldGeneration.lines)
        }
        this.#unreadableLines += piece.unreadableLines
        if (link === undefined) return true
        if (this.#records === 0) this.#oldestParent = link.firstParent
        else if (link.firstParent !== this.#head) return false
        for (const mark of piece.marks) this.#mark(mark, before)
        this.#head = link.lastHash
        this.#records += piece.records
        this.#events += piece.events
        this.#setStates += piece.setStates
        this.#generations['2018-11'] += piece.generations['2018-11']
        this.#generations['2019-03'] += piece.generations['2019-03']
        this.#generations['2019-04'] += piece.generations['2019-04']
        return true
    }

    #mark({ maybeReduced, ...mark }: PieceMark, linesBefore: number): void {
        const position = mark.position + this.#records
        if (maybeReduced !== undefined && this.#store.reductionFiles.has(maybeReduced)) {
            this.#reduced.set(maybeReduced, position)
        }
        this.#marks.push({ ...mark, position, lineNumber: mark.lineNumber + linesBefore })
    }
}

function placeOf({ place }: ManyLines, linesBefore: number): () => ManyLines['place'] {
    return () => ({ ...place, ...(place.line !== undefined && { line: place.line + linesBefore }) })
}
