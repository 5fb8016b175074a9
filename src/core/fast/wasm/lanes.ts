// SHA-256 of five messages at a time: four in the 32-bit lanes of vectors, and a fifth with plain numbers,
// for which a processor has units of their own that vectors leave idle. Without a rotate instruction a round
// of four costs about fifty vector operations; shared by five records that is less than one call of a native
// hash.
import { add, bigSigma0, bigSigma1, smallSigma0, smallSigma1, transpose, xor } from './vectors'

/** Messages that are hashed at a time. */
export const lanes = 5
/** Where the digest of each message begins, and how far its eight words are apart. */
const vectors: usize = memory.data(128, 16)
const numbers: usize = memory.data(32, 16)
/**
 * What each of the 64 rounds adds, in 32 bytes: a vector with one word a message, the constant, the fifth
 * message's word.
 */
const rounds: usize = memory.data(64 * 32, 64)
/** The beginnings of the fractional parts of the square roots of the first 8 primes. */
const firstDigest: usize = memory.data<u32>([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])
/** The same of the cube roots of the first 64 primes. */
const constants: usize = memory.data<u32>([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])

for (let round: usize = 0; round < 64; round++) {
    store<u32>(rounds + round * 32, load<u32>(constants + round * 4), 16)
}

/** The digest of no block yet, of each message. */
export function startDigests(): void {
    for (let i: usize = 0; i < 8; i++) {
        const word = load<u32>(firstDigest + i * 4)
        v128.store(vectors + i * 16, i32x4.splat(word))
        store<u32>(numbers + i * 4, word)
    }
}

/** Writes the digest of one message as 32 bytes. */
export function storeDigest(lane: usize, to: usize): void {
    const from = lane < 4 ? vectors + lane * 4 : numbers
    const apart: usize = lane < 4 ? 16 : 4
    for (let i: usize = 0; i < 8; i++) store<u32>(to + i * 4, bswap<u32>(load<u32>(from + i * apart)))
}

/** One block of each message: 64 bytes at each of the addresses, into the digests. */
export function compress(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize): void {
    for (let i: usize = 0; i < 4; i++) transpose(p0, p1, p2, p3, i * 16, rounds + i * 128)
    for (let i: usize = 0; i < 16; i++) store<u32>(rounds + i * 32, bswap<u32>(load<u32>(p4 + i * 4)), 20)

    let a = v128.load(vectors, 0)
    let b = v128.load(vectors, 16)
    let c = v128.load(vectors, 32)
    let d = v128.load(vectors, 48)
    let e = v128.load(vectors, 64)
    let f = v128.load(vectors, 80)
    let g = v128.load(vectors, 96)
    let h = v128.load(vectors, 112)
    let aa = load<u32>(numbers, 0)
    let bb = load<u32>(numbers, 4)
    let cc = load<u32>(numbers, 8)
    let dd = load<u32>(numbers, 12)
    let ee = load<u32>(numbers, 16)
    let ff = load<u32>(numbers, 20)
    let gg = load<u32>(numbers, 24)
    let hh = load<u32>(numbers, 28)
    // Vectors and numbers take turns, and only two rounds stand in one piece: the compiler keeps this order,
    // and a processor looks ahead only so far for what it can do meanwhile.
    for (let at = rounds; at < rounds + 16 * 32; at += 64) {
        h = step(h, e, f, g, at, v128.load(at))
        d = add(d, h)
        h = mix(h, a, b, c)
        hh = stepOne(hh, ee, ff, gg, at, load<u32>(at, 20))
        dd += hh
        hh += mixOne(aa, bb, cc)
        g = step(g, d, e, f, at + 32, v128.load(at, 32))
        c = add(c, g)
        g = mix(g, h, a, b)
        gg = stepOne(gg, dd, ee, ff, at + 32, load<u32>(at, 52))
        cc += gg
        gg += mixOne(hh, aa, bb)
        // What was g is a now, h is b, and so on.
        let v = a
        ;((a = g), (g = e), (e = c), (c = v))
        v = b
        ;((b = h), (h = f), (f = d), (d = v))
        let x = aa
        ;((aa = gg), (gg = ee), (ee = cc), (cc = x))
        x = bb
        ;((bb = hh), (hh = ff), (ff = dd), (dd = x))
    }
    for (let at = rounds + 16 * 32; at < rounds + 64 * 32; at += 64) {
        h = step(h, e, f, g, at, nextWords(at))
        d = add(d, h)
        h = mix(h, a, b, c)
        hh = stepOne(hh, ee, ff, gg, at, nextWord(at))
        dd += hh
        hh += mixOne(aa, bb, cc)
        g = step(g, d, e, f, at + 32, nextWords(at + 32))
        c = add(c, g)
        g = mix(g, h, a, b)
        gg = stepOne(gg, dd, ee, ff, at + 32, nextWord(at + 32))
        cc += gg
        gg += mixOne(hh, aa, bb)
        // What was g is a now, h is b, and so on.
        let v = a
        ;((a = g), (g = e), (e = c), (c = v))
        v = b
        ;((b = h), (h = f), (f = d), (d = v))
        let x = aa
        ;((aa = gg), (gg = ee), (ee = cc), (cc = x))
        x = bb
        ;((bb = hh), (hh = ff), (ff = dd), (dd = x))
    }

    v128.store(vectors, add(v128.load(vectors, 0), a), 0)
    v128.store(vectors, add(v128.load(vectors, 16), b), 16)
    v128.store(vectors, add(v128.load(vectors, 32), c), 32)
    v128.store(vectors, add(v128.load(vectors, 48), d), 48)
    v128.store(vectors, add(v128.load(vectors, 64), e), 64)
    v128.store(vectors, add(v128.load(vectors, 80), f), 80)
    v128.store(vectors, add(v128.load(vectors, 96), g), 96)
    v128.store(vectors, add(v128.load(vectors, 112), h), 112)
    store<u32>(numbers, load<u32>(numbers, 0) + aa, 0)
    store<u32>(numbers, load<u32>(numbers, 4) + bb, 4)
    store<u32>(numbers, load<u32>(numbers, 8) + cc, 8)
    store<u32>(numbers, load<u32>(numbers, 12) + dd, 12)
    store<u32>(numbers, load<u32>(numbers, 16) + ee, 16)
    store<u32>(numbers, load<u32>(numbers, 20) + ff, 20)
    store<u32>(numbers, load<u32>(numbers, 24) + gg, 24)
    store<u32>(numbers, load<u32>(numbers, 28) + hh, 28)
}

/** The words of a round from the 17th on, made of those of earlier rounds and kept for later ones. */
function nextWords(at: usize): v128 {
    const from = at - 16 * 32
    const sigma0 = smallSigma0(v128.load(from, 32))
    const sigma1 = smallSigma1(v128.load(from, 14 * 32))
    const words = add(add(v128.load(from), sigma0), add(v128.load(from, 9 * 32), sigma1))
    v128.store(at, words)
    return words
}

function nextWord(at: usize): u32 {
    const from = at - 16 * 32
    const near = load<u32>(from, 32 + 20)
    const far = load<u32>(from, 14 * 32 + 20)
    const sigma0 = rotr(near, 7) ^ rotr(near, 18) ^ (near >> 3)
    const sigma1 = rotr(far, 17) ^ rotr(far, 19) ^ (far >> 10)
    const word = load<u32>(from, 20) + sigma0 + load<u32>(from, 9 * 32 + 20) + sigma1
    store<u32>(at, word, 20)
    return word
}

function step(h: v128, e: v128, f: v128, g: v128, at: usize, words: v128): v128 {
    const before = add(h, add(words, v128.load_splat<u32>(at, 16)))
    return add(add(before, xor(g, v128.and(e, xor(f, g)))), bigSigma1(e))
}

function stepOne(h: u32, e: u32, f: u32, g: u32, at: usize, word: u32): u32 {
    const sigma = rotr(rotr(rotr(e, 14) ^ e, 5) ^ e, 6)
    return h + word + load<u32>(at, 16) + (g ^ (e & (f ^ g))) + sigma
}

function mix(h: v128, a: v128, b: v128, c: v128): v128 {
    return add(add(h, xor(b, v128.and(xor(a, b), xor(b, c)))), bigSigma0(a))
}

function mixOne(a: u32, b: u32, c: u32): u32 {
    return (b ^ ((a ^ b) & (b ^ c))) + rotr(rotr(rotr(a, 9) ^ a, 11) ^ a, 2)
}
