// Entrance of core/condition/: whether an expression of JavaScript is true of a place in the history. In come
// an expression and what it may look at, as texts; out comes yes or no for each. It runs in a thread with the
// permissions and the bounds of an app (`condition-worker.ts`).
import { Worker } from 'node:worker_threads'

import { ended } from '../elm-app/thread/app-thread.js'
import { bytesPerMebibyte } from '../elm-app/thread/batch-size.js'
import { threadPermissions } from '../elm-app/thread/thread-permissions.js'
import { Watchdog } from '../elm-app/thread/watchdog.js'
import { SharedProgress } from '../elm-app/thread/worker-protocol.js'
import { ComplogError } from '../errors.js'
import { interrupted, throwIfInterrupted } from '../interruption.js'
import { defaultLimits, type Limits } from '../limits.js'
import type { PackedInputs } from '../packed-inputs.js'
import { workerExtension, workerFlags } from '../worker-flags.js'
import {
    type ConditionFailure,
    type ConditionName,
    type ConditionReply,
    type ConditionRequest,
    type ConditionStart,
    type ConditionValues,
    conditionNames,
} from './condition-protocol.js'

export { type ConditionName, type ConditionValues, conditionNames } from './condition-protocol.js'

/** What an expression may look at, and what bounds it. */
export interface ConditionOptions {
    /** Whose expression it is, to begin a message with; default: `--where`. */
    readonly flag?: string | undefined
    /** What it is called in a message; default: itself. */
    readonly shown?: string | undefined
    /** What there is to look at. An expression that looks at something else fails, and is told this. */
    readonly available?: readonly ConditionName[] | undefined
    /** Why the others are not available, as a sentence. */
    readonly unavailable?: string | undefined
    readonly limits?: Partial<Limits> | undefined
    readonly signal?: AbortSignal | undefined
}

/** By how much the process may grow beside the heap: what is tested lies there for a while. */
const besideHeapMebibytesMax = 1024
const workerFile = new URL(`./condition-worker${workerExtension}`, import.meta.url)

/** Which of these an expression may look at: names in it that are no fields of something else. */
export function namesIn(expression: string): ReadonlySet<ConditionName> {
    return new Set(
        conditionNames.filter((name) => new RegExp(`(?<![.\\w$])${name}(?![\\w$])`).test(expression)),
    )
}

/** What a place is called in a message, such as `record #12`, by its index. */
export type NameOf = (index: number) => string | Promise<string>

interface Call {
    readonly nameOf: NameOf
    resolve(hits: Uint8Array): void
    reject(error: Error): void
}

/** An expression in a thread of its own. */
export class Condition {
    /** What need be given to be tested. */
    readonly needs: ReadonlySet<ConditionName>
    readonly #name: string
    readonly #limits: Limits
    readonly #signal: AbortSignal | undefined
    readonly #progress = new SharedProgress()
    readonly #watchdog: Watchdog
    readonly #thread: Worker
    readonly #calls: Call[] = []
    readonly #onAbort: () => void
    #ended: Error | undefined

    /** @throws ComplogError `condition-failed` where it is no expression; `interrupted` */
    static async start(expression: string, options: ConditionOptions = {}): Promise<Condition> {
        throwIfInterrupted(options.signal)
        const condition = new Condition(expression, options)
        // The thread answers once for its start.
        await condition.#call(() => 'the start')
        return condition
    }

    private constructor(expression: string, options: ConditionOptions) {
        const { flag = '--where', available = conditionNames, unavailable = '', signal } = options
        this.needs = namesIn(expression)
        this.#name = `${flag} '${options.shown ?? expression}'`
        this.#limits = { ...defaultLimits, ...options.limits }
        this.#signal = signal
        const { appHeapMebibytesMax, eventTimeMillisecondsMax } = this.#limits
        const start: ConditionStart = {
            expression,
            available,
            missing: conditionNames.filter((name) => !available.includes(name)),
            unavailable,
            shared: this.#progress.buffer,
        }
        this.#thread = this.#startThread(start)
        this.#watchdog = new Watchdog({
            read: () => this.#progress.read(),
            millisecondsMax: eventTimeMillisecondsMax,
            onTimeout: ({ inputIndex }) => {
                this.#fail(this.#tooLong(), inputIndex)
            },
            grownBytesMax: (2 * appHeapMebibytesMax + besideHeapMebibytesMax) * bytesPerMebibyte,
            onGrown: ({ inputIndex }) => {
                this.#fail(this.#tooMuch(), inputIndex)
            },
        })
        this.#onAbort = () => {
            if (signal !== undefined) this.#end(interrupted(signal))
        }
        signal?.addEventListener('abort', this.#onAbort)
    }

    /**
     * Says of each place whether the expression is true of it: 1 or 0. One call after the other.
     * @param places of those of which only the event is looked at, the event is enough
     * @throws ComplogError `condition-failed` where the expression throws, takes too long, or needs too much
     * memory; from then on each call
     */
    test(places: readonly (ConditionValues | string)[], nameOf: NameOf): Promise<Uint8Array> {
        return this.#ask({ places }, nameOf)
    }

    /**
     * The same of packed events. States to be set among them are no places: it is true of none. Their memory
     * must stay as it is until the answer is there.
     */
    testPacked(packed: PackedInputs, nameOf: NameOf): Promise<Uint8Array> {
        return this.#ask({ packed }, nameOf)
    }

    async close(): Promise<void> {
        this.#end(new Error('The condition was closed.'))
        await ended(this.#thread)
    }

    #startThread(start: ConditionStart): Worker {
        const isBuilt = workerExtension === '.js'
        const thread = new Worker(workerFile, {
            name: 'condition',
            env: {},
            execArgv: isBuilt ? [...threadPermissions(), '--no-warnings'] : workerFlags(),
            workerData: start,
            resourceLimits: { maxOldGenerationSizeMb: this.#limits.appHeapMebibytesMax },
            stdout: true,
            stderr: true,
        })
        thread.on('message', (reply: ConditionReply) => this.#onReply(reply))
        thread.on('error', (error: Error & { readonly code?: unknown }) => {
            const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            this.#fail(
                isFull ? this.#tooMuch() : { message: error.message },
                this.#progress.read().inputIndex,
            )
        })
        thread.on('exit', () => this.#fail({ message: 'its thread ended by itself' }, -1))
        return thread
    }

    #ask(request: ConditionRequest, nameOf: NameOf): Promise<Uint8Array> {
        const answer = this.#call(nameOf)
        if (this.#ended === undefined) this.#thread.postMessage(request)
        return answer
    }

    #call(nameOf: NameOf): Promise<Uint8Array> {
        if (this.#ended !== undefined) return Promise.reject(this.#ended)
        return new Promise((resolve, reject) => {
            this.#calls.push({ nameOf, resolve, reject })
            this.#thread.ref()
            this.#watchdog.start()
        })
    }

    #onReply(reply: ConditionReply): void {
        if (this.#ended !== undefined) return
        if ('failure' in reply) {
            this.#fail(reply.failure, reply.index)
            return
        }
        this.#calls.shift()?.resolve(reply.hits)
        if (this.#calls.length > 0) return
        this.#watchdog.stop()
        this.#thread.unref()
    }

    #tooLong(): ConditionFailure {
        const bound = `${this.#limits.eventTimeMillisecondsMax} ms`
        return {
            message: `it took longer than ${bound}`,
            hint: 'If it needs longer, raise --event-timeout. A regular expression such as (a+)+$ can try for ever.',
        }
    }

    #tooMuch(): ConditionFailure {
        const message = `it needs more than ${this.#limits.appHeapMebibytesMax} MiB of memory`
        return { message, hint: 'If it needs more, raise --app-heap.' }
    }

    #fail(failure: ConditionFailure, index: number): void {
        if (this.#ended !== undefined) return
        const name = index < 0 ? undefined : this.#calls[0]?.nameOf(index)
        if (name === undefined || typeof name === 'string') {
            this.#end(this.#errorOf(failure, name))
            return
        }
        // Those who wait go on waiting until it is known what to say.
        const calls = this.#calls.splice(0)
        this.#end(this.#errorOf(failure, undefined))
        const reject = (known?: string) => {
            const error = this.#errorOf(failure, known)
            for (const call of calls) call.reject(error)
        }
        name.then(reject, () => reject())
    }

    #errorOf({ message, hint, column }: ConditionFailure, name: string | undefined): ComplogError {
        const where = name === undefined ? '' : ` at ${name}`
        const place = column === undefined ? '' : `, at character ${column}`
        const text = `${this.#name} failed${where}: ${message}${place}.`
        return new ComplogError('condition-failed', text, { hint })
    }

    #end(error: Error): void {
        if (this.#ended !== undefined) return
        this.#ended = error
        this.#watchdog.stop()
        this.#signal?.removeEventListener('abort', this.#onAbort)
        void this.#thread.terminate()
        for (const call of this.#calls.splice(0)) call.reject(error)
    }
}
