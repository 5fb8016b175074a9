import type { Place } from '../errors.js'
import type { CompositionHash } from './hash.js'
import type { RecordContent } from './record.js'
import type { RecordIndex } from './record-index.js'

/** What is known of the records of a log, and whom to ask for the rest. */
export interface DiagnosisInput {
    readonly table: RecordIndex
    /** Rows that repeat an earlier record, with the row they repeat. */
    readonly copies: ReadonlyMap<number, number>
    readonly placeOf: (row: number) => Place
    /** Whether a reduction bears witness that a record with this hash existed. */
    readonly isReduced: (hash: CompositionHash) => boolean
    /** The same of a record that is not in the log. */
    readonly areReducedGone: () => boolean
    /** What the record in a row says; undefined where that cannot be read any more. */
    readonly contentOf: (row: number) => RecordContent | undefined
    /** Whether the line before a row was too long to be read. */
    readonly isBehindOversized: (row: number) => boolean
}
