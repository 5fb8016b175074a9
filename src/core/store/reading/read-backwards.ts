// Reads a log file from its end, as a host does at start: only as far as is needed.
import { open } from 'node:fs/promises'

import { byteOrderMark } from '../../composition/lines.js'
import { becameShorter, ComplogError } from '../../errors.js'
import { attempt } from '../../file-system-error.js'
import { chunkSizeBytes } from '../../limits.js'
import type { StoreFile } from '../listing/list-files.js'

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
    const handle = await attempt('open', file.absolutePath, () => open(file.absolutePath, 'r'))
    try {
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
            const chunk = await readExactly(handle, file, { position, length })
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
    } finally {
        await attempt('close', file.absolutePath, () => handle.close())
    }
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

async function readExactly(
    handle: Awaited<ReturnType<typeof open>>,
    file: StoreFile,
    { position, length }: { readonly position: number; readonly length: number },
): Promise<Buffer> {
    const chunk = Buffer.allocUnsafeSlow(length)
    let done = 0
    while (done < length) {
        const { bytesRead } = await attempt('read', file.absolutePath, () =>
            handle.read(chunk, done, length - done, position + done),
        )
        if (bytesRead === 0) throw becameShorter(file.path)
        done += bytesRead
    }
    return chunk
}

function oversized(file: StoreFile, options: BackwardOptions): ComplogError {
    return new ComplogError(
        'limit-exceeded',
        `A line of ${file.path} is longer than ${options.lineSizeBytesMax} bytes.`,
        { hint: 'Raise --max-line-size if a record may be this long.' },
    )
}
