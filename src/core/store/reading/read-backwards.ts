// Reads a log file from its end, as a host does at start: only as far as is needed.
import { setImmediate } from 'node:timers/promises'

import { byteOrderMark } from '../../composition/lines.js'
import { ComplogError } from '../../errors.js'
import { chunkSizeBytes } from '../../limits.js'
import type { StoreFile } from '../listing/list-files.js'
import { RecordReader } from './record-reader.js'

export interface BackwardLine {
    readonly offsetBytes: number
    readonly bytes: Buffer
    /** Whether a line end follows it. */
    readonly ended: boolean
}

export interface BackwardOptions {
    /** Longest line that is held, in bytes. */
    readonly lineSizeBytesMax: number
    readonly signal?: AbortSignal | undefined
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** The lines of a file, last one first, blank ones left out, those of one chunk after the other. */
export async function* readBackwards(
    file: StoreFile,
    options: BackwardOptions,
): AsyncGenerator<readonly BackwardLine[]> {
    using reader = new RecordReader([file])
    // The end of a line whose beginning has not been read yet, as pieces in the order of the file.
    let carry: Buffer[] = []
    let carrySizeBytes = 0
    let ended = false
    let position = file.sizeBytes
    const begin = file.beginBytes ?? 0
    while (position > begin) {
        options.signal?.throwIfAborted()
        const length = Math.min(chunkSizeBytes, position - begin)
        position -= length
        // A signal comes in between.
        await setImmediate()
        const chunk = reader.read(0, position, length)
        const lines: BackwardLine[] = []
        let end = chunk.length
        for (;;) {
            const feed = end > 0 ? chunk.lastIndexOf(lineFeed, end - 1) : -1
            if (feed < 0) break
            const tail = chunk.subarray(feed + 1, end)
            const raw = carry.length === 0 ? tail : Buffer.concat([tail, ...carry])
            lines.push(...line(file, options, { bytes: raw, offsetBytes: position + feed + 1, ended }))
            carry = []
            carrySizeBytes = 0
            ended = true
            end = feed
        }
        yield lines
        carry.unshift(chunk.subarray(0, end))
        carrySizeBytes += end
        if (carrySizeBytes > options.lineSizeBytesMax + byteOrderMark.length + 1)
            throw oversized(file, options)
    }
    yield line(file, options, { bytes: Buffer.concat(carry), offsetBytes: begin, ended })
}

function line(
    file: StoreFile,
    options: BackwardOptions,
    { bytes: raw, offsetBytes, ended }: BackwardLine & { readonly bytes: Buffer },
): BackwardLine[] {
    let bytes = raw.at(-1) === carriageReturn ? raw.subarray(0, -1) : raw
    const marked = offsetBytes === 0 && bytes.subarray(0, 3).equals(byteOrderMark)
    if (marked) bytes = bytes.subarray(3)
    if (bytes.length > options.lineSizeBytesMax) throw oversized(file, options)
    return bytes.length > 0 ? [{ offsetBytes: offsetBytes + (marked ? 3 : 0), bytes, ended }] : []
}

function oversized(file: StoreFile, options: BackwardOptions): ComplogError {
    return new ComplogError(
        'limit-exceeded',
        `A line of ${file.path} is longer than ${options.lineSizeBytesMax} bytes.`,
        { hint: 'Raise --max-line-size if a record may be this long.' },
    )
}
