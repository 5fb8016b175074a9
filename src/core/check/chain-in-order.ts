// A chain whose lines stand in order, as nearly every log's do: it is read as a stream and needs no index, so
// that a log larger than memory can be checked and replayed.
import { Findings } from '../composition/findings.js'
import { type CompositionHash, genesis, hashOfLine } from '../composition/hash.js'
import { placeOfLine } from '../composition/line-checks.js'
import { isProblem, parseRecord } from '../composition/record.js'
import { changedWhileRead, type Place } from '../errors.js'
import { followInputs } from '../fast/in-order/follow-log.js'
import type { FollowedLog } from '../fast/in-order/followed-log.js'
import { type Mark, Marks } from '../fast/pieces/marks.js'
import { canPackLines } from '../fast/scanner/pack-lines.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'
import { type FileList, type StoreFile, sizeOfFiles } from '../store/listing/list-files.js'
import type { ProcessStore } from '../store/process-store.js'
import { readForwards, readWholeLines } from '../store/reading/read-forwards.js'
import { type Chain, type ChainLine, type ChainLines, type CompositionRecord, walkLines } from './chain.js'
import type { ScannedRecord } from './scan-log.js'

const recordsPerMark = 4096
/** What is smaller is read in less time than it takes to set up the fast way. */
const packedSizeBytesMin = 1 << 16

/** Follows the records as they stand, for as long as each names the one before it. */
export class InOrderFollower {
    readonly #marks = new Marks()
    readonly #reduced = new Map<CompositionHash, number>()
    readonly #reductions: ReadonlyMap<CompositionHash, unknown>
    #length = 0
    #head = genesis
    #oldestParent = genesis

    constructor(reductions: ReadonlyMap<CompositionHash, unknown>) {
        this.#reductions = reductions
    }

    /** False where the record is not the child of the one before. */
    follow({ content, hash, row }: ScannedRecord): boolean {
        const { parentHash } = content
        if (this.#length === 0) this.#oldestParent = parentHash
        else if (parentHash !== this.#head) return false
        const isReduced = this.#reductions.has(hash)
        this.#length += 1
        if (isReduced) this.#reduced.set(hash, this.#length)
        if (isReduced || this.#length % recordsPerMark === 1) {
            const { file, offsetBytes, line } = row
            this.#marks.add({ position: this.#length, file, offsetBytes, lineNumber: line, parentHash })
        }
        this.#head = hash
        return true
    }

    /** @param unreadableLines lines that are no records */
    chain(store: ProcessStore, unreadableLines: number): Chain {
        return new ChainInOrder(store, {
            counts: { unreadableLines },
            length: this.#length,
            head: this.#head,
            oldestParent: this.#oldestParent,
            reduced: this.#reduced,
            marks: this.#marks,
        })
    }
}

interface Followed extends Omit<FollowedLog, 'counts' | 'oddReductions' | 'piecesByHelpers'> {
    readonly counts: Pick<FollowedLog['counts'], 'unreadableLines'>
}

/** The chain of a log that was followed as its lines stand. */
export class ChainInOrder implements Chain {
    readonly length: number
    readonly head: CompositionHash
    readonly oldestParent: CompositionHash
    readonly inOrder = true
    readonly reduced: ReadonlyMap<CompositionHash, number>
    readonly looked: Chain['looked']
    readonly #store: ProcessStore
    readonly #marks: Marks
    readonly #hasRecordsOnly: boolean

    constructor(store: ProcessStore, followed: Followed) {
        this.#store = store
        this.length = followed.length
        this.head = followed.head
        this.oldestParent = followed.oldestParent
        this.reduced = followed.reduced
        this.looked = followed.looked
        this.#marks = followed.marks
        this.#hasRecordsOnly = followed.counts.unreadableLines === 0
    }

    async *read(
        from: number,
        to: number,
        options: WorkOptions = {},
    ): AsyncGenerator<readonly CompositionRecord[]> {
        const mark = this.#marks.lastUpTo(from)
        if (mark === undefined || from > to) return
        let position = mark.position
        let parent = mark.parentHash
        for (let index = mark.file; index < this.#store.logFiles.length; index++) {
            const file = this.#store.logFiles.at(index) as StoreFile
            const chunks = readForwards(file, {
                lineSizeBytesMax: this.#store.limits.lineSizeBytesMax,
                signal: options.signal,
                ...(index === mark.file && { from: mark }),
            })
            for await (const chunk of chunks) {
                const batch: CompositionRecord[] = []
                for (const line of chunk) {
                    if (line.sizeBytes === 0 || line.oversized) continue
                    const content = parseRecord(line.bytes)
                    if (isProblem(content)) continue
                    const place = placeOfLine(file.path, line)
                    if (content.parentHash !== parent) throw changedWhileRead(place)
                    const hash = hashOfLine(line.bytes)
                    // No record behind it bears witness of the newest one.
                    if (position === this.length && hash !== this.head) throw changedWhileRead(place)
                    parent = hash
                    if (position >= from) batch.push({ ...content, hash, place, position })
                    if (position === to) {
                        yield batch
                        return
                    }
                    position += 1
                }
                if (batch.length > 0) yield batch
            }
        }
        throw changedWhileRead()
    }

    async *readPacked(
        from: number,
        to: number,
        options: WorkOptions = {},
    ): AsyncGenerator<PackedRecords | readonly CompositionRecord[]> {
        const { logFiles } = this.#store
        const begin = this.#marks.firstFrom(from)
        const end = to < this.length ? this.#marks.lastUpTo(to + 1) : undefined
        const behind = to < this.length ? (end?.position ?? 0) : this.length + 1
        const isWorthIt =
            begin !== undefined &&
            behind > begin.position &&
            sizeOfFiles(filesBetween(logFiles, begin, end)) >= packedSizeBytesMin
        if (!isWorthIt || !canPackLines()) {
            yield* this.read(from, to, options)
            return
        }
        yield* this.read(from, begin.position - 1, options)
        const part = { begin, end, records: behind - begin.position, head: end?.parentHash ?? this.head }
        if (!(yield* packPart(this.#store, part, options))) throw changedWhileRead()
        yield* this.read(behind, to, options)
    }

    readLines(from: number, to: number, options: WorkOptions = {}): AsyncGenerator<ChainLines> | undefined {
        return this.#hasRecordsOnly ? this.#lines(from, to, options) : undefined
    }

    async *#lines(from: number, to: number, { signal }: WorkOptions): AsyncGenerator<ChainLines> {
        const mark = this.#marks.lastUpTo(from)
        if (mark === undefined || from > to) return
        let { position, lineNumber } = mark
        for (const [i, file] of this.#store.logFiles.slice(mark.file).entries()) {
            if (i > 0) lineNumber = file.beginLine ?? 1
            const begin = i === 0 ? mark.offsetBytes : (file.beginBytes ?? 0)
            for await (const { lines, offsetBytes } of readWholeLines(file, begin, signal)) {
                let walked: ReturnType<typeof walkLines> | undefined
                const [first, firstLine] = [position, lineNumber]
                const forEach: ChainLines['forEach'] = (visit) => {
                    walked ??= walkLines(lines, { position: first, from, to }, visit)
                }
                const record = (line: ChainLine) => {
                    const place = { file: file.path, line: firstLine + line.index, offsetBytes }
                    return recordIn(lines, line, place)
                }
                yield { lines, forEach, record }
                forEach(() => undefined)
                position += walked?.records ?? 0
                lineNumber += walked?.lines ?? 0
                if (position > to) return
            }
        }
        throw changedWhileRead()
    }

    async find(prefix: string, options: WorkOptions = {}): Promise<readonly number[]> {
        const reduced = this.reduced.get(prefix as CompositionHash)
        if (reduced !== undefined) return [reduced]
        const found: number[] = []
        for await (const batch of this.read(1, this.length, options)) {
            for (const { hash, position } of batch) {
                if (hash.startsWith(prefix)) found.push(position)
                if (found.length === 2) return found
            }
        }
        return found
    }
}

/** @param at where the lines stand in their file */
function recordIn(
    lines: Buffer,
    { position, begin, end }: ChainLine,
    { offsetBytes, ...at }: Omit<Place, 'sizeBytes'>,
): CompositionRecord {
    const bytes = lines.subarray(begin, end)
    const place = { ...at, offsetBytes: offsetBytes + begin, sizeBytes: bytes.length }
    const content = parseRecord(bytes)
    if (isProblem(content)) throw changedWhileRead(place)
    return { ...content, hash: hashOfLine(bytes), place, position }
}

// A part of a chain whose lines are in order, packed for the app by the fast way, which verifies it once
// more.

/** The records from one place to another: all between two marks, or between a mark and the end of the log. */
interface ChainPart {
    readonly begin: Mark
    /** The first record that is no part of it; absent at the end of the log. */
    readonly end: Mark | undefined
    readonly records: number
    /** Hash of the last of its records. */
    readonly head: CompositionHash
}

/** Yields the inputs of a part, and returns whether it was what it should be. */
async function* packPart(
    store: ProcessStore,
    part: ChainPart,
    { signal }: WorkOptions,
): AsyncGenerator<PackedRecords, boolean> {
    const { begin, end, records, head } = part
    const logFiles = filesBetween(store.logFiles, begin, end)
    const steps = followInputs({ ...store, logFiles, reductionFiles: new Map() }, new Findings(), { signal })
    try {
        for (;;) {
            const { done, value } = await steps.next()
            if (done !== true) {
                yield { ...value, firstPosition: value.firstPosition + begin.position - 1 }
                continue
            }
            const isSame =
                typeof value === 'object' &&
                value.length === records &&
                value.oldestParent === begin.parentHash
            return isSame && value.head === head
        }
    } finally {
        await steps.return('undecided')
    }
}

function filesBetween(files: FileList, begin: Mark, end: Mark | undefined): readonly StoreFile[] {
    return files
        .slice(0, end === undefined ? undefined : end.file + 1)
        .map((file, i) => (i === end?.file ? file.with({ sizeBytes: end.offsetBytes }) : file))
        .slice(begin.file)
        .map((file, i) => (i === 0 ? file.with({ beginBytes: begin.offsetBytes }) : file))
}
