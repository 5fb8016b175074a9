// Threads that help to read a log. Each takes the next piece from a counter that all of them share, so that none waits
// for another.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import { workerExtension, workerFlags } from '../worker-flags.js'
import type { PieceSettings } from './piece-reader.js'
import type { PieceResult } from './piece-result.js'
import type { CompiledModule } from './web-assembly.js'

/** What a helping thread is told at its start. */
export interface HelperStart {
    readonly module: CompiledModule
    readonly settings: PieceSettings
    /** Holds the index of the next piece that nobody has taken. */
    readonly counter: Int32Array
}

const threadsMax = 8
/** Below so many bytes a thread, starting it takes longer than what it could do meanwhile. */
const sizeBytesPerThread = 8 * 1024 * 1024
/** More than any log has pieces. */
const noMore = 0x7000_0000

/** How many threads pay, the one that asks included. The environment may bound them. */
export function threadsFor(sizeBytes: number): number {
    const bound = Number.parseInt(process.env['COMPLOG_THREADS'] ?? '', 10)
    const most = Math.min(threadsMax, bound > 0 ? bound : availableParallelism())
    return Math.max(1, Math.min(most, Math.floor(sizeBytes / sizeBytesPerThread)))
}

export class HelpingThreads {
    readonly #counter = new Int32Array(new SharedArrayBuffer(4))
    readonly #workers = new Set<Worker>()
    #onChange: () => void = () => undefined
    /** Pieces that were read in them. */
    pieces = 0

    constructor(
        module: CompiledModule,
        settings: PieceSettings,
        threads: number,
        take: (result: PieceResult) => void,
    ) {
        const start: HelperStart = { module, settings, counter: this.#counter }
        for (let thread = 1; thread < threads; thread++) {
            const worker = startHelper(start)
            if (worker === undefined) return
            this.#workers.add(worker)
            worker.on('message', (result: PieceResult) => {
                this.pieces += 1
                take(result)
                this.#onChange()
            })
            // Whatever it was: the piece stays missing, and this thread reads it.
            worker.on('error', () => undefined)
            worker.on('exit', () => {
                this.#workers.delete(worker)
                this.#onChange()
            })
        }
    }

    /** A piece for this thread; undefined where all are taken. */
    nextPiece(pieces: number): number | undefined {
        const piece = Atomics.add(this.#counter, 0, 1)
        return piece < pieces ? piece : undefined
    }

    /** Waits until the other threads have done what they took, or no more is needed. */
    async finished(isEnough: () => boolean, signal: AbortSignal | undefined): Promise<void> {
        const onAbort = () => this.#onChange()
        signal?.addEventListener('abort', onAbort)
        try {
            while (this.#workers.size > 0 && !isEnough()) {
                signal?.throwIfAborted()
                await new Promise<void>((resolve) => (this.#onChange = resolve))
            }
        } finally {
            signal?.removeEventListener('abort', onAbort)
        }
    }

    /** Lets no thread begin another piece, nor keep the process alive. */
    stop(): void {
        Atomics.store(this.#counter, 0, noMore)
        for (const worker of this.#workers) worker.unref()
    }
}

function startHelper(workerData: HelperStart): Worker | undefined {
    try {
        return new Worker(new URL(`./helper${workerExtension}`, import.meta.url), {
            name: 'complog-check',
            execArgv: workerFlags(),
            workerData,
        })
    } catch {
        // Nowhere to run it: too many threads, or none allowed.
        return undefined
    }
}
