// Finds the end of a JSON string, 64 bytes at a time. Whatever JSON does not allow in a string ends the
// search without a result, so that the reference reader decides.

/** Not 0 once a byte beyond ASCII was met: then somebody must look whether they are UTF-8. */
export let nonAscii: i32 = 0

export function forgetNonAscii(): void {
    nonAscii = 0
}

const oddBits: u64 = 0xaaaaaaaaaaaaaaaa

/**
 * The address of the quote that ends the string whose first character stands at `from`; 0 where there is none
 * before `end` that anybody can be sure of.
 */
export function endOfString(from: usize, end: usize): usize {
    let firstIsEscaped: u64 = 0
    secondHalf = 0
    for (let at = from; at < end; at += 64) {
        const a = v128.load(at, 0)
        const b = v128.load(at, 16)
        const c = v128.load(at, 32)
        const d = v128.load(at, 48)
        nonAscii |= i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d)))
        const quotes = where(a, b, c, d, 0x22)
        const backslashes = where(a, b, c, d, 0x5c)
        let escaped = firstIsEscaped
        if (backslashes == 0) {
            firstIsEscaped = 0
        } else {
            // In each row of backslashes every other one escapes what stands behind it. Adding a row to a
            // pattern of every other bit carries to the end of the row, and so tells rows of odd length from
            // those of even length.
            const candidates = backslashes & ~firstIsEscaped
            const ends = (((candidates << 1) | oddBits) - candidates) ^ oddBits
            escaped = ends ^ (backslashes | firstIsEscaped)
            firstIsEscaped = (ends & backslashes) >> 63
        }
        const stops = (quotes & ~escaped) | controls(a, b, c, d)
        const unusual = escaped & ~(quotes | backslashes)
        const stop = ctz(stops)
        if (unusual != 0) {
            const before = stops == 0 ? unusual : unusual & ((1 << stop) - 1)
            if (!areEscapes(at, before)) return 0
        }
        if (stops != 0) return load<u8>(at + (stop as usize)) == 0x22 ? at + (stop as usize) : 0
    }
    return 0
}

/** One bit a byte: those that equal a character. */
function where(a: v128, b: v128, c: v128, d: v128, character: i8): u64 {
    const wanted = i8x16.splat(character)
    return bits(i8x16.eq(a, wanted), i8x16.eq(b, wanted), i8x16.eq(c, wanted), i8x16.eq(d, wanted))
}

/** One bit a byte: those that may not stand in a string as they are. */
function controls(a: v128, b: v128, c: v128, d: v128): u64 {
    const space = i8x16.splat(0x20)
    return bits(i8x16.lt_u(a, space), i8x16.lt_u(b, space), i8x16.lt_u(c, space), i8x16.lt_u(d, space))
}

function bits(a: v128, b: v128, c: v128, d: v128): u64 {
    const low = (i8x16.bitmask(a) as u32) | ((i8x16.bitmask(b) as u32) << 16)
    const high = (i8x16.bitmask(c) as u32) | ((i8x16.bitmask(d) as u32) << 16)
    return (low as u64) | ((high as u64) << 32)
}

/**
 * Whether each of these escaped characters, none of them a quote or a backslash, makes an escape that JSON
 * knows.
 */
function areEscapes(block: usize, escaped: u64): bool {
    for (let left = escaped; left != 0; left &= left - 1) {
        const at = block + (ctz(left) as usize)
        switch (load<u8>(at)) {
            case 0x2f: // /
            case 0x62: // b
            case 0x66: // f
            case 0x6e: // n
            case 0x72: // r
            case 0x74: // t
                break
            case 0x75: // u
                for (let i: usize = 1; i <= 4; i++) if (!isHexDigit(load<u8>(at + i))) return false
                if (!isWhole(at)) return false
                break
            default:
                return false
        }
    }
    return true
}

/** The address of the second half of a pair of surrogates whose first half was met last. */
let secondHalf: usize = 0

/** Whether an escape, given by the address of its `u`, is no surrogate, or one of a pair. */
function isWhole(at: usize): bool {
    if ((load<u8>(at, 1) | 0x20) != 0x64) return true
    const second = (load<u8>(at, 2) as u32) | 0x20
    // 0 to 7 behind the d.
    if (second - 0x30 < 8) return true
    if (second >= 0x63) return at == secondHalf
    // 8 to b: a first half. Behind it must stand \\u, and c to f behind another d.
    if (load<u16>(at, 5) != 0x755c || (load<u8>(at, 7) | 0x20) != 0x64) return false
    const letter = (load<u8>(at, 8) as u32) | 0x20
    if (letter < 0x63 || letter > 0x66) return false
    secondHalf = at + 6
    return true
}

function isHexDigit(character: u32): bool {
    return character - 0x30 < 10 || (character | 0x20) - 0x61 < 6
}
