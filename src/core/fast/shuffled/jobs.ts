// What the threads do with a shuffled log, one job after the other, each in tasks that do not depend on each other; and
// what a task yields. Plain data: it is sent from thread to thread.
import type { CompositionHash } from '../../composition/hash.js'
import type { PieceLines } from '../pieces/piece-result.js'

export type Job = ReadJob | JoinJob | CompareJob | WalkJob | GatherJob | FollowJob

/** Reads the log and enters its rows. A task is a piece. */
export interface ReadJob {
    readonly kind: 'read'
}

/** Finds the row of each parent by its first 64 bits. A task is a group of partitions. */
export interface JoinJob {
    readonly kind: 'join'
    readonly rows: number
    /** Odd and random, so that nobody can choose hashes that end in one partition. */
    readonly key: bigint
    /** Bits of the first 64 that count; all of them but in tests. */
    readonly prefixMask: bigint
    readonly groupBits: number
    readonly partitionBits: number
    /** That a partition has room for. */
    readonly entriesMax: number
    readonly slotBits: number
    readonly tempSizeBytesPerThread: number
}

/** Reads the parents again and compares them as a whole. A task is a piece. */
export interface CompareJob {
    readonly kind: 'compare'
    /** First row of each piece, and the number of all rows behind them. */
    readonly firstRows: Uint32Array
    /** Whether the join went by all of the first 64 bits. */
    readonly prefixesAreEqual: boolean
}

/** Walks from the head to the first record: first to see how far it is, then to number the rows. A task is some walks. */
export interface WalkJob {
    readonly kind: 'go-walks' | 'rank-walks'
    readonly rows: number
    readonly walks: number
    readonly walksPerTask: number
    /** Addresses of the walks, of the marks where they begin, and of room for each task. */
    readonly walksAt: number
    readonly marksAt: number
    readonly activeAt: number
}

/** Copies the lines of a window of the chain to their places. A task is a piece. */
export interface GatherJob {
    readonly kind: 'gather'
    readonly firstRows: Uint32Array
    readonly firstRank: number
    readonly ranks: number
    /** Addresses of the offsets of the lines in the window, by rank, and of the window. */
    readonly offsetsAt: number
    readonly windowAt: number
}

/** Hashes the lines of a window, which stand in chain order, and checks their links. A task is a part of it. */
export interface FollowJob {
    readonly kind: 'follow'
    /** Where each part begins in the window, and where the last one ends. */
    readonly parts: readonly number[]
    readonly windowAt: number
}

export type JobResult =
    RowsRead | GroupJoined | ParentsCompared | Walked | LinesGathered | PartFollowed | GaveUp

/** The fast way cannot say: the reference must. */
export interface GaveUp {
    readonly kind: 'gave-up'
    /** Where that is because a file could not be read. */
    readonly unread?: UnreadFile
}

/** An error of the system, as it can be sent from thread to thread. */
export interface UnreadFile {
    readonly path: string
    readonly code: string
}

export interface RowsRead extends PieceLines {
    readonly kind: 'rows'
    /** Rows on lines one behind the other: number of the first within the piece, its line, its file. */
    readonly runs: Uint32Array
    /** Rows that the scanner did not know, by number within the piece, and what they name as parent. */
    readonly odd: readonly { readonly row: number; readonly parentHash: CompositionHash }[]
    /** Rows, by number within the piece, behind a line that could not be read. */
    readonly behindUnreadable: readonly number[]
    readonly endsUnreadable: boolean
    /** Rows that a reduction may be named after. */
    readonly maybeReduced: readonly { readonly row: number; readonly hash: CompositionHash }[]
}

export interface GroupJoined {
    readonly kind: 'joined'
}

export interface ParentsCompared {
    readonly kind: 'compared'
    readonly piece: number
    /** Rows whose parent no record is, and what they name. */
    readonly unmatched: readonly { readonly row: number; readonly parentHash: CompositionHash }[]
}

export interface Walked {
    readonly kind: 'walked'
}

/** A part of a window of which each record is the child of the one before; absent hashes: it is not. */
export interface PartFollowed {
    readonly kind: 'followed'
    readonly part: number
    readonly records: number
    readonly link: { readonly firstParent: CompositionHash; readonly lastHash: CompositionHash } | undefined
}

export interface LinesGathered {
    readonly kind: 'gathered'
    readonly piece: number
}
