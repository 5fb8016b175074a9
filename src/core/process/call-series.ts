// Calls of which one builds on the other: behind one that came to nothing, the later ones are not wanted any
// more. They are made ahead of the answers, so only the process can keep them from the log.

/**
 * Given to `PersistentProcess.processEvents` with each call: once one of them fails or is refused, so are all
 * later ones.
 */
export class CallSeries {
    #length = 0
    #failedAt = Infinity

    /** The place of the next call. */
    next(): SeriesPlace {
        const at = this.#length++
        return {
            isBehindFailure: () => this.#failedAt < at,
            noteFailure: () => (this.#failedAt = Math.min(this.#failedAt, at)),
        }
    }
}

/** Where in its series a call stands. */
export interface SeriesPlace {
    /** Whether an earlier call failed or was refused. */
    isBehindFailure(): boolean
    noteFailure(): void
}
