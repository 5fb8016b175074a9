import { closeSync } from 'node:fs'

import { isSystemError } from '../../errors.js'

/** Closes a file that was only read: an error now says nothing of what was read, and must hide no other. */
export function closeWhatWasRead(descriptor: number): void {
    try {
        closeSync(descriptor)
    } catch (error) {
        if (!isSystemError(error)) throw error
    }
}
