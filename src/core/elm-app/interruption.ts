// Every wait of this room can be ended by the caller's signal, and each ends with the same error.

import { ComplogError } from '../errors.js'

export function interrupted(signal: AbortSignal): ComplogError {
    return new ComplogError('interrupted', 'Interrupted.', { cause: signal.reason })
}

/** Throws `interrupted` where the signal was given already. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) throw interrupted(signal)
}
