// Hashes in as few bytes as tell them: a store may have a reduction for each of its log files.
import type { CompositionHash, ValueHash } from '../../composition/hash.js'
import { HashRows, hashSizeBytes } from '../../composition/packed-rows.js'
import { countWhile } from '../../count-while.js'

/** No more can be put in order by their first 32 bits and a number, which must fit into a double. */
export const packedHashesMax = 1 << 20

/** Hashes that were taken one by one, as a set. */
export function packHashes(hashes: HashRows): PackedHashes {
    const keyOf = (_: unknown, row: number) => hashes.beginningOf(row) * packedHashesMax + row
    const keys = Float64Array.from({ length: hashes.length }, keyOf).sort()
    const sorted = Buffer.from(new SharedArrayBuffer(keys.length * hashSizeBytes))
    keys.forEach((key, i) => {
        sorted.set(hashes.bytesOf(key % packedHashesMax), i * hashSizeBytes)
    })
    return new PackedHashes(sorted)
}

export class PackedHashes implements Iterable<CompositionHash> {
    /** 32 of each, in the order of their first 32 bits, in memory that threads share. */
    readonly bytes: Buffer

    constructor(bytes: Buffer) {
        this.bytes = bytes
    }

    get size(): number {
        return this.bytes.length / hashSizeBytes
    }

    has(hash: CompositionHash | ValueHash): boolean {
        return this.indexOf(hash) >= 0
    }

    /** -1 for one that is not among them. */
    indexOf(hash: CompositionHash | ValueHash): number {
        const wanted = Buffer.from(hash, 'hex')
        if (wanted.length < hashSizeBytes) return -1
        const beginning = wanted.readUInt32BE()
        const first = countWhile(this.size, (index) => this.#beginningOf(index) < beginning)
        for (let i = first; i < this.size && this.#beginningOf(i) === beginning; i++) {
            const at = i * hashSizeBytes
            if (this.bytes.compare(wanted, 0, hashSizeBytes, at, at + hashSizeBytes) === 0) return i
        }
        return -1
    }

    at(index: number): CompositionHash {
        const at = index * hashSizeBytes
        return this.bytes.toString('hex', at, at + hashSizeBytes).toUpperCase() as CompositionHash
    }

    *[Symbol.iterator](): MapIterator<CompositionHash> {
        for (let i = 0; i < this.size; i++) yield this.at(i)
    }

    #beginningOf(index: number): number {
        return this.bytes.readUInt32BE(index * hashSizeBytes)
    }
}

/** What a map by hashes has beside its entries. */
export abstract class MapByHash<T> implements ReadonlyMap<CompositionHash, T> {
    abstract readonly size: number
    abstract get(hash: CompositionHash): T | undefined
    abstract entries(): MapIterator<[CompositionHash, T]>

    has(hash: CompositionHash): boolean {
        return this.get(hash) !== undefined
    }

    *keys(): MapIterator<CompositionHash> {
        for (const [hash] of this) yield hash
    }

    *values(): MapIterator<T> {
        for (const [, value] of this) yield value
    }

    [Symbol.iterator](): MapIterator<[CompositionHash, T]> {
        return this.entries()
    }

    forEach(visit: (value: T, hash: CompositionHash, all: ReadonlyMap<CompositionHash, T>) => void): void {
        for (const [hash, value] of this) visit(value, hash, this)
    }
}

export interface HashNumbers extends ReadonlyMap<CompositionHash, number> {
    set(hash: CompositionHash, number: number): unknown
}

/** A number for each of some of the hashes, in the order of the numbers. */
export class NumbersOfHashes extends MapByHash<number> implements HashNumbers {
    readonly #hashes: PackedHashes
    readonly #numbers: Float64Array
    size = 0

    constructor(hashes: PackedHashes) {
        super()
        this.#hashes = hashes
        this.#numbers = new Float64Array(hashes.size).fill(NaN)
    }

    set(hash: CompositionHash, number: number): void {
        const at = this.#hashes.indexOf(hash)
        if (Number.isNaN(this.#numbers[at])) this.size++
        this.#numbers[at] = number
    }

    get(hash: CompositionHash): number | undefined {
        const number = this.#numbers[this.#hashes.indexOf(hash)]
        return Number.isNaN(number) ? undefined : number
    }

    *entries(): MapIterator<[CompositionHash, number]> {
        const at = (index: number) => this.#numbers[index] as number
        const known = Uint32Array.from(this.#numbers.keys()).filter((index) => !Number.isNaN(at(index)))
        for (const index of known.sort((a, b) => at(a) - at(b))) yield [this.#hashes.at(index), at(index)]
    }
}
