// Sums up what the lines of the pieces say, each for itself, in the order of the log.
import type { Findings } from '../../composition/findings.js'
import { LineChecks, type ManyId } from '../../composition/line-checks.js'
import { type Generation, generations, type LogCounts } from '../../composition/record.js'
import type { Place } from '../../errors.js'
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
    readonly #sums = { sizeBytes: 0, records: 0, events: 0, setStates: 0, unreadableLines: 0 }
    readonly #generations: Record<Generation, number> = { '2018-11': 0, '2019-03': 0, '2019-04': 0 }

    constructor(files: FileList, pieces: readonly Piece[], findings: Findings) {
        this.#files = files
        this.#pieces = pieces
        this.#findings = findings
        this.#checks = new LineChecks(findings)
    }

    /** Those of the pieces so far. */
    get records(): number {
        return this.#sums.records
    }

    /** Adds the next piece. Returns how many lines of its file stand before it. */
    add(piece: PieceLines): number {
        const isSameFile = isContinuation(this.#pieces[piece.piece] as Piece, this.#files)
        const before = isSameFile ? this.#linesBefore : 0
        this.#linesBefore = before + piece.lines
        const placeOf = (place: Place) => ({
            ...place,
            ...(place.line !== undefined && { line: place.line + before }),
        })
        this.#findings.addPacked(piece.findings, (finding) =>
            finding.place === undefined ? finding : { ...finding, place: placeOf(finding.place) },
        )
        for (const [id, { place, lines }] of Object.entries(piece.many))
            this.#checks.addMany(id as ManyId, () => placeOf(place), lines)
        for (const name of ['sizeBytes', 'records', 'events', 'setStates', 'unreadableLines'] as const)
            this.#sums[name] += piece[name]
        for (const generation of generations) this.#generations[generation] += piece.generations[generation]
        return before
    }

    /** The whole, once all pieces are added. */
    end(): LogCounts {
        this.#checks.afterReading()
        return { files: this.#files.length, ...this.#sums, generations: this.#generations }
    }
}
