// Hashes the records in the tables, four at a time.
import { compress, lanes, startDigests, storeDigest } from './lanes'
import { hashesAt, hashingAt, orderAt, sizesAt, startsAt } from './layout'

/** Blocks of the longest record that may be hashed here, and its size. */
const blocksMax: u32 = 255
export const hashSizeBytesMax: i32 = blocksMax * 64 - 9
/** Per number of blocks: where in the order the next record of so many stands. */
const placesAt: usize = hashingAt
/** Per lane: the last one or two blocks of a record, with the padding behind it. */
const tailsAt: usize = placesAt + 1024
const tailSizeBytes = 128
/** 64 bytes that keep what they are laid upon, and 64 that clear it. */
const maskAt: usize = tailsAt + lanes * tailSizeBytes

memory.fill(maskAt, 0xff, 64)
memory.fill(maskAt + 64, 0, 64)

/** Hashes every record of at most so many bytes. One of size 0 has its hash already. */
export function hashRecords(records: i32, sizeBytesMax: u32): void {
    const chosen = orderByBlocks(records, min(hashSizeBytesMax as u32, sizeBytesMax))
    for (let first = 0; first < chosen; first += lanes) hashTogether(first, chosen - 1)
}

/**
 * Orders what is to be hashed by number of blocks, so that those of a kind come together. Returns how many
 * they are.
 */
function orderByBlocks(records: i32, sizeBytesMax: u32): i32 {
    memory.fill(placesAt, 0, 1024)
    for (let row = 0; row < records; row++) {
        const sizeBytes = sizeOf(row)
        if (sizeBytes != 0 && sizeBytes <= sizeBytesMax)
            setPlace(blocksOf(sizeBytes), placeOf(blocksOf(sizeBytes)) + 1)
    }
    let chosen = 0
    for (let blocks: u32 = 1; blocks <= blocksMax; blocks++) {
        const count = placeOf(blocks)
        setPlace(blocks, chosen)
        chosen += count
    }
    for (let row = 0; row < records; row++) {
        const sizeBytes = sizeOf(row)
        if (sizeBytes == 0 || sizeBytes > sizeBytesMax) continue
        const at = placeOf(blocksOf(sizeBytes))
        store<i32>(orderAt + at * 4, row)
        setPlace(blocksOf(sizeBytes), at + 1)
    }
    return chosen
}

/** Hashes as many records as there are lanes; the last of all again where fewer are left. */
function hashTogether(first: i32, last: i32): void {
    const row0 = prepare(0, first, last)
    const row1 = prepare(1, first, last)
    const row2 = prepare(2, first, last)
    const row3 = prepare(3, first, last)
    startDigests()
    // They are in order, so the first has the fewest, and the last has the most.
    const fewest = blocksOf(sizeOf(row0))
    const most = blocksOf(sizeOf(row3))
    for (let block: u32 = 0; block < most; block++) {
        compress(
            blockAt(row0, 0, block),
            blockAt(row1, 1, block),
            blockAt(row2, 2, block),
            blockAt(row3, 3, block),
        )
        if (block + 1 < fewest) continue
        finish(row0, 0, block)
        finish(row1, 1, block)
        finish(row2, 2, block)
        finish(row3, 3, block)
    }
}

function prepare(lane: i32, first: i32, last: i32): i32 {
    const row = load<i32>(orderAt + min(first + lane, last) * 4)
    padTail(row, lane)
    return row
}

function finish(row: i32, lane: i32, block: u32): void {
    if (block + 1 == blocksOf(sizeOf(row))) storeDigest(lane, hashesAt + row * 32)
}

/**
 * The address of a block of a record: in its own bytes or in the padded copy; behind the last block,
 * anything.
 */
function blockAt(row: i32, lane: i32, block: u32): usize {
    const whole = sizeOf(row) / 64
    return block < whole
        ? ((startOf(row) + block * 64) as usize)
        : tailsAt + lane * tailSizeBytes + (((block - whole) * 64) & 64)
}

/**
 * Copies what does not fill a block, and puts behind it what SHA-256 wants there: a bit, zeros, and the
 * length.
 */
function padTail(row: i32, lane: i32): void {
    const sizeBytes = sizeOf(row)
    const rest = sizeBytes & 63
    const from: usize = startOf(row) + (sizeBytes - rest)
    const to: usize = tailsAt + lane * tailSizeBytes
    const mask: usize = maskAt + (64 - rest)
    for (let i: usize = 0; i < 64; i += 16) {
        v128.store(to + i, v128.and(v128.load(from + i), v128.load(mask + i)))
        v128.store(to + i, i64x2.splat(0), 64)
    }
    store<u8>(to + rest, 0x80)
    store<u32>(to + (rest < 56 ? 60 : 124), bswap<u32>(sizeBytes * 8))
}

function blocksOf(sizeBytes: u32): u32 {
    return (sizeBytes + 8) / 64 + 1
}

function sizeOf(row: i32): u32 {
    return load<u32>(sizesAt + row * 4)
}

function startOf(row: i32): u32 {
    return load<u32>(startsAt + row * 4)
}

function placeOf(blocks: u32): i32 {
    return load<i32>(placesAt + blocks * 4)
}

function setPlace(blocks: u32, place: i32): void {
    store<i32>(placesAt + blocks * 4, place)
}
