// Two bytes tell a zip from a script, so that neither is read as the other whatever it is named.

import { open } from 'node:fs/promises'

import { fileSystemError } from '../../file-system-error.js'

/** First entry; end of an empty archive; part of a split archive. */
const zipMagic = ['504b0304', '504b0506', '504b0708']

/**
 * Whether a file starts as zip archives do, the empty archive included.
 * @throws ComplogError `file-system`
 */
export async function startsLikeZip(path: string): Promise<boolean> {
    try {
        const file = await open(path, 'r')
        try {
            const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
            return bytesRead === 4 && zipMagic.includes(buffer.toString('hex'))
        } finally {
            await file.close()
        }
    } catch (error) {
        throw fileSystemError(error, 'read', path)
    }
}
