// Keeps the next restore of a persistent process short: stores reductions in their time, beside the requests.
// And the log itself, where that is wished.
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { Reduction } from '../reduction/reduction.js'
import { openProcessStore, type ProcessStore } from '../store/process-store.js'
import type { GroupCommit } from './group-commit.js'
import type { KeeperWork, PersistentProcessOptions } from './process-options.js'
import { ProvenReductions } from './proven-reductions.js'
import { ReductionPruner } from './prune-reductions.js'
import { type ReductionClock, storeReduction } from './reductions.js'
import { shortenLog } from './shorten-log.js'

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
                await this.#shorten(newest)
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

    async #shorten(newest: Reduction): Promise<void> {
        const { root, app, options, commits, alone } = this.#options
        const shortened = await shortenLog({
            root,
            command: this.#command,
            app,
            proven: this.#proven,
            newest,
            openStore: () => this.#openStore(),
            replaceFile: (replace) => commits.replaceFile(replace),
            alone,
            signal: this.#ending.signal,
        })
        if (shortened !== undefined) options.observer?.onTruncated?.(shortened)
    }

    /** At a moment in which nothing is being written to it. */
    #openStore(): Promise<ProcessStore> {
        const { root, options, commits } = this.#options
        return commits.whileQuiet(() => openProcessStore(root, options.limits))
    }
}
