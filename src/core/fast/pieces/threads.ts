// Threads that help to read a log. Each takes the next piece that nobody has, so that none waits for another.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import { workerExtension, workerFlags } from '../../worker-flags.js'
import type { InputRing } from './input-ring.js'
import { claimPiece, claimedBy, endClaims, newClaims } from './piece-claims.js'
import type { PieceSettings } from './piece-reader.js'
import type { PieceResult } from './piece-result.js'
import type { CompiledModule } from './web-assembly.js'

/** What a helping thread is told at its start. */
export interface HelperStart {
    readonly module: CompiledModule
    readonly settings: PieceSettings
    /** See ./piece-claims; the thread that asks is number 0 there. */
    readonly claims: Int32Array
    readonly thread: number
    /** Memory for the inputs, where they are wanted. */
    readonly ring: SharedArrayBuffer | undefined
}

const threadsMax = 8
/** Below so many bytes a thread, starting it takes longer than what it could do meanwhile. */
const sizeBytesPerThread = 8 * 1024 * 1024

/** How many threads pay, the one that asks included. The environment may bound them. */
export function threadsFor(sizeBytes: number): number {
    const bound = Number.parseInt(process.env['COMPLOG_THREADS'] ?? '', 10)
    const most = Math.min(threadsMax, bound > 0 ? bound : availableParallelism())
    return Math.max(1, Math.min(most, Math.floor(sizeBytes / sizeBytesPerThread)))
}

export interface HelpRequest {
    readonly module: CompiledModule
    readonly settings: PieceSettings
    /** How many threads read, the one that asks included. */
    readonly threads: number
    /** How many pieces there are. */
    readonly pieces: number
    /** Whether the result of a piece has come. */
    readonly has: (piece: number) => boolean
    readonly ring: InputRing | undefined
    readonly take: (result: PieceResult) => void
    /** Something happened that may let the work go on. */
    readonly onChange: () => void
}

export class HelpingThreads {
    readonly #claims: Int32Array
    readonly #ring: InputRing | undefined
    readonly #workers = new Set<Worker>()
    readonly #lost: number[] = []
    /** Pieces that were read in them. */
    pieces = 0

    constructor({ module, settings, threads, pieces, has, ring, take, onChange }: HelpRequest) {
        this.#claims = newClaims(pieces)
        this.#ring = ring
        for (let thread = 1; thread < threads; thread++) {
            const worker = startHelper({
                module,
                settings,
                claims: this.#claims,
                thread,
                ring: ring?.buffer,
            })
            if (worker === undefined) return
            this.#workers.add(worker)
            worker.on('message', (result: PieceResult) => {
                this.pieces += 1
                take(result)
                onChange()
            })
            // Whatever it was: the piece that it was at is left for this thread.
            worker.on('error', () => undefined)
            worker.on('exit', () => {
                this.#workers.delete(worker)
                this.#lost.push(...claimedBy(this.#claims, thread).filter((piece) => !has(piece)))
                onChange()
            })
        }
    }

    /** The pieces that were lost with other threads. */
    takeLost(): readonly number[] {
        return this.#lost.splice(0)
    }

    /** The next piece for this thread; undefined where all are taken. */
    nextPiece(): number | undefined {
        return claimPiece(this.#claims, 0)
    }

    /** Lets no thread begin another piece, nor keep the process alive. */
    stop(): void {
        endClaims(this.#claims)
        this.#ring?.releaseAll()
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
