// What a truncation would do to a store of whatever generation.
import type { CompositionRecord } from '../../check/chain.js'
import type { CheckedStore } from '../../check/check-store.js'
import type { Findings } from '../../composition/findings.js'
import type { CompositionHash, ValueHash } from '../../composition/hash.js'
import { ComplogError, type Place } from '../../errors.js'
import type { ReadLater } from '../../later/reading/read-later.js'
import type { WorkOptions } from '../../progress.js'
import type { FileList, StoreFile } from '../../store/listing/list-files.js'
import type { ProcessStore } from '../../store/process-store.js'
import type { StoreToChange } from '../outside-store.js'

interface PlannedTruncation {
    readonly store: StoreToChange
    /** The reduced record before which all can go. */
    readonly target: { readonly hash: CompositionHash | ValueHash; readonly position: number }
    /** The oldest record that stays: that one, or where only whole files go, the first in its file. */
    readonly oldest: PlannedTruncation['target']
    /** Log files that go as a whole, and records that are files of their own, the oldest first. */
    readonly removedFiles: readonly StoreFile[]
    /** The log file that loses its beginning; absent where the target is the first record of its file. */
    readonly cutFile?: StoreFile
    /** Log files that stay as they are. */
    readonly keptFiles: FileList
    readonly reductionFiles: number
    readonly removedReductions: readonly StoreFile[]
    /** In the order in which they can go: each before those that name it. Absent where no values are kept. */
    readonly removedValues?: readonly StoreFile[]
    /** The file that names the newest of removed records of 2020-05 to 2021-07, where others went on. */
    readonly removedHead?: StoreFile | undefined
    readonly records: { readonly removed: number; readonly kept: number }
    /** Bytes of all files that are named above, and of those that hosts read beside them. */
    readonly bytes: { readonly removed: number; readonly kept: number }
}

/** What can be proven by replay. */
export interface ProvablePlan extends PlannedTruncation {
    readonly store: ProcessStore & StoreToChange
    readonly checked: CheckedStore
    readonly target: CompositionRecord
}

/** Of a store of 2020-05 or later: hosts of that time believe the reduction as well. */
export interface LaterTruncatePlan extends PlannedTruncation {
    readonly read: ReadLater
    readonly removedValues: readonly StoreFile[]
    /** All values that the removed records and reductions name, also those that stay. */
    readonly namedValues: Iterable<StoreFile>
}

/** What a truncation would remove and what would stay. */
export type TruncatePlan = ProvablePlan | LaterTruncatePlan

/** Whether replay can prove it. */
export function isProvable(plan: TruncatePlan): plan is ProvablePlan {
    return 'checked' in plan
}

export function isNothingToRemove({ records, removedReductions }: TruncatePlan): boolean {
    return records.removed === 0 && removedReductions.length === 0
}

/** Who asks for a plan. */
export interface PlanTruncateOptions extends WorkOptions {
    /**
     * true: whoever asks is the one writer of the log, as a host is of its own. It names records by what it
     * knows of them, so a truncation that was killed need not be finished before another one.
     */
    readonly isOwner?: boolean | undefined
}

// Why a truncation is refused, whatever the generation.

/** @throws ComplogError `error-findings` */
export function refuseUnsound({ list, counts }: Findings): void {
    const [worst] = list
    if (worst?.severity !== 'error') return
    throw new ComplogError(
        'error-findings',
        `Nothing is removed from a store with errors. The first of ${counts.error}: ${worst.message}`,
        { place: worst.place, hint: 'Run `complog verify-chain` for all findings, and mend them first.' },
    )
}

export function noLongerThatRecord(position: number, hint: string): ComplogError {
    return new ComplogError(
        'usage',
        `#${position} is no longer the record that it was: the log was truncated, and numbers count from its new beginning.`,
        { hint },
    )
}

/** @param place of what is wrong there */
export function unsoundAfter(place: Place | undefined, hint?: string): ComplogError {
    return new ComplogError('broken-chain', 'The cut store would not be sound. Nothing was removed.', {
        place,
        hint,
    })
}

/** @param what as in "holds …" */
export function notContinued(folder: string, what: string): ComplogError {
    return new ComplogError(
        'output-not-empty',
        `The archive ${folder} holds ${what} these records do not continue.`,
        { hint: 'Name an empty folder, or the archive of earlier truncations of this store.' },
    )
}

/** @param why as the end of a sentence */
export function notAlone(folder: string, why: string): ComplogError {
    return new ComplogError('no-reduction', `The records to archive in ${folder} ${why}`, {
        hint: 'Name the archive of the earlier truncations of this store, which they continue. Where there is none, they can stay.',
    })
}

export function unsoundArchive(folder: string, place: Place | undefined): ComplogError {
    return new ComplogError('broken-chain', `The archive ${folder} is not sound. Nothing was removed.`, {
        place,
        hint: 'Run `complog verify-chain` on it.',
    })
}
