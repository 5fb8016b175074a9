// Copies lines to where they belong in a window of the chain.
import { rankAt } from './chain'
import { oddLine, sizeOf, startOf } from './tables'

/**
 * Copies the lines of a piece that belong into the window.
 * @param data address of the piece's beginning
 * @param held bytes of it that are held; a line that goes beyond is reported instead
 * @param offsets of the window's lines, by rank
 * @param report room for 4 bytes a row
 * @returns how many rows were reported
 */
export function gatherLines(
    firstRow: i32,
    count: i32,
    data: usize,
    held: u32,
    firstRank: i32,
    ranks: i32,
    offsets: usize,
    window: usize,
    report: usize,
): i32 {
    let reported = 0
    for (let row = firstRow; row < firstRow + count; row++) {
        const place = load<i32>(rankAt(row)) - firstRank
        if ((place as u32) >= (ranks as u32)) continue
        const start = startOf(row) & ~oddLine
        const sizeBytes = sizeOf(row)
        if (start + sizeBytes > held) {
            store<i32>(report + ((reported as usize) << 2), row)
            reported++
            continue
        }
        const to = window + (load<u32>(offsets + ((place as usize) << 2)) as usize)
        copy(data + (start as usize), to, sizeBytes)
        store<u8>(to + (sizeBytes as usize), 0x0a)
    }
    return reported
}

/** Never touches what lies behind. */
function copy(from: usize, to: usize, sizeBytes: u32): void {
    if (sizeBytes < 16 || sizeBytes > 1024) {
        memory.copy(to, from, sizeBytes)
        return
    }
    const last = (sizeBytes - 16) as usize
    for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at))
    v128.store(to + last, v128.load(from + last))
}
