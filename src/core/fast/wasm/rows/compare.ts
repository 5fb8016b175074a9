// Holds the whole hash that each line names against the whole hash of the row that was taken for its parent.
import { decodeBase64 } from '../base64'
import { decodeHex } from '../hex'
import { oddLine, parentOf, parentPrefixesAt, prefixesAt, restsAt, setParent, startOf } from './tables'

const hexParentSizeBytes: usize = 21
const base64ParentSizeBytes: usize = 15
/** `{"Parent`, little endian. */
const hexBeginning: u64 = 0x746e65726150227b
const unread: i32 = -1

/**
 * Compares the parents of rows whose lines are held, but of those that the reference reader took. A row whose parent no
 * record is loses the one that it seemed to have, and is reported by its number: no hash begins with these bits, or the one
 * that does goes on with others.
 * @param data address of what stands at the piece's beginning; the report takes its place
 * @param decoded room for 32 bytes a row: the parents
 * @param prefixesAreEqual the first 64 bits need not be compared, because they all were when the rows were joined
 * @returns how many were reported; -1 where the lines are not what they were
 */
export function compareParents(
    firstRow: i32,
    count: i32,
    data: usize,
    decoded: usize,
    prefixesAreEqual: bool,
): i32 {
    for (let i = 0; i < count; i++) {
        const start = startOf(firstRow + i)
        if ((start & oddLine) != 0) continue
        const to = decoded + ((i as usize) << 5)
        if (!decodeParent(data + (start as usize), to)) return unread
        if (load<u64>(to) != load<u64>(parentPrefixesAt + (((firstRow + i) as usize) << 3))) return unread
    }
    let reported = 0
    // A loop of its own, and a short one, so that the memory is asked for several hashes at a time.
    for (let i = 0; i < count; i++) {
        const row = firstRow + i
        if ((startOf(row) & oddLine) != 0) continue
        const parent = parentOf(row)
        if (parent >= 0) {
            const hash = decoded + ((i as usize) << 5)
            if (equalsRest(hash, parent) && (prefixesAreEqual || equalsPrefix(hash, parent))) continue
            setParent(row, -1)
        }
        store<i32>(data + ((reported as usize) << 2), row)
        reported++
    }
    return reported
}

function equalsPrefix(hash: usize, row: i32): bool {
    return load<u64>(hash) == load<u64>(prefixesAt + ((row as usize) << 3))
}

function equalsRest(hash: usize, row: i32): bool {
    const rest = restsAt + (row as usize) * 24
    const differing = v128.xor(v128.load(hash, 16), v128.load(rest, 8))
    return load<u64>(hash, 8) == load<u64>(rest) && !v128.any_true(differing)
}

/** The parent that a line names which has one of the scanner's shapes. */
function decodeParent(line: usize, to: usize): bool {
    if (load<u64>(line) != hexBeginning) return false
    // {"ParentHashBase16":" and {"ParentHash":"
    return load<u8>(line, 12) == 0x42
        ? decodeHex(line + hexParentSizeBytes, to)
        : decodeBase64(line + base64ParentSizeBytes, to)
}
