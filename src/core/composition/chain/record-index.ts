// What the diagnosis of a log asks of an index of its records, whoever made it. Rows are numbered from 0 in
// the order of the lines.
import type { Place } from '../../errors.js'
import type { CompositionHash } from '../hash.js'
import type { RecordContent } from '../record.js'

/** Where a record stands. */
export interface RowPlace {
    /** Index of the file in path order. */
    readonly file: number
    readonly line: number
    readonly offsetBytes: number
    readonly sizeBytes: number
}

export interface RecordIndex {
    readonly rows: number
    hash(row: number): CompositionHash
    /** Whether this row's hash begins with these upper-case hex digits. */
    hashStartsWith(row: number, prefix: string): boolean
    parentHash(row: number): CompositionHash
    place(row: number): RowPlace
    /** Whether a line that could not be read stands directly before the record. */
    behindUnreadable(row: number): boolean
    /** The first row with this hash, or -1. */
    find(hash: CompositionHash): number
    /** The first row whose hash is the parent of this row, or -1. */
    findParent(row: number): number
}

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
