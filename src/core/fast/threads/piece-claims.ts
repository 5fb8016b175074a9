// Which thread does which piece, as numbers in shared memory: whether all is over, where to look for the next
// piece, then the owner of each. To claim a piece is one step, so that of a thread that ends it is always
// known what it had.

const isOverAt = 0
const hintAt = 1
const ownersAt = 2
const nobody = -1
const waitMilliseconds = 1

export function newClaims(pieces: number): Int32Array {
    const sizeBytes = (ownersAt + pieces) * Int32Array.BYTES_PER_ELEMENT
    return new Int32Array(new SharedArrayBuffer(sizeBytes)).fill(nobody, ownersAt)
}

/** The next piece for a thread; undefined where all have an owner. */
export function claimPiece(claims: Int32Array, thread: number): number | undefined {
    for (let at = ownersAt + Atomics.load(claims, hintAt); at < claims.length; at++) {
        if (Atomics.load(claims, isOverAt) !== 0) return undefined
        if (Atomics.compareExchange(claims, at, nobody, thread) !== nobody) continue
        // Only where to begin to look: a thread that comes late here costs the others a few looks more.
        Atomics.store(claims, hintAt, at + 1 - ownersAt)
        return at - ownersAt
    }
    return undefined
}

/** The pieces that a thread has claimed. */
export function claimedBy(claims: Int32Array, thread: number): readonly number[] {
    const pieces: number[] = []
    claims.forEach((owner, at) => {
        if (at >= ownersAt && owner === thread) pieces.push(at - ownersAt)
    })
    return pieces
}

/** Lets no thread begin another piece, nor wait any longer. */
export function endClaims(claims: Int32Array): void {
    Atomics.store(claims, isOverAt, 1)
    tellWaiting(claims)
}

/** Blocks a helping thread until something may have changed; false once all is over. */
export function waitForOthers(claims: Int32Array): boolean {
    // Not everything that others do is told.
    Atomics.wait(claims, isOverAt, 0, waitMilliseconds)
    return Atomics.load(claims, isOverAt) === 0
}

/** Something changed. */
export function tellWaiting(claims: Int32Array): void {
    Atomics.notify(claims, isOverAt)
}
