// Which bytes leave a log when it is repaired, line by line. What stays and what goes is together what was there, byte
// for byte.
import type { LogIndex } from '../check/check-log.js'
import type { FindingId } from '../composition/finding.js'
import { isCopy } from '../composition/links.js'
import { isProblem, parseRecord } from '../composition/record.js'
import { isTorn } from '../composition/torn.js'
import type { WorkOptions } from '../progress.js'
import type { StoreFile } from '../store/list-files.js'
import type { ProcessStore } from '../store/process-store.js'
import { readForwards } from '../store/read-forwards.js'

/** A line that leaves its file, or the part of the last line that does. */
export interface RemovedLine {
    /** Line number from 1. */
    readonly line: number
    /** Where it begins and ends in the file, its line end included. */
    readonly fromBytes: number
    readonly toBytes: number
    /** The kind of finding that it leaves for. */
    readonly finding: FindingId
}

/** The lines that leave one log file, in their order. */
export interface RemovedPart {
    readonly file: StoreFile
    readonly lines: readonly RemovedLine[]
    readonly sizeBytes: number
}

/** Every line that is neither blank nor a record of the chain. */
export async function linesToRemove(
    store: ProcessStore,
    index: LogIndex,
    path: Uint32Array,
    options: WorkOptions,
): Promise<readonly RemovedPart[]> {
    const { table, diagnosis } = index
    const onPath = new Uint8Array(table.rows)
    for (const row of path) onPath[row] = 1
    const lastFile = store.logFiles.findLastIndex(({ sizeBytes }) => sizeBytes > 0)
    const parts: RemovedPart[] = []
    let row = 0
    for (const [at, file] of store.logFiles.entries()) {
        const lines: RemovedLine[] = []
        /** A line ends where the next one begins. */
        let open: Omit<RemovedLine, 'toBytes'> | undefined
        const close = (toBytes: number) => {
            if (open !== undefined) lines.push({ ...open, toBytes })
            open = undefined
        }
        const { lineSizeBytesMax } = store.limits
        for await (const chunk of readForwards(file, { lineSizeBytesMax, signal: options.signal })) {
            for (const line of chunk) {
                close(line.offsetBytes)
                if (line.sizeBytes === 0) continue
                const place = row < table.rows ? table.place(row) : undefined
                let finding: FindingId | undefined
                if (place?.file === at && place.offsetBytes === line.offsetBytes) {
                    if (onPath[row] === 0) {
                        const isDuplicate = diagnosis.links.parents[row] === isCopy
                        finding = isDuplicate ? 'duplicate-record' : 'unlinked-record'
                    }
                    row++
                } else {
                    const parsed = parseRecord(line.bytes)
                    const isTornTail = at === lastFile && line.end === 'none' && isTorn(line.bytes)
                    finding = isTornTail
                        ? 'torn-tail'
                        : isProblem(parsed)
                          ? parsed.problem
                          : 'unlinked-record'
                }
                if (finding !== undefined) open = { line: line.number, fromBytes: line.offsetBytes, finding }
            }
        }
        close(file.sizeBytes)
        if (lines.length > 0) parts.push(partOf(file, lines))
    }
    return parts
}

export function partOf(file: StoreFile, lines: readonly RemovedLine[]): RemovedPart {
    return { file, lines, sizeBytes: lines.reduce((sum, line) => sum + line.toBytes - line.fromBytes, 0) }
}

/** What stays of a file, as ranges of its bytes. */
export function* keptRanges({ file, lines }: RemovedPart): Generator<readonly [number, number]> {
    let at = 0
    for (const { fromBytes, toBytes } of lines) {
        if (fromBytes > at) yield [at, fromBytes]
        at = toBytes
    }
    if (file.sizeBytes > at) yield [at, file.sizeBytes]
}

/** Whether not a byte of it stays. */
export function isEmptied({ file, sizeBytes }: RemovedPart): boolean {
    return sizeBytes === file.sizeBytes
}
