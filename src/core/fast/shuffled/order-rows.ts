// Orders the rows where they are one chain: the walk from its head, by the parents, comes by all of them.

/** So many walks at a time, from any rows: a step waits for memory, and they wait together. */
const walksMax = 64
const roundsPerStep = 1 << 11
/** Rows that a walk writes down one behind the other. */
const chunkRows = 64

/** In place of a parent: another walk begins at this row; its number is what is left of it. */
const walkBegins = -2

/** Numbers that `orderRows` has to have room for. */
export function orderingNumbers(rows: number): number {
    return 2 * rows + (walksMax + 1) * chunkRows
}

/**
 * The rows, oldest first; undefined where they are not one chain. Yields between steps.
 * @param parents per row: that of its parent, -1 where it has none; used, and left as it was
 * @param scratch room for `orderingNumbers`, of which the result takes the beginning
 */
export function* orderRows(
    parents: Int32Array,
    scratch: Uint32Array,
): Generator<void, Uint32Array | undefined> {
    const rows = parents.length
    const head = onlyHead(parents)
    if (head === undefined) return undefined
    const starts = startsOf(head, rows)
    const firstParents = starts.map((row) => parents[row] as number)
    for (const [walk, row] of starts.entries()) parents[row] = walkBegins - walk
    const trails = new Trails(starts, scratch.subarray(rows))
    const isWhole = yield* walkAll(parents, firstParents, trails)
    for (const [walk, row] of starts.entries()) parents[row] = firstParents[walk] as number
    return isWhole ? trails.join(scratch.subarray(0, rows)) : undefined
}

/** False where the parents lead round and round, which whole hashes cannot. */
function* walkAll(
    parents: Int32Array,
    firstParents: readonly number[],
    trails: Trails,
): Generator<void, boolean> {
    const next = Int32Array.from(firstParents)
    const active = Uint8Array.from([...firstParents.keys()])
    for (let [left, rounds] = [active.length, 0]; left > 0; rounds++) {
        if (rounds > parents.length) return false
        if (rounds % roundsPerStep === 0) yield
        for (let i = 0; i < left; i++) {
            const walk = active[i] as number
            const row = next[walk] as number
            const parent = row < 0 ? row : (parents[row] as number)
            if (parent > walkBegins) {
                if (row >= 0) trails.add(walk, row)
                next[walk] = parent
            }
            if (parent >= 0) continue
            trails.end(walk, parent)
            active[i--] = active[--left] as number
        }
    }
    return true
}

/** What each walk came by, in chunks of one memory. */
class Trails {
    readonly #memory: Uint32Array
    /** Per walk: where its chunks begin, and where it writes next. */
    readonly #chunks: number[][]
    readonly #at: Uint32Array
    readonly #lengths: Uint32Array
    /** Per walk: -1 where it came to the first record, or what marks the walk that goes on. */
    readonly #ends: Int32Array
    #used = 0

    constructor(starts: readonly number[], memory: Uint32Array) {
        this.#memory = memory
        this.#chunks = starts.map(() => [])
        this.#at = new Uint32Array(starts.length)
        this.#lengths = new Uint32Array(starts.length)
        this.#ends = new Int32Array(starts.length)
        for (const [walk, row] of starts.entries()) this.add(walk, row)
    }

    add(walk: number, row: number): void {
        const length = this.#lengths[walk] as number
        if (length % chunkRows === 0) {
            this.#at[walk] = this.#used
            this.#chunks[walk]?.push(this.#used)
            this.#used += chunkRows
        }
        const at = this.#at[walk] as number
        this.#memory[at] = row
        this.#at[walk] = at + 1
        this.#lengths[walk] = length + 1
    }

    end(walk: number, mark: number): void {
        this.#ends[walk] = mark
    }

    /**
     * The rows of the chain, from its end: the walk from the head, and each that goes on. Undefined where
     * they do not come by all rows.
     */
    join(chainRows: Uint32Array): Uint32Array | undefined {
        let rowsLeft = chainRows.length
        for (let walk = 0; ; ) {
            let left = this.#lengths[walk] as number
            if (left > rowsLeft) return undefined
            for (const begin of this.#chunks[walk] ?? []) {
                const end = begin + Math.min(left, chunkRows)
                for (let at = begin; at < end; at++) chainRows[--rowsLeft] = this.#memory[at] as number
                left -= chunkRows
            }
            const mark = this.#ends[walk] as number
            if (mark > walkBegins) break
            walk = walkBegins - mark
        }
        return rowsLeft === 0 ? chainRows : undefined
    }
}

/** The one row that no other names, if all but one have a parent and each is that of one at most. */
function onlyHead(parents: Int32Array): number | undefined {
    let unmatched = 0
    let head = 0
    for (let row = 0; row < parents.length; row++) {
        const parent = parents[row] as number
        head += row
        if (parent >= 0) head -= parent
        else if (++unmatched > 1) return undefined
    }
    // Where the rows are no one chain, this is any number, and the walk from it does not come by all of them.
    return parents.length > 0 && head >= 0 && head < parents.length ? head : undefined
}

/** The head, and other rows far from each other in most logs. */
function startsOf(head: number, rows: number): readonly number[] {
    const starts = new Set([head])
    for (let i = 1; i < walksMax; i++) starts.add(Math.floor((rows * i) / walksMax))
    return [...starts]
}
