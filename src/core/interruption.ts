// Every wait can be ended by the signal of the caller, and each ends with the same error.

import { ComplogError } from './errors.js'

/** What the caller gave as the reason, where that is an error of ours already. */
export function interrupted(signal: AbortSignal): ComplogError {
    const reason: unknown = signal.reason
    if (reason instanceof ComplogError) return reason
    return new ComplogError('interrupted', 'Interrupted.', { cause: reason })
}

/** Throws `interrupted` where the signal was given already. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) throw interrupted(signal)
}
