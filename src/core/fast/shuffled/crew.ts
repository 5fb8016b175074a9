// The threads that work on a shuffled log: this one and helpers, through one job after the other. Each takes the next task
// from a counter that all share. When a helper breaks down, nobody waits for it: the whole work fails, and is to be done
// again without helpers.
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

import { workerExtension, workerFlags } from '../../worker-flags.js'
import type { Job, JobResult, UnreadFile } from './jobs.js'
import { RowWorker } from './row-worker.js'
import type { WorkerSetup } from './worker-setup.js'

/** What a helper is told at its start. */
export interface CrewStart {
    readonly setup: WorkerSetup
    readonly thread: number
    readonly control: Int32Array
}

/** Tells a helper of a job. */
export interface JobMessage {
    readonly id: number
    readonly job: Job
    readonly tasks: number
}

/** What a helper has to say. */
export interface ResultMessage {
    readonly id: number
    readonly result: JobResult
}

/** Of the control: not 0 once all is over; behind it the counters of jobs, each used again only much later. */
export const stopAt = 0
const counters = 1024

export function counterOf(job: number): number {
    return 1 + (job % counters)
}

/** A helper ended before its work did. */
export class HelperLost extends Error {}

/** Some task ended without a result that can be used. */
export class GaveUp extends Error {
    /** Where that is because a file could not be read. */
    readonly unread: UnreadFile | undefined

    constructor(unread?: UnreadFile) {
        super()
        this.unread = unread
    }
}

export class Crew {
    readonly worker: RowWorker
    readonly #control = new Int32Array(new SharedArrayBuffer(4 * (1 + counters)))
    readonly #helpers = new Set<Worker>()
    #jobs = 0
    #take: (message: ResultMessage) => void = () => undefined
    #onChange: () => void = () => undefined
    #lost = false

    constructor(setup: WorkerSetup, threads: number) {
        this.worker = new RowWorker(setup, 0)
        for (let thread = 1; thread < threads; thread++)
            this.#startHelper({ setup, thread, control: this.#control })
    }

    /**
     * Does all tasks of a job.
     * @throws HelperLost, GaveUp
     */
    async run(
        job: Job,
        tasks: number,
        take: (result: Exclude<JobResult, { kind: 'gave-up' }>) => void,
        signal?: AbortSignal,
    ): Promise<void> {
        const id = this.#jobs++
        let done = 0
        let failure: unknown
        const takeResult = (result: JobResult) => {
            done += 1
            try {
                if (result.kind === 'gave-up') throw new GaveUp(result.unread)
                take(result)
            } catch (error) {
                failure ??= error
            }
        }
        const check = () => {
            signal?.throwIfAborted()
            if (failure !== undefined) throw failure as Error
            if (this.#lost) throw new HelperLost()
        }
        this.#take = (message) => {
            if (message.id === id) takeResult(message.result)
        }
        Atomics.store(this.#control, counterOf(id), 0)
        for (const helper of this.#helpers) helper.postMessage({ id, job, tasks } satisfies JobMessage)
        for (;;) {
            const task = Atomics.add(this.#control, counterOf(id), 1)
            if (task >= tasks) break
            let result = this.worker.run(job, task)
            while (result === 'wait') {
                await setImmediate()
                check()
                result = this.worker.run(job, task)
            }
            takeResult(result)
            // A task is a millisecond or two: signals and the results of other threads come in between.
            await setImmediate()
            check()
        }
        const onAbort = () => this.#onChange()
        signal?.addEventListener('abort', onAbort)
        try {
            for (;;) {
                check()
                if (done === tasks) break
                await new Promise<void>((resolve) => (this.#onChange = resolve))
            }
        } finally {
            signal?.removeEventListener('abort', onAbort)
            this.#take = () => undefined
        }
    }

    /** Ends the helpers. */
    close(): void {
        Atomics.store(this.#control, stopAt, 1)
        for (const helper of this.#helpers) {
            helper.removeAllListeners('exit')
            helper.postMessage(undefined)
            helper.unref()
        }
        this.worker.close()
    }

    #startHelper(workerData: CrewStart): void {
        let helper: Worker
        try {
            helper = new Worker(new URL(`./crew-helper${workerExtension}`, import.meta.url), {
                name: 'complog-order',
                execArgv: workerFlags(),
                workerData,
            })
        } catch {
            // Nowhere to run it: too many threads, or none allowed.
            return
        }
        this.#helpers.add(helper)
        helper.on('message', (message: ResultMessage) => {
            this.#take(message)
            this.#onChange()
        })
        // What it was comes again where this thread does the work, if it was no accident.
        helper.on('error', () => undefined)
        helper.on('exit', () => {
            this.#helpers.delete(helper)
            this.#lost = true
            this.#onChange()
        })
    }
}
