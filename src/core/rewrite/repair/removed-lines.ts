// Which bytes leave a log when it is repaired, line by line. What stays and what goes is together what was
// there, byte for byte, but for line ends that are put between records, and records that are put back.
import type { IndexedLog } from '../../check/check-log.js'
import { isCopy } from '../../composition/chain/links.js'
import type { FindingId } from '../../composition/finding.js'
import { byteOrderMark } from '../../composition/lines.js'
import { isProblem, parseRecord } from '../../composition/record.js'
import { isTorn } from '../../composition/torn.js'
import type { WorkOptions } from '../../progress.js'
import type { FileList, StoreFile } from '../../store/listing/list-files.js'
import { readForwards } from '../../store/reading/read-forwards.js'

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

/** A line end that is put behind a record, or a record that is put back, with its line end. */
export interface AddedText {
    readonly atBytes: number
    readonly text: string
}

export const isLineEnd = ({ text }: AddedText): boolean => text.trim() === ''

/** The lines that leave one log file, and what is put into it, in their order. */
export interface RemovedPart {
    readonly file: StoreFile
    readonly lines: readonly RemovedLine[]
    readonly added: readonly AddedText[]
    /** Bytes that leave it. */
    readonly sizeBytes: number
}

/** Every line that is neither blank nor a record of the chain. */
export async function linesToRemove(
    { store, index }: IndexedLog,
    chainRows: Uint32Array,
    options: WorkOptions,
): Promise<readonly RemovedPart[]> {
    const { table, diagnosis } = index
    const onChain = new Uint8Array(table.rows)
    for (const row of chainRows) onChain[row] = 1
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
                    if (onChain[row] === 0) {
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

export function partOf(
    file: StoreFile,
    lines: readonly RemovedLine[],
    added: readonly AddedText[] = [],
): RemovedPart {
    const sizeBytes = lines.reduce((sum, line) => sum + line.toBytes - line.fromBytes, 0)
    return { file, lines, added, sizeBytes }
}

/** One part for each file of a store, of several that may each say something of it. */
export function mergeParts(logFiles: FileList, parts: readonly RemovedPart[]): readonly RemovedPart[] {
    const paths = new Set(parts.map(({ file }) => file.path))
    return logFiles
        .filter(({ path }) => paths.has(path))
        .map((file) => {
            const own = parts.filter((part) => part.file.path === file.path)
            const lines = own.flatMap((part) => part.lines).sort((a, b) => a.fromBytes - b.fromBytes)
            const isGone = (at: number) =>
                lines.some(({ fromBytes, toBytes }) => fromBytes < at && at <= toBytes)
            const added = own
                .flatMap((part) => part.added)
                .filter(({ atBytes }) => !isGone(atBytes))
                .sort((a, b) => a.atBytes - b.atBytes)
            return partOf(file, withoutLoneMark(file, lines), added)
        })
}

/** Where nothing stays of a file but the mark that it begins with, the mark goes with its first line. */
function withoutLoneMark(file: StoreFile, lines: readonly RemovedLine[]): readonly RemovedLine[] {
    const [first, ...others] = lines
    // A first line begins behind a mark, or with the file.
    if (first === undefined || first.line !== 1 || first.fromBytes !== byteOrderMark.length) return lines
    let end = first.fromBytes
    for (const { fromBytes, toBytes } of lines) if (fromBytes === end) end = toBytes
    return end === file.sizeBytes ? [{ ...first, fromBytes: 0 }, ...others] : lines
}

/** What a file will be: ranges of its bytes, and what is added between them. */
export function* keptOf({
    file,
    lines,
    added,
}: RemovedPart): Generator<readonly [from: number, to: number] | AddedText> {
    let at = file.beginBytes ?? 0
    let next = 0
    const upTo = function* (to: number) {
        for (let text = added[next]; text !== undefined && text.atBytes <= to; text = added[++next]) {
            if (text.atBytes > at) yield [at, text.atBytes] as const
            yield text
            at = text.atBytes
        }
        if (to > at) yield [at, to] as const
    }
    for (const { fromBytes, toBytes } of lines) {
        yield* upTo(fromBytes)
        at = toBytes
    }
    yield* upTo(file.sizeBytes)
}

/** Whether not a byte of it stays. */
export function isEmptied({ file, sizeBytes }: RemovedPart): boolean {
    return sizeBytes === file.sizeBytes
}
