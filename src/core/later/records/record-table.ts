// The records of a store of 2020-05 or later, in order, a few bytes each: there are millions of them.
import { HashIndex, HashRows, PackedRows } from '../../composition/packed-rows.js'
import { countWhile } from '../../count-while.js'
import type { Place } from '../../errors.js'
import type { EventLines } from '../../fast/pieces/event-lines.js'
import type { FileList, StoreFile } from '../../store/listing/list-files.js'
import type { ValueHash } from '../values/value.js'
import { type EventKind, eventKinds } from './record.js'

const kinds: readonly EventKind[] = Object.values(eventKinds)

/** Where a record stands: a line of a log file, or a file of its own. */
export interface RecordPlace extends Place {
    readonly line?: number
}

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

/** Lines that stand one behind the other in some files, and fill them. */
export interface TableLines extends Pick<EventLines, 'lines' | 'sizesBytes' | 'hashes'> {
    readonly kind: EventKind
    /** The number of the first file; the others are the next ones. */
    readonly file: number
}

/** Files that are known by their places in a list. */
interface ListedFiles {
    readonly files: Pick<FileList<Pick<StoreFile, 'path'>>, 'at'>
    /** The index there of the first of them, and its number. */
    readonly from: number
    readonly number: number
}

type Stands = Omit<TableRow, 'hash' | 'sizeBytes'>

/**
 * Of records of one kind whose lines follow each other in a file, with a byte between them: the row of the
 * first, and what it is. A log file has fewer bytes than such a number can count.
 */
const columns = ['row', 'kind', 'file', 'line', 'offsetBytes'] as const
/** Where a record of it stands is counted from the first. */
const rowsPerRunMax = 64
/** What stands for a size that 16 bits don't hold. */
const largeSize = 0xffff

export class LaterRecordTable {
    readonly #files: ListedFiles[] = []
    #fileCount = 0
    readonly #hashes = new HashRows()
    readonly #sizes = new PackedRows(1, (length) => new Uint16Array(length))
    /** By row. */
    readonly #largeSizes = new Map<number, number>()
    readonly #runs = new PackedRows(columns.length, (length) => new Uint32Array(length))
    readonly #run = new Uint32Array(columns.length)
    /** Where the next record of the last run would begin. */
    #endBytes = 0
    readonly #index = new HashIndex(this.#hashes)

    get length(): number {
        return this.#hashes.length
    }

    /** Makes a file of a list known, by its path as findings name it; gives its number. */
    addFile(files: ListedFiles['files'], index: number): number {
        const last = this.#files.at(-1)
        const number = this.#fileCount++
        const isNext = last?.files === files && index - last.from === number - last.number
        if (!isNext) this.#files.push({ files, from: index, number })
        return number
    }

    add({ hash, sizeBytes, ...stands }: TableRow): number {
        const row = this.length
        if (!this.#isInRun(stands)) this.#beginRun(row, stands)
        this.#endBytes = stands.offsetBytes + sizeBytes + 1
        this.#addSizes([sizeBytes])
        this.#hashes.addHex(hash)
        return row
    }

    addLines({ kind, file: firstFile, lines, sizesBytes, hashes }: TableLines): void {
        let at = 0
        for (let i = 0; i < lines.length; i++) {
            const file = firstFile + i
            this.#endBytes = 0
            for (let line = 1; line <= (lines[i] as number); line++) {
                if (line % rowsPerRunMax === 1)
                    this.#beginRun(this.length + at, { kind, file, line, offsetBytes: this.#endBytes })
                this.#endBytes += (sizesBytes[at++] as number) + 1
            }
        }
        this.#addSizes(sizesBytes)
        this.#hashes.add(hashes)
    }

    hashAt(row: number): ValueHash {
        return this.#hashes.hexAt(row) as ValueHash
    }

    kindAt(row: number): EventKind {
        return kinds[this.#ofRun(this.#runOf(row), 'kind')] as EventKind
    }

    placeAt(row: number): RecordPlace {
        const run = this.#runOf(row)
        const first = this.#ofRun(run, 'row')
        const line = this.#ofRun(run, 'line')
        let offsetBytes = this.#ofRun(run, 'offsetBytes')
        for (let before = first; before < row; before++) offsetBytes += this.#sizeAt(before) + 1
        return {
            file: this.#pathOf(this.#ofRun(run, 'file')),
            ...(line > 0 && { line: line + row - first }),
            offsetBytes,
            sizeBytes: this.#sizeAt(row),
        }
    }

    /** Up to where the records reach that stand in the file of one, behind it and with it, in bytes. */
    endOfFileOf(row: number): number {
        let run = this.#runOf(row)
        const file = this.#ofRun(run, 'file')
        while (run + 1 < this.#runs.length && this.#ofRun(run + 1, 'file') === file) run++
        const behind = run + 1 < this.#runs.length ? this.#ofRun(run + 1, 'row') : this.length
        const { offsetBytes, sizeBytes } = this.placeAt(behind - 1)
        return offsetBytes + sizeBytes
    }

    /** The records of which the hash begins so. @param prefix of six digits or more, in lower case */
    rowsWith(prefix: string): readonly number[] {
        const rows: number[] = []
        const beginning = Number.parseInt(prefix.slice(0, 6), 16)
        for (let row = 0; row < this.length; row++) {
            const isLike = this.#hashes.beginningOf(row) >>> 8 === beginning
            if (isLike && this.hashAt(row).startsWith(prefix)) rows.push(row)
        }
        return rows
    }

    /** The first record with a hash; -1 where none has it. Takes as long as the table the first time. */
    find(hash: ValueHash): number {
        return this.#index.find(Buffer.from(hash, 'hex'))
    }

    /** Of the records behind those whose hashes are there. */
    #addSizes(sizesBytes: Iterable<number> & { readonly length: number }): void {
        const sizes = new Uint16Array(sizesBytes.length)
        let at = 0
        for (const sizeBytes of sizesBytes) {
            if (sizeBytes >= largeSize) this.#largeSizes.set(this.length + at, sizeBytes)
            sizes[at++] = Math.min(sizeBytes, largeSize)
        }
        this.#sizes.add(sizes)
    }

    #sizeAt(row: number): number {
        const size = this.#sizes.at(row)
        return size < largeSize ? size : (this.#largeSizes.get(row) as number)
    }

    /** Whether the next record belongs to the last run. */
    #isInRun({ kind, file, line, offsetBytes }: Stands): boolean {
        const last = this.#runs.length - 1
        if (last < 0 || line === 0 || this.#endBytes !== offsetBytes) return false
        const rows = this.length - this.#ofRun(last, 'row')
        return (
            rows < rowsPerRunMax &&
            kinds[this.#ofRun(last, 'kind')] === kind &&
            this.#ofRun(last, 'file') === file &&
            this.#ofRun(last, 'line') + rows === line
        )
    }

    #beginRun(row: number, { kind, file, line, offsetBytes }: Stands): void {
        this.#run.set([row, kinds.indexOf(kind), file, line, offsetBytes])
        this.#runs.add(this.#run)
    }

    #ofRun(run: number, column: (typeof columns)[number]): number {
        return this.#runs.at(run, columns.indexOf(column))
    }

    /** The last run that begins at a row or before it. */
    #runOf(row: number): number {
        return countWhile(this.#runs.length, (run) => this.#ofRun(run, 'row') <= row) - 1
    }

    #pathOf(file: number): string {
        const listed = this.#files.findLast(({ number }) => number <= file)
        return listed?.files.at(listed.from + file - listed.number)?.path ?? ''
    }
}

// What records name by hashes, in 36 bytes each.

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
