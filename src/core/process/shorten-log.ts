// Keeps the log of a running process short: what came before a stored reduction is dropped, with the
// guarantees of `truncate`. Requests wait only while the file that is appended to loses its beginning.
import { shortHash } from '../composition/hash.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { Reduction } from '../reduction/reduction.js'
import { rethrowAppError } from '../restore/app-errors.js'
import { isSameState } from '../restore/same-state.js'
import { planTruncate } from '../rewrite/truncate/plan-truncate.js'
import { proveChainAfter } from '../rewrite/truncate/prove-truncate.js'
import { truncateAsWriter } from '../rewrite/truncate/truncate-as-writer.js'
import { isNothingToRemove, type ProvablePlan } from '../rewrite/truncate/truncate-plan.js'
import { isFinding, type ProcessStore, readReduction } from '../store/process-store.js'
import { lockStore, refuseWhileLocked } from '../store/store-lock.js'
import { assertSameReductions } from '../store/unchanged.js'
import { refuseBehindAccepted } from './accept-change.js'
import type { ShortenedLog } from './process-options.js'
import type { ProvenReductions } from './proven-reductions.js'

export interface ShortenLogOptions {
    /** Folder of the process store. */
    readonly root: string
    /** What another writer is told that it waits for. */
    readonly command: string
    readonly app: LoadedElmApp
    /** Gets the newest one, too. */
    readonly proven: ProvenReductions
    /** What was stored just now. */
    readonly newest: Reduction
    /** The store at a moment in which nothing is being written to it. */
    readonly openStore: () => Promise<ProcessStore>
    /** See `truncateAsWriter`. */
    readonly replaceFile: (replace: () => Promise<void>) => Promise<void>
    /** Runs what removes files, while nobody else of this process reads the log. */
    readonly alone: (work: () => Promise<void>) => Promise<void>
    readonly signal: AbortSignal
}

/**
 * Drops the records before the oldest reduction that is to be kept; nothing as long as there are not so many.
 * @returns what was dropped; undefined where there was nothing to drop
 * @throws ComplogError what `ProvenReductions`, `planTruncate` and `truncateAsWriter` throw, `store-locked`,
 * `store-changed`, `state-not-understood` where what would go may be needed by another version of the app
 */
export async function shortenLog(options: ShortenLogOptions): Promise<ShortenedLog | undefined> {
    const { root, command, app, newest, proven, openStore, alone, signal } = options
    const begin = performance.now()
    const store = await openStore()
    await proven.add(store, newest)
    // Nobody else takes anything out of this store, so a proof needs no lock, and long ones keep no other
    // command from storing a reduction.
    await refuseWhileLocked(root, 'reductions')
    const oldest = await proven.oldest(store)
    if (oldest === undefined) return undefined
    const plan = await planTruncate(store, { kind: 'hash', prefix: oldest }, { signal, isOwner: true })
    if (isNothingToRemove(plan)) return undefined
    await refuseBehindAccepted(root, plan.checked.longest, plan.target.position)
    await proveChainAfter(plan, { signal })
    await proveRoundTrip(plan, app)
    signal.throwIfAborted()
    const lock = await lockStore(root, command, 'reductions')
    try {
        await assertSameReductions(store)
        let waitedMilliseconds = 0
        const replaceFile = async (replace: () => Promise<void>) => {
            await options.replaceFile(async () => {
                const paused = performance.now()
                await replace()
                waitedMilliseconds = performance.now() - paused
            })
        }
        await alone(() => truncateAsWriter(plan, { app, lock, replaceFile, signal }))
        return {
            oldest: plan.target.hash,
            records: plan.records.removed,
            sizeBytes: plan.bytes.removed,
            milliseconds: performance.now() - begin,
            waitedMilliseconds,
        }
    } finally {
        lock.release()
    }
}

/**
 * Once the records are gone, the next start has nothing but the reduction. So another instance of the app,
 * which knows nothing else, must read it, and write it as it was.
 */
async function proveRoundTrip({ store, target }: ProvablePlan, app: LoadedElmApp): Promise<void> {
    const stored = await readReduction(store, target.hash)
    if (stored !== undefined && !isFinding(stored)) {
        const instance = await app.start().catch(rethrowAppError)
        try {
            const value = await instance.roundTrip(stored.value).catch(rethrowAppError)
            if (isSameState(value, stored.value)) return
        } finally {
            await instance.close()
        }
    }
    throw new ComplogError(
        'reduction-differs',
        `The app does not read the reduction of ${shortHash(target.hash)}… as it wrote it. Nothing was removed.`,
        { place: target.place, hint: 'Its next start would find another state: mend how it reads it.' },
    )
}
