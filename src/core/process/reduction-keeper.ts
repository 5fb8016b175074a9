// Keeps the next restore of a persistent process short: stores reductions in their time, beside the requests.
import type { CompositionHash } from '../composition/hash.js'
import { pruneReductions } from './prune-reductions.js'
import { type ReductionClock, storeReduction } from './reductions.js'

export interface ReductionKeeperOptions {
    /** Folder of the process store. */
    readonly root: string
    /** What another writer is told that it waits for. */
    readonly command: string
    readonly clock: ReductionClock
    /** How many reductions to keep; default: all. */
    readonly keep: number | undefined
    /** The state, and the record that it is the state after. */
    readonly serializeState: () => Promise<{ readonly state: string; readonly head: CompositionHash }>
    /** Resolves once all records made until now are there for good. */
    readonly durable: () => Promise<void>
    readonly onReduced: ((hash: CompositionHash, milliseconds: number) => void) | undefined
    readonly onTrouble: ((error: unknown) => void) | undefined
}

export class ReductionKeeper {
    readonly #options: ReductionKeeperOptions
    #underWay: Promise<void> | undefined

    constructor(options: ReductionKeeperOptions) {
        this.#options = options
    }

    /** Begins to store one if it is due. Never rejects, never waits. */
    storeIfDue(): void {
        if (this.#options.clock.isDue) this.#underWay ??= this.#storeOrTell()
    }

    /** Resolves when nothing is being stored. */
    async settled(): Promise<void> {
        while (this.#underWay !== undefined) await this.#underWay
    }

    /** Stores a reduction of the newest record, if there were records since the last one. */
    async storeNow(): Promise<void> {
        await this.settled()
        if (this.#options.clock.recordsSince > 0) await this.#store()
    }

    async #storeOrTell(): Promise<void> {
        try {
            await this.#store()
        } catch (error) {
            this.#options.onTrouble?.(error)
        } finally {
            this.#underWay = undefined
        }
    }

    async #store(): Promise<void> {
        const { clock, durable, root, command, keep, onReduced } = this.#options
        const begin = performance.now()
        // Also where it fails: the next try is due in its own time.
        clock.restart()
        const { state, head } = await this.#options.serializeState()
        // A reduction of a record that a crash then takes away would say that records were lost.
        await durable()
        await storeReduction(root, command, head, state)
        onReduced?.(head, performance.now() - begin)
        if (keep !== undefined) await pruneReductions(root, keep)
    }
}
