// What records name by hashes, in 36 bytes each: there may be a million.
import { HashRows, PackedRows } from '../../composition/packed-rows.js'
import { countWhile } from '../../count-while.js'
import type { ValueHash } from '../values/value.js'

/** A value, or for `revert` a record, that a record names. */
export interface NamedHash {
    readonly row: number
    readonly hash: ValueHash
}

/** In the order of the records. */
export class NamedHashes implements Iterable<NamedHash> {
    readonly #rows = new PackedRows(1, (length) => new Uint32Array(length))
    readonly #hashes = new HashRows()

    add({ row, hash }: NamedHash): void {
        this.#rows.add(Uint32Array.of(row))
        this.#hashes.addHex(hash)
    }

    /** The last one that a record names. */
    lastOf(row: number): ValueHash | undefined {
        const last = countWhile(this.#rows.length, (i) => this.#rows.at(i) <= row) - 1
        return last >= 0 && this.#rows.at(last) === row ? (this.#hashes.hexAt(last) as ValueHash) : undefined
    }

    *[Symbol.iterator](): Generator<NamedHash> {
        for (let i = 0; i < this.#rows.length; i++)
            yield { row: this.#rows.at(i), hash: this.#hashes.hexAt(i) as ValueHash }
    }
}
