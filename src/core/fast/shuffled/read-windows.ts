// Hands out the lines of a shuffled log in chain order. Instead of a read for each record, the log is read as
// it stands a few times: each time, the lines of the next stretch of the chain, a window, are copied to where
// they belong.
import { changedWhileRead } from '../../errors.js'
import { fileSystemError } from '../../file-system-error.js'
import type { WorkOptions } from '../../progress.js'
import type { GatherResult } from '../pieces/piece-rows.js'
import { LogThreads } from '../threads/threads.js'
import type { RowTable, Windows } from './row-table.js'

/** Lines that stand one behind the other in the chain, each with a line feed behind it. */
export interface ChainWindow {
    /** Position of the first of them, from 1, and of the one behind the last. */
    readonly position: number
    readonly endPosition: number
    /** Valid until the next window is asked for. */
    readonly lines: Buffer
    /** Where the line at a position begins, and at the end position, where the last one ends. */
    readonly offsetOf: (position: number) => number
}

/** Positions in the chain, both included. */
interface Stretch {
    readonly from: number
    readonly to: number
}

/**
 * The records of the chain from one position to another, both included. Each is hashed again and must have
 * the hash that it was entered with before it is handed out, so what comes is the chain that was checked. The
 * windows take the memory of the hashes of the parents, so there must be no two such readers at a time.
 * @throws ComplogError `store-changed`, `file-system`
 */
export async function* readWindows(
    table: RowTable,
    { from, to, signal }: Stretch & WorkOptions,
): AsyncGenerator<ChainWindow> {
    const windows = table.windows()
    if (windows === undefined || table.isWindowTaken) throw new Error('No window to read in.')
    table.isWindowTaken = true
    const { setup, threads, firstRows } = table.parts
    const pool = new LogThreads(setup, threads)
    let isAtRest = true
    try {
        for (let position = from; position <= to; ) {
            const window = windowFrom(table, windows, { from: position, to })
            const { fromBytes, toBytes, endPosition } = window
            const job = { kind: 'gather', firstRows, fromBytes, toBytes } as const
            isAtRest = false
            for await (const result of pool.run(job, signal)) {
                if (result.kind === 'changed') throw changedWhileRead()
                if (result.kind === 'unread') throw unread(result)
            }
            isAtRest = true
            const lines = windows.window.subarray(0, toBytes - fromBytes)
            const offsetOf = (at: number) => placeOf(table, windows, at) - fromBytes
            yield { position, endPosition, lines, offsetOf }
            position = endPosition
        }
    } finally {
        pool.close()
        // Where the work ended in its middle, another thread may still write to the window.
        if (isAtRest) table.isWindowTaken = false
    }
}

/** The longest stretch from a position on that fits. */
function windowFrom(
    table: RowTable,
    windows: Windows,
    { from: position, to }: Stretch,
): { readonly fromBytes: number; readonly toBytes: number; readonly endPosition: number } {
    const fromBytes = placeOf(table, windows, position)
    let low = position + 1
    let high = to + 1
    while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if (placeOf(table, windows, middle) <= fromBytes + windows.sizeBytes) low = middle
        else high = middle - 1
    }
    return { fromBytes, toBytes: placeOf(table, windows, low), endPosition: low }
}

/** Where the record at a position begins in the whole chain, in bytes; of one behind the last, its end. */
function placeOf({ chainRows, parts }: RowTable, { places }: Windows, position: number): number {
    const row = chainRows?.[position - 1]
    if (row !== undefined) return places[row] as number
    const last = chainRows?.[position - 2] as number
    return (places[last] as number) + (parts.setup.rows.sizes[last] as number) + 1
}

function unread({ path, code }: Extract<GatherResult, { kind: 'unread' }>): Error {
    return fileSystemError(Object.assign(new Error(code), { code, syscall: 'read' }), 'read', path)
}
