// Entrance of core/fast/in-order/: a log whose lines stand in chain order. In come its files; out comes what
// the reference says of it, sooner, or nothing where only the reference can tell.
//
// The entrance: follows a log whose lines are in order as fast as the machine can, and hands out what its
// records hold for the app while it does. Gives the same answer as the reference, check/scan-log.ts with the
// follower of check/chain-in-order.ts, or none.
import { setImmediate } from 'node:timers/promises'

import type { Findings } from '../../composition/findings.js'
import type { PackedRecords } from '../../packed-inputs.js'
import type { WorkOptions } from '../../progress.js'
import type { ProcessStore } from '../../store/process-store.js'
import type { FollowedLog } from './followed-log.js'
import { calibrateHashing } from '../pieces/hashing.js'
import { InputRing } from '../pieces/input-ring.js'
import { PieceJoiner } from './join-pieces.js'
import {
    PieceReader,
    type PieceSettings,
    beginningOf,
    lookahead,
    pieceSizeBytes,
} from '../pieces/piece-reader.js'
import type { PieceResult } from '../pieces/piece-result.js'
import { compileScanner } from '../pieces/scanner.js'
import { HelpingThreads, threadsFor } from '../pieces/threads.js'

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
    const steps = follow(store, findings, options, undefined)
    for (;;) {
        const step = await steps.next()
        if (step.done === true) return step.value
    }
}

/**
 * The same, and hands out the inputs of all records on the way, piece by piece, each behind all before it. Whoever
 * takes them must release them; only so many are held, so that the reading waits for whoever lags behind. Whether what
 * was handed out is one whole chain is known at the end.
 */
export function followInputs(
    store: ProcessStore,
    findings: Findings,
    options: FollowOptions = {},
): AsyncGenerator<PackedRecords, Followed> {
    return follow(store, findings, options, new InputRing())
}

async function* follow(
    store: ProcessStore,
    findings: Findings,
    options: FollowOptions,
    ring: InputRing | undefined,
): AsyncGenerator<PackedRecords, Followed> {
    const module = compileScanner()
    if (module === undefined) return 'undecided'
    const settings = settingsFor(store, options)
    const total = store.logFiles.reduce(
        (sum, { sizeBytes, beginBytes = 0 }) => sum + sizeBytes - beginBytes,
        0,
    )
    let wake: () => void = () => undefined
    const ready: PackedRecords[] = []
    const reader = new PieceReader(module, settings)
    const joiner = new PieceJoiner(
        store,
        reader.pieces,
        findings,
        ({ inputs, records, piece }, firstPosition) => {
            if (inputs === undefined) return
            const release = () => {
                ring?.release(piece)
                wake()
            }
            ready.push({ inputs, records, firstPosition, release })
        },
    )
    let ending: 'not-in-order' | 'undecided' | undefined
    let done = 0
    const take = (result: PieceResult) => {
        if (result.kind !== 'read') {
            // What the reference would throw, it throws whatever the order of the records.
            ending = result.kind === 'undecided' ? 'undecided' : (ending ?? 'not-in-order')
            return
        }
        if (joiner.has(result.piece)) return
        if (!joiner.take(result)) ending = 'not-in-order'
        done += result.sizeBytes
        options.onProgress?.({ activity: 'check', done, total, unit: 'bytes' })
    }
    const threads = new HelpingThreads({
        module,
        settings,
        threads: options.threads ?? threadsFor(total),
        pieces: reader.pieces.length,
        has: (piece) => joiner.has(piece),
        ring,
        take,
        onChange: () => wake(),
    })
    const onAbort = () => wake()
    options.signal?.addEventListener('abort', onAbort)
    try {
        /** Claimed by this thread, or lost with another one, and not read yet. */
        const mine: number[] = []
        for (;;) {
            yield* ready.splice(0)
            options.signal?.throwIfAborted()
            if (ending !== undefined || joiner.isComplete) break
            mine.push(...threads.takeLost())
            const next = mine.length === 0 ? threads.nextPiece() : undefined
            if (next !== undefined) mine.push(next)
            // The first one first: all behind it may have to wait for room until it is read.
            const [piece] = mine.sort((a, b) => a - b)
            if (piece !== undefined && ring?.isFree(piece) !== false) {
                mine.shift()
                take(reader.read(piece, ring?.slot(piece)))
                // A piece is a millisecond or two: signals and the results of other threads come in between.
                await setImmediate()
            } else if (ready.length === 0) {
                await new Promise<void>((resolve) => (wake = resolve))
            }
        }
    } finally {
        options.signal?.removeEventListener('abort', onAbort)
        threads.stop()
        reader.close()
    }
    return ending ?? { ...joiner.end(), piecesByHelpers: threads.pieces }
}

function settingsFor(store: ProcessStore, options: FollowOptions): PieceSettings {
    return {
        files: store.logFiles,
        lineSizeBytesMax: store.limits.lineSizeBytesMax,
        pieceSizeBytes: options.pieceSizeBytes ?? pieceSizeBytes,
        lookahead: options.lookahead ?? lookahead,
        scannerHashSizeBytesMax: options.scannerHashSizeBytesMax ?? calibrateHashing(),
        reduced: Uint32Array.from(store.reductionFiles.keys(), beginningOf),
    }
}
