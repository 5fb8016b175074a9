// From parents to a chain: where each row stands in it, and which row stands where.
import { parentOf, parentPrefixesAt, sizeOf } from './tables'

/** Per row: its number in the chain, from 0. */
export function rankAt(row: i32): usize {
    return parentPrefixesAt + ((row as usize) << 2)
}

/** Per number in the chain: its row. */
function pathAt(rows: i32, rank: i32): usize {
    return parentPrefixesAt + (((rows as usize) + (rank as usize)) << 2)
}

/**
 * How many rows no other names as parent, and the last of them.
 * @param named room for a bit a row, and eight more bytes
 * @param last where to write the row
 */
export function countHeads(rows: i32, named: usize, last: usize): i32 {
    memory.fill(named, 0, ((rows as usize) >> 3) + 8)
    for (let row = 0; row < rows; row++) {
        const parent = parentOf(row)
        if (parent < 0) continue
        mark(named, parent)
    }
    let heads = 0
    for (let row = 0; row < rows; row++) {
        if (isMarked(named, row)) continue
        heads++
        store<i32>(last, row)
    }
    return heads
}

/**
 * Walks from a row to its ancestors, up to the first row with which another walk began. Several go on at a time: while the
 * memory answers one of them, it is asked for the others. Of each, 4 bytes each: the row with which it begins, how many
 * rows it passed, the walk that it met or -1, and the rank of its first row.
 */
const walkSizeBytes: usize = 16

/**
 * Chooses where walks begin: the head, and rows all over the log.
 * @param marks room for a bit a row, and eight more bytes
 * @returns how many there are
 */
export function beginWalks(rows: i32, head: i32, walksMax: i32, walks: usize, marks: usize): i32 {
    memory.fill(marks, 0, ((rows as usize) >> 3) + 8)
    let count = 0
    for (let i = 0; i < walksMax; i++) {
        const row = i == 0 ? head : (((((i - 1) as i64) * (rows as i64)) / (walksMax - 1)) as i32)
        if (isMarked(marks, row)) continue
        mark(marks, row)
        store<i32>(walks + (count as usize) * walkSizeBytes, row)
        store<i32>(rankAt(row), count)
        count++
    }
    return count
}

/**
 * Goes some of the walks.
 * @param active room for 8 bytes a walk
 * @returns false where one goes in a circle
 */
export function goWalks(rows: i32, from: i32, to: i32, walks: usize, marks: usize, active: usize): bool {
    let left = 0
    for (let walk = from; walk < to; walk++) {
        const at = active + ((left++ as usize) << 3)
        store<i32>(at, walk)
        store<i32>(at, load<i32>(walks + (walk as usize) * walkSizeBytes), 4)
        store<i64>(walks + (walk as usize) * walkSizeBytes + 4, 0)
    }
    let steps: i64 = 0
    while (left > 0) {
        for (let i = 0; i < left; i++) {
            const at = active + ((i as usize) << 3)
            const walk = walks + (load<i32>(at) as usize) * walkSizeBytes
            const parent = parentOf(load<i32>(at, 4))
            store<i32>(walk, load<i32>(walk, 4) + 1, 4)
            if (parent >= 0 && !isMarked(marks, parent)) {
                store<i32>(at, parent, 4)
                continue
            }
            store<i32>(walk, parent >= 0 ? load<i32>(rankAt(parent)) : -1, 8)
            left--
            store<i64>(at, load<i64>(active + ((left as usize) << 3)))
            i--
        }
        steps += left
        if (steps > (rows as i64)) return false
    }
    return true
}

/** From the head on, gives each walk the rank with which it begins; false where they are not one chain of all rows. */
export function orderWalks(rows: i32, count: i32, walks: usize): bool {
    let rank = rows - 1
    let walked = 0
    for (let walk = 0; walk >= 0;) {
        if (walked++ == count) return false
        const at = walks + (walk as usize) * walkSizeBytes
        store<i32>(at, rank, 12)
        rank -= load<i32>(at, 4)
        walk = load<i32>(at, 8)
    }
    return rank == -1 && walked == count
}

/** Goes some of the walks again and numbers what they pass. Over the first bits of the parents. */
export function rankWalks(rows: i32, from: i32, to: i32, walks: usize, active: usize): void {
    let left = 0
    for (let walk = from; walk < to; walk++) {
        const at = walks + (walk as usize) * walkSizeBytes
        const own = active + ((left++ as usize) << 3)
        store<i32>(own, walk)
        store<i32>(own, load<i32>(at), 4)
    }
    while (left > 0) {
        for (let i = 0; i < left; i++) {
            const at = active + ((i as usize) << 3)
            const walk = walks + (load<i32>(at) as usize) * walkSizeBytes
            const row = load<i32>(at, 4)
            const rank = load<i32>(walk, 12)
            store<i32>(rankAt(row), rank)
            store<i32>(pathAt(rows, rank), row)
            store<i32>(walk, rank - 1, 12)
            store<i32>(at, parentOf(row), 4)
            const steps = load<i32>(walk, 4) - 1
            store<i32>(walk, steps, 4)
            if (steps > 0) continue
            left--
            store<i64>(at, load<i64>(active + ((left as usize) << 3)))
            i--
        }
    }
}

function isMarked(marks: usize, row: i32): bool {
    return ((load<u32>(marks + (((row as usize) >> 5) << 2)) >> (row & 31)) & 1) != 0
}

function mark(marks: usize, row: i32): void {
    const at = marks + (((row as usize) >> 5) << 2)
    store<u32>(at, load<u32>(at) | ((<u32>1) << (row & 31)))
}

/**
 * Where the lines of a window begin in it, each with a line end of one byte behind it.
 * @param offsets of each line
 * @param total where to write the bytes of all lines (64 bits)
 * @returns how many lines fit
 */
export function layOutWindow(
    rows: i32,
    firstRank: i32,
    lastRank: i32,
    windowSizeBytes: u32,
    offsets: usize,
    total: usize,
): i32 {
    let offset: u64 = 0
    let rank = firstRank
    for (; rank <= lastRank; rank++) {
        const next = offset + (sizeOf(load<i32>(pathAt(rows, rank))) as u64) + 1
        if (next > (windowSizeBytes as u64)) break
        store<u32>(offsets + (((rank - firstRank) as usize) << 2), offset as u32)
        offset = next
    }
    store<u64>(total, offset)
    return rank - firstRank
}
