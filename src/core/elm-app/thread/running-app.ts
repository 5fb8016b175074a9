// Entrance of core/elm-app/thread/: the app as it runs. In comes a published script; out come states and
// responses. The caller's side is here and in `app-thread.ts`, the thread's own in `app-worker.ts`;
// `worker-protocol.ts` is what they say to each other.
//
// The caller's side of the app's thread: hands requests over, keeps the answers in order, and makes sure that
// whatever becomes of the thread, every call ends.
import type { Worker } from 'node:worker_threads'

import { asError, ComplogError } from '../../errors.js'
import { interrupted, throwIfInterrupted } from '../../interruption.js'
import type { Limits } from '../../limits.js'
import type { AppFunctions } from '../source/app-map.js'
import type { UnusableApp } from './app-calls.js'
import { AppFailure, type AppFailureKind, type AppPhase } from './app-failure.js'
import { ended, startAppThread } from './app-thread.js'
import { bytesPerMebibyte, firstInputBeyond, firstPackedBeyond } from './batch-size.js'
import {
    type BatchResult,
    type ElmAppInstance,
    type InputBatch,
    type PackedBatch,
    setStateKind,
} from './instance.js'
import { Watchdog } from './watchdog.js'
import {
    isOfInput,
    type Position,
    SharedProgress,
    type WorkerFailure,
    type WorkerReply,
    type WorkerRequest,
    type WorkerStart,
    type WorkerValue,
} from './worker-protocol.js'

export interface AppRunOptions {
    /** The script with its publish statement. */
    readonly script: string
    /** V8's code of the script, where it was made before; `onMade` gets it where it was not. */
    readonly code?: { readonly made: Uint8Array | undefined; onMade(code: Uint8Array): void } | undefined
    readonly functions: AppFunctions
    readonly limits: Limits
    readonly signal: AbortSignal | undefined
    readonly onAppLog: ((text: string) => void) | undefined
    readonly outlivesThrow?: boolean | undefined
}

/**
 * By how much the process may grow beside the heap, and as much again in ArrayBuffers, while the app works:
 * what it is given and what it answers lie there for a while.
 */
const besideHeapMebibytesMax = 1024

interface PendingCall {
    resolve(value: WorkerValue): void
    reject(error: unknown): void
}

export class RunningApp implements ElmAppInstance {
    readonly #options: AppRunOptions
    readonly #heapBytesMax: number
    readonly #progress = new SharedProgress()
    readonly #watchdog: Watchdog
    readonly #thread: Worker
    readonly #pending: PendingCall[] = []
    readonly #onAbort: () => void
    #started = false
    #ended: { readonly error: Error } | undefined
    #peakHeapBytes = 0
    /** Settles with the newest call, and never rejects. */
    #lastAnswer: Promise<unknown> = Promise.resolve()

    /**
     * Starts the thread and waits for the app's initial state.
     * @throws AppFailure; ComplogError of several codes
     */
    static async start(options: AppRunOptions): Promise<ElmAppInstance> {
        throwIfInterrupted(options.signal)
        const app = new RunningApp(options)
        await app.#call(undefined)
        app.#started = true
        return app
    }

    private constructor(options: AppRunOptions) {
        this.#options = options
        const { script, signal, limits } = options
        const { appHeapMebibytesMax: heapMebibytesMax, eventTimeMillisecondsMax } = limits
        this.#heapBytesMax = heapMebibytesMax * bytesPerMebibyte
        const wantsLog = options.onAppLog !== undefined
        const start: WorkerStart = {
            script,
            code: options.code && { made: options.code.made },
            wantsLog,
            heapMebibytesMax,
            outlivesThrow: options.outlivesThrow === true,
            shared: this.#progress.buffer,
        }
        this.#thread = startAppThread(start, {
            onReply: (reply) => this.#onReply(reply),
            onFailure: (kind, reason) => void this.#fail(kind, reason),
            onTrouble: (error) => void this.#end(error),
        })
        const grownMebibytesMax = 2 * heapMebibytesMax + besideHeapMebibytesMax
        this.#watchdog = new Watchdog({
            read: () => this.#progress.read(),
            millisecondsMax: eventTimeMillisecondsMax,
            onTimeout: (position) =>
                this.#fail('timed-out', `it took longer than ${eventTimeMillisecondsMax} ms`, position),
            grownBytesMax: grownMebibytesMax * bytesPerMebibyte,
            onGrown: (position) => {
                const reason = `the process grew by more than ${grownMebibytesMax} MiB meanwhile`
                this.#fail('out-of-memory', reason, position)
            },
        })
        this.#onAbort = () => {
            if (signal !== undefined) this.#end(interrupted(signal))
        }
        signal?.addEventListener('abort', this.#onAbort)
    }

    get peakHeapBytes(): number {
        return this.#peakHeapBytes
    }

    apply(batch: InputBatch | PackedBatch): Promise<BatchResult> {
        return 'packed' in batch ? this.#applyPacked(batch) : this.#applyInputs(batch)
    }

    #applyInputs(batch: InputBatch): Promise<BatchResult> {
        const { inputs } = batch
        // Copied, since a view is sent along with the whole buffer it looks at.
        const kinds = batch.kinds.slice()
        const inputIndex = firstInputBeyond(inputs, this.#heapBytesMax)
        const phase = kinds[inputIndex] === setStateKind ? 'set-state' : 'event'
        if (inputIndex >= 0) return this.#refuse(phase, inputIndex)
        return this.#call({ kind: 'apply', batch: { ...batch, kinds } }) as Promise<BatchResult>
    }

    #applyPacked(batch: PackedBatch): Promise<BatchResult> {
        const { inputIndex, isState } = firstPackedBeyond(batch.packed, this.#heapBytesMax)
        if (inputIndex >= 0) return this.#refuse(isState ? 'set-state' : 'event', inputIndex)
        return this.#call({ kind: 'apply', batch }) as Promise<BatchResult>
    }

    serializeState(): Promise<string> {
        return this.#call({ kind: 'serialize' }) as Promise<string>
    }

    roundTrip(state: string): Promise<string> {
        if (firstInputBeyond([state], this.#heapBytesMax) >= 0) return this.#refuse('set-state', -1)
        return this.#call({ kind: 'round-trip', state }) as Promise<string>
    }

    keep(name: number): Promise<number> {
        return this.#call({ kind: 'keep', name }) as Promise<number>
    }

    async forget(names: readonly number[]): Promise<void> {
        await this.#call({ kind: 'forget', names })
    }

    serializeKept(name: number): Promise<string> {
        return this.#call({ kind: 'serialize-kept', name }) as Promise<string>
    }

    async goOnFromKept(name: number): Promise<void> {
        await this.#call({ kind: 'go-on-from-kept', name })
    }

    async close(): Promise<void> {
        this.#end(new Error('The app was closed.'))
        await ended(this.#thread)
    }

    #call(request: WorkerRequest | undefined): Promise<WorkerValue> {
        if (this.#ended !== undefined) return Promise.reject(this.#ended.error)
        const answer = new Promise<WorkerValue>((resolve, reject) => this.#pending.push({ resolve, reject }))
        // With two calls under way both are rejected, and a caller who awaits one of them has been told.
        this.#lastAnswer = answer.catch(() => undefined)
        if (request !== undefined) this.#thread.postMessage(request)
        this.#thread.ref()
        this.#watchdog.start()
        return answer
    }

    #onReply(reply: WorkerReply): void {
        if (reply.kind === 'log') this.#progress.afterLog(reply.text)
        if (this.#ended !== undefined) return
        switch (reply.kind) {
            case 'log':
                this.#passLog(reply.text)
                return
            case 'code':
                this.#options.code?.onMade(reply.code)
                return
            case 'done':
                this.#peakHeapBytes = Math.max(this.#peakHeapBytes, reply.heapUsedBytes)
                this.#pending.shift()?.resolve(reply.value)
                if (this.#pending.length === 0) this.#rest()
                return
            case 'failed':
                this.#onFailure(reply.failure)
        }
    }

    /** Nothing is under way: an instance that nobody closes must not keep the process alive. */
    #rest(): void {
        this.#watchdog.stop()
        this.#thread.unref()
    }

    #passLog(text: string): void {
        try {
            this.#options.onAppLog?.(text)
        } catch (error) {
            this.#end(asError(error))
        }
    }

    /**
     * An input that cannot fit is not sent: V8 ends the whole process where one string alone is beyond a
     * heap. What is under way goes first, so that no call but this one is rejected with this input's index.
     */
    #refuse(phase: AppPhase, inputIndex: number): Promise<never> {
        const { appHeapMebibytesMax } = this.#options.limits
        const reason = `what it was to be given does not fit into ${appHeapMebibytesMax} MiB of heap`
        const refusal = this.#lastAnswer.then((): never => {
            throw this.#fail('out-of-memory', reason, { ...this.#progress.read(), phase, inputIndex })
        })
        refusal.catch(() => undefined)
        return refusal
    }

    #onFailure(failure: WorkerFailure): void {
        if (this.#options.outlivesThrow === true && isOfInput(failure)) {
            this.#pending.shift()?.reject(this.#failureOf(failure.kind, failure.message, failure.position))
            if (this.#pending.length === 0) this.#rest()
        } else if ('position' in failure) this.#fail(failure.kind, failure.message, failure.position)
        else this.#end(unusableApp(failure, this.#options.functions))
    }

    #fail(kind: AppFailureKind, reason: string, position?: Position): Error {
        return this.#end(this.#failureOf(kind, reason, position))
    }

    #failureOf(kind: AppFailureKind, reason: string, position = this.#progress.read()): AppFailure {
        const { phase, inputIndex } = position
        // Idle is also what the thread seems while a batch is still being unpacked there.
        const during = phase !== 'idle' ? phase : this.#started ? 'event' : 'start'
        return new AppFailure({ kind, reason, inputIndex, during })
    }

    /** Ends the instance for good, and returns the error that ended it, which may be an earlier one. */
    #end(error: Error): Error {
        if (this.#ended !== undefined) return this.#ended.error
        this.#ended = { error }
        this.#watchdog.stop()
        this.#options.signal?.removeEventListener('abort', this.#onAbort)
        void this.#thread.terminate()
        for (const call of this.#pending.splice(0)) call.reject(error)
        return error
    }
}

// A function that is not there is nearly always one of two mistakes, and both are told apart from a broken
// script.

function unusableApp(problem: UnusableApp, functions: AppFunctions): ComplogError {
    if (problem.kind === 'malformed') {
        return new ComplogError('app-malformed', `The app's script cannot be used: ${problem.message}.`, {
            hint: 'Give the script just as elm make wrote it, neither minified nor cut.',
        })
    }
    const names = problem.keys.map((key) => functions[key as keyof AppFunctions]).join(', ')
    return new ComplogError('app-function-missing', `The compiled app has no ${names}.`, {
        hint:
            'See whether the map file (or the entry module) spells it as the code does. ' +
            "If so, let the module's main reach it: elm make drops what main does not use.",
    })
}
