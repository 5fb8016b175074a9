// Places from which a log can be read on, packed: a store may have as many as it has reductions, and threads
// send them to each other.
import type { CompositionHash } from '../../composition/hash.js'

/** A place at which a record begins. */
export interface Mark {
    /** Number of the record in the chain, from 1. */
    readonly position: number
    readonly file: number
    readonly offsetBytes: number
    readonly lineNumber: number
    readonly parentHash: CompositionHash
}

/** Of each mark its numbers, in the order of `Mark`, and 32 bytes of the hash of its parent. */
export interface PackedMarks {
    readonly numbers: Float64Array
    readonly parents: Uint8Array
}

export const numbersPerMark = 4
export const hashSizeBytes = 32

/** In the order of the records. */
export class Marks {
    #numbers = new Float64Array()
    #parents = Buffer.alloc(0)
    length = 0

    add({ position, file, offsetBytes, lineNumber, parentHash }: Mark): void {
        const numbers = Float64Array.of(position, file, offsetBytes, lineNumber)
        this.addAll({ numbers, parents: Buffer.from(parentHash, 'hex') })
    }

    /** Those of a piece behind so many records, and behind so many lines of the file that it begins in. */
    addAll({ numbers, parents }: PackedMarks, recordsBefore = 0, linesBefore = 0): void {
        const begin = this.length * numbersPerMark
        const end = begin + numbers.length
        if (end > this.#numbers.length) {
            const larger = new Float64Array(end * 2)
            larger.set(this.#numbers)
            this.#numbers = larger
            // What is not filled yet takes no memory.
            const parentsBefore = this.#parents
            this.#parents = Buffer.alloc((larger.length / numbersPerMark) * hashSizeBytes)
            this.#parents.set(parentsBefore)
        }
        this.#numbers.set(numbers, begin)
        this.#parents.set(parents, this.length * hashSizeBytes)
        for (let at = begin; at < end; at += numbersPerMark) {
            this.#add(at, recordsBefore)
            this.#add(at + 3, linesBefore)
        }
        this.length = end / numbersPerMark
    }

    /** The last one at a record or in front of it. */
    lastUpTo(position: number): Mark | undefined {
        return this.#at(this.#countUpTo(position) - 1)
    }

    /** The first one at a record or behind it. */
    firstFrom(position: number): Mark | undefined {
        return this.#at(this.#countUpTo(position - 1))
    }

    #add(at: number, more: number): void {
        this.#numbers[at] = (this.#numbers[at] as number) + more
    }

    #countUpTo(position: number): number {
        let [low, high] = [0, this.length]
        while (low < high) {
            const middle = (low + high) >> 1
            if ((this.#numbers[middle * numbersPerMark] as number) <= position) low = middle + 1
            else high = middle
        }
        return low
    }

    #at(index: number): Mark | undefined {
        if (index < 0 || index >= this.length) return undefined
        const at = index * numbersPerMark
        const [position, file, offsetBytes, lineNumber] = this.#numbers.subarray(at, at + numbersPerMark)
        const begin = index * hashSizeBytes
        const parentHash = this.#parents.toString('hex', begin, begin + hashSizeBytes).toUpperCase()
        return { position, file, offsetBytes, lineNumber, parentHash } as Mark
    }
}
