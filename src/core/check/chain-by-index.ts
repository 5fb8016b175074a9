// A chain whose lines do not stand in order, or that is one path among several. Long stretches of a chain
// that the fast index knows are read in windows, all others record by record, from where the index says that
// each lies.
import { setImmediate } from 'node:timers/promises'

import type { RecordIndex, RowPlace } from '../composition/chain/record-index.js'
import { type CompositionHash, genesis, hashOfLine } from '../composition/hash.js'
import { isProblem, parseRecord } from '../composition/record.js'
import { changedWhileRead, movedOn, type Place } from '../errors.js'
import { canPackLines, packLines } from '../fast/scanner/pack-lines.js'
import { type ChainWindow, readWindows } from '../fast/shuffled/read-windows.js'
import { RowTable } from '../fast/shuffled/row-table.js'
import { chunkSizeBytes } from '../limits.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'
import { type StoreFile, sizeOfFiles } from '../store/listing/list-files.js'
import { isFinding, type ProcessStore, tryReduction } from '../store/process-store.js'
import { RecordReader } from '../store/reading/record-reader.js'
import { type Chain, type ChainLine, type ChainLines, type CompositionRecord, walkLines } from './chain.js'

const recordsPerBatchMax = 4096
/** About what it takes to read a record by itself, and a byte of the log with all others, in nanoseconds. */
const nanosecondsPerRecord = 2500
const nanosecondsPerByte = 0.15

export type { ChainWindow }

/** What of a store such a chain is read from. */
type ReadFiles = Pick<ProcessStore, 'logFiles' | 'reductionFiles'>

export class ChainByIndex implements Chain {
    readonly length: number
    readonly head: CompositionHash
    readonly oldestParent: CompositionHash
    readonly inOrder: boolean
    #reduced: ReadonlyMap<CompositionHash, number> | undefined
    readonly #store: ReadFiles
    readonly #table: RecordIndex
    /** The same table, where it can be read in windows along this chain. */
    readonly #windows: RowTable | undefined
    /** The rows of the records, oldest first. */
    readonly rows: Uint32Array

    /** @param chainRows the rows of the chain, oldest first, each the child of the one before */
    constructor(store: ReadFiles, table: RecordIndex, chainRows: Uint32Array) {
        this.#store = store
        this.#table = table
        this.rows = chainRows
        this.length = chainRows.length
        const [first] = chainRows
        const last = chainRows.at(-1)
        // Of one chain, every path from its first record on is a beginning.
        const isBeginning = table instanceof RowTable && table.chainRows?.[chainRows.length - 1] === last
        this.#windows = isBeginning && last !== undefined ? table : undefined
        this.head = last === undefined ? genesis : table.hash(last)
        this.oldestParent = first === undefined ? genesis : table.parentHash(first)
        this.inOrder = chainRows.every((row, i) => i === 0 || row > (chainRows[i - 1] as number))
    }

    get reduced(): ReadonlyMap<CompositionHash, number> {
        return (this.#reduced ??= this.#reducedIn(this.#store.reductionFiles))
    }

    async *read(
        from: number,
        to: number,
        options: WorkOptions = {},
    ): AsyncGenerator<readonly CompositionRecord[]> {
        const last = Math.min(to, this.length)
        if (!this.#paysInWindows(from, last)) {
            yield* this.#readSingly(from, last, options)
            return
        }
        for await (const window of this.readWindows(from, last, options)) yield* this.#recordsOf(window)
    }

    async *readPacked(
        from: number,
        to: number,
        options: WorkOptions = {},
    ): AsyncGenerator<PackedRecords | readonly CompositionRecord[]> {
        const last = Math.min(to, this.length)
        if (!canPackLines() || !this.#paysInWindows(from, last)) yield* this.read(from, last, options)
        else yield* packLines(linesOf(this.readWindows(from, last, options)), from)
    }

    /** Whether `readWindows` can be called now. */
    get hasWindows(): boolean {
        return (
            this.#windows !== undefined &&
            !this.#windows.isWindowTaken &&
            this.#windows.windows() !== undefined
        )
    }

    /** The records as whole lines, each with a line feed. */
    async *readWindows(from: number, to: number, options: WorkOptions = {}): AsyncGenerator<ChainWindow> {
        if (this.#windows === undefined) throw new Error('This chain is not read in windows.')
        if (from <= to) yield* readWindows(this.#windows, { ...options, from, to })
    }

    readLines(from: number, to: number, options: WorkOptions = {}): AsyncGenerator<ChainLines> | undefined {
        const last = Math.min(to, this.length)
        return this.#paysInWindows(from, last) ? this.#linesInWindows(from, last, options) : undefined
    }

    async *#linesInWindows(from: number, to: number, options: WorkOptions): AsyncGenerator<ChainLines> {
        for await (const { lines, position } of this.readWindows(from, to, options)) {
            const record = ({ position: at, begin, end }: ChainLine) =>
                this.#recordOf(lines.subarray(begin, end), at)
            const forEach: ChainLines['forEach'] = (visit) =>
                void walkLines(lines, { position, from, to }, visit)
            yield { lines, forEach, record }
        }
    }

    async *#readSingly(
        from: number,
        to: number,
        options: WorkOptions,
    ): AsyncGenerator<readonly CompositionRecord[]> {
        using reader = new RecordReader(this.#store.logFiles)
        let batch: CompositionRecord[] = []
        let sizeBytes = 0
        for (let position = from; position <= to; position++) {
            const record = await this.#withGivenState(this.#record(position, reader))
            batch.push(record)
            sizeBytes += record.place.sizeBytes
            if (sizeBytes < chunkSizeBytes && batch.length < recordsPerBatchMax) continue
            options.signal?.throwIfAborted()
            yield batch
            // The reads are synchronous: without this, an interrupt would never be seen.
            await setImmediate()
            batch = []
            sizeBytes = 0
        }
        if (batch.length > 0) yield batch
    }

    *#recordsOf({ lines, position: first }: ChainWindow): Generator<readonly CompositionRecord[]> {
        let batch: CompositionRecord[] = []
        for (let [start, position] = [0, first]; start < lines.length; position++) {
            const end = lines.indexOf(0x0a, start)
            const bytes = lines.subarray(start, end)
            batch.push(this.#recordOf(bytes, position))
            start = movedOn(start, end + 1)
            if (batch.length < recordsPerBatchMax) continue
            yield batch
            batch = []
        }
        if (batch.length > 0) yield batch
    }

    /** Of a line in a window: it was compared with what is hashed when the window was read. */
    #recordOf(line: Buffer, position: number): CompositionRecord {
        const content = parseRecord(line)
        const row = this.rows[position - 1] as number
        const place = placeInStore(this.#store, this.#table.place(row))
        if (isProblem(content)) throw changedWhileRead(place)
        return { ...content, hash: this.#table.hash(row), place, position }
    }

    #paysInWindows(from: number, to: number): boolean {
        const total = sizeOfFiles(this.#store.logFiles)
        const records = to - from + 1
        const sizeBytes = (total * records) / this.length
        // The least that it takes, before the memory of the windows is laid out.
        if (records * nanosecondsPerRecord <= total * nanosecondsPerByte || !this.hasWindows) return false
        const passes = Math.ceil(sizeBytes / (this.#windows?.windows()?.sizeBytes ?? 1))
        return records * nanosecondsPerRecord > passes * total * nanosecondsPerByte
    }

    find(prefix: string): Promise<readonly number[]> {
        const found: number[] = []
        for (let i = 0; i < this.rows.length && found.length < 2; i++) {
            if (this.#table.hashStartsWith(this.rows[i] as number, prefix)) found.push(i + 1)
        }
        return Promise.resolve(found)
    }

    #record(position: number, reader: RecordReader): CompositionRecord {
        const row = this.rows[position - 1] as number
        const at = this.#table.place(row)
        const bytes = reader.read(at.file, at.offsetBytes, at.sizeBytes)
        const hash = hashOfLine(bytes)
        const place = placeInStore(this.#store, at)
        const content = parseRecord(bytes)
        if (isProblem(content) || this.#table.hash(row) !== hash) throw changedWhileRead(place)
        return { ...content, hash, place, position }
    }

    async #withGivenState(record: CompositionRecord): Promise<CompositionRecord> {
        const { hash, parentHash, position } = record
        const before = this.rows[position - 2]
        if (before === undefined || this.#table.hash(before) === parentHash) return record
        const reduction = await tryReduction(this.#store, hash)
        return reduction === undefined || isFinding(reduction)
            ? record
            : { ...record, givenState: reduction.value }
    }

    #reducedIn(reductions: ReadFiles['reductionFiles']): ReadonlyMap<CompositionHash, number> {
        const positions = new Map<CompositionHash, number>()
        // Whichever are fewer are looked for among the others.
        if (this.rows.length < reductions.size) {
            this.rows.forEach((row, i) => {
                const hash = this.#table.hash(row)
                if (reductions.has(hash)) positions.set(hash, i + 1)
            })
            return positions
        }
        const rows = new Map<number, CompositionHash>()
        for (const hash of reductions.keys()) {
            const row = this.#table.find(hash)
            if (row >= 0) rows.set(row, hash)
        }
        if (rows.size === 0) return positions
        this.rows.forEach((row, i) => {
            const hash = rows.get(row)
            if (hash !== undefined) positions.set(hash, i + 1)
        })
        return positions
    }
}

async function* linesOf(windows: AsyncIterable<ChainWindow>): AsyncGenerator<Buffer> {
    for await (const { lines } of windows) yield lines
}

export function placeInStore(store: Pick<ProcessStore, 'logFiles'>, at: RowPlace): Place {
    const { path } = store.logFiles.at(at.file) as StoreFile
    return {
        file: path,
        ...(at.line > 0 && { line: at.line }),
        offsetBytes: at.offsetBytes,
        sizeBytes: at.sizeBytes,
    }
}
