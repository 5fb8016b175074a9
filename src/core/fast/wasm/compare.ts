// Compares the hashes of records with those that are reduced.
import { filterAt, filterBits, hashesAt, orderAt } from './layout'

/** Lets records through whose hash begins as this one, given by its first 32 bits. */
export function letThrough(beginning: u32): void {
    const bit = beginning & (filterBits - 1)
    const at: usize = filterAt + ((bit >> 5) << 2)
    store<u32>(at, load<u32>(at) | ((<u32>1) << (bit & 31)))
}

/** Writes the rows that the filter lets through to where the order stood; returns how many they are. */
export function passFilter(records: i32): i32 {
    let passed = 0
    for (let row = 0; row < records; row++) {
        const bit = load<u32>(hashesAt + row * 32) & (filterBits - 1)
        if (((load<u32>(filterAt + ((bit >> 5) << 2)) >> (bit & 31)) & 1) == 0) continue
        store<i32>(orderAt + passed * 4, row)
        passed++
    }
    return passed
}
