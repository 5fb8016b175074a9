// Files at once and in place: a promise costs many times what reading a small file does.
import { closeSync, openSync, readSync } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'

import { ComplogError, ignoringSystemErrors } from '../../errors.js'
import { attempt, attemptSync } from '../../file-system-error.js'
import type { ReadableFile } from '../listing/list-files.js'

/**
 * All bytes that a file had when it was listed; fewer where it has become shorter.
 * @throws ComplogError `file-system`, `limit-exceeded` where it has more bytes than `sizeBytesMax`
 */
export function readWholeFile({ path, absolutePath, sizeBytes }: ReadableFile, sizeBytesMax: number): Buffer {
    if (sizeBytes > sizeBytesMax) {
        throw new ComplogError('limit-exceeded', `${path} is larger than ${sizeBytesMax} bytes.`, {
            place: { file: path, offsetBytes: 0, sizeBytes },
            hint: 'See whether it is what it should be: hosts write no such file that we know of.',
        })
    }
    return attemptSync('read', absolutePath, () => {
        const descriptor = openSync(absolutePath, 'r')
        try {
            const bytes = Buffer.allocUnsafe(sizeBytes)
            return bytes.subarray(0, readInto(bytes, descriptor, 0))
        } finally {
            closeSync(descriptor)
        }
    })
}

/** Fills a buffer with what stands in a file from a place on. Gives how many bytes those are. */
export function readInto(bytes: Buffer, descriptor: number, position: number): number {
    let filled = 0
    while (filled < bytes.length) {
        const read = readSync(descriptor, bytes, filled, bytes.length - filled, position + filled)
        if (read === 0) break
        filled += read
    }
    return filled
}

/** Closes a file that was only read: an error now says nothing of what was read, and must hide no other. */
export function closeWhatWasRead(descriptor: number): void {
    ignoringSystemErrors(() => closeSync(descriptor))
}

/**
 * All of a file that a person named. What a shell makes of `<(command)` is a link, and is read.
 * @throws ComplogError `file-system`, also for a named pipe: nobody need ever write to it
 */
export async function readNamed(path: string): Promise<Buffer> {
    const isPipe = (await attempt('read', path, () => lstat(path))).isFIFO()
    if (!isPipe) return attempt('read', path, () => readFile(path))
    throw new ComplogError('file-system', `Cannot read ${path}: it is a pipe.`, { hint: 'Name a file.' })
}
