// The records of a store of 2020-05 or later, in order, a few bytes each: there are millions of them.
import type { Place } from '../errors.js'
import { type EventKind, eventKinds } from './record.js'
import type { ValueHash } from './value.js'

const kinds: readonly EventKind[] = Object.values(eventKinds)
const hashSizeBytes = 32

/** Where a record stands: a line of a log file, or a file of its own. */
export interface RecordPlace extends Place {
    readonly line?: number
}

/** What is kept of a record. */
export interface TableRow {
    readonly hash: ValueHash
    /** Of its last event. */
    readonly kind: EventKind
    /** The number of its file, as it was given. */
    readonly file: number
    readonly line: number
    readonly offsetBytes: number
    readonly sizeBytes: number
}

interface EnteredRow extends Omit<TableRow, 'hash' | 'kind'> {
    readonly kind: number
}

/** Lines that stand one behind the other in a file, and fill it. */
export interface TableLines {
    readonly kind: EventKind
    readonly file: number
    /** Of the lines of this file, and of others around them; without the line ends. */
    readonly sizesBytes: Uint32Array
    readonly from: number
    readonly to: number
}

export class LaterRecordTable {
    readonly #files: string[] = []
    #hashes = Buffer.alloc(hashSizeBytes * 1024)
    /** A log file has fewer bytes than such a number can count. */
    #numbers = new Uint32Array(5 * 1024)
    #length = 0
    #index: Map<ValueHash, number> | undefined

    get length(): number {
        return this.#length
    }

    /** Makes a file known, by its path as findings name it; gives its number. */
    addFile(path: string): number {
        return this.#files.push(path) - 1
    }

    add({ hash, kind, file, line, offsetBytes, sizeBytes }: TableRow): number {
        this.#makeRoom(1)
        this.#hashes.write(hash, this.#length * hashSizeBytes, 'hex')
        this.#index = undefined
        return this.#enter({ kind: kinds.indexOf(kind), file, line, offsetBytes, sizeBytes })
    }

    /** Makes room for so many records, of which the hashes are known; `addLines` says where they stand. */
    addHashes(hashes: Uint8Array): void {
        this.#makeRoom(hashes.length / hashSizeBytes)
        this.#hashes.set(hashes, this.#length * hashSizeBytes)
        this.#index = undefined
    }

    addLines({ kind, file, sizesBytes, from, to }: TableLines): void {
        const number = kinds.indexOf(kind)
        let offsetBytes = 0
        for (let i = from; i < to; i++) {
            const sizeBytes = sizesBytes[i] as number
            this.#enter({ kind: number, file, line: i - from + 1, offsetBytes, sizeBytes })
            offsetBytes += sizeBytes + 1
        }
    }

    hashAt(row: number): ValueHash {
        return this.#hashes.toString('hex', row * hashSizeBytes, (row + 1) * hashSizeBytes) as ValueHash
    }

    kindAt(row: number): EventKind {
        return kinds[this.#numbers[row * 5] as number] as EventKind
    }

    placeAt(row: number): RecordPlace {
        const [, file = 0, line = 0, offsetBytes = 0, sizeBytes = 0] = this.#numbers.subarray(
            row * 5,
            row * 5 + 5,
        )
        return { file: this.#files.at(file) ?? '', ...(line > 0 && { line }), offsetBytes, sizeBytes }
    }

    /** Up to where the records reach that stand in the file of one, behind it and with it, in bytes. */
    endOfFileOf(row: number): number {
        const file = this.#numbers[row * 5 + 1]
        while (row + 1 < this.#length && this.#numbers[row * 5 + 6] === file) row++
        return (this.#numbers[row * 5 + 3] as number) + (this.#numbers[row * 5 + 4] as number)
    }

    /** The records of which the hash begins so. @param prefix of six digits or more, in lower case */
    rowsWith(prefix: string): readonly number[] {
        const rows: number[] = []
        const beginning = Number.parseInt(prefix.slice(0, 6), 16)
        for (let row = 0; row < this.#length; row++) {
            const isLike = this.#hashes.readUIntBE(row * hashSizeBytes, 3) === beginning
            if (isLike && this.hashAt(row).startsWith(prefix)) rows.push(row)
        }
        return rows
    }

    /** The first record with a hash; -1 where none has it. Takes as long as the table the first time. */
    find(hash: ValueHash): number {
        if (this.#index === undefined) {
            this.#index = new Map()
            for (let row = this.#length - 1; row >= 0; row--) this.#index.set(this.hashAt(row), row)
        }
        return this.#index.get(hash) ?? -1
    }

    /** One by one: to make a list of them first takes longer than all else here. */
    #enter({ kind, file, line, offsetBytes, sizeBytes }: EnteredRow): number {
        const at = this.#length * 5
        this.#numbers[at] = kind
        this.#numbers[at + 1] = file
        this.#numbers[at + 2] = line
        this.#numbers[at + 3] = offsetBytes
        this.#numbers[at + 4] = sizeBytes
        return this.#length++
    }

    #makeRoom(records: number): void {
        const held = this.#hashes.length / hashSizeBytes
        if (this.#length + records <= held) return
        const rows = Math.max(held * 2, this.#length + records)
        this.#hashes = Buffer.concat([this.#hashes], rows * hashSizeBytes)
        const numbers = new Uint32Array(rows * 5)
        numbers.set(this.#numbers)
        this.#numbers = numbers
    }
}
