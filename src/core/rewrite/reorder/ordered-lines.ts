// The content of the reordered files: the lines of the chain, each byte for byte as it was, with the line end of the file
// that it goes to.
import { placeInStore } from '../../check/chain-by-index.js'
import { changed } from '../../check/chain-in-order.js'
import { type ChainWindow, ShuffledChain } from '../../check/shuffled-chain.js'
import { hashOfLine } from '../../composition/hash.js'
import { movedOn } from '../../errors.js'
import { chunkSizeBytes } from '../../limits.js'
import type { WorkOptions } from '../../progress.js'
import { RecordReader } from '../../store/record-reader.js'
import type { FileOrder, ReorderPlan } from './plan-reorder.js'

/** Files are to be asked for in the order of their paths, and to be read to their end, each at most once. */
export interface OrderedLines {
    contentOf(order: FileOrder): AsyncIterable<Buffer> | Iterable<Buffer>
    close(): Promise<void>
}

export function orderedLines(plan: ReorderPlan, options: WorkOptions): OrderedLines {
    return plan.chain instanceof ShuffledChain
        ? new LinesFromWindows(plan, plan.chain, options)
        : new SingleLines(plan, options)
}

/** Reads in windows of the chain, whatever the number of files. */
class LinesFromWindows implements OrderedLines {
    readonly #windows: ReturnType<ShuffledChain['readWindows']>
    #window: ChainWindow | undefined

    constructor(plan: ReorderPlan, chain: ShuffledChain, options: WorkOptions) {
        this.#windows = chain.readWindows(1, plan.length, options)
    }

    async *contentOf({ firstPosition, rows, lineEnd }: FileOrder): AsyncGenerator<Buffer> {
        const end = firstPosition + rows.length
        for (let position = firstPosition; position < end;) {
            const { lines, offsets, position: first } = await this.#windowWith(position)
            const from = position - first
            const to = Math.min(offsets.length, end - first)
            for (let at = from; at < to;) {
                const begin = offsets[at] as number
                at = Math.min(to, firstBehind(offsets, begin + chunkSizeBytes, at + 1))
                const chunk = lines.subarray(begin, at < offsets.length ? offsets[at] : lines.length)
                yield lineEnd.length === 1 ? chunk : withLineEnds(chunk, lineEnd)
            }
            position = movedOn(position, first + to)
        }
    }

    async close(): Promise<void> {
        await this.#windows.return(undefined)
    }

    async #windowWith(position: number): Promise<ChainWindow> {
        while (
            this.#window === undefined ||
            position >= this.#window.position + this.#window.offsets.length
        ) {
            const next = await this.#windows.next()
            if (next.done === true) throw changed()
            this.#window = next.value
        }
        return this.#window
    }
}

/** The first of the ascending offsets from an index on that lies behind a place. */
function firstBehind(offsets: Uint32Array, place: number, from: number): number {
    let low = from
    let high = offsets.length
    while (low < high) {
        const middle = (low + high) >> 1
        if ((offsets[middle] as number) <= place) low = middle + 1
        else high = middle
    }
    return low
}

function withLineEnds(lines: Buffer, lineEnd: Buffer): Buffer {
    const parts: Buffer[] = []
    for (let start = 0; start < lines.length;) {
        const end = lines.indexOf(0x0a, start)
        parts.push(lines.subarray(start, end), lineEnd)
        start = movedOn(start, end + 1)
    }
    return Buffer.concat(parts)
}

const carriageReturnLineFeed = Buffer.from('\r\n')

/** Reads record by record, from where the index says that each lies. */
class SingleLines implements OrderedLines {
    readonly #plan: ReorderPlan
    readonly #reader: RecordReader
    readonly #options: WorkOptions

    constructor(plan: ReorderPlan, options: WorkOptions) {
        this.#plan = plan
        this.#reader = new RecordReader(plan.store.logFiles)
        this.#options = options
    }

    *contentOf({ rows, lineEnd }: Pick<FileOrder, 'rows' | 'lineEnd'>): Generator<Buffer> {
        const { table } = this.#plan.index
        let pieces: Buffer[] = []
        let sizeBytes = 0
        for (const row of rows) {
            const place = table.place(row)
            const bytes = this.#reader.read(place.file, place.offsetBytes, place.sizeBytes)
            if (!table.hasHash(row, hashOfLine(bytes))) throw changed(placeInStore(this.#plan.store, place))
            // A carriage return that is the record's own must not become a part of the line end.
            const end = bytes.at(-1) === 0x0d ? carriageReturnLineFeed : lineEnd
            pieces.push(bytes, end)
            sizeBytes += place.sizeBytes + end.length
            if (sizeBytes < chunkSizeBytes) continue
            this.#options.signal?.throwIfAborted()
            yield Buffer.concat(pieces)
            pieces = []
            sizeBytes = 0
        }
        if (pieces.length > 0) yield Buffer.concat(pieces)
    }

    close(): Promise<void> {
        this.#reader.close()
        return Promise.resolve()
    }
}

/** Some rows as they stand, one by one. */
export async function* singleLines(
    plan: ReorderPlan,
    rows: Uint32Array,
    lineEnd: Buffer,
    options: WorkOptions,
): AsyncGenerator<Buffer> {
    const lines = new SingleLines(plan, options)
    try {
        yield* lines.contentOf({ rows, lineEnd })
    } finally {
        await lines.close()
    }
}
