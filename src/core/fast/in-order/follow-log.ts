// Entrance of core/fast/in-order/: a log whose lines stand in chain order. In come its files; out comes what
// the reference says of it, sooner, or nothing where only the reference can tell.
//
// The entrance: follows a log whose lines are in order as fast as the machine can, and hands out what its
// records hold for the app while it does. Gives the same answer as the reference, check/scan-log.ts with the
// follower of check/chain-in-order.ts, or none.
import type { Findings } from '../../composition/findings.js'
import type { CompositionHash } from '../../composition/hash.js'
import type { PackedRecords } from '../../packed-inputs.js'
import type { WorkOptions } from '../../progress.js'
import { NamedFiles } from '../../store/listing/named-files.js'
import { guessedSizeOfAll, hasUnseen, UnseenFiles } from '../../store/listing/unseen-files.js'
import type { ProcessStore } from '../../store/process-store.js'
import { wantedTexts } from '../pieces/line-finder.js'
import { type PieceOptions, pieceSettings } from '../pieces/piece-reader.js'
import { PieceTotals } from '../pieces/piece-totals.js'
import { reductionsJob } from '../pieces/plain-reductions.js'
import { InputRing } from '../scanner/input-ring.js'
import { compileScanner } from '../scanner/scanner.js'
import { LogThreads, threadsFor } from '../threads/threads.js'
import type { FollowedLog } from './followed-log.js'
import { PieceJoiner } from './join-pieces.js'

export interface FollowOptions extends WorkOptions, PieceOptions {
    /** How many threads read, this one included; default: as many as pay. */
    readonly threads?: number | undefined
    /** Have the threads look at the reductions as well. */
    readonly withReductions?: boolean | undefined
    /** Find the lines that may hold these, for `FollowedLog.looked`: as of `WantedTexts`. */
    readonly wanted?: readonly string[] | undefined
    /** Bytes of lines that may be found; default: as many as do no harm. */
    readonly wantedBytesMax?: number | undefined
}

/**
 * `not-in-order`: a record is not the child of the one before. `undecided`: this machine or this log is none
 * for the fast way; the reference must say. In both cases the findings are of no use.
 */
export type Followed = FollowedLog | 'not-in-order' | 'undecided'

export async function followLog(
    store: ProcessStore,
    findings: Findings,
    options: FollowOptions = {},
): Promise<Followed> {
    const steps = follow(store, findings, options)
    for (;;) {
        const step = await steps.next()
        if (step.done === true) return step.value
    }
}

/**
 * The same, and hands out the inputs of all records on the way, piece by piece, each behind all before it.
 * Whoever takes them must release them; only so many are held, so that the reading waits for whoever lags
 * behind. Whether what was handed out is one whole chain is known at the end.
 */
export function followInputs(
    store: ProcessStore,
    findings: Findings,
    options: FollowOptions = {},
): AsyncGenerator<PackedRecords, Followed> {
    return follow(store, findings, { ...options, ring: new InputRing() })
}

async function* follow(
    store: ProcessStore,
    findings: Findings,
    { ring, ...options }: FollowOptions & { readonly ring?: InputRing },
): AsyncGenerator<PackedRecords, Followed> {
    const scanner = compileScanner()
    if (scanner === undefined) return 'undecided'
    const total = guessedSizeOfAll(store.logFiles)
    const settings = pieceSettings(store, options)
    using threads = new LogThreads({ scanner, settings }, options.threads ?? threadsFor(total))
    const totals = new PieceTotals(store.logFiles, settings.pieces, findings)
    const { wanted: texts = [], wantedBytesMax } = options
    const wanted = texts.length > 0 ? wantedTexts(texts, wantedBytesMax) : undefined
    const joiner = new PieceJoiner(store, totals, wanted !== undefined)
    const job = { kind: 'follow', ring: ring?.buffer, wanted } as const
    let done = 0
    let oddReductions: ReadonlySet<CompositionHash> | undefined
    for await (const result of threads.run(job, options.signal)) {
        if (result.kind !== 'read') return refused(store, result.kind)
        const firstPosition = joiner.records + 1
        if (!joiner.take(result)) return refused(store, 'not-in-order')
        const { inputs, records, piece, sizeBytes } = result
        done += sizeBytes
        options.onProgress?.({ activity: 'check', done, total, unit: 'bytes' })
        if (inputs === undefined) continue
        const release = () => {
            ring?.release(piece)
            threads.tell()
        }
        yield { inputs, records, firstPosition, release }
    }
    if (options.withReductions === true) oddReductions = await findOddReductions(store, threads, options)
    return { ...joiner.end(), oddReductions, piecesByHelpers: threads.piecesByHelpers }
}

/** What is to be said instead may need a look at each file. */
function refused<Kind>({ logFiles }: ProcessStore, kind: Kind): Kind {
    if (hasUnseen(logFiles)) throw new UnseenFiles()
    return kind
}

/** Undefined where they are not known by their names alone. */
async function findOddReductions(
    { reductionFiles }: ProcessStore,
    threads: LogThreads,
    { signal, onProgress }: WorkOptions,
): Promise<ReadonlySet<CompositionHash> | undefined> {
    if (!(reductionFiles instanceof NamedFiles)) return undefined
    const job = reductionsJob(reductionFiles)
    const oddOnes = new Set<CompositionHash>()
    const total = reductionFiles.size
    let done = 0
    for await (const { reductions, odd } of threads.run(job, signal)) {
        for (const hash of odd) oddOnes.add(hash)
        done += reductions
        onProgress?.({ activity: 'check-reductions', done, total, unit: 'records' })
    }
    return oddOnes
}
