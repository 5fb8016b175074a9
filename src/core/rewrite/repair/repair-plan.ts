// What a repair would do to a store of whatever generation.
import type { Finding } from '../../composition/finding.js'
import type { CompositionHash, ValueHash } from '../../composition/hash.js'
import type { Place } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/list-files.js'
import type { StoreToChange } from '../outside-store.js'
import type { RemovedPart } from './removed-lines.js'

/** What a repair would take out of a log, and put into it. */
export interface RepairPlan {
    readonly store: StoreToChange
    /** The head that the log will have; genesis where it will be empty. */
    readonly head: CompositionHash | ValueHash
    /** Number of records that the log will have. */
    readonly records: number
    /** What becomes of each log file that changes, in the order of the files. */
    readonly parts: readonly RemovedPart[]
    /** Files that go as a whole, and are no log files: reductions of records that leave the log, for one. */
    readonly movedFiles: readonly StoreFile[]
    /** What stays as it is, since no repair is needed for it: warnings and notes. */
    readonly remaining: readonly Finding[]
    /** The worst that would be wrong with the store once each log file is what it is given as, or gone. */
    readonly worstAfter: (
        fileAfter: (file: StoreFile) => StoreFile | undefined,
        options: WorkOptions,
    ) => Promise<{ readonly place?: Place | undefined } | undefined>
}

export function isNothingToRepair({ parts, movedFiles }: Pick<RepairPlan, 'parts' | 'movedFiles'>): boolean {
    return parts.length === 0 && movedFiles.length === 0
}
