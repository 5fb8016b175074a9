// Finds the row of each parent by the first 64 bits of its hash. Rows are dealt into partitions by bits that nobody can
// foresee, small enough that a table of one stays in a processor's own cache. What 64 bits say is a guess: ./compare.ts
// holds the whole hashes against each other.
import { parentPrefixesAt, prefixesAt, setParent } from './tables'

export const joined = 0
/** A partition got more rows than it can take: equal or nearly equal hashes, very many of them. */
export const overflow = 1
/** Two rows begin with the same bits: the same record twice, or hashes made to be mistaken. */
export const equalPrefixes = 2

/** Bytes of an entry: prefix, row. */
const entry: usize = 16

/**
 * Joins the rows of one group of partitions.
 * @param key odd, random
 * @param prefixMask bits of a prefix that count; all of them but in tests
 * @param groupBits of the mixed prefix, its highest, tell the group
 * @param partitionBits behind them tell the partition
 * @param entriesMax that a partition can take
 * @param slotBits of a table that takes twice as many
 * @param temp room for ((4 << partitionBits) * 2 + (entriesMax * 16 << partitionBits) * 2 + (4 << slotBits)) bytes
 */
export function joinGroup(
    group: i32,
    rows: i32,
    key: u64,
    prefixMask: u64,
    groupBits: i32,
    partitionBits: i32,
    entriesMax: i32,
    slotBits: i32,
    temp: usize,
): i32 {
    const partitions = 1 << partitionBits
    const ownCounts = temp
    const parentCounts = ownCounts + (partitions << 2)
    const own = parentCounts + (partitions << 2)
    const partitionSize = (entriesMax as usize) * entry
    const parents = own + partitionSize * partitions
    const slots = parents + partitionSize * partitions
    memory.fill(ownCounts, 0, partitions << 3)
    if (
        !deal(
            prefixesAt,
            group,
            rows,
            key,
            prefixMask,
            groupBits,
            partitionBits,
            entriesMax,
            ownCounts,
            own,
        ) ||
        !deal(
            parentPrefixesAt,
            group,
            rows,
            key,
            prefixMask,
            groupBits,
            partitionBits,
            entriesMax,
            parentCounts,
            parents,
        )
    )
        return overflow
    for (let partition = 0; partition < partitions; partition++) {
        const from = own + partitionSize * partition
        const result = joinPartition(
            from,
            load<i32>(ownCounts + (partition << 2)),
            parents + partitionSize * partition,
            load<i32>(parentCounts + (partition << 2)),
            slots,
            slotBits,
            key,
        )
        if (result != joined) return result
    }
    return joined
}

/** Deals the rows of a group into its partitions; false where one would overflow. */
function deal(
    prefixes: usize,
    group: i32,
    rows: i32,
    key: u64,
    prefixMask: u64,
    groupBits: i32,
    partitionBits: i32,
    entriesMax: i32,
    counts: usize,
    entries: usize,
): bool {
    const groupShift: u64 = 64 - groupBits
    const partitionShift: u64 = 64 - groupBits - partitionBits
    const partitionMask: u64 = (1 << (partitionBits as u64)) - 1
    for (let row = 0; row < rows; row++) {
        const prefix = load<u64>(prefixes + ((row as usize) << 3)) & prefixMask
        const mixed = mix(prefix, key)
        if (((mixed >> groupShift) as i32) != group) continue
        const partition = ((mixed >> partitionShift) & partitionMask) as i32
        const count = load<i32>(counts + (partition << 2))
        if (count == entriesMax) return false
        store<i32>(counts + (partition << 2), count + 1)
        const at = entries + ((partition * entriesMax + count) as usize) * entry
        store<u64>(at, prefix)
        store<i32>(at, row, 8)
    }
    return true
}

function joinPartition(
    own: usize,
    ownCount: i32,
    parents: usize,
    parentCount: i32,
    slots: usize,
    slotBits: i32,
    key: u64,
): i32 {
    const mask = (1 << slotBits) - 1
    memory.fill(slots, 0, (4 as usize) << slotBits)
    for (let i = 0; i < ownCount; i++) {
        const prefix = load<u64>(own + (i as usize) * entry)
        for (let slot = slotOf(prefix, key) & mask; ; slot = (slot + 1) & mask) {
            const at = slots + (slot << 2)
            const taken = load<i32>(at)
            if (taken == 0) {
                store<i32>(at, i + 1)
                break
            }
            if (load<u64>(own + ((taken - 1) as usize) * entry) == prefix) return equalPrefixes
        }
    }
    for (let i = 0; i < parentCount; i++) {
        const prefix = load<u64>(parents + (i as usize) * entry)
        let found = -1
        for (let slot = slotOf(prefix, key) & mask; ; slot = (slot + 1) & mask) {
            const taken = load<i32>(slots + (slot << 2))
            if (taken == 0) break
            const at = own + ((taken - 1) as usize) * entry
            if (load<u64>(at) != prefix) continue
            found = load<i32>(at, 8)
            break
        }
        setParent(load<i32>(parents + (i as usize) * entry, 8), found)
    }
    return joined
}

/** The high bits are spread well; nobody who does not know the key can choose them. */
function mix(prefix: u64, key: u64): u64 {
    const product = prefix * key
    return (product ^ (product >> 32)) * key
}

/** Bits that say nothing of the partition. */
function slotOf(prefix: u64, key: u64): i32 {
    return (mix(prefix, key) >> 4) as i32
}
