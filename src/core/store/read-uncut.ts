// Another process may cut the log, or store and remove reductions, while somebody reads the store. What the
// reader saw then was there at no moment, so an error in it says nothing: it looks again.
import { stat } from 'node:fs/promises'

import type { Finding, FindingId } from '../composition/finding.js'
import { ComplogError, isSystemError } from '../errors.js'
import { attemptIfThere } from '../file-system-error.js'
import { identityOf } from './listing/list-files.js'
import { NamedFiles } from './listing/named-files.js'
import { hasUnseen, UnseenFiles } from './listing/unseen-files.js'
import { type ListedStore, openProcessStore, type ProcessStore } from './process-store.js'

/** How to tell that a store was cut while it was read. */
export interface ReadUncutOptions<T> {
    /** Whether a result may come of a log that was cut meanwhile. */
    readonly isSuspect?: ((result: T) => boolean) | undefined
    /** How often to look at most; default: many times. */
    readonly roundsMax?: number | undefined
}

const roundsMaxDefault = 20

/** Found in names, or in lines and reductions that are there: they say nothing of what is not. */
const ofWhatIsThere: ReadonlySet<FindingId> = new Set([
    'blank-line',
    'byte-order-mark',
    'carriage-return',
    'events-ignored-by-host',
    'foreign-file',
    'generation-refused-by-host',
    'later-log-file',
    'lone-surrogate',
    'reduction-form',
    'set-state-ignored-by-host',
] as const)

/** Whether one of some findings may come of a log that was cut while it was read. */
export function mayComeOfCut(findings: readonly Finding[]): boolean {
    return findings.some(({ id }) => !ofWhatIsThere.has(id))
}

/**
 * Does some work that only reads a store, and once more where it was cut meanwhile and the work failed or
 * found something wrong.
 * @param opened the store as it was found
 * @throws ComplogError `store-changed` where it was cut in every round; what `openProcessStore` and the work
 * throw
 */
export async function readUncut<T, Store extends ListedStore = ProcessStore>(
    opened: Store,
    work: (store: NoInfer<Store> | ProcessStore) => Promise<T>,
    { isSuspect = () => false, roundsMax = roundsMaxDefault }: ReadUncutOptions<T> = {},
): Promise<T> {
    const { layout, limits } = opened
    let store: Store | ProcessStore | undefined = opened
    for (let round = 1; ; round++) {
        let cause: unknown
        try {
            store ??= await openProcessStore(layout.path, limits)
            const result = await work(store)
            if (!isSuspect(result) || !(await wasCut(store))) return result
        } catch (error) {
            if (error instanceof UnseenFiles) {
                store = undefined
                continue
            }
            // Least of all a sync that failed: the work may have replaced files itself.
            if (isOfBrokenDisk(error)) throw error
            if (!(store === undefined ? isOfMissingFile(error) : await wasCut(store))) throw error
            cause = error
        }
        if (round >= roundsMax) throw cutMeanwhile(layout.path, cause)
        store = undefined
    }
}

/** Whether a listed file is gone, shorter, or another one. What was appended or is new does no harm. */
async function wasCut(store: ListedStore): Promise<boolean> {
    // What was listed first counts as well: the rest of the listing may be younger than the cut.
    if (store.grown !== undefined && (await wasCut(store.grown))) return true
    const { reductionFiles } = store
    // Nobody knows what they were.
    if (hasUnseen(store.logFiles)) return true
    if (reductionFiles instanceof NamedFiles && !reductionFiles.isListed) return true
    const reductions = [...reductionFiles.values()]
    // Only the whole listing can tell which of the names counts.
    if (reductionFiles instanceof NamedFiles && reductionFiles.hasSecondName) return true
    if (reductions.length < reductionFiles.size) return true
    for (const { absolutePath, sizeBytes, identity } of [...store.logFiles, ...reductions]) {
        const stats = await attemptIfThere('look at', absolutePath, () => stat(absolutePath))
        if (stats === undefined || stats.size < sizeBytes || identityOf(stats) !== identity) return true
    }
    return false
}

/** An error of the system that no cut explains. */
function isOfBrokenDisk(error: unknown): boolean {
    return error instanceof ComplogError && error.code === 'file-system' && !isOfMissingFile(error)
}

/** A file that is gone between the listing of its folder and the look at it. */
function isOfMissingFile(error: unknown): boolean {
    const cause = error instanceof ComplogError ? error.cause : undefined
    return isSystemError(cause) && cause.code === 'ENOENT'
}

function cutMeanwhile(path: string, cause: unknown): ComplogError {
    return new ComplogError(
        'store-changed',
        `Another process removed a part of ${path} while it was read, each time that it was tried.`,
        {
            hint: 'A host with --truncate-after-reduction does so. Run the same command again, or let the host store its reductions less often.',
            cause,
        },
    )
}
