// Sums up what the lines of the pieces say, each for itself, in the order of the log.
import type { Finding } from '../../composition/finding.js'
import type { Findings } from '../../composition/findings.js'
import { LineChecks, type ManyLines } from '../../composition/line-checks.js'
import type { Generation, LogCounts } from '../../composition/record.js'
import type { FileList } from '../../store/listing/list-files.js'
import type { PieceLines } from './piece-result.js'
import { isContinuation, type Piece } from './pieces.js'

export class PieceTotals {
    readonly #files: FileList
    readonly #pieces: readonly Piece[]
    readonly #findings: Findings
    readonly #checks: LineChecks
    /** Lines of the file before the next piece, where that is a part of the same file. */
    #linesBefore = 0
    #sizeBytes = 0
    records = 0
    #events = 0
    #setStates = 0
    #unreadableLines = 0
    readonly #generations: Record<Generation, number> = { '2018-11': 0, '2019-03': 0, '2019-04': 0 }

    constructor(files: FileList, pieces: readonly Piece[], findings: Findings) {
        this.#files = files
        this.#pieces = pieces
        this.#findings = findings
        this.#checks = new LineChecks(findings)
    }

    /** Adds the next piece. Returns how many lines of its file stand before it. */
    add(piece: PieceLines): number {
        const isSameFile = isContinuation(this.#pieces[piece.piece] as Piece, this.#files)
        const before = isSameFile ? this.#linesBefore : 0
        this.#linesBefore = before + piece.lines
        this.#findings.addPacked(piece.findings, (finding) => movedDown(finding, before))
        if (piece.blank) this.#checks.addBlank(placeOf(piece.blank, before), piece.blank.lines)
        if (piece.oldGeneration) {
            this.#checks.addOldGeneration(placeOf(piece.oldGeneration, before), piece.oldGeneration.lines)
        }
        this.#sizeBytes += piece.sizeBytes
        this.records += piece.records
        this.#events += piece.events
        this.#setStates += piece.setStates
        this.#unreadableLines += piece.unreadableLines
        this.#generations['2018-11'] += piece.generations['2018-11']
        this.#generations['2019-03'] += piece.generations['2019-03']
        this.#generations['2019-04'] += piece.generations['2019-04']
        return before
    }

    /** The whole, once all pieces are added. */
    end(): LogCounts {
        this.#checks.afterReading()
        return {
            files: this.#files.length,
            sizeBytes: this.#sizeBytes,
            records: this.records,
            events: this.#events,
            setStates: this.#setStates,
            generations: this.#generations,
            unreadableLines: this.#unreadableLines,
        }
    }
}

function placeOf({ place }: ManyLines, linesBefore: number): () => ManyLines['place'] {
    return () => ({ ...place, ...(place.line !== undefined && { line: place.line + linesBefore }) })
}

function movedDown(finding: Finding, lines: number): Finding {
    const { place } = finding
    return lines === 0 || place?.line === undefined
        ? finding
        : { ...finding, place: { ...place, line: place.line + lines } }
}
