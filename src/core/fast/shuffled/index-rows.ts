// Entrance of core/fast/shuffled/: for logs whose lines are not in order: reads every line once with its
// hash, and every parent once more, and links them. Gives the same index as the reference,
// composition/record-table.ts, or none.
import { randomBytes } from 'node:crypto'

import { Findings } from '../../composition/findings.js'
import type { LogCounts } from '../../composition/log-counts.js'
import type { WorkOptions } from '../../progress.js'
import type { ProcessStore } from '../../store/process-store.js'
import { calibrateHashing } from '../pieces/hashing.js'
import { beginningOf, lookahead, pieceSizeBytes } from '../pieces/piece-reader.js'
import { compileScanner } from '../pieces/scanner.js'
import { threadsFor } from '../pieces/threads.js'
import { Crew, GaveUp, HelperLost } from './crew.js'
import { linkRows, mostBits } from './link-rows.js'
import { orderRows } from './order-rows.js'
import { readRows } from './read-rows.js'
import { layOutRows } from './row-layout.js'
import { shareRows } from './row-module.js'
import { RowTable } from './row-table.js'
import type { WorkerSetup } from './worker-setup.js'

export interface IndexOptions extends WorkOptions {
    /** How many threads work, this one included; default: as many as pay. */
    readonly threads?: number | undefined
    readonly pieceSizeBytes?: number | undefined
    /** Bits of a hash's first 64 by which parents are looked for. Fewer only in tests: they are equal more often. */
    readonly prefixMask?: bigint | undefined
    /** Bytes of the chain that are handed out at a time when it is read. */
    readonly windowSizeBytes?: number | undefined
}

export interface IndexedRows {
    readonly counts: LogCounts
    readonly findings: Findings
    readonly table: RowTable
    /** How long it took to link the rows, once they were read. */
    readonly linkMilliseconds: number
}

/**
 * `undecided`: this machine or this log is none for the fast way, such as a log that holds a record twice; the reference
 * must say.
 */
export async function indexRows(
    store: ProcessStore,
    options: IndexOptions = {},
): Promise<IndexedRows | 'undecided'> {
    const total = store.logFiles.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const threads = options.threads ?? threadsFor(total)
    try {
        return await indexBy(threads, store, total, options)
    } catch (error) {
        if (error instanceof GaveUp) return 'undecided'
        if (!(error instanceof HelperLost)) throw error
    }
    return indexRows(store, { ...options, threads: 1 })
}

async function indexBy(
    threads: number,
    store: ProcessStore,
    logSizeBytes: number,
    options: IndexOptions,
): Promise<IndexedRows | 'undecided'> {
    const { logFiles: files, limits } = store
    const scanner = compileScanner()
    const shared = shareRows(layOutRows(logSizeBytes, files.length, threads))
    if (scanner === undefined || shared === undefined) return 'undecided'
    const settings = {
        files,
        lineSizeBytesMax: limits.lineSizeBytesMax,
        pieceSizeBytes: options.pieceSizeBytes ?? pieceSizeBytes,
        lookahead,
        scannerHashSizeBytesMax: calibrateHashing(),
        reduced: Uint32Array.from(store.reductionFiles.keys(), beginningOf),
    }
    const counts = new Int32Array(new SharedArrayBuffer(4 * piecesMax(files.length, logSizeBytes, settings)))
    const setup: WorkerSetup = { scanner, settings, rows: shared, counts: counts.fill(-1) }
    const crew = new Crew(setup, threads)
    try {
        const findings = new Findings()
        findings.addAll(store.findings)
        const read = await readRows(crew, store, findings, options)
        const begin = performance.now()
        const key = randomBytes(8).readBigUInt64LE() | 1n
        const linked = await linkRows(
            crew,
            shared,
            read,
            { key, prefixMask: options.prefixMask ?? mostBits },
            options,
        )
        const { firstRows, indexed, behindUnreadable, reduced } = read
        const rare = { unmatched: linked, behindUnreadable, reduced }
        const { pieces, module } = crew.worker
        const path = await orderRows(crew, shared, firstRows.at(-1) as number, linked.size, options)
        const { windowSizeBytes } = options
        const parts = { files, setup, module, pieces, indexed, firstRows, rare, path, windowSizeBytes }
        const table = new RowTable(parts)
        return { counts: read.counts, findings, table, linkMilliseconds: performance.now() - begin }
    } finally {
        crew.close()
    }
}

function piecesMax(
    files: number,
    logSizeBytes: number,
    settings: { readonly pieceSizeBytes: number },
): number {
    return files + Math.ceil(logSizeBytes / settings.pieceSizeBytes) + 1
}
