// Reads a log file from its beginning, a chunk at a time.
import { open } from 'node:fs/promises'

import { type Line, LineSplitter } from '../composition/lines.js'
import { chunkSizeBytes } from '../limits.js'
import { attempt } from '../file-system-error.js'
import type { StoreFile } from './list-files.js'

export interface ReadOptions {
    /** Longest line that is held, in bytes. */
    readonly lineSizeBytesMax: number
    /** Where to begin; default: with the first line. */
    readonly from?: { readonly offsetBytes: number; readonly lineNumber: number } | undefined
    readonly signal?: AbortSignal | undefined
    /** Told of every chunk read, with its size in bytes. */
    readonly onRead?: ((sizeBytes: number) => void) | undefined
}

/**
 * The lines of one chunk after the other. The bytes of a line stay valid only until the next are asked for.
 */
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
