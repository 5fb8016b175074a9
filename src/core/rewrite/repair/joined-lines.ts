// Lines that hold several records, or a record with marks or zeros around it: each record gets a line of its
// own, where the chain shows that it is one.
import { indexLog } from '../../check/check-log.js'
import type { CheckedStore } from '../../check/check-store.js'
import { isCopy, parentMissing } from '../../composition/chain/links.js'
import type { Finding } from '../../composition/finding.js'
import { type LinePart, partsOfLine } from '../../composition/joined.js'
import { isProblem, parseRecord } from '../../composition/record.js'
import { isTorn } from '../../composition/torn.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import type { ProcessStore } from '../../store/process-store.js'
import { readForwards } from '../../store/reading/read-forwards.js'
import { partOf, type RemovedPart } from './removed-lines.js'

/** What a log is once such lines are split. */
export interface SplitLines {
    /**
     * The store as it will be, read from the files as they are now: a file is read in parts, each of which
     * ends where a line end will be put.
     */
    readonly without: ProcessStore
    readonly parts: readonly RemovedPart[]
}

interface JoinedLine {
    readonly line: number
    readonly end: 'lf' | 'crlf' | 'none'
    /** Where it begins and ends in the file, its line end included. */
    readonly fromBytes: number
    readonly toBytes: number
    /** Offsets are those in the file. */
    readonly parts: readonly LinePart[]
}

/** By index of the file. */
type JoinedLines = ReadonlyMap<number, readonly JoinedLine[]>

/** Undefined where the log has no such line, or the chain shows of none that it should be split. */
export async function splitLinesOf(
    { store, counts }: CheckedStore,
    options: WorkOptions,
): Promise<SplitLines | undefined> {
    if (counts.unreadableLines === 0) return undefined
    const found = await findJoined(store, options)
    if (found.size === 0) return undefined
    const proven = await provenOf(store, found, options)
    if (proven.size === 0) return undefined
    const parts = [...proven].map(([at, lines]) => splitPart(store.logFiles.at(at) as StoreFile, lines))
    return { without: storeWith(store, proven), parts }
}

async function findJoined(store: ProcessStore, { signal }: WorkOptions): Promise<JoinedLines> {
    const lastFile = store.logFiles.findLastIndex(({ sizeBytes }) => sizeBytes > 0)
    const found = new Map<number, JoinedLine[]>()
    const { lineSizeBytesMax } = store.limits
    for (const [at, file] of store.logFiles.entries()) {
        for await (const chunk of readForwards(file, { lineSizeBytesMax, signal })) {
            for (const { bytes, number, offsetBytes, sizeBytes, end, oversized } of chunk) {
                if (sizeBytes === 0 || oversized || !isProblem(parseRecord(bytes))) continue
                if (at === lastFile && end === 'none' && isTorn(bytes)) continue
                const parts = partsOfLine(bytes)
                if (parts === undefined) continue
                const endSizeBytes = { none: 0, lf: 1, crlf: 2 }[end]
                const joined = {
                    line: number,
                    end,
                    fromBytes: offsetBytes,
                    toBytes: offsetBytes + sizeBytes + endSizeBytes,
                    parts: parts.map(({ from, to, isRecord }) => ({
                        from: offsetBytes + from,
                        to: offsetBytes + to,
                        isRecord,
                    })),
                }
                found.set(at, [...(found.get(at) ?? []), joined])
            }
        }
    }
    return found
}

/** The lines whose records all name a parent that is there, or are named: then no other reading fits. */
async function provenOf(store: ProcessStore, found: JoinedLines, options: WorkOptions): Promise<JoinedLines> {
    const split = storeWith(store, found)
    const { index } = await indexLog(split, options)
    const { table, diagnosis } = index
    const { parents } = diagnosis.links
    const isNamed = new Uint8Array(table.rows)
    for (const parent of parents) if (parent >= 0) isNamed[parent] = 1
    const linked = new Set<string>()
    for (let row = 0; row < table.rows; row++) {
        const isLinked = parents[row] !== parentMissing || isNamed[row] === 1 || parents[row] === isCopy
        const { file, offsetBytes } = table.place(row)
        if (isLinked) linked.add(`${split.logFiles.at(file)?.path ?? ''}\0${offsetBytes}`)
    }
    const proven = new Map<number, readonly JoinedLine[]>()
    for (const [at, lines] of found) {
        const path = store.logFiles.at(at)?.path ?? ''
        const kept = lines.filter(({ parts }) =>
            parts.every(({ from, isRecord }) => !isRecord || linked.has(`${path}\0${from}`)),
        )
        if (kept.length > 0) proven.set(at, kept)
    }
    return proven
}

function storeWith(store: ProcessStore, joined: JoinedLines): ProcessStore {
    const logFiles = store.logFiles.flatMap((file, at) => {
        const lines = joined.get(at)
        return lines === undefined ? [file] : [...partsOf(file, lines)]
    })
    return { ...store, logFiles }
}

/** A file in parts, one behind the other; what lies between them is no part of a record. */
function* partsOf(file: StoreFile, lines: readonly JoinedLine[]): Generator<StoreFile> {
    let begin = { beginBytes: file.beginBytes ?? 0, beginLine: 1 }
    const upTo = (sizeBytes: number) =>
        sizeBytes > begin.beginBytes ? [file.with({ ...begin, sizeBytes })] : []
    for (const joined of lines) {
        const { line, fromBytes, toBytes, parts } = joined
        yield* upTo(fromBytes)
        for (const { from, to } of parts.slice(0, -1)) {
            begin = { beginBytes: from, beginLine: line }
            yield* upTo(to)
        }
        const last = parts.at(-1) as LinePart
        begin = { beginBytes: last.from, beginLine: line }
        if (!hasFillerBehind(last, joined)) continue
        yield* upTo(last.to)
        begin = { beginBytes: toBytes, beginLine: line + 1 }
    }
    yield* upTo(file.sizeBytes)
}

function hasFillerBehind({ to }: LinePart, { end, toBytes }: JoinedLine): boolean {
    return to + { none: 0, lf: 1, crlf: 2 }[end] < toBytes
}

/** What is put into a file, and what leaves it: marks and zeros around records, with their line end. */
function splitPart(file: StoreFile, lines: readonly JoinedLine[]): RemovedPart {
    const removed: RemovedPart['lines'][number][] = []
    const added: RemovedPart['added'][number][] = []
    for (const joined of lines) {
        const { line, parts, fromBytes, toBytes } = joined
        let at = fromBytes
        const remove = (to: number) => {
            if (to > at) removed.push({ line, fromBytes: at, toBytes: to, finding: 'malformed-record' })
        }
        for (const [i, part] of parts.entries()) {
            remove(part.from)
            at = part.to
            const isLast = i === parts.length - 1
            if (isLast && !hasFillerBehind(part, joined)) at = toBytes
            else added.push({ atBytes: part.to, text: joined.end === 'crlf' ? '\r\n' : '\n' })
        }
        remove(toBytes)
    }
    return partOf(file, removed, added)
}

/** Findings of a store read in parts: a part's end is no missing line end, its lines count from elsewhere. */
export function ofWholeFiles(findings: readonly Finding[], { parts }: SplitLines): readonly Finding[] {
    const files = new Map(parts.map(({ file }) => [file.path, file]))
    return findings.flatMap((found) => {
        const { place } = found
        const file = place && files.get(place.file)
        if (place === undefined || file === undefined) return [found]
        const isEnd = place.offsetBytes + place.sizeBytes === file.sizeBytes
        if (found.id === 'line-end-missing' && !isEnd) return []
        const { offsetBytes, sizeBytes } = place
        return [{ ...found, place: { file: place.file, offsetBytes, sizeBytes } }]
    })
}
