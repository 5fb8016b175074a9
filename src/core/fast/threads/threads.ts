// Entrance of core/fast/threads/: jobs on the pieces of a log. In comes a job (`piece-worker.ts`); out comes
// what came of each piece, in their order.
//
// The threads that work on the pieces of a log: this one and helping threads, through one job after the
// other. Each takes the next piece that nobody has, so that none waits for another. One rule for failures:
// where a helping thread ends before its work does, whatever the reason, this thread does once more what that
// one was at, and the others go on.
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

import { workerExtension, workerFlags } from '../../worker-flags.js'
import { piecesOfReductions } from '../pieces/plain-reductions.js'
import { claimedBy, claimPiece, endClaims, newClaims, tellWaiting } from './piece-claims.js'
import {
    type Job,
    type LogSetup,
    PieceWorker,
    packSetup,
    type ResultOf,
    type SentSetup,
} from './piece-worker.js'

/** What a helping thread is told at its start. */
export interface HelperStart {
    readonly setup: SentSetup
    /** See ./piece-claims; the thread that asks for help is number 0 there. */
    readonly thread: number
}

/** Tells a helping thread of a job. */
export interface JobMessage {
    readonly id: number
    readonly job: Job
    readonly claims: Int32Array
}

/** What a helping thread says when it has done a piece. */
export interface ResultMessage {
    readonly id: number
    readonly piece: number
    readonly result: ResultOf<Job>
}

const threadsMax = 8
/** Below so many bytes a thread, starting it takes longer than what it could do meanwhile. */
const sizeBytesPerThread = 8 * 1024 * 1024

/** Fewer bytes are read line by line before the scanner is compiled. */
export const fastFromBytes = 1 << 14

/** How many threads pay, the one that asks included. The environment may bound them. */
export function threadsFor(sizeBytes: number): number {
    const bound = Number.parseInt(process.env['COMPLOG_THREADS'] ?? '', 10)
    const most = Math.min(threadsMax, bound > 0 ? bound : availableParallelism())
    return Math.max(1, Math.min(most, Math.floor(sizeBytes / sizeBytesPerThread)))
}

/** The job under way. */
interface RunningJob {
    readonly id: number
    readonly job: Job
    readonly claims: Int32Array
    /** Pieces to be done in this thread: those that it has claimed, and those that were lost with others. */
    readonly mine: number[]
    /** Results that have come before one of a piece in front of theirs. */
    readonly waiting: Map<number, ResultOf<Job>>
    /** The first piece that was not handed out yet. */
    next: number
}

export class LogThreads {
    readonly #worker: PieceWorker
    readonly #pieces: number
    readonly #helpers = new Set<Worker>()
    #jobs = 0
    #running: RunningJob | undefined
    #wake: () => void = () => undefined
    /** Pieces that were done in helping threads. */
    piecesByHelpers = 0

    /** @param threads how many work, this one included */
    constructor(setup: LogSetup, threads: number) {
        this.#worker = new PieceWorker(setup)
        this.#pieces = setup.settings.pieces.length
        if (threads < 2) return
        const sent = packSetup(setup)
        for (let thread = 1; thread < threads; thread++) {
            const helper = startHelper({ setup: sent, thread })
            if (helper === undefined) return
            this.#helpers.add(helper)
            helper.on('message', ({ id, piece, result }: ResultMessage) => {
                const job = this.#running
                if (job?.id !== id) return
                this.piecesByHelpers += 1
                job.waiting.set(piece, result)
                this.#wake()
            })
            // What it was comes again where this thread does the work, if it was no accident.
            helper.on('error', () => undefined)
            helper.on('exit', () => {
                this.#helpers.delete(helper)
                const job = this.#running
                if (job === undefined) return
                const isLost = (piece: number) => piece >= job.next && !job.waiting.has(piece)
                job.mine.push(...claimedBy(job.claims, thread).filter(isLost))
                this.#wake()
            })
        }
    }

    /** Does a job on all of its pieces, and yields what came of each, in their order. One job at a time. */
    async *run<J extends Job>(job: J, signal?: AbortSignal): AsyncGenerator<ResultOf<J>> {
        const id = this.#jobs++
        const pieces = job.kind === 'reductions' ? piecesOfReductions(job) : this.#pieces
        const claims = newClaims(pieces)
        const running: RunningJob = { id, job, claims, mine: [], waiting: new Map(), next: 0 }
        this.#running = running
        for (const helper of this.#helpers) helper.postMessage({ id, job, claims } satisfies JobMessage)
        const onAbort = () => this.#wake()
        signal?.addEventListener('abort', onAbort)
        try {
            while (running.next < pieces) {
                signal?.throwIfAborted()
                const result = running.waiting.get(running.next)
                if (result !== undefined) {
                    running.waiting.delete(running.next)
                    running.next += 1
                    yield result as ResultOf<J>
                } else if (this.#runHere(running)) {
                    // A piece is a millisecond or two: signals and the results of other threads come in
                    // between.
                    await setImmediate()
                } else {
                    await new Promise<void>((resolve) => (this.#wake = resolve))
                }
            }
            signal?.throwIfAborted()
        } finally {
            signal?.removeEventListener('abort', onAbort)
            endClaims(claims)
            this.#running = undefined
        }
    }

    /** What a piece has waited for may have come. */
    tell(): void {
        if (this.#running !== undefined) tellWaiting(this.#running.claims)
        this.#wake()
    }

    /** Ends the helping threads, and lets none keep the process alive. */
    close(): void {
        if (this.#running !== undefined) {
            endClaims(this.#running.claims)
            this.#running.mine.length = 0
        }
        this.#running = undefined
        for (const helper of this.#helpers) {
            helper.postMessage(undefined)
            helper.unref()
        }
        this.#worker.close()
    }

    [Symbol.dispose](): void {
        this.close()
    }

    /** Does a piece in this thread; false where there is none that can be done now. */
    #runHere({ job, claims, mine, waiting }: RunningJob): boolean {
        if (mine.length === 0) {
            const next = claimPiece(claims, 0)
            if (next !== undefined) mine.push(next)
        }
        // The first one first: all behind it may have to wait for it.
        const [piece] = mine.sort((a, b) => a - b)
        if (piece === undefined) return false
        const result = this.#worker.run(job, piece)
        if (result === 'wait') return false
        mine.shift()
        waiting.set(piece, result)
        return true
    }
}

function startHelper(workerData: HelperStart): Worker | undefined {
    try {
        return new Worker(new URL(`./helper${workerExtension}`, import.meta.url), {
            name: 'complog-log',
            execArgv: workerFlags(),
            workerData,
        })
    } catch {
        // Nowhere to run it: too many threads, or none allowed.
        return undefined
    }
}
