// The records of a store of 2020-05 or later, in order, a few bytes each: there are millions of them.
import type { Place } from '../errors.js'
import type { FileList, StoreFile } from '../store/list-files.js'
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

/** Lines that stand one behind the other in a file, and fill it. */
export interface TableLines {
    readonly kind: EventKind
    readonly file: number
    /** Of the lines of this file, and of others around them; without the line ends. */
    readonly sizesBytes: Uint32Array
    readonly from: number
    readonly to: number
    /** 32 bytes of each of the same lines. */
    readonly hashes: Uint8Array
}

/** Files that are known by their places in a list. */
interface ListedFiles {
    readonly files: Pick<FileList<Pick<StoreFile, 'path'>>, 'at'>
    /** The index there of the first of them, and its number. */
    readonly from: number
    readonly number: number
}

/** A table grows by as many rows, without a copy of those that it has. */
const rowsPerSegment = 1 << 14

interface Segment {
    readonly hashes: Buffer
    /** A log file has fewer bytes than such a number can count. */
    readonly offsets: Uint32Array
    readonly sizes: Uint32Array
}

/** Of records of one kind whose lines follow each other in a file: the row of the first, and what it is. */
const columns = ['row', 'kind', 'file', 'line'] as const

export class LaterRecordTable {
    readonly #files: ListedFiles[] = []
    #fileCount = 0
    readonly #segments: Segment[] = []
    #runs = new Uint32Array(columns.length * 64)
    #runCount = 0
    #length = 0
    #index: Map<ValueHash, number> | undefined

    get length(): number {
        return this.#length
    }

    /** Makes a file of a list known, by its path as findings name it; gives its number. */
    addFile(files: ListedFiles['files'], index: number): number {
        const last = this.#files.at(-1)
        const number = this.#fileCount++
        const isNext = last?.files === files && index - last.from === number - last.number
        if (!isNext) this.#files.push({ files, from: index, number })
        return number
    }

    add({ hash, kind, file, line, offsetBytes, sizeBytes }: TableRow): number {
        this.#beginRun(kinds.indexOf(kind), file, line)
        const { hashes } = this.#segmentFor(this.#length)
        hashes.write(hash, (this.#length % rowsPerSegment) * hashSizeBytes, 'hex')
        return this.#enter(offsetBytes, sizeBytes)
    }

    addLines({ kind, file, sizesBytes, hashes, from, to }: TableLines): void {
        this.#beginRun(kinds.indexOf(kind), file, 1)
        let offsetBytes = 0
        for (let i = from; i < to; i++) {
            const sizeBytes = sizesBytes[i] as number
            const hash = hashes.subarray(i * hashSizeBytes, (i + 1) * hashSizeBytes)
            this.#segmentFor(this.#length).hashes.set(hash, (this.#length % rowsPerSegment) * hashSizeBytes)
            this.#enter(offsetBytes, sizeBytes)
            offsetBytes += sizeBytes + 1
        }
    }

    hashAt(row: number): ValueHash {
        const at = (row % rowsPerSegment) * hashSizeBytes
        return this.#segmentOf(row).hashes.toString('hex', at, at + hashSizeBytes) as ValueHash
    }

    kindAt(row: number): EventKind {
        return kinds[this.#ofRun(this.#runOf(row), 'kind')] as EventKind
    }

    placeAt(row: number): RecordPlace {
        const run = this.#runOf(row)
        const first = this.#ofRun(run, 'line')
        const line = first + row - this.#ofRun(run, 'row')
        const { offsets, sizes } = this.#segmentOf(row)
        return {
            file: this.#pathOf(this.#ofRun(run, 'file')),
            ...(first > 0 && { line }),
            offsetBytes: offsets[row % rowsPerSegment] as number,
            sizeBytes: sizes[row % rowsPerSegment] as number,
        }
    }

    /** Up to where the records reach that stand in the file of one, behind it and with it, in bytes. */
    endOfFileOf(row: number): number {
        let run = this.#runOf(row)
        const file = this.#ofRun(run, 'file')
        while (run + 1 < this.#runCount && this.#ofRun(run + 1, 'file') === file) run++
        const behind = run + 1 < this.#runCount ? this.#ofRun(run + 1, 'row') : this.#length
        const { offsetBytes, sizeBytes } = this.placeAt(behind - 1)
        return offsetBytes + sizeBytes
    }

    /** The records of which the hash begins so. @param prefix of six digits or more, in lower case */
    rowsWith(prefix: string): readonly number[] {
        const rows: number[] = []
        const beginning = Number.parseInt(prefix.slice(0, 6), 16)
        for (let row = 0; row < this.#length; row++) {
            const { hashes } = this.#segmentOf(row)
            const isLike = hashes.readUIntBE((row % rowsPerSegment) * hashSizeBytes, 3) === beginning
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

    /** What is entered next is of this kind, and stands there. */
    #beginRun(kind: number, file: number, line: number): void {
        const last = this.#runCount - 1
        const isNext =
            last >= 0 &&
            line > 0 &&
            this.#ofRun(last, 'kind') === kind &&
            this.#ofRun(last, 'file') === file &&
            this.#ofRun(last, 'line') + this.#length - this.#ofRun(last, 'row') === line
        if (isNext) return
        const at = this.#runCount++ * columns.length
        if (at === this.#runs.length) {
            const larger = new Uint32Array(at * 2)
            larger.set(this.#runs)
            this.#runs = larger
        }
        this.#runs.set([this.#length, kind, file, line], at)
    }

    #ofRun(run: number, column: (typeof columns)[number]): number {
        return this.#runs[run * columns.length + columns.indexOf(column)] as number
    }

    /** The last run that begins at a row or before it. */
    #runOf(row: number): number {
        let [low, high] = [0, this.#runCount]
        while (low < high) {
            const middle = (low + high) >> 1
            if (this.#ofRun(middle, 'row') <= row) low = middle + 1
            else high = middle
        }
        return low - 1
    }

    #pathOf(file: number): string {
        const listed = this.#files.findLast(({ number }) => number <= file)
        return listed?.files.at(listed.from + file - listed.number)?.path ?? ''
    }

    #segmentOf(row: number): Segment {
        return this.#segments[Math.floor(row / rowsPerSegment)] as Segment
    }

    #segmentFor(row: number): Segment {
        if (row === this.#segments.length * rowsPerSegment) {
            this.#segments.push({
                hashes: Buffer.alloc(rowsPerSegment * hashSizeBytes),
                offsets: new Uint32Array(rowsPerSegment),
                sizes: new Uint32Array(rowsPerSegment),
            })
        }
        return this.#segmentOf(row)
    }

    #enter(offsetBytes: number, sizeBytes: number): number {
        const { offsets, sizes } = this.#segmentOf(this.#length)
        const at = this.#length % rowsPerSegment
        offsets[at] = offsetBytes
        sizes[at] = sizeBytes
        this.#index = undefined
        return this.#length++
    }
}
