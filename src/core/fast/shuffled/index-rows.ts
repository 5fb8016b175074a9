// Entrance of core/fast/shuffled/: for logs whose lines are not in order: reads every line once, in pieces,
// and links the records by their hashes. Gives the same index as the reference,
// composition/chain/record-table.ts, or none.
import { setImmediate } from 'node:timers/promises'

import { Findings } from '../../composition/findings.js'
import type { LogCounts } from '../../composition/record.js'
import type { WorkOptions } from '../../progress.js'
import { sizeOfFiles } from '../../store/listing/list-files.js'
import { hasUnseen, UnseenFiles } from '../../store/listing/unseen-files.js'
import type { ProcessStore } from '../../store/process-store.js'
import { type PieceOptions, pieceSettings } from '../pieces/piece-reader.js'
import { markBehindUnreadable, type RowsEntered, type SharedRows, shareRows } from '../pieces/piece-rows.js'
import { PieceTotals } from '../pieces/piece-totals.js'
import { compileScanner } from '../scanner/scanner.js'
import { LogThreads, threadsFor } from '../threads/threads.js'
import { LinkTable, type OnCopy, orderRows } from './link-rows.js'
import { type IndexedPiece, RowTable } from './row-table.js'

export interface IndexOptions extends WorkOptions, PieceOptions {
    /** How many threads work, this one included; default: as many as pay. */
    readonly threads?: number | undefined
    /** Bytes of the chain that are handed out at a time when it is read. */
    readonly windowSizeBytes?: number | undefined
}

export interface IndexedRows {
    readonly counts: LogCounts
    readonly findings: Findings
    readonly table: RowTable
    /** Rows that repeat another, with the row they repeat. */
    readonly copies: ReadonlyMap<number, number>
    /** How long it took to link the rows, once they were read. */
    readonly linkMilliseconds: number
}

/**
 * @param prefersCopy of two files that hold the same record, whether it is the one of the second that counts
 * @returns `undecided`: this machine or this log is none for the fast way; the reference must say
 */
export async function indexRows(
    store: ProcessStore,
    prefersCopy: (original: number, copy: number) => boolean,
    options: IndexOptions = {},
): Promise<IndexedRows | 'undecided'> {
    const { logFiles } = store
    if (hasUnseen(logFiles)) throw new UnseenFiles()
    const total = sizeOfFiles(logFiles)
    const settings = pieceSettings(store, options)
    const scanner = compileScanner()
    const rows = shareRows(total, logFiles.length, settings.pieces.length)
    if (scanner === undefined || rows === undefined) return 'undecided'
    const pool = new LogThreads({ scanner, settings, rows }, options.threads ?? threadsFor(total))
    const findings = new Findings()
    findings.addAll(store.findings)
    const { pieces } = settings
    const joiner = new RowJoiner(new PieceTotals(logFiles, pieces, findings), rows, pieces.length)
    try {
        let done = 0
        for await (const piece of pool.run({ kind: 'enter' }, options.signal)) {
            if (piece === 'undecided') return 'undecided'
            joiner.take(piece)
            done += piece.sizeBytes
            options.onProgress?.({ activity: 'check', done, total, unit: 'bytes' })
        }
    } finally {
        pool.close()
    }
    const begin = performance.now()
    const { counts, ...read } = joiner.end()
    const { windowSizeBytes, threads = threadsFor(total) } = options
    const setup = { scanner, settings, rows }
    const scratch = new Uint32Array(2 * counts.records)
    const links = new LinkTable(rows, counts.records, scratch)
    const table = new RowTable({ setup, threads, ...read, links, windowSizeBytes })
    // They are met in another order than that of the lines.
    const copies: { readonly newest: number; readonly copy: number; readonly original: number }[] = []
    const onCopy: OnCopy = (newest, original) => {
        const prefersNewest = prefersCopy(table.place(original).file, table.place(newest).file)
        const [copy, kept] = prefersNewest ? [original, newest] : [newest, original]
        copies.push({ newest, copy, original: kept })
        return kept
    }
    await inSteps(links.link(onCopy), options, (part) => {
        const records = Math.floor(part * counts.records)
        options.onProgress?.({ activity: 'order', done: records, total: counts.records, unit: 'records' })
    })
    const chainRows = scratch.subarray(0, counts.records)
    if (copies.length === 0) table.chainRows = await inSteps(orderRows(links.parents, chainRows), options)
    const linkMilliseconds = performance.now() - begin
    copies.sort((a, b) => a.newest - b.newest)
    const originals = new Map(copies.map(({ copy, original }) => [copy, original]))
    return { counts, findings, table, copies: originals, linkMilliseconds }
}

/** Lets signals come in between the steps. */
async function inSteps<Step, Result>(
    steps: Generator<Step, Result>,
    { signal }: WorkOptions,
    onStep: (step: Step) => void = () => undefined,
): Promise<Result> {
    for (;;) {
        const { done, value } = steps.next()
        if (done === true) return value
        onStep(value)
        await setImmediate()
        signal?.throwIfAborted()
    }
}

/** Puts together what the pieces say beside their rows, in the order of the log. */
class RowJoiner {
    readonly #totals: PieceTotals
    readonly #rows: SharedRows
    readonly #firstRows: Uint32Array
    readonly #indexed: IndexedPiece[] = []
    #endsUnreadable = false
    #canBeInWindows = true

    /** @param pieces how many there are */
    constructor(totals: PieceTotals, rows: SharedRows, pieces: number) {
        this.#totals = totals
        this.#rows = rows
        this.#firstRows = new Uint32Array(new SharedArrayBuffer((pieces + 1) * 4))
    }

    take(piece: RowsEntered): void {
        const firstRow = this.#totals.records
        const linesBefore = this.#totals.add(piece)
        this.#firstRows[piece.piece + 1] = this.#totals.records
        this.#indexed.push({ runs: piece.runs, linesBefore })
        if (this.#endsUnreadable && piece.records > 0) markBehindUnreadable(this.#rows, firstRow)
        this.#endsUnreadable = piece.endsUnreadable || (this.#endsUnreadable && piece.records === 0)
        if (piece.hasReturnAtEnd) this.#canBeInWindows = false
    }

    end() {
        return {
            counts: this.#totals.end(),
            firstRows: this.#firstRows,
            indexed: this.#indexed,
            canBeInWindows: this.#canBeInWindows,
        }
    }
}
