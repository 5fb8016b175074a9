// Keeps the next restore of a persistent process short: stores reductions in their time, beside the requests.
// And the log itself, where that is wished: what came before a stored reduction is dropped, with the
// guarantees of `truncate`. Requests wait only while the file that is appended to loses its beginning.
import { shortHash } from '../composition/hash.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { Reduction } from '../reduction/reduction.js'
import { rethrowAppError, withInstance } from '../restore/app-errors.js'
import { isSameState } from '../restore/same-state.js'
import { planTruncate } from '../rewrite/truncate/plan-truncate.js'
import { proveChainAfter } from '../rewrite/truncate/prove-truncate.js'
import { truncateAsWriter } from '../rewrite/truncate/truncate-as-writer.js'
import { isNothingToRemove, type ProvablePlan } from '../rewrite/truncate/truncate-plan.js'
import { assertSameReductions } from '../store/changes/unchanged.js'
import { lockStore, refuseWhileLocked } from '../store/durable/store-lock.js'
import { isFinding, openProcessStore, type ProcessStore, readReduction } from '../store/process-store.js'
import { refuseBehindAccepted } from './accept-change.js'
import type { GroupCommit } from './group-commit.js'
import type { KeeperWork, PersistentProcessOptions, ShortenedLog } from './process-options.js'
import { ProvenReductions } from './proven-reductions.js'
import { ReductionPruner } from './prune-reductions.js'
import { type ReductionClock, storeReduction } from './reductions.js'

export interface ReductionKeeperOptions {
    /** Folder of the process store. */
    readonly root: string
    readonly app: LoadedElmApp
    readonly options: PersistentProcessOptions
    readonly clock: ReductionClock
    readonly commits: GroupCommit
    /** Of the newest record. */
    readonly takeReduction: () => Promise<Reduction>
    /** Resolves once all records made until now are there for good. */
    readonly durable: () => Promise<void>
    /** Runs what removes files of the log, while nobody else of this process reads them. */
    readonly alone: (work: () => Promise<void>) => Promise<void>
}

export class ReductionKeeper {
    readonly #options: ReductionKeeperOptions
    /** What another writer is told that it waits for. */
    readonly #command: string
    readonly #pruner = new ReductionPruner()
    readonly #proven: ProvenReductions
    readonly #ending = new AbortController()
    #underWay: Promise<void> | undefined
    /** What would be dropped may be needed by another version of the app. */
    #mustKeepLog = false

    constructor(options: ReductionKeeperOptions) {
        this.#options = options
        this.#command = options.options.command ?? 'append'
        this.#proven = new ProvenReductions(options.options.keepReductions ?? 1)
    }

    /** Begins to store one if it is due. Never rejects, never waits. */
    storeIfDue(): void {
        if (this.#options.clock.isDue) this.#underWay ??= this.#storeOrTell()
    }

    /** Resolves when nothing is being stored. */
    async settled(): Promise<void> {
        while (this.#underWay !== undefined) await this.#underWay
    }

    /** The same, and does not begin what may take long, or ends it between two of its steps. */
    async end(): Promise<void> {
        this.#ending.abort()
        await this.settled()
    }

    /** Stores a reduction of the newest record, if there were records since the last one. */
    async storeNow(): Promise<void> {
        await this.settled()
        if (this.#options.clock.recordsSince === 0) return
        await this.#store()
        await this.#prune()
    }

    async #storeOrTell(): Promise<void> {
        const { observer, truncateAfterReduction } = this.#options.options
        let during: KeeperWork = 'reduction'
        try {
            const newest = await this.#store()
            if (truncateAfterReduction !== true || this.#mustKeepLog) await this.#prune()
            else {
                during = 'truncation'
                const shortened = await this.#shorten(newest)
                if (shortened !== undefined) observer?.onTruncated?.(shortened)
            }
        } catch (error) {
            // Only a command can change that, and none of those runs beside this process.
            this.#mustKeepLog ||= error instanceof ComplogError && error.code === 'state-not-understood'
            const isEnded = during === 'truncation' && this.#ending.signal.aborted
            if (!isEnded) observer?.onTrouble?.(error, during)
        } finally {
            this.#underWay = undefined
            // What became due meanwhile must not wait for a record that may never come.
            if (!this.#ending.signal.aborted) this.storeIfDue()
        }
    }

    async #store(): Promise<Reduction> {
        const { clock, durable, root, options } = this.#options
        const begin = performance.now()
        // Also where it fails: the next try is due in its own time.
        clock.restart()
        const newest = await this.#options.takeReduction()
        // A reduction of a record that a crash then takes away would say that records were lost.
        await durable()
        await storeReduction(root, this.#command, newest)
        this.#pruner.noteStored(newest.hash)
        options.observer?.onReduced?.(newest.hash, performance.now() - begin)
        return newest
    }

    async #prune(): Promise<void> {
        const { keepReductions } = this.#options.options
        if (keepReductions !== undefined) await this.#pruner.prune(await this.#openStore(), keepReductions)
    }

    /**
     * Drops the records before the oldest reduction that is to be kept; nothing as long as there are not so
     * many.
     * @param newest what was stored just now
     * @returns what was dropped; undefined where there was nothing to drop
     * @throws ComplogError what `ProvenReductions`, `planTruncate` and `truncateAsWriter` throw,
     * `store-locked`, `store-changed`, `state-not-understood` where what would go may be needed by another
     * version of the app
     */
    async #shorten(newest: Reduction): Promise<ShortenedLog | undefined> {
        const { root, app } = this.#options
        const { signal } = this.#ending
        const begin = performance.now()
        const store = await this.#openStore()
        await this.#proven.add(store, newest)
        // Nobody else takes anything out of this store, so a proof needs no lock, and long ones keep no other
        // command from storing a reduction.
        await refuseWhileLocked(root, 'reductions')
        const oldest = await this.#proven.oldest(store)
        if (oldest === undefined) return undefined
        const plan = await planTruncate(store, { kind: 'hash', prefix: oldest }, { signal, isOwner: true })
        if (isNothingToRemove(plan)) return undefined
        await refuseBehindAccepted(root, plan.checked.longest, plan.target.position)
        await proveChainAfter(plan, { signal })
        await proveRoundTrip(plan, app)
        signal.throwIfAborted()
        using lock = await lockStore(root, this.#command, 'reductions')
        await assertSameReductions(store)
        let waitedMilliseconds = 0
        const replaceFile = (replace: () => Promise<void>) =>
            this.#options.commits.replaceFile(async () => {
                const paused = performance.now()
                await replace()
                waitedMilliseconds = performance.now() - paused
            })
        await this.#options.alone(() => truncateAsWriter(plan, { app, lock, replaceFile, signal }))
        return {
            oldest: plan.target.hash,
            records: plan.records.removed,
            sizeBytes: plan.bytes.removed,
            milliseconds: performance.now() - begin,
            waitedMilliseconds,
        }
    }

    /** At a moment in which nothing is being written to it. */
    #openStore(): Promise<ProcessStore> {
        const { root, options, commits } = this.#options
        return commits.whileQuiet(() => openProcessStore(root, options.limits))
    }
}

/**
 * Once the records are gone, the next start has nothing but the reduction. So another instance of the app,
 * which knows nothing else, must read it, and write it as it was.
 */
async function proveRoundTrip({ store, target }: ProvablePlan, app: LoadedElmApp): Promise<void> {
    const stored = await readReduction(store, target.hash)
    if (stored !== undefined && !isFinding(stored)) {
        const value = await withInstance(app, (instance) => instance.roundTrip(stored.value)).catch(
            rethrowAppError,
        )
        if (isSameState(value, stored.value)) return
    }
    throw new ComplogError(
        'reduction-differs',
        `The app does not read the reduction of ${shortHash(target.hash)}… as it wrote it. Nothing was removed.`,
        { place: target.place, hint: 'Its next start would find another state: mend how it reads it.' },
    )
}
