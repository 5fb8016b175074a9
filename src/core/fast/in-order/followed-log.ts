// What following a log in the order of its lines yields, the same as the reference in check/ yields: what is
// counted, the ends of the chain, and places from which reading can begin.
import type { CompositionHash } from '../../composition/hash.js'
import type { LogCounts } from '../../composition/record.js'
import type { Place } from '../../errors.js'
import type { Marks } from '../pieces/marks.js'

export interface FollowedLog {
    readonly counts: LogCounts
    /** Number of records. */
    readonly length: number
    readonly head: CompositionHash
    readonly oldestParent: CompositionHash
    /** Position of each record that a reduction file is named after. */
    readonly reduced: ReadonlyMap<CompositionHash, number>
    /** The first record has one, each that is reduced, and no record is more than 4096 behind one. */
    readonly marks: Marks
    /**
     * Reductions of which there is more to be said than that each is of the record in its name; absent where
     * nobody has looked.
     */
    readonly oddReductions?: ReadonlySet<CompositionHash> | undefined
    /** What was looked for in the lines, in stretches one behind the other; absent where nothing was. */
    readonly looked?: readonly LookedStretch[] | undefined
    /** How many pieces other threads read. */
    readonly piecesByHelpers: number
}

/** Records one behind the other, from one position to another, both included. */
export interface LookedStretch {
    readonly from: number
    readonly to: number
    /** Those that may hold what was looked for; undefined: nobody has looked. */
    readonly found: readonly FoundRecord[] | undefined
}

/** The line of a record as it stands. */
export interface FoundRecord {
    readonly position: number
    readonly hash: CompositionHash
    readonly place: Place
    readonly bytes: Buffer
}
