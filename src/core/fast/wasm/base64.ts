// The 32 bytes of a parent's hash from base64, as hosts wrote it until March 2019.

const notBase64: u32 = 0xff
/** The value of each ASCII character in base64. */
const base64Values: usize = memory.data(128)

prepareBase64()

function prepareBase64(): void {
    memory.fill(base64Values, notBase64 as u8, 128)
    for (let i: u32 = 0; i < 26; i++) {
        store<u8>(base64Values + 0x41 + i, i)
        store<u8>(base64Values + 0x61 + i, i + 26)
    }
    for (let i: u32 = 0; i < 10; i++) store<u8>(base64Values + 0x30 + i, i + 52)
    store<u8>(base64Values + 0x2b, 62)
    store<u8>(base64Values + 0x2f, 63)
}

/** Decodes 43 characters of base64 and a `=`; false where they are something else. */
export function decodeBase64(from: usize, to: usize): bool {
    if (load<u8>(from, 43) != 0x3d) return false
    for (let i: usize = 0; i < 40; i += 4) {
        const bits = fourCharacters(from + i)
        if (bits == -1) return false
        storeThree(to + (i >> 2) * 3, bits)
    }
    // The last three characters hold two bytes; their spare bits may be anything.
    const a = value(from, 40)
    const b = value(from, 41)
    const c = value(from, 42)
    if ((a | b | c) > 63) return false
    store<u8>(to, (a << 2) | (b >> 4), 30)
    store<u8>(to, (b << 4) | (c >> 2), 31)
    return true
}

function fourCharacters(from: usize): i32 {
    const a = value(from, 0)
    const b = value(from, 1)
    const c = value(from, 2)
    const d = value(from, 3)
    return (a | b | c | d) > 63 ? -1 : (a << 18) | (b << 12) | (c << 6) | d
}

function storeThree(to: usize, bits: i32): void {
    store<u8>(to, bits >> 16, 0)
    store<u8>(to, bits >> 8, 1)
    store<u8>(to, bits, 2)
}

function value(from: usize, offset: usize): u32 {
    const character = load<u8>(from + offset) as u32
    return character < 128 ? (load<u8>(base64Values + character) as u32) : notBase64
}
