// Stores the state now and then, so that the next restore is short.
import { join } from 'node:path'

import { refuseLoneSurrogate } from '../composition/record.js'
import { type Reduction, serializeReduction } from '../reduction/reduction.js'
import { type Staging, withStaging } from '../store/durable/staging.js'

/** When to store a reduction. Whichever comes first counts; only records since the last one make one due. */
export interface ReductionInterval {
    /** Milliseconds since the last reduction. */
    readonly milliseconds: number
    /** Records since the last reduction; default: no matter how many. */
    readonly records?: number | undefined
}

/** A host stores a reduction once an hour of activity. */
export const defaultReductionInterval: ReductionInterval = { milliseconds: 60 * 60 * 1000 }

interface SinceReduction {
    /** In milliseconds since 1970; absent where there is none. */
    readonly reducedMilliseconds?: number | undefined
    readonly records: number
}

export class ReductionClock {
    readonly #interval: ReductionInterval
    readonly #now: () => number
    #last: number
    #records: number
    #isUrgent = false

    /** @param since when the last reduction was stored, and how many records came since then */
    constructor(interval: ReductionInterval, since: SinceReduction, now: () => number = Date.now) {
        this.#interval = interval
        this.#records = since.records
        this.#now = now
        // A clock that jumped back must not put off the next one.
        this.#last = Math.min(since.reducedMilliseconds ?? now(), now())
    }

    get recordsSince(): number {
        return this.#records
    }

    count(records: number): void {
        this.#records += records
    }

    /** The next reduction is due with the next record. */
    hurry(): void {
        this.#isUrgent = true
    }

    get isDue(): boolean {
        if (this.#records === 0) return false
        const { records = Infinity, milliseconds } = this.#interval
        const elapsed = this.#now() - this.#last
        return this.#isUrgent || this.#records >= records || elapsed >= milliseconds || elapsed < 0
    }

    /** A reduction was taken; what comes from now on counts for the next. */
    restart(): void {
        this.#records = 0
        this.#isUrgent = false
        this.#last = this.#now()
    }
}

/**
 * Writes a reduction so that it is there whole or not at all. Its record must be in the log for good.
 * @param command what another one is told that reductions are being stored by
 * @throws ComplogError `app-threw` where the value holds half of a surrogate pair; `store-locked` where
 * somebody else stores reductions at this moment; `file-system`
 */
export async function storeReduction(root: string, command: string, reduction: Reduction): Promise<void> {
    refuseLoneSurrogate(reduction.value)
    const work = async (staging: Staging) => {
        const target = join(root, 'reduction', reduction.hash)
        await staging.commit(await staging.stage(target, serializeReduction(reduction)))
    }
    await withStaging({ root, command, kind: 'reductions' }, work)
}
