// The content of the reordered files: the lines of the chain, each byte for byte as it was, with the line end
// of the file that it goes to.
import { type ChainByIndex, type ChainWindow, placeInStore } from '../../check/chain-by-index.js'
import { hashOfLine } from '../../composition/hash.js'
import { changedWhileRead, movedOn } from '../../errors.js'
import { chunkSizeBytes } from '../../limits.js'
import type { WorkOptions } from '../../progress.js'
import { RecordReader } from '../../store/reading/record-reader.js'
import type { FileOrder, LogOrder } from './log-order.js'

/** Files are to be asked for in the order of their paths, and to be read to their end, each at most once. */
export interface OrderedLines {
    contentOf(order: FileOrder): AsyncIterable<Buffer> | Iterable<Buffer>
    close(): Promise<void>
}

export function orderedLines(plan: LogOrder, options: WorkOptions): OrderedLines {
    return plan.chain.hasWindows ? new LinesFromWindows(plan, options) : new SingleLines(plan, options)
}

/** Reads in windows of the chain, whatever the number of files. */
class LinesFromWindows implements OrderedLines {
    readonly #windows: ReturnType<ChainByIndex['readWindows']>
    #window: ChainWindow | undefined

    constructor({ chain, length }: LogOrder, options: WorkOptions) {
        this.#windows = chain.readWindows(1, length, options)
    }

    async *contentOf(order: FileOrder): AsyncGenerator<Buffer> {
        const { firstPosition, rows } = order
        const { lineEnd } = order.ends()
        const end = firstPosition + rows.length
        for (let position = firstPosition; position < end; ) {
            const { lines, offsetOf, endPosition } = await this.#windowWith(position)
            const to = Math.min(end, endPosition)
            const toBytes = offsetOf(to)
            for (let at = offsetOf(position); at < toBytes; ) {
                const feed = lines.indexOf(0x0a, Math.min(toBytes, at + chunkSizeBytes) - 1)
                const chunk = lines.subarray(at, feed + 1)
                yield lineEnd.length === 1 ? chunk : withLineEnds(chunk, lineEnd)
                at = movedOn(at, feed + 1)
            }
            position = movedOn(position, to)
        }
    }

    async close(): Promise<void> {
        await this.#windows.return(undefined)
    }

    async #windowWith(position: number): Promise<ChainWindow> {
        while (this.#window === undefined || position >= this.#window.endPosition) {
            const next = await this.#windows.next()
            if (next.done === true) throw changedWhileRead()
            this.#window = next.value
        }
        return this.#window
    }
}

function withLineEnds(lines: Buffer, lineEnd: Buffer): Buffer {
    const parts: Buffer[] = []
    for (let start = 0; start < lines.length; ) {
        const end = lines.indexOf(0x0a, start)
        parts.push(lines.subarray(start, end), lineEnd)
        start = movedOn(start, end + 1)
    }
    return Buffer.concat(parts)
}

const carriageReturnLineFeed = Buffer.from('\r\n')

/** Reads record by record, from where the index says that each lies. */
class SingleLines implements OrderedLines {
    readonly #plan: LogOrder
    readonly #reader: RecordReader
    readonly #options: WorkOptions

    constructor(plan: LogOrder, options: WorkOptions) {
        this.#plan = plan
        this.#reader = new RecordReader(plan.store.logFiles)
        this.#options = options
    }

    *contentOf({ rows, ends }: Pick<FileOrder, 'rows' | 'ends'>): Generator<Buffer> {
        const { lineEnd } = ends()
        const { table } = this.#plan.index
        let pieces: Buffer[] = []
        let sizeBytes = 0
        for (const row of rows) {
            const place = table.place(row)
            const bytes = this.#reader.read(place.file, place.offsetBytes, place.sizeBytes)
            if (table.hash(row) !== hashOfLine(bytes))
                throw changedWhileRead(placeInStore(this.#plan.store, place))
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
    plan: LogOrder,
    content: Pick<FileOrder, 'rows' | 'ends'>,
    options: WorkOptions,
): AsyncGenerator<Buffer> {
    const lines = new SingleLines(plan, options)
    try {
        yield* lines.contentOf(content)
    } finally {
        await lines.close()
    }
}
