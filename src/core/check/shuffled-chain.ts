// The chain of a log whose lines do not stand in order, where the fast index knows it: long stretches are read in windows,
// single records one by one.
import { isProblem, parseRecord } from '../composition/record.js'
import type { RecordIndex } from '../composition/record-index.js'
import { hashOfLine } from '../composition/hash.js'
import { movedOn } from '../errors.js'
import { canPackLines, packLines } from '../fast/pieces/pack-lines.js'
import { type ChainWindow, readWindows, windowSizeOf } from '../fast/shuffled/read-windows.js'
import { RowTable } from '../fast/shuffled/row-table.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'
import type { ProcessStore } from '../store/process-store.js'
import type { CompositionRecord } from './chain.js'
import { ChainByIndex, placeInStore } from './chain-by-index.js'
import { changed } from './chain-in-order.js'

export type { ChainWindow }

/** About what it takes to read a record by itself, and to read a byte of the log with all others, in nanoseconds. */
const nanosecondsPerRecord = 2500
const nanosecondsPerByte = 0.15
const recordsPerBatchMax = 4096

/** The chain that goes along a path of an index; where that can be, one that is read in windows. */
export function chainByIndex(store: ProcessStore, table: RecordIndex, path: Uint32Array): ChainByIndex {
    const last = path.length - 1
    // Of one chain, every path from its first record on is a beginning.
    const isBeginning = table instanceof RowTable && last >= 0 && table.path?.[last] === path[last]
    return isBeginning ? new ShuffledChain(store, table, path) : new ChainByIndex(store, table, path)
}

export class ShuffledChain extends ChainByIndex {
    readonly #store: ProcessStore
    readonly #table: RowTable

    constructor(store: ProcessStore, table: RowTable, path: Uint32Array) {
        super(store, table, path)
        this.#store = store
        this.#table = table
    }

    override async *read(
        from: number,
        to: number,
        options: WorkOptions = {},
    ): AsyncGenerator<readonly CompositionRecord[]> {
        const last = Math.min(to, this.length)
        if (this.#table.isWindowTaken || !this.#paysInWindows(from, last)) {
            yield* super.read(from, last, options)
            return
        }
        for await (const { position, lines } of this.readWindows(from, last, options)) {
            yield* this.#recordsOf(lines, position)
        }
    }

    async *readPacked(
        from: number,
        to: number,
        options: WorkOptions = {},
    ): AsyncGenerator<PackedRecords | readonly CompositionRecord[]> {
        const last = Math.min(to, this.length)
        const pays = canPackLines() && !this.#table.isWindowTaken && this.#paysInWindows(from, last)
        if (pays) yield* packLines(this.#linesOf(from, last, options), from)
        else yield* this.read(from, last, options)
    }

    async *#linesOf(from: number, to: number, options: WorkOptions): AsyncGenerator<Buffer> {
        for await (const { lines } of this.readWindows(from, to, options)) yield lines
    }

    /** The same as whole lines, each with a line feed. */
    async *readWindows(from: number, to: number, options: WorkOptions = {}): AsyncGenerator<ChainWindow> {
        if (from > to) return
        const lastHash = to === this.length ? this.head : this.#table.hash(this.rows[to - 1] as number)
        yield* readWindows(this.#table, from, to, { lastHash }, options)
    }

    *#recordsOf(lines: Buffer, firstPosition: number): Generator<readonly CompositionRecord[]> {
        let batch: CompositionRecord[] = []
        let position = firstPosition
        for (let start = 0; start < lines.length; position++) {
            const end = lines.indexOf(0x0a, start)
            const bytes = lines.subarray(start, end)
            const content = parseRecord(bytes)
            const place = placeInStore(this.#store, this.#table.place(this.rows[position - 1] as number))
            if (isProblem(content)) throw changed(place)
            batch.push({ ...content, hash: hashOfLine(bytes), place, position })
            start = movedOn(start, end + 1)
            if (batch.length < recordsPerBatchMax) continue
            yield batch
            batch = []
        }
        if (batch.length > 0) yield batch
    }

    #paysInWindows(from: number, to: number): boolean {
        const records = to - from + 1
        const total = this.#store.logFiles.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        const passes = Math.ceil((total * records) / this.length / windowSizeOf(this.#table))
        return records * nanosecondsPerRecord > passes * total * nanosecondsPerByte
    }
}
