// Reads every line of a log once, in the order of the lines, and reports what is wrong with single lines.
// What the records mean for each other is the visitor's business.
import type { RowPlace } from '../composition/chain/record-index.js'
import type { Findings } from '../composition/findings.js'
import { type CompositionHash, hashOfLine } from '../composition/hash.js'
import { LineChecks, placeOfLine } from '../composition/line-checks.js'
import type { Generation, LogCounts, RecordContent } from '../composition/record.js'
import type { WorkOptions } from '../progress.js'
import { type StoreFile, sizeOfFiles } from '../store/listing/list-files.js'
import { hasUnseen, UnseenFiles } from '../store/listing/unseen-files.js'
import { type ProcessStore, unreadable } from '../store/process-store.js'
import { readForwards } from '../store/reading/read-forwards.js'

export interface ScannedRecord {
    readonly content: RecordContent
    readonly hash: CompositionHash
    readonly row: RowPlace
    /** A line that could not be read stands directly before it. */
    readonly behindUnreadable: boolean
}

/** Takes each record; answers false to end the scan. */
export type RecordVisitor = (record: ScannedRecord) => boolean

/** How a log is read from its beginning. */
export interface ScanOptions extends WorkOptions {
    /** Go on past a file that cannot be read, as past a line that cannot: it is a finding. */
    readonly pastUnreadable?: boolean | undefined
    /** Texts that the fast reader looks for in the lines on the way: see `Chain.looked`. */
    readonly wanted?: readonly string[] | undefined
}

/** Reads the whole log; undefined where the visitor ended it. */
export async function scanLog(
    { store, findings }: { readonly store: ProcessStore; readonly findings: Findings },
    visit: RecordVisitor,
    options: ScanOptions,
): Promise<LogCounts | undefined> {
    if (hasUnseen(store.logFiles)) throw new UnseenFiles()
    const total = sizeOfFiles(store.logFiles)
    const lastFile = store.logFiles.findLastIndex(({ sizeBytes }) => sizeBytes > 0)
    const lines = new LineChecks(findings)
    let records = 0
    let events = 0
    let setStates = 0
    let unreadableLines = 0
    let behindUnreadable = false
    let done = 0
    const generations: Record<Generation, number> = { '2018-11': 0, '2019-03': 0, '2019-04': 0 }

    for (const [index, file] of store.logFiles.entries()) {
        const chunks = readForwards(file, {
            lineSizeBytesMax: store.limits.lineSizeBytesMax,
            signal: options.signal,
            onRead: (sizeBytes) => {
                done += sizeBytes
                options.onProgress?.({ activity: 'check', done, total, unit: 'bytes' })
            },
        })
        const readable = options.pastUnreadable === true ? pastUnreadable(chunks, file, findings) : chunks
        for await (const chunk of readable) {
            if (chunk === 'unreadable') {
                unreadableLines++
                behindUnreadable = true
                continue
            }
            for (const line of chunk) {
                const placeOf = () => placeOfLine(file.path, line)
                lines.beforeReading(line, placeOf)
                if (line.sizeBytes === 0) continue
                const content = lines.read(line, placeOf, index === lastFile)
                if (content === undefined) {
                    unreadableLines++
                    behindUnreadable = true
                    continue
                }
                records++
                events += content.events.length
                generations[content.generation]++
                if (content.setState !== undefined) setStates++
                const row = {
                    file: index,
                    line: line.number,
                    offsetBytes: line.offsetBytes,
                    sizeBytes: line.sizeBytes,
                }
                if (!visit({ content, hash: hashOfLine(line.bytes), row, behindUnreadable })) return undefined
                behindUnreadable = false
            }
        }
    }
    lines.afterReading()
    const files = store.logFiles.length
    return { files, sizeBytes: total, records, events, setStates, generations, unreadableLines }
}

async function* pastUnreadable<T>(
    chunks: AsyncIterable<T>,
    { path }: StoreFile,
    findings: Findings,
): AsyncGenerator<T | 'unreadable'> {
    try {
        yield* chunks
    } catch (error) {
        findings.add(unreadable(error, path))
        yield 'unreadable'
    }
}
