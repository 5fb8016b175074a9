// SHA-256 of four messages at a time, in the 32-bit lanes of vectors. Without a rotate instruction a round of
// four costs about fifty vector operations; shared by four records that is less than one call of a native
// hash.
import { add, bigSigma0, bigSigma1, smallSigma0, smallSigma1, transpose, xor } from './vectors'

/** Messages that are hashed at a time. */
export const lanes = 4
/** Where the digest of each message begins, and how far its eight words are apart. */
const vectors: usize = memory.data(128, 16)
/** What each of the 64 rounds adds, in 32 bytes: a vector with one word a message, and the constant. */
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
    }
}

/** Writes the digest of one message as 32 bytes. */
export function storeDigest(lane: usize, to: usize): void {
    for (let i: usize = 0; i < 8; i++)
        store<u32>(to + i * 4, bswap<u32>(load<u32>(vectors + lane * 4 + i * 16)))
}

/** One block of each message: 64 bytes at each of the addresses, into the digests. */
export function compress(p0: usize, p1: usize, p2: usize, p3: usize): void {
    for (let i: usize = 0; i < 4; i++) transpose(p0, p1, p2, p3, i * 16, rounds + i * 128)

    let a = v128.load(vectors, 0)
    let b = v128.load(vectors, 16)
    let c = v128.load(vectors, 32)
    let d = v128.load(vectors, 48)
    let e = v128.load(vectors, 64)
    let f = v128.load(vectors, 80)
    let g = v128.load(vectors, 96)
    let h = v128.load(vectors, 112)
    for (let at = rounds; at < rounds + 64 * 32; at += 64) {
        h = step(h, e, f, g, at, wordsOf(at))
        d = add(d, h)
        h = mix(h, a, b, c)
        g = step(g, d, e, f, at + 32, wordsOf(at + 32))
        c = add(c, g)
        g = mix(g, h, a, b)
        // What was g is a now, h is b, and so on.
        let v = a
        ;(a = g), (g = e), (e = c), (c = v)
        v = b
        ;(b = h), (h = f), (f = d), (d = v)
    }

    v128.store(vectors, add(v128.load(vectors, 0), a), 0)
    v128.store(vectors, add(v128.load(vectors, 16), b), 16)
    v128.store(vectors, add(v128.load(vectors, 32), c), 32)
    v128.store(vectors, add(v128.load(vectors, 48), d), 48)
    v128.store(vectors, add(v128.load(vectors, 64), e), 64)
    v128.store(vectors, add(v128.load(vectors, 80), f), 80)
    v128.store(vectors, add(v128.load(vectors, 96), g), 96)
    v128.store(vectors, add(v128.load(vectors, 112), h), 112)
}

/** The words of a round; from the 17th on made of those of earlier rounds, and kept for later ones. */
function wordsOf(at: usize): v128 {
    if (at < rounds + 16 * 32) return v128.load(at)
    const from = at - 16 * 32
    const sigma0 = smallSigma0(v128.load(from, 32))
    const sigma1 = smallSigma1(v128.load(from, 14 * 32))
    const words = add(add(v128.load(from), sigma0), add(v128.load(from, 9 * 32), sigma1))
    v128.store(at, words)
    return words
}

function step(h: v128, e: v128, f: v128, g: v128, at: usize, words: v128): v128 {
    const before = add(h, add(words, v128.load_splat<u32>(at, 16)))
    return add(add(before, xor(g, v128.and(e, xor(f, g)))), bigSigma1(e))
}

function mix(h: v128, a: v128, b: v128, c: v128): v128 {
    return add(add(h, xor(b, v128.and(xor(a, b), xor(b, c)))), bigSigma0(a))
}
