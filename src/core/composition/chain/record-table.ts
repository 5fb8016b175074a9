// What must be known of every record to find the order of a log whose lines are shuffled: who it is, whose
// child it is, and where its bytes lie. No bodies and no objects: about 110 bytes a record.
import type { CompositionHash } from '../hash.js'
import { HashIndex, HashRows, PackedRows } from '../packed-rows.js'
import type { RecordIndex, RowPlace } from './record-index.js'

interface NamedRecord {
    readonly hash: CompositionHash
    readonly parentHash: CompositionHash
}

const columns = ['file', 'line', 'offsetBytes', 'sizeBytes', 'behindUnreadable'] as const

/** One row a record, in the order of the lines. Rows are numbered from 0. */
export class RecordTable implements RecordIndex {
    readonly #hashes = new HashRows()
    readonly #parents = new HashRows()
    readonly #numbers = new PackedRows(columns.length, (length) => new Float64Array(length))
    readonly #index = new HashIndex(this.#hashes)

    get rows(): number {
        return this.#hashes.length
    }

    /** Adds a record. Returns the row of an equal record that is there already, or -1. */
    add({ hash, parentHash }: NamedRecord, place: RowPlace, behindUnreadable: boolean): number {
        const original = this.find(hash)
        this.#hashes.addHex(hash)
        this.#parents.addHex(parentHash)
        const { file, line, offsetBytes, sizeBytes } = place
        this.#numbers.add(Float64Array.of(file, line, offsetBytes, sizeBytes, Number(behindUnreadable)))
        return original
    }

    /** Makes a copy the row that is found, in the place of the one that was there before. */
    prefer(copy: number): void {
        this.#index.prefer(copy)
    }

    hash(row: number): CompositionHash {
        return this.#hashes.hexAt(row).toUpperCase() as CompositionHash
    }

    parentHash(row: number): CompositionHash {
        return this.#parents.hexAt(row).toUpperCase() as CompositionHash
    }

    place(row: number): RowPlace {
        return {
            file: this.#numberAt(row, 'file'),
            line: this.#numberAt(row, 'line'),
            offsetBytes: this.#numberAt(row, 'offsetBytes'),
            sizeBytes: this.#numberAt(row, 'sizeBytes'),
        }
    }

    behindUnreadable(row: number): boolean {
        return this.#numberAt(row, 'behindUnreadable') === 1
    }

    find(hash: CompositionHash): number {
        return this.#index.find(Buffer.from(hash, 'hex'))
    }

    findParent(row: number): number {
        return this.#index.find(this.#parents.bytesOf(row))
    }

    hashStartsWith(row: number, upperHexPrefix: string): boolean {
        return this.hash(row).startsWith(upperHexPrefix)
    }

    #numberAt(row: number, column: (typeof columns)[number]): number {
        return this.#numbers.at(row, columns.indexOf(column))
    }
}
