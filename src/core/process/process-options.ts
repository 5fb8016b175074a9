// What can be asked of a persistent process, and what it tells of itself.
import type { CompositionHash } from '../composition/hash.js'
import type { AppFailure } from '../elm-app/elm-app.js'
import type { Limits } from '../limits.js'
import type { WorkOptions } from '../progress.js'
import type { Committed } from './group-commit.js'
import type { ReductionInterval } from './reductions.js'

/** How a persistent process keeps its store. */
export interface PersistentProcessOptions extends WorkOptions {
    /** When to store a reduction; default: after an hour of activity. */
    readonly reductionInterval?: ReductionInterval | undefined
    /** How many reductions to keep, at least 1; default: all. */
    readonly keepReductions?: number | undefined
    /**
     * After each reduction that is stored at the interval, drop the records before the oldest of the
     * reductions that are to be kept, or before that very one where all would be. Only those that this
     * process has stored count.
     */
    readonly truncateAfterReduction?: boolean | undefined
    /**
     * true: goes on although the app does not read the state to start from as it was written. The state that
     * it makes of it becomes a record of the log first, and nothing before that record is removed by this
     * process or a later one.
     */
    readonly acceptStateChange?: boolean | undefined
    /** true: goes on likewise although the app answered too many replayed events with a decodeError. */
    readonly acceptDecodeErrors?: boolean | undefined
    /** File outside of the store for events on which the app fails, as JSON strings, one a line. */
    readonly failedEventsPath?: string | undefined
    readonly limits?: Partial<Limits> | undefined
    /** What another writer is told that the store is locked by; default: append. */
    readonly command?: string | undefined
    /** The clock that names the files of the log; default: the machine's. */
    readonly now?: (() => Date) | undefined
    readonly observer?: ProcessObserver | undefined
}

/** Whoever wants to know what a persistent process does. None of these may throw. */
export interface ProcessObserver {
    readonly onCommitted?: (committed: Committed) => void
    readonly onReduced?: (hash: CompositionHash, milliseconds: number) => void
    readonly onTruncated?: (truncated: ShortenedLog) => void
    /** The app failed on the events of one record, or on a state. State and log are as they were before. */
    readonly onAppFailed?: (failure: AppFailure) => void
    /** Trouble that stops nothing: a reduction, a truncation, or a failed event that could not be kept. */
    readonly onTrouble?: (error: unknown, during: KeeperWork) => void
}

/** What a persistent process does beside its calls. */
export type KeeperWork = 'reduction' | 'truncation' | 'failed-events'

/** What was dropped from the beginning of the log. */
export interface ShortenedLog {
    /** The record that is the oldest one now. */
    readonly oldest: CompositionHash
    readonly records: number
    readonly sizeBytes: number
    readonly milliseconds: number
    /** How long nothing could be appended. */
    readonly waitedMilliseconds: number
}

/** How a store is opened by the one who is going to append to it. */
export type OpenOptions = WorkOptions & Pick<PersistentProcessOptions, 'limits' | 'command'>
