// What the diagnosis of a log asks of an index of its records, whoever made it. Rows are numbered from 0 in
// the order of the lines.
import type { CompositionHash } from './hash.js'

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
