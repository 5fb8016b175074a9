// The content of the reordered files: the lines of the chain, each byte for byte as it was, with the line end
// of the file that it goes to.
import { type ChainWindow, placeInStore } from '../../check/chain-by-index.js'
import { hashOfLine } from '../../composition/hash.js'
import { changedWhileRead, movedOn } from '../../errors.js'
import { chunkSizeBytes } from '../../limits.js'
import type { WorkOptions } from '../../progress.js'
import { RecordReader } from '../../store/reading/record-reader.js'
import type { FileOrder, LogOrder } from './log-order.js'

/** Files are to be asked for in the order of their paths, and to be read to their end, each at most once. */
export interface OrderedLines extends AsyncDisposable {
    contentOf(order: FileOrder): AsyncIterable<Buffer> | Iterable<Buffer>
}

export function orderedLines(plan: LogOrder, options: WorkOptions): OrderedLines {
    if (plan.chain.hasWindows) return linesFromWindows(plan, options)
    return {
        contentOf: (order) => singleLines(plan, order, options),
        [Symbol.asyncDispose]: () => Promise.resolve(),
    }
}

/** Reads in windows of the chain, whatever the number of files. */
function linesFromWindows({ chain, length }: LogOrder, options: WorkOptions): OrderedLines {
    const windows = chain.readWindows(1, length, options)
    let window: ChainWindow | undefined
    const windowWith = async (position: number) => {
        while (window === undefined || position >= window.endPosition) {
            const next = await windows.next()
            if (next.done === true) throw changedWhileRead()
            window = next.value
        }
        return window
    }
    return {
        async *contentOf({ firstPosition, rows, ends }) {
            const { lineEnd } = ends()
            const end = firstPosition + rows.length
            for (let position = firstPosition; position < end; ) {
                const { lines, offsetOf, endPosition } = await windowWith(position)
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
        },
        [Symbol.asyncDispose]: async () => {
            await windows.return(undefined)
        },
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

/** Some rows as they stand, record by record, from where the index says that each lies. */
export function* singleLines(
    { store, index: { table } }: LogOrder,
    { rows, ends }: Pick<FileOrder, 'rows' | 'ends'>,
    { signal }: WorkOptions,
): Generator<Buffer> {
    const { lineEnd } = ends()
    using reader = new RecordReader(store.logFiles)
    let pieces: Buffer[] = []
    let sizeBytes = 0
    for (const row of rows) {
        const place = table.place(row)
        const bytes = reader.read(place.file, place.offsetBytes, place.sizeBytes)
        if (table.hash(row) !== hashOfLine(bytes)) throw changedWhileRead(placeInStore(store, place))
        // A carriage return that is the record's own must not become a part of the line end.
        const end = bytes.at(-1) === 0x0d ? carriageReturnLineFeed : lineEnd
        pieces.push(bytes, end)
        sizeBytes += place.sizeBytes + end.length
        if (sizeBytes < chunkSizeBytes) continue
        signal?.throwIfAborted()
        yield Buffer.concat(pieces)
        pieces = []
        sizeBytes = 0
    }
    if (pieces.length > 0) yield Buffer.concat(pieces)
}
