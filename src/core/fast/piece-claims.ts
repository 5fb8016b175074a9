// Which thread reads which piece, as numbers in shared memory: the next piece that nobody has claimed, then what each
// thread claimed last, so that nothing is lost with a thread.

/** More than any log has pieces. */
const noMore = 0x7000_0000

export function newClaims(threads: number): Int32Array {
    const claims = new Int32Array(new SharedArrayBuffer((1 + threads) * Int32Array.BYTES_PER_ELEMENT))
    return claims.fill(-1, 1)
}

/** The next piece for a thread. Written down before it is taken, since a thread may end at any moment. */
export function claimPiece(claims: Int32Array, thread: number): number {
    for (;;) {
        const piece = Atomics.load(claims, 0)
        Atomics.store(claims, 1 + thread, piece)
        if (Atomics.compareExchange(claims, 0, piece, piece + 1) === piece) return piece
    }
}

/** The piece that a thread claimed last and that no other has; undefined where there is none. */
export function claimedBy(claims: Int32Array, thread: number): number | undefined {
    const piece = Atomics.load(claims, 1 + thread)
    const isClaimed = piece >= 0 && piece < Atomics.load(claims, 0)
    const isOthers = claims.findIndex((other, at) => at > 0 && at !== 1 + thread && other === piece) > 0
    return isClaimed && !isOthers ? piece : undefined
}

/** Lets no thread begin another piece. */
export function endClaims(claims: Int32Array): void {
    Atomics.store(claims, 0, noMore)
}
