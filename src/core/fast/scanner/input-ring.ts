// Memory for the inputs of as many pieces as are under way at a time, from the threads that read to the one
// of the app. Pieces are used in their order, so each has its place from the beginning: the one that an
// earlier piece leaves.
import type { InputSlot } from './pack-inputs.js'

const slots = 8
/** Room for a piece, with the line that goes on behind it: text, and 4 bytes for each 3 of the log. */
const slotSizeBytes = 1_572_864
/** Holds the number of pieces that were used. */
const headerSizeBytes = 64

export class InputRing {
    readonly buffer: SharedArrayBuffer
    readonly #used: Int32Array

    constructor(buffer = new SharedArrayBuffer(headerSizeBytes + slots * slotSizeBytes)) {
        this.buffer = buffer
        this.#used = new Int32Array(buffer, 0, 1)
    }

    slot(piece: number): InputSlot {
        const beginBytes = headerSizeBytes + (piece % slots) * slotSizeBytes
        return { buffer: this.buffer, beginBytes, sizeBytes: slotSizeBytes }
    }

    isFree(piece: number): boolean {
        return piece < Atomics.load(this.#used, 0) + slots
    }

    /** This piece and all before it were used. To be called in one thread only. */
    release(piece: number): void {
        Atomics.store(this.#used, 0, Math.max(piece + 1, Atomics.load(this.#used, 0)))
    }
}
