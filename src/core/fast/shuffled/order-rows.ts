// Orders the rows where they are one chain: the walk from its head, by the parents, comes by all of them.

/** So many walks at a time, from any rows: a step waits for memory, and they wait together. */
const walksMax = 32
const roundsPerStep = 1 << 12

/**
 * The rows, oldest first; undefined where they are not one chain. Yields between steps.
 * @param parents per row: that of its parent, -1 where it has none
 * @param scratch room for two numbers a row, of which the path takes the first half
 */
export function* orderRows(
    parents: Int32Array,
    scratch: Uint32Array,
): Generator<void, Uint32Array | undefined> {
    const rows = parents.length
    const head = onlyHead(parents)
    if (head === undefined) return undefined
    const starts = startsOf(head, rows)
    const walks = starts.length
    // A bit a row: whether a walk begins there.
    const marks = scratch.subarray(rows).fill(0, 0, (rows >>> 5) + 1)
    for (const row of starts) marks[row >>> 5] = (marks[row >>> 5] as number) | (1 << (row & 31))

    const at = Int32Array.from(starts)
    const lengths = new Uint32Array(walks)
    const active = Uint8Array.from([...starts.keys()])
    for (let [left, rounds] = [walks, 0]; left > 0; rounds++) {
        // Whole hashes are compared, so parents that lead back to where they began cannot be.
        if (rounds > rows) return undefined
        if (rounds % roundsPerStep === 0) yield
        for (let i = 0; i < left; i++) {
            const walk = active[i] as number
            const next = parents[at[walk] as number] as number
            at[walk] = next
            lengths[walk] = (lengths[walk] as number) + 1
            const isOver = next < 0 || (((marks[next >>> 5] as number) >>> (next & 31)) & 1) !== 0
            if (isOver) active[i--] = active[--left] as number
        }
    }
    const ends = placesBehind(starts, at, lengths, rows)
    if (ends === undefined) return undefined

    const path = scratch.subarray(0, rows)
    at.set(starts)
    active.set([...starts.keys()])
    for (let [left, rounds] = [walks, 0]; left > 0; rounds++) {
        if (rounds % roundsPerStep === 0) yield
        for (let i = 0; i < left; i++) {
            const walk = active[i] as number
            const row = at[walk] as number
            const place = (ends[walk] as number) - 1
            ends[walk] = place
            path[place] = row
            at[walk] = parents[row] as number
            lengths[walk] = (lengths[walk] as number) - 1
            if (lengths[walk] === 0) active[i--] = active[--left] as number
        }
    }
    return path
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

/**
 * Where each walk ends in the path; undefined where those that the head's leads to do not come by all rows.
 */
function placesBehind(
    starts: readonly number[],
    stops: Int32Array,
    lengths: Uint32Array,
    rows: number,
): Uint32Array | undefined {
    const walkAt = new Map(starts.map((row, walk) => [row, walk]))
    const ends = new Uint32Array(starts.length)
    let end = rows
    for (let walk: number | undefined = 0; walk !== undefined; walk = walkAt.get(stops[walk] as number)) {
        ends[walk] = end
        end -= lengths[walk] as number
    }
    return end === 0 ? ends : undefined
}
