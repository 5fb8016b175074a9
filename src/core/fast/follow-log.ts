// The entrance: follows a log whose lines are in order as fast as the machine can. Gives the same answer as the
// reference, check/scan-log.ts with the follower of check/chain-in-order.ts, or none.
import { setImmediate } from 'node:timers/promises'

import type { Findings } from '../composition/findings.js'
import type { WorkOptions } from '../progress.js'
import type { ProcessStore } from '../store/process-store.js'
import type { FollowedLog } from './followed-log.js'
import { calibrateHashing } from './hashing.js'
import { PieceJoiner } from './join-pieces.js'
import { PieceReader, type PieceSettings, beginningOf, lookahead, pieceSizeBytes } from './piece-reader.js'
import type { PieceResult } from './piece-result.js'
import { compileScanner } from './scanner.js'
import { HelpingThreads, threadsFor } from './threads.js'

export interface FollowOptions extends WorkOptions {
    /** How many threads read, this one included; default: as many as pay. */
    readonly threads?: number | undefined
    readonly pieceSizeBytes?: number | undefined
    readonly lookahead?: PieceSettings['lookahead'] | undefined
    readonly scannerHashSizeBytesMax?: number | undefined
}

/**
 * `not-in-order`: a record is not the child of the one before. `undecided`: this machine or this log is none for the
 * fast way; the reference must say. In both cases the findings are of no use.
 */
export type Followed = FollowedLog | 'not-in-order' | 'undecided'

export async function followLog(
    store: ProcessStore,
    findings: Findings,
    options: FollowOptions = {},
): Promise<Followed> {
    const module = compileScanner()
    if (module === undefined) return 'undecided'
    const settings: PieceSettings = {
        files: store.logFiles,
        lineSizeBytesMax: store.limits.lineSizeBytesMax,
        pieceSizeBytes: options.pieceSizeBytes ?? pieceSizeBytes,
        lookahead: options.lookahead ?? lookahead,
        scannerHashSizeBytesMax: options.scannerHashSizeBytesMax ?? calibrateHashing(),
        reduced: Uint32Array.from(store.reductionFiles.keys(), beginningOf),
    }
    const total = store.logFiles.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const reader = new PieceReader(module, settings)
    const joiner = new PieceJoiner(store, reader.pieces, findings)
    let ending: 'not-in-order' | 'undecided' | undefined
    let done = 0
    const take = (result: PieceResult) => {
        if (result.kind !== 'read') {
            // What the reference would throw, it throws whatever the order of the records.
            ending = result.kind === 'undecided' ? 'undecided' : (ending ?? 'not-in-order')
            return
        }
        if (!joiner.take(result)) ending = 'not-in-order'
        done += result.sizeBytes
        options.onProgress?.({ activity: 'check', done, total, unit: 'bytes' })
    }
    const threads = new HelpingThreads(module, settings, options.threads ?? threadsFor(total), take)
    try {
        const readAll = async (next: () => number | undefined) => {
            for (let piece = next(); piece !== undefined && ending === undefined; piece = next()) {
                options.signal?.throwIfAborted()
                take(reader.read(piece))
                // A piece is a millisecond or two: signals and the results of other threads come in between.
                await setImmediate()
            }
        }
        await readAll(() => threads.nextPiece(reader.pieces.length))
        await threads.finished(() => ending !== undefined || joiner.isComplete, options.signal)
        // What a thread took and did not finish, because it could not even start or broke down.
        const missing = [...joiner.missing]
        await readAll(() => missing.shift())
    } finally {
        threads.stop()
        reader.close()
    }
    return ending ?? { ...joiner.end(), piecesByHelpers: threads.pieces }
}
