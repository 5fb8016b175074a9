// Entrance of core/process/: an app whose state outlives every crash. In come events; out come responses,
// each once its record is durable. The app's side is `app-feeder.ts`, the log's `group-commit.ts`.
//
// An app whose state outlives every crash: each update of it is in the log for good before anybody hears of
// it, and after a start the app is back in the state that the world last saw.
import type { Finding } from '../composition/finding.js'
import type { CompositionHash } from '../composition/hash.js'
import { hasLoneSurrogate } from '../composition/record.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import { asError, ComplogError } from '../errors.js'
import { rememberAcceptedChange } from '../restore/accepted-changes.js'
import { appError } from '../restore/app-errors.js'
import { openEndToRestore } from '../restore/known-starts.js'
import { refuseStore } from '../rewrite/outside-store.js'
import { FailedEvents } from '../store/changes/failed-events.js'
import { inTurn } from '../turns.js'
import { isChangeAccepted, type NotUnderstood, notUnderstood } from './accept-change.js'
import { AppFeeder } from './app-feeder.js'
import { type Call, type CallContent, type CallSeries, OpenCalls, RefusedCall, takeBatch } from './calls.js'
import { ChainEnd, recordTooLong } from './chain-end.js'
import { GroupCommit } from './group-commit.js'
import { openForWriting, type StoreForWriting } from './open-for-writing.js'
import type { PersistentProcessOptions } from './process-options.js'
import { ReductionKeeper } from './reduction-keeper.js'
import { defaultReductionInterval, ReductionClock } from './reductions.js'
import { type RestoredInstance, restoreInstance, restoreUpTo } from './restore-instance.js'

/** Bytes that may wait for the disk before no more is fed to the app. */
const waitingSizeBytesMax = 64 * 1024 * 1024

export type { KeeperWork, PersistentProcessOptions, ProcessObserver } from './process-options.js'

interface OpenFiles {
    readonly store: StoreForWriting
    readonly failedEvents: FailedEvents | undefined
}

/** A running app and its store. One process at a time has it. */
export class PersistentProcess {
    /** How long the restore at the start took, in milliseconds, and how many records it replayed. */
    readonly restored: Pick<RestoredInstance, 'records' | 'events' | 'milliseconds'>
    /** What was noticed at the start and stopped nothing, or was accepted. */
    readonly findings: readonly Finding[]
    /** Replayed events that the app did not understand, of those that the state comes of; undefined: none. */
    readonly notUnderstood: NotUnderstood | undefined
    /** Resolves with the error that ended the process; never, where it is closed in peace. */
    readonly died: Promise<unknown>

    readonly #store: StoreForWriting
    readonly #options: PersistentProcessOptions
    readonly #failedEvents: FailedEvents | undefined
    readonly #feeder: AppFeeder
    readonly #chain: ChainEnd
    readonly #commits: GroupCommit
    readonly #reductionClock: ReductionClock
    readonly #reductions: ReductionKeeper
    readonly #waiting: Call[] = []
    readonly #open = new OpenCalls()
    #work: Promise<void> | undefined
    #end: { readonly error: unknown } | undefined
    #hasDied = false
    #reportDeath: (error: unknown) => void = () => undefined

    /**
     * Opens a store and restores the app from it. An empty store starts from the initial state.
     * @param path folder of the process store; made where it is not there
     * @throws ComplogError what `restore` throws, `store-locked`, `file-system`; `state-not-understood` and
     * `events-not-understood` where the app does not understand what it would go on from
     */
    static async open(
        path: string,
        app: LoadedElmApp,
        options: PersistentProcessOptions = {},
    ): Promise<PersistentProcess> {
        const store = await openForWriting(path, options)
        const { failedEventsPath } = options
        let failedEvents: FailedEvents | undefined
        try {
            if (failedEventsPath !== undefined) {
                await refuseStore(store.store, failedEventsPath, '--failed-events')
                failedEvents = await FailedEvents.open(failedEventsPath)
            }
            const restored = await restoreInstance(store.store, app, options)
            const { instance, understanding } = restored
            try {
                const isChanged = isChangeAccepted(understanding, options)
                const process = new PersistentProcess({ store, failedEvents }, restored, { ...options, app })
                if (isChanged) await process.#recordChangedState()
                return process
            } catch (error) {
                await instance.close()
                throw error
            }
        } catch (error) {
            await failedEvents?.close()
            await store.close()
            throw error
        }
    }

    private constructor(
        { store, failedEvents }: OpenFiles,
        restored: RestoredInstance,
        options: PersistentProcessOptions & { readonly app: LoadedElmApp },
    ) {
        const {
            app,
            observer,
            now = () => new Date(),
            reductionInterval = defaultReductionInterval,
        } = options
        this.#store = store
        this.#options = options
        this.#failedEvents = failedEvents
        const { records, events, milliseconds, understanding } = restored
        this.restored = { records, events, milliseconds }
        this.findings = [
            ...store.findings,
            ...restored.findings,
            ...(understanding.unreadState ? [understanding.unreadState] : []),
        ]
        this.notUnderstood = notUnderstood(understanding)
        this.died = new Promise((resolve) => (this.#reportDeath = resolve))
        this.#chain = new ChainEnd(restored.head, store.store.limits.lineSizeBytesMax)
        this.#reductionClock = new ReductionClock(reductionInterval, restored)
        this.#commits = new GroupCommit(store.appender, {
            now,
            // One call, and the app has answered it: who calls next waits for the same disk.
            isIdle: () => this.#open.size === 1,
            onCommitted: (committed) => observer?.onCommitted?.(committed),
            onFailed: (error) => this.#die(error),
        })
        this.#feeder = new AppFeeder(restored.instance, {
            chain: this.#chain,
            commits: this.#commits,
            takesAnyState: options.acceptStateChange,
            restoreAgain: () =>
                this.#whileNobodyReads(async () => {
                    const now = await openEndToRestore(store.lock.root, options.limits)
                    return restoreUpTo(this.#chain.head, now, app)
                }),
            onRecords: (count) => this.#reductionClock.count(count),
            onAppFailed: async (failure, events) => {
                observer?.onAppFailed?.(failure)
                if (events.length === 0) return
                await this.#failedEvents
                    ?.keep(events)
                    .catch((error: unknown) => observer?.onTrouble?.(error, 'failed-events'))
            },
            onReductionWanted: () => this.#reductionClock.hurry(),
        })
        this.#reductions = new ReductionKeeper({
            root: store.lock.root,
            app,
            options,
            clock: this.#reductionClock,
            commits: this.#commits,
            takeReduction: () => this.#feeder.reduce(),
            durable: () => this.#durable(),
            alone: (work) => this.#whileNobodyReads(work),
        })
    }

    /** Hash of the newest record, whether it is on the disk yet or not. */
    get head(): CompositionHash {
        return this.#chain.head
    }

    /** Records since the last reduction. */
    get recordsSinceReduction(): number {
        return this.#reductionClock.recordsSince
    }

    /**
     * Feeds events to the app and appends them as one record. Gives the responses, one an event, once the
     * record is there for good. Rejects with an AppFailure where the app fails, and with a RefusedCall where
     * the record would be too long to be read again (`limit-exceeded`) or an event holds half of a surrogate
     * pair (`usage`): nothing is recorded then, and the state is as it was before. Any other error ends the
     * process.
     * @param series calls of which none is recorded behind one that was rejected
     */
    processEvents(events: readonly string[], series?: CallSeries): Promise<readonly string[]> {
        return this.#call({ events, place: series?.next() })
    }

    /**
     * Sets the app's state and appends a record of that. Rejects with an AppFailure where the app cannot take
     * it, or a RefusedCall; also where the app would not read it as it is given (`state-not-understood`),
     * unless such a change is accepted: the next start would refuse to go on from it.
     */
    async setState(state: string): Promise<void> {
        await this.#call({ events: [], setState: state })
    }

    /** The state, as the app serialises it, once all that led to it is there for good. */
    async serializeState(): Promise<string> {
        if (this.#end !== undefined) throw this.#end.error
        const { value } = await this.#feeder.reduce()
        await this.#durable()
        return value
    }

    /** Stores a reduction of the newest record; nothing where one is there already. */
    reduce(): Promise<void> {
        return this.#reductions.storeNow()
    }

    /**
     * Answers all calls that were made, stores a reduction if asked to, and gives the store back.
     * @throws what ended the process, where it did not come to its end in peace; the store is given back then
     * as well
     */
    async close({ reduce = false }: { readonly reduce?: boolean } = {}): Promise<void> {
        while (this.#work !== undefined) await this.#work
        await this.#commits.settled()
        await this.#reductions.end()
        if (reduce && this.#end === undefined) {
            await this.reduce().catch((error: unknown) =>
                this.#options.observer?.onTrouble?.(error, 'reduction'),
            )
        }
        const death = this.#hasDied ? this.#end : undefined
        this.#end ??= { error: new ComplogError('usage', 'The process was closed.') }
        await this.#feeder.close()
        await this.#failedEvents?.close()
        await this.#store.close()
        if (death !== undefined) throw asError(death.error)
    }

    /** The state that the app has made of another becomes a part of the history before anything else does. */
    async #recordChangedState(): Promise<void> {
        const { value: state } = await this.#feeder.reduce()
        const { lock } = this.#store
        const hash = this.#chain.hashOf({ setState: state })
        await rememberAcceptedChange(lock.root, this.#options.command ?? 'append', hash)
        await this.#call({ events: [], setState: state, isOwnState: true })
    }

    #call(content: CallContent): Promise<readonly string[]> {
        if (this.#end !== undefined) return Promise.reject(asError(this.#end.error))
        const { lineSizeBytesMax } = this.#store.store.limits
        if ([content.setState ?? '', ...content.events].some(hasLoneSurrogate)) {
            content.place?.noteFailure()
            return Promise.reject(new RefusedCall(loneSurrogateInCall(content)))
        }
        if (this.#chain.isTooLong(content)) {
            content.place?.noteFailure()
            return Promise.reject(new RefusedCall(recordTooLong(lineSizeBytesMax)))
        }
        return this.#open.add(content, (call) => {
            this.#waiting.push(call)
            this.#work ??= this.#feedAll()
        })
    }

    async #feedAll(): Promise<void> {
        // Calls that are made in the same moment go together.
        await Promise.resolve()
        try {
            while (this.#waiting.length > 0) {
                await this.#feeder.feed(takeBatch(this.#waiting, this.#feeder.inputsMax))
                if (this.#commits.waitingSizeBytes > waitingSizeBytesMax) await this.#commits.settled()
                this.#reductions.storeIfDue()
            }
        } catch (error) {
            this.#die(error)
        } finally {
            this.#work = undefined
        }
    }

    /** Resolves once all records made until now are there for good; rejects where they never will be. */
    async #durable(): Promise<void> {
        if (this.#end !== undefined) throw this.#end.error
        const written = new Promise<void>((resolve) =>
            this.#commits.add([{ line: Buffer.alloc(0), onDurable: resolve }]),
        )
        const died = this.died.then((error) => Promise.reject(asError(error)))
        await Promise.race([written, died])
    }

    /** For what reads the log of this process, and what removes files of it: one after the other. */
    #whileNobodyReads<T>(work: () => Promise<T>): Promise<T> {
        return inTurn(`log of ${this.#store.lock.root}`, work)
    }

    /**
     * Memory is ahead of the log now, so nothing is answered any more, and only a restart is honest. An
     * AppFailure is what a call hears whose own events are not in the log, so none is passed on here.
     */
    #die(cause: unknown): void {
        if (this.#end !== undefined) return
        const error = appError(cause)
        this.#hasDied = true
        this.#end = { error }
        this.#waiting.length = 0
        this.#open.rejectAll(error)
        this.#reportDeath(error)
    }
}

function loneSurrogateInCall({ setState }: CallContent): ComplogError {
    const what = setState === undefined ? 'An event' : 'The state'
    return new ComplogError(
        'usage',
        `${what} holds half of a surrogate pair, which is no character: a host would read another text from the record. Nothing was recorded.`,
        { hint: 'Send whole characters only, as UTF-8 has them.' },
    )
}
