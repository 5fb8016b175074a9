// The app's side of a persistent process: feeds calls to the app and makes a record of each, ahead of the
// disk. Where the app fails on a call, brings it back into the state before it.
import { AppFailure, type BatchResult, type ElmAppInstance } from '../elm-app/elm-app.js'
import type { Reduction } from '../reduction/reduction.js'
import { isSameState } from '../restore/same-state.js'
import {
    batchOfCalls,
    type Call,
    callOfInput,
    inputsPerBatchMax,
    refusedState,
    responsesOf,
    withoutUnwanted,
} from './calls.js'
import type { ChainEnd } from './chain-end.js'
import type { GroupCommit, PendingRecord } from './group-commit.js'

/** Characters of all answers to one batch, about. */
const answeredCharactersMax = 32 * 1024 * 1024

/** Inputs of the batches behind one that was too much for the app's memory, as a part of its calls. */
const inputsMaxCut = 0.25
/** By how many inputs a batch may grow with each one of the largest size that went well. */
const inputsMaxGrowth = 0.1

export interface AppFeederOptions {
    readonly chain: ChainEnd
    readonly commits: GroupCommit
    /** A new instance in the state after all records of the log; called when none waits for the disk. */
    readonly restoreAgain: () => Promise<ElmAppInstance>
    readonly onRecords: (count: number) => void
    /** true: a state is set also where the app does not read it as it is given. */
    readonly takesAnyState?: boolean | undefined
    /** The app failed on the events of a record; none: a state. Awaited before their sender hears of it. */
    readonly onAppFailed: (failure: AppFailure, events: readonly string[]) => Promise<void>
    /** The next restore should not have to begin as far back as the last one. */
    readonly onReductionWanted: () => void
}

export class AppFeeder {
    readonly #options: AppFeederOptions
    #instance: ElmAppInstance
    #inputsMax = 1
    /** Fewer, for a while, where a batch was too much for the app's memory. */
    #inputsMaxOfMemory = inputsPerBatchMax
    /** Settles with the newest use of the app, and never rejects: one use at a time. */
    #turn: Promise<unknown> = Promise.resolve()

    constructor(instance: ElmAppInstance, options: AppFeederOptions) {
        this.#instance = instance
        this.#options = options
    }

    /** How many events and states to feed at once, as far as can be told from the last answers. */
    get inputsMax(): number {
        return Math.min(this.#inputsMax, Math.floor(this.#inputsMaxOfMemory))
    }

    /** Feeds some calls. Their records are on their way to the disk when this returns. */
    feed(calls: readonly Call[]): Promise<void> {
        return this.#inTurn(() => this.#feed(calls))
    }

    /** The state after all that was fed. */
    reduce(): Promise<Reduction> {
        return this.#inTurn(async () => {
            try {
                return { value: await this.#instance.serializeState(), hash: this.#options.chain.head }
            } catch (error) {
                if (error instanceof AppFailure) await this.#restore()
                throw error
            }
        })
    }

    close(): Promise<void> {
        return this.#instance.close()
    }

    async #feed(given: readonly Call[]): Promise<void> {
        const calls = await this.#withoutUnread(withoutUnwanted(given))
        if (calls.length === 0) return
        const batch = batchOfCalls(calls)
        let result: BatchResult
        try {
            result = await this.#instance.apply(batch)
        } catch (error) {
            if (!(error instanceof AppFailure)) throw error
            return this.#feedAround(calls, error)
        }
        const { responses: all = [] } = result
        this.#noteSize(all)
        if (batch.inputs.length >= Math.floor(this.#inputsMaxOfMemory))
            this.#inputsMaxOfMemory += inputsMaxGrowth
        const responses = responsesOf(calls, all)
        this.#options.commits.add(calls.map((call, i) => this.#recordOf(call, responses[i] ?? [])))
    }

    /** Refuses to set states that the app does not read as given: the next start would refuse them. */
    async #withoutUnread(calls: readonly Call[]): Promise<readonly Call[]> {
        if (calls.every(({ setState }) => setState === undefined)) return calls
        const read: Call[] = []
        for (const call of calls) if (await this.#isRead(call)) read.push(call)
        return read
    }

    async #isRead(call: Call): Promise<boolean> {
        const { setState, isOwnState, reject } = call
        const { takesAnyState, onAppFailed } = this.#options
        if (setState === undefined || isOwnState === true || takesAnyState === true) return true
        try {
            const written = await this.#instance.roundTrip(setState)
            if (isSameState(setState, written)) return true
            reject(refusedState(setState, written))
        } catch (error) {
            if (!(error instanceof AppFailure)) throw error
            await this.#restore()
            await onAppFailed(error, [])
            reject(error)
        }
        return false
    }

    /** An app may answer with its whole state: a batch of such answers must not be larger than memory. */
    #noteSize(responses: readonly string[]): void {
        const characters = responses.reduce((sum, { length }) => sum + length, 0)
        const each = Math.max(1, characters / Math.max(1, responses.length))
        this.#inputsMax = Math.min(inputsPerBatchMax, Math.max(1, Math.floor(answeredCharactersMax / each)))
    }

    #recordOf({ setState, events, resolve }: Call, responses: readonly string[]): PendingRecord {
        const line = this.#options.chain.add(setState === undefined ? { events } : { setState })
        this.#options.onRecords(1)
        return { line, onDurable: () => resolve(responses) }
    }

    /** Of a batch on which the app failed, nothing was recorded yet: feeds what can be fed. */
    async #feedAround(calls: readonly Call[], failure: AppFailure): Promise<void> {
        await this.#restore()
        // It failed before these calls came, and could not be restored then.
        if (failure.during === 'serialize') return this.#feed(calls)
        const isTooMuch = calls.length > 1 && failure.kind === 'out-of-memory'
        if (isTooMuch) this.#inputsMaxOfMemory = Math.max(1, calls.length * inputsMaxCut)
        const at = calls.length === 1 ? 0 : callOfInput(calls, failure.inputIndex)
        // What the app was at when its memory was full may not be what filled it: only a call that fails
        // alone is to blame.
        if (isTooMuch || at < 0) {
            for (const call of calls) await this.#feed([call])
            return
        }
        await this.#feed(calls.slice(0, at))
        await this.#refuseFailure(calls[at] as Call, failure)
        await this.#feed(calls.slice(at + 1))
    }

    /** What the app did not survive never enters the log, or every restore would end there. */
    async #refuseFailure(call: Call, failure: AppFailure): Promise<void> {
        call.place?.noteFailure()
        await this.#options.onAppFailed(failure, call.events)
        call.reject(failure)
        // The next failure costs a restore, too: it should not have to begin as far back.
        this.#options.onReductionWanted()
    }

    async #restore(): Promise<void> {
        await this.#options.commits.settled()
        this.#instance = await this.#options.restoreAgain()
    }

    #inTurn<T>(work: () => Promise<T>): Promise<T> {
        const done = this.#turn.then(work)
        this.#turn = done.catch(() => undefined)
        return done
    }
}
