// What SHA-256 does with words, for four messages at once.

export function add(a: v128, b: v128): v128 {
    return i32x4.add(a, b)
}

export function xor(a: v128, b: v128): v128 {
    return v128.xor(a, b)
}

export function bigSigma0(x: v128): v128 {
    return xor(xor(rotate(x, 2), rotate(x, 13)), rotate(x, 22))
}

export function bigSigma1(x: v128): v128 {
    return xor(xor(rotate(x, 6), rotate(x, 11)), rotate(x, 25))
}

export function smallSigma0(x: v128): v128 {
    return xor(xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3))
}

export function smallSigma1(x: v128): v128 {
    return xor(xor(rotate(x, 17), rotate(x, 19)), i32x4.shr_u(x, 10))
}

function rotate(x: v128, bits: i32): v128 {
    return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits))
}

/** Four words of each message, big endian, become four vectors with one word a message, 32 bytes apart. */
export function transpose(p0: usize, p1: usize, p2: usize, p3: usize, offset: usize, to: usize): void {
    const m0 = swapBytes(v128.load(p0 + offset))
    const m1 = swapBytes(v128.load(p1 + offset))
    const m2 = swapBytes(v128.load(p2 + offset))
    const m3 = swapBytes(v128.load(p3 + offset))
    const low01 = v128.shuffle<i32>(m0, m1, 0, 4, 1, 5)
    const low23 = v128.shuffle<i32>(m2, m3, 0, 4, 1, 5)
    const high01 = v128.shuffle<i32>(m0, m1, 2, 6, 3, 7)
    const high23 = v128.shuffle<i32>(m2, m3, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2), 0)
    v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 32)
    v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 64)
    v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 96)
}

function swapBytes(x: v128): v128 {
    return v128.shuffle<i8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}
