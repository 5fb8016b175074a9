// Places from which a log can be read on, packed: a store may have as many as it has reductions, and threads
// send them to each other.
import type { CompositionHash } from '../../composition/hash.js'
import { HashRows, PackedRows } from '../../composition/packed-rows.js'
import { countWhile } from '../../count-while.js'

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

/** In the order of the records. */
export class Marks {
    readonly #numbers = new PackedRows(numbersPerMark, (length) => new Float64Array(length))
    readonly #parents = new HashRows()

    get length(): number {
        return this.#numbers.length
    }

    add({ position, file, offsetBytes, lineNumber, parentHash }: Mark): void {
        const numbers = Float64Array.of(position, file, offsetBytes, lineNumber)
        this.addAll({ numbers, parents: Buffer.from(parentHash, 'hex') })
    }

    /** Those of a piece behind so many records, and behind so many lines of the file that it begins in. */
    addAll({ numbers, parents }: PackedMarks, recordsBefore = 0, linesBefore = 0): void {
        const before = [recordsBefore, 0, 0, linesBefore]
        this.#numbers.add(numbers.map((number, i) => number + (before[i % numbersPerMark] as number)))
        this.#parents.add(parents)
    }

    /** The last one at a record or in front of it. */
    lastUpTo(position: number): Mark | undefined {
        return this.#at(this.#countUpTo(position) - 1)
    }

    /** The first one at a record or behind it. */
    firstFrom(position: number): Mark | undefined {
        return this.#at(this.#countUpTo(position - 1))
    }

    #countUpTo(position: number): number {
        return countWhile(this.length, (mark) => this.#numbers.at(mark) <= position)
    }

    #at(index: number): Mark | undefined {
        if (index < 0 || index >= this.length) return undefined
        const at = (column: number) => this.#numbers.at(index, column)
        return {
            position: at(0),
            file: at(1),
            offsetBytes: at(2),
            lineNumber: at(3),
            parentHash: this.#parents.hexAt(index).toUpperCase() as CompositionHash,
        }
    }
}
