// Entrance of core/store/reading/: what files hold. In comes a file that was listed; out come its lines, from
// either end, or any part of its bytes. Nothing is written.
//
// Reads a log file from its beginning, a chunk at a time.
import { open } from 'node:fs/promises'

import { byteOrderMark, type Line, LineSplitter } from '../../composition/lines.js'
import { attempt } from '../../file-system-error.js'
import { chunkSizeBytes } from '../../limits.js'
import type { StoreFile } from '../listing/list-files.js'

export interface ReadOptions {
    /** Longest line that is held, in bytes. */
    readonly lineSizeBytesMax: number
    /** Where to begin; default: with the first line. */
    readonly from?: { readonly offsetBytes: number; readonly lineNumber: number } | undefined
    readonly signal?: AbortSignal | undefined
    /** Told of every chunk read, with its size in bytes. */
    readonly onRead?: ((sizeBytes: number) => void) | undefined
}

/** The lines of one chunk after the other. Their bytes stay valid until the next are asked for. */
export async function* readForwards(file: StoreFile, options: ReadOptions): AsyncGenerator<Iterable<Line>> {
    const from = options.from ?? { offsetBytes: file.beginBytes ?? 0, lineNumber: file.beginLine ?? 1 }
    const splitter = new LineSplitter(options.lineSizeBytesMax, from)
    const handle = await attempt('open', file.absolutePath, () => open(file.absolutePath, 'r'))
    try {
        let position = from.offsetBytes
        const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(chunkSizeBytes, file.sizeBytes - position)))
        while (position < file.sizeBytes) {
            options.signal?.throwIfAborted()
            const length = Math.min(chunk.length, file.sizeBytes - position)
            const { bytesRead } = await attempt('read', file.absolutePath, () =>
                handle.read(chunk, 0, length, position),
            )
            // Shorter than when it was listed: somebody cut it. What is left is what there is to read.
            if (bytesRead === 0) break
            position += bytesRead
            options.onRead?.(bytesRead)
            yield splitter.push(chunk.subarray(0, bytesRead))
        }
        yield splitter.end()
    } finally {
        await attempt('close', file.absolutePath, () => handle.close())
    }
}

/** Lines that stand one behind the other in a file, the last of which may lack its line end. */
export interface WholeLines {
    /** Valid until the next are asked for. */
    readonly lines: Buffer
    readonly offsetBytes: number
}

const lineFeed = 0x0a

/**
 * The lines of a file from an offset on, a MiB of them at a time, as they stand, whatever they are. For
 * whoever looks for something in bytes: to cut each line out takes longer than that. A byte order mark is
 * left out.
 */
export async function* readWholeLines(
    file: StoreFile,
    fromBytes: number,
    signal?: AbortSignal,
): AsyncGenerator<WholeLines> {
    const handle = await attempt('open', file.absolutePath, () => open(file.absolutePath, 'r'))
    try {
        let buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkSizeBytes, file.sizeBytes - fromBytes)))
        let at = fromBytes
        for (let filled = 0; at + filled < file.sizeBytes || filled > 0; ) {
            signal?.throwIfAborted()
            // One line is longer than what is held: twice as much, then.
            if (filled === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length)
            const length = Math.min(buffer.length - filled, file.sizeBytes - at - filled)
            const { bytesRead } = await attempt('read', file.absolutePath, () =>
                handle.read(buffer, filled, length, at + filled),
            )
            filled += bytesRead
            const isEnd = bytesRead === 0 || at + filled >= file.sizeBytes
            const end = isEnd ? filled : buffer.lastIndexOf(lineFeed, filled - 1) + 1
            if (end > 0) {
                const mark = at === 0 && buffer.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
                yield { lines: buffer.subarray(mark, end), offsetBytes: at + mark }
                buffer.copyWithin(0, end, filled)
                at += end
                filled -= end
            }
            if (isEnd) break
        }
    } finally {
        await attempt('close', file.absolutePath, () => handle.close())
    }
}
