// What must be known of every record to find the order of a log whose lines are shuffled: who it is, whose
// child it is, and where its bytes lie. Flat arrays in segments, no bodies and no objects: about 90 bytes a
// record.
import { type CompositionHash, hashFromHex } from '../hash.js'
import type { RecordIndex, RowPlace } from './record-index.js'

const segmentRows = 1 << 16
const hashSizeBytes = 32

interface Segment {
    readonly hashes: Buffer
    readonly parents: Buffer
    readonly offsets: Float64Array
    readonly sizes: Uint32Array
    readonly files: Uint32Array
    readonly lines: Uint32Array
    /** 1 where a line that could not be read stands directly before the record. */
    readonly behindUnreadable: Uint8Array
}

interface NamedRecord {
    readonly hash: CompositionHash
    readonly parentHash: CompositionHash
}

/** One row a record, in the order of the lines. Rows are numbered from 0. */
export class RecordTable implements RecordIndex {
    readonly #segments: Segment[] = []
    #rows = 0
    /** Open addressing over the first 32 bits of the hash: row + 1, or 0 where free. */
    #slots = new Uint32Array(1 << 10)
    /** Rows that gave way to a copy. */
    readonly #copiedFrom = new Set<number>()

    get rows(): number {
        return this.#rows
    }

    /** Adds a record. Returns the row of an equal record that is there already, or -1. */
    add({ hash, parentHash }: NamedRecord, place: RowPlace, behindUnreadable: boolean): number {
        const row = this.#rows
        const at = row % segmentRows
        if (at === 0) this.#segments.push(newSegment())
        const segment = this.#segmentOf(row)
        segment.hashes.write(hash, at * hashSizeBytes, 'hex')
        segment.parents.write(parentHash, at * hashSizeBytes, 'hex')
        segment.offsets[at] = place.offsetBytes
        segment.sizes[at] = place.sizeBytes
        segment.files[at] = place.file
        segment.lines[at] = place.line
        segment.behindUnreadable[at] = behindUnreadable ? 1 : 0
        this.#rows += 1
        if (this.#rows * 2 > this.#slots.length) this.#grow()
        return this.#insert(row)
    }

    /** Makes a copy the row that is found, in the place of the one that was there before. */
    prefer(copy: number, before: number): void {
        const hashes = this.#segmentOf(before).hashes
        this.#slots[this.#slotOf(hashes, (before % segmentRows) * hashSizeBytes)] = copy + 1
        this.#copiedFrom.add(before)
    }

    hash(row: number): CompositionHash {
        return hex(this.#segmentOf(row).hashes, row)
    }

    parentHash(row: number): CompositionHash {
        return hex(this.#segmentOf(row).parents, row)
    }

    place(row: number): RowPlace {
        const segment = this.#segmentOf(row)
        const at = row % segmentRows
        return {
            file: segment.files[at] as number,
            line: segment.lines[at] as number,
            offsetBytes: segment.offsets[at] as number,
            sizeBytes: segment.sizes[at] as number,
        }
    }

    behindUnreadable(row: number): boolean {
        return this.#segmentOf(row).behindUnreadable[row % segmentRows] === 1
    }

    /** The first row with this hash, or -1. */
    find(hash: CompositionHash): number {
        return this.#find(Buffer.from(hash, 'hex'), 0)
    }

    /** The first row whose hash is the parent of this row, or -1. */
    findParent(row: number): number {
        return this.#find(this.#segmentOf(row).parents, (row % segmentRows) * hashSizeBytes)
    }

    hashStartsWith(row: number, upperHexPrefix: string): boolean {
        return this.hash(row).startsWith(upperHexPrefix)
    }

    #segmentOf(row: number): Segment {
        return this.#segments[Math.floor(row / segmentRows)] as Segment
    }

    #insert(row: number): number {
        const hashes = this.#segmentOf(row).hashes
        const offset = (row % segmentRows) * hashSizeBytes
        const slot = this.#slotOf(hashes, offset)
        const taken = this.#slots[slot] as number
        if (taken === 0) this.#slots[slot] = row + 1
        return taken - 1
    }

    #find(hashes: Buffer, offset: number): number {
        return (this.#slots[this.#slotOf(hashes, offset)] as number) - 1
    }

    /** Where a row with this hash is entered, or the free slot where one would be. */
    #slotOf(hashes: Buffer, offset: number): number {
        const mask = this.#slots.length - 1
        for (let slot = hashes.readUInt32LE(offset) & mask; ; slot = (slot + 1) & mask) {
            const taken = this.#slots[slot] as number
            if (taken === 0 || this.#equals(taken - 1, hashes, offset)) return slot
        }
    }

    #equals(row: number, hashes: Buffer, offset: number): boolean {
        const start = (row % segmentRows) * hashSizeBytes
        const own = this.#segmentOf(row).hashes
        return own.compare(hashes, offset, offset + hashSizeBytes, start, start + hashSizeBytes) === 0
    }

    #grow(): void {
        this.#slots = new Uint32Array(this.#slots.length * 2)
        // Copies of a record find the first of them again and are not entered a second time.
        for (let row = 0; row < this.#rows - 1; row++) if (!this.#copiedFrom.has(row)) this.#insert(row)
    }
}

function newSegment(): Segment {
    return {
        hashes: Buffer.alloc(segmentRows * hashSizeBytes),
        parents: Buffer.alloc(segmentRows * hashSizeBytes),
        offsets: new Float64Array(segmentRows),
        sizes: new Uint32Array(segmentRows),
        files: new Uint32Array(segmentRows),
        lines: new Uint32Array(segmentRows),
        behindUnreadable: new Uint8Array(segmentRows),
    }
}

function hex(hashes: Buffer, row: number): CompositionHash {
    const start = (row % segmentRows) * hashSizeBytes
    return hashFromHex(hashes.toString('hex', start, start + hashSizeBytes)) as CompositionHash
}
