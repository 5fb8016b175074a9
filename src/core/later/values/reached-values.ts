// Values that were come by, in their order, in four bytes each: a store may have a million.
import type { ValueHash } from './value.js'
import type { ValueIndex } from './value-index.js'

export class ReachedValues {
    readonly #index: ValueIndex
    readonly #ordinals: Uint32Array
    readonly #withoutFile = new Set<ValueHash>()
    /** How many have a file. */
    count = 0

    constructor(index: ValueIndex) {
        this.#index = index
        this.#ordinals = new Uint32Array(index.numbers)
    }

    /** How many with a file had been come by with one, itself included; 0 where it was not, or has none. */
    ordinalOf(hash: ValueHash): number {
        return this.#ordinals[this.#index.numberOf(hash)] ?? 0
    }

    has(hash: ValueHash): boolean {
        return this.ordinalOf(hash) > 0 || this.#withoutFile.has(hash)
    }

    /** @returns whether it was not there */
    add(hash: ValueHash): boolean {
        if (this.has(hash)) return false
        const at = this.#index.numberOf(hash)
        if (at < 0) this.#withoutFile.add(hash)
        else this.#ordinals[at] = ++this.count
        return true
    }

    /** Those that have a file, in order. */
    *withFile(): Generator<ValueHash> {
        const numbers = new Uint32Array(this.count)
        for (const [number, ordinal] of this.#ordinals.entries())
            if (ordinal > 0) numbers[ordinal - 1] = number
        for (const number of numbers) yield this.#index.hashOf(number)
    }
}
