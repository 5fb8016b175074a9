// Nearly all reductions are as hosts and complog write them, and nothing is to be said of them. To see so
// takes no look at a file but what is read of it.
import { closeSync, openSync, readSync } from 'node:fs'

import type { CompositionHash } from '../composition/hash.js'
import { hasLoneSurrogate } from '../composition/record.js'
import { ignoringSystemErrors } from '../errors.js'
import { parseReduction } from '../reduction/reduction.js'

/** A larger one is not plain. */
const bytes = Buffer.allocUnsafe(64 * 1024)

/**
 * A reduction of the record in its name, which every host reads that knows its form. The same file by another
 * name has another hash in it.
 */
export function isPlainReduction(path: string, name: CompositionHash): boolean {
    const content = contentOf(path)
    if (content === undefined) return false
    const parsed = parseReduction(content)
    if ('problem' in parsed || parsed.hash !== name || hasLoneSurrogate(parsed.value)) return false
    const { lowerCaseHash, passedOver } = parsed.form
    return !lowerCaseHash && passedOver === undefined
}

/** Undefined for what is too large, or cannot be read: whoever reads it once more says why. */
function contentOf(path: string): Buffer | undefined {
    return ignoringSystemErrors(() => {
        const descriptor = openSync(path, 'r')
        try {
            const read = readSync(descriptor, bytes, 0, bytes.length, 0)
            return read < bytes.length ? bytes.subarray(0, read) : undefined
        } finally {
            closeSync(descriptor)
        }
    })
}
