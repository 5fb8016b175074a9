// What reading one piece of a log yields, in whichever thread: plain data, small, and independent of all
// other pieces. Positions and line numbers count from the piece's own beginning; ../in-order/join-pieces adds
// what came before.
import type { PackedFindings } from '../../composition/findings.js'
import type { CompositionHash } from '../../composition/hash.js'
import type { ManyLines } from '../../composition/line-checks.js'
import type { LogCounts } from '../../composition/record.js'
import type { PackedInputs } from '../../packed-inputs.js'
import type { PackedMarks } from './marks.js'

export type PieceResult = ReadPiece | PieceRefused

/** A piece that ends the fast way through the log. */
export interface PieceRefused {
    readonly kind: 'not-in-order' | 'undecided'
}

/** What the lines of a piece say, each for itself. */
export interface PieceLines extends Omit<LogCounts, 'files'> {
    /** Index of the piece. */
    readonly piece: number
    /** Lines that begin in the last of its files, or in the part of a file that it is. */
    readonly lines: number
    /** What was found in single lines, as `LineChecks` tells it. */
    readonly findings: PackedFindings
    readonly many: ManyLines
}

/** A piece of which each record is the child of the one before. */
export interface ReadPiece extends PieceLines {
    readonly kind: 'read'
    /** What its first record names as parent, and the hash of its last; absent where it has no record. */
    readonly link?: { readonly firstParent: CompositionHash; readonly lastHash: CompositionHash }
    /** Places from which reading can begin, at most 4096 records apart, and perhaps reduced records. */
    readonly marks: PackedMarks
    /** The hashes of the same records, 32 bytes each; none where there are no reductions. */
    readonly maybeReduced: Uint8Array
    /** What its records hold for the app, where that was asked for. */
    readonly inputs?: PackedInputs | undefined
    /** Lines that may hold what is looked for; absent where nobody has looked. */
    readonly found?: FoundLines | undefined
}

/** Lines of records, packed. */
export interface FoundLines {
    readonly marks: PackedMarks
    /** 32 bytes each. */
    readonly hashes: Uint8Array
    /** Of each line, without its line end. */
    readonly sizesBytes: Uint32Array
    /** One behind the other. */
    readonly bytes: Uint8Array
}
