// A whole file of bounded size, at once: a promise costs many times what reading a small file does.
import { closeSync, openSync, readSync } from 'node:fs'

import { ComplogError } from '../../errors.js'
import { fileSystemError } from '../../file-system-error.js'
import type { ReadableFile } from '../listing/list-files.js'

/**
 * All bytes that a file had when it was listed; fewer where it has become shorter.
 * @throws ComplogError `file-system`, `limit-exceeded` where it has more bytes than `sizeBytesMax`
 */
export function readWholeFile({ path, absolutePath, sizeBytes }: ReadableFile, sizeBytesMax: number): Buffer {
    if (sizeBytes > sizeBytesMax) {
        throw new ComplogError('limit-exceeded', `${path} is larger than ${sizeBytesMax} bytes.`)
    }
    try {
        const descriptor = openSync(absolutePath, 'r')
        try {
            const bytes = Buffer.allocUnsafe(sizeBytes)
            let filled = 0
            while (filled < sizeBytes) {
                const read = readSync(descriptor, bytes, filled, sizeBytes - filled, filled)
                if (read === 0) break
                filled += read
            }
            return bytes.subarray(0, filled)
        } finally {
            closeSync(descriptor)
        }
    } catch (error) {
        throw fileSystemError(error, 'read', absolutePath)
    }
}
