// Orders the rows where they are one chain: the walk from its head, by the parents, comes by all of them.

const rowsPerStep = 1 << 17

/**
 * The rows, oldest first; undefined where they are not one chain. Yields between steps.
 * @param parents per row: that of its parent, -1 where it has none
 * @param chainRows room for as many rows, which the result takes
 */
export function* orderRows(
    parents: Int32Array,
    chainRows: Uint32Array,
): Generator<void, Uint32Array | undefined> {
    let left = parents.length
    for (let row = onlyHead(parents); row >= 0; row = parents[row] as number) {
        // The parents lead round and round, which whole hashes cannot.
        if (left === 0) return undefined
        if (left % rowsPerStep === 0) yield
        chainRows[--left] = row
    }
    return left === 0 && chainRows.length > 0 ? chainRows : undefined
}

/** The one row that no other names, if all but one have a parent and each is that of one at most; else -1. */
function onlyHead(parents: Int32Array): number {
    let unmatched = 0
    let head = 0
    for (let row = 0; row < parents.length; row++) {
        const parent = parents[row] as number
        head += row
        if (parent >= 0) head -= parent
        else if (++unmatched > 1) return -1
    }
    // Where the rows are no one chain, this is any number, and the walk from it does not come by all of them.
    return head < parents.length ? head : -1
}
