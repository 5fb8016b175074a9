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
        return new SeriesPlace(this, this.#length++)
    }

    noteFailure(at: number): void {
        this.#failedAt = Math.min(this.#failedAt, at)
    }

    hasFailedBefore(at: number): boolean {
        return this.#failedAt < at
    }
}

/** Where in its series a call stands. */
export class SeriesPlace {
    readonly #series: CallSeries
    readonly #at: number

    constructor(series: CallSeries, at: number) {
        this.#series = series
        this.#at = at
    }

    /** Whether an earlier call failed or was refused. */
    get isBehindFailure(): boolean {
        return this.#series.hasFailedBefore(this.#at)
    }

    noteFailure(): void {
        this.#series.noteFailure(this.#at)
    }
}
