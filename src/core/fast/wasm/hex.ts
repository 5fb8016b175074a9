// The 32 bytes of a parent's hash from 64 hex digits of either case.

/** Decodes 64 hex digits; false where a character is none. */
export function decodeHex(from: usize, to: usize): bool {
    const a = v128.load(from, 0)
    const b = v128.load(from, 16)
    const c = v128.load(from, 32)
    const d = v128.load(from, 48)
    const areDigits = v128.and(v128.and(isHex(a), isHex(b)), v128.and(isHex(c), isHex(d)))
    if (!i8x16.all_true(areDigits)) return false
    v128.store(to, i8x16.narrow_i16x8_u(pairs(a), pairs(b)), 0)
    v128.store(to, i8x16.narrow_i16x8_u(pairs(c), pairs(d)), 16)
    return true
}

/** Whether none of 64 hex digits is a capital letter. */
export function areLowerCase(from: usize): bool {
    const ab = v128.and(v128.load(from, 0), v128.load(from, 16))
    const cd = v128.and(v128.load(from, 32), v128.load(from, 48))
    return i8x16.all_true(v128.and(v128.and(ab, cd), i8x16.splat(0x20)))
}

function isHex(digits: v128): v128 {
    return v128.or(isDecimal(digits), i8x16.lt_u(fromA(digits), i8x16.splat(6)))
}

function isDecimal(digits: v128): v128 {
    return i8x16.lt_u(i8x16.sub(digits, i8x16.splat(0x30)), i8x16.splat(10))
}

/** How far a letter of either case is from `a`. */
function fromA(digits: v128): v128 {
    return i8x16.sub(v128.or(digits, i8x16.splat(0x20)), i8x16.splat(0x61))
}

/** 16 digits become 8 bytes, each in a lane of 16 bits. */
function pairs(digits: v128): v128 {
    const decimal = v128.and(digits, i8x16.splat(0x0f))
    const letter = i8x16.add(fromA(digits), i8x16.splat(10))
    const values = v128.bitselect(decimal, letter, isDecimal(digits))
    const high = v128.and(i16x8.shl(values, 4), i16x8.splat(0xf0))
    return v128.or(high, i16x8.shr_u(values, 8))
}
