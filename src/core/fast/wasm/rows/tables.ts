// Where the tables of all records lie in the shared memory. The addresses are the same in every thread; each is told them
// once. How TypeScript lays them out: ../../row-memory.ts.

/** Per row: the first 8 bytes of its own hash. */
export let prefixesAt: usize = 0
/** Per row: the other 24 bytes. */
export let restsAt: usize = 0
/** Per row: the first 8 bytes of its parent's hash. Once the rows are ordered: first all ranks, then the path. */
export let parentPrefixesAt: usize = 0
/** Per row: where in its piece the line begins; `oddLine` where the scanner does not know its shape. */
export let startsAt: usize = 0
/** Per row: bytes of the line. */
export let sizesAt: usize = 0
/** Per row: the row of its parent, or -1. */
export let parentsAt: usize = 0

/** Set in a start: the reference reader took this line. */
export const oddLine: u32 = 0x8000_0000

export function setTables(
    prefixes: usize,
    rests: usize,
    parentPrefixes: usize,
    starts: usize,
    sizes: usize,
    parents: usize,
): void {
    prefixesAt = prefixes
    restsAt = rests
    parentPrefixesAt = parentPrefixes
    startsAt = starts
    sizesAt = sizes
    parentsAt = parents
}

export function parentOf(row: i32): i32 {
    return load<i32>(parentsAt + ((row as usize) << 2))
}

export function setParent(row: i32, parent: i32): void {
    store<i32>(parentsAt + ((row as usize) << 2), parent)
}

export function startOf(row: i32): u32 {
    return load<u32>(startsAt + ((row as usize) << 2))
}

export function sizeOf(row: i32): u32 {
    return load<u32>(sizesAt + ((row as usize) << 2))
}

/** Enters own and parent hashes, 32 bytes each, of rows that stand one behind the other. */
export function enterHashes(firstRow: i32, count: i32, hashes: usize, parents: usize): void {
    for (let i = 0; i < count; i++) {
        const row = (firstRow + i) as usize
        const own = hashes + ((i as usize) << 5)
        store<u64>(prefixesAt + (row << 3), load<u64>(own))
        const rest = restsAt + row * 24
        store<u64>(rest, load<u64>(own, 8))
        v128.store(rest + 8, v128.load(own, 16))
        store<u64>(parentPrefixesAt + (row << 3), load<u64>(parents + ((i as usize) << 5)))
    }
}
