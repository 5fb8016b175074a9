// yauzl checks an entry's size but not its checksum, and zlib.crc32 is younger than the oldest Node we run on.

const table = new Uint32Array(256).map((_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    return value
})

/** CRC-32 as zip archives use it, as an unsigned number. */
export function crc32(bytes: Uint8Array): number {
    let value = 0xffffffff
    for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0)
    return ~value >>> 0
}
