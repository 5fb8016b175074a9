// A chain whose lines do not stand in order, or that is one path among several: each record is read from where the
// index says that it lies.
import { setImmediate } from 'node:timers/promises'

import { type CompositionHash, genesis, hashOfLine } from '../composition/hash.js'
import { isProblem, parseRecord } from '../composition/record.js'
import type { RecordIndex, RowPlace } from '../composition/record-index.js'
import type { Place } from '../errors.js'
import { chunkSizeBytes } from '../limits.js'
import type { WorkOptions } from '../progress.js'
import type { ProcessStore } from '../store/process-store.js'
import { RecordReader } from '../store/record-reader.js'
import type { Chain, CompositionRecord } from './chain.js'
import { changed } from './chain-in-order.js'

const recordsPerBatchMax = 4096

export class ChainByIndex implements Chain {
    readonly length: number
    readonly head: CompositionHash
    readonly oldestParent: CompositionHash
    readonly inOrder: boolean
    readonly reduced: ReadonlyMap<CompositionHash, number>
    readonly #store: ProcessStore
    readonly #table: RecordIndex
    /** The rows of the records in the order of the lines, oldest record first. */
    readonly rows: Uint32Array

    /** @param path the rows of the chain, oldest first, each the child of the one before */
    constructor(store: ProcessStore, table: RecordIndex, path: Uint32Array) {
        this.#store = store
        this.#table = table
        this.rows = path
        this.length = path.length
        const [first] = path
        const last = path.at(-1)
        this.head = last === undefined ? genesis : table.hash(last)
        this.oldestParent = first === undefined ? genesis : table.parentHash(first)
        this.inOrder = path.every((row, i) => i === 0 || row > (path[i - 1] as number))
        this.reduced = this.#positionsOf(store.reductionFiles.keys())
    }

    async *read(
        from: number,
        to: number,
        options: WorkOptions = {},
    ): AsyncGenerator<readonly CompositionRecord[]> {
        const reader = new RecordReader(this.#store.logFiles)
        try {
            let batch: CompositionRecord[] = []
            let sizeBytes = 0
            for (let position = from; position <= Math.min(to, this.length); position++) {
                const record = this.#record(position, reader)
                batch.push(record)
                sizeBytes += record.place.sizeBytes
                if (sizeBytes < chunkSizeBytes && batch.length < recordsPerBatchMax) continue
                options.signal?.throwIfAborted()
                yield batch
                // The reads are synchronous: without this, an interrupt would never be seen.
                await setImmediate()
                batch = []
                sizeBytes = 0
            }
            if (batch.length > 0) yield batch
        } finally {
            reader.close()
        }
    }

    find(prefix: string): Promise<readonly number[]> {
        const found: number[] = []
        for (let i = 0; i < this.rows.length && found.length < 2; i++) {
            if (this.#table.hashStartsWith(this.rows[i] as number, prefix)) found.push(i + 1)
        }
        return Promise.resolve(found)
    }

    #record(position: number, reader: RecordReader): CompositionRecord {
        const row = this.rows[position - 1] as number
        const at = this.#table.place(row)
        const bytes = reader.read(at.file, at.offsetBytes, at.sizeBytes)
        const hash = hashOfLine(bytes)
        const place = placeInStore(this.#store, at)
        const content = parseRecord(bytes)
        if (isProblem(content) || !this.#table.hasHash(row, hash)) throw changed(place)
        return { ...content, hash, place, position }
    }

    #positionsOf(hashes: Iterable<CompositionHash>): ReadonlyMap<CompositionHash, number> {
        const rows = new Map<number, CompositionHash>()
        for (const hash of hashes) {
            const row = this.#table.find(hash)
            if (row >= 0) rows.set(row, hash)
        }
        const positions = new Map<CompositionHash, number>()
        if (rows.size === 0) return positions
        this.rows.forEach((row, i) => {
            const hash = rows.get(row)
            if (hash !== undefined) positions.set(hash, i + 1)
        })
        return positions
    }
}

export function placeInStore(store: ProcessStore, at: RowPlace): Place {
    const { path } = store.logFiles[at.file] as ProcessStore['logFiles'][number]
    return {
        file: path,
        ...(at.line > 0 && { line: at.line }),
        offsetBytes: at.offsetBytes,
        sizeBytes: at.sizeBytes,
    }
}
