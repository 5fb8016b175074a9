// States on the way of a replay, kept by reference in the app's thread: Elm's states share what is the same
// in them, so most of them cost next to nothing. An app whose states share nothing would fill its heap, so
// they are thinned out.
import type { ElmAppInstance } from '../elm-app/elm-app.js'
import { bytesPerMebibyte } from '../elm-app/thread/batch-size.js'
import type { Limits } from '../limits.js'

/** The part of the app's heap that may be in use before states are let go of: they are only a help. */
const shareOfHeap = 1 / 4
/** What V8 has not collected yet counts as in use, so a heap must grow by this before more are let go of. */
const growthBeforeNext = 1.25

/** Which states an instance of an app keeps, each under its position in the chain. */
export class KeptStates {
    readonly #shareBytes: number
    #boundBytes: number
    /** Ascending. */
    #positions: number[] = []
    /** Of so many ends of batches, one is kept. */
    #everyNth = 1
    #ends = 0

    constructor({ appHeapMebibytesMax }: Limits) {
        this.#shareBytes = appHeapMebibytesMax * bytesPerMebibyte * shareOfHeap
        this.#boundBytes = this.#shareBytes
    }

    get size(): number {
        return this.#positions.length
    }

    /** Keeps the state that the app has once it has done what it was given so far. */
    async keep(instance: ElmAppInstance, position: number): Promise<void> {
        const heapBytes = await instance.keep(position)
        const at = this.#positions.findLastIndex((other) => other <= position)
        if (this.#positions[at] !== position) this.#positions.splice(at + 1, 0, position)
        if (heapBytes <= this.#shareBytes) this.#boundBytes = this.#shareBytes
        if (heapBytes <= this.#boundBytes) return
        this.#boundBytes = heapBytes * growthBeforeNext
        await this.#thinOut(instance)
    }

    /** The same at the end of a batch of a replay, unless there are too many already. */
    async keepEnd(instance: ElmAppInstance, position: number): Promise<void> {
        this.#ends += 1
        if (this.#ends % this.#everyNth === 0) await this.keep(instance, position)
    }

    /** Position of the last state that is kept at or before a position; undefined where none is. */
    before(position: number): number | undefined {
        return this.#positions.findLast((kept) => kept <= position)
    }

    /** Position of the first state that is kept behind a position; undefined where none is. */
    behind(position: number): number | undefined {
        return this.#positions.find((kept) => kept > position)
    }

    /** The position nearest to another one of which the state is kept; that one itself where none is. */
    nearest(position: number): number {
        const [before, behind] = [this.before(position), this.behind(position)]
        if (before === undefined || behind === undefined) return before ?? behind ?? position
        return position - before <= behind - position ? before : behind
    }

    /** Lets go of every second state, never of the first: all others can be had from it. */
    async #thinOut(instance: ElmAppInstance): Promise<void> {
        this.#everyNth *= 2
        const dropped = this.#positions.filter((_, at) => at % 2 === 1)
        this.#positions = this.#positions.filter((_, at) => at % 2 === 0)
        await instance.forget(dropped)
    }
}
