// Whether two files hold the same.
import { stat } from 'node:fs/promises'

import { isSystemError } from '../errors.js'
import { attempt } from './file-system-error.js'
import { readPart } from './read-part.js'

/**
 * Compares a file with another one.
 * @param path may be missing; then it is another one
 * @param sizeBytes what the other one has
 */
export async function areSame(path: string, otherPath: string, sizeBytes: number): Promise<boolean> {
    if ((await sizeOf(path)) !== sizeBytes) return false
    const others = readPart(otherPath, 0, sizeBytes)
    try {
        let done = 0
        for await (const bytes of readPart(path, 0, sizeBytes)) {
            const other = await others.next()
            // Both come in pieces of the same size, but for a file that is being changed.
            if (other.done === true || !bytes.equals(other.value)) return false
            done += bytes.length
        }
        return done === sizeBytes
    } finally {
        await others.return(undefined)
    }
}

async function sizeOf(path: string): Promise<number | undefined> {
    return attempt('look at', path, async () => {
        try {
            const stats = await stat(path)
            return stats.isFile() ? stats.size : undefined
        } catch (error) {
            if (isSystemError(error) && error.code === 'ENOENT') return undefined
            throw error
        }
    })
}
