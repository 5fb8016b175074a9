// The records of log files of a store since 2020-05, as their lines stand, and where parents alone give the
// order, the chain of them.
import { type Head, headsOf, listOfHeads } from '../composition/chain/heads.js'
import type { Ref } from '../composition/ref.js'
import { ComplogError } from '../errors.js'
import { rowAt } from '../later/contents/row-at.js'
import { isForeign } from '../later/reading/foreign-files.js'
import type { ReadLater } from '../later/reading/read-later.js'
import { logFileAsItIs } from '../later/reading/read-log-files.js'
import { genesisOfLater } from '../later/records/log.js'
import { isNoRecord, parseLaterRecord } from '../later/records/record.js'
import type { ValueHash } from '../later/values/value.js'
import type { StoreFile } from '../store/listing/list-files.js'

/** What records name that is none: nothing, and as the first of a log does; then what is gone, from below. */
export const noParent = -2
const genesisParent = -3

/**
 * The records of log files; of copies one alone, in a file whose name a host would give, or the first. A
 * record is known by the first row with its hash: there are millions of them.
 */
export class StandingRecords {
    readonly table: ReadLater['log']['table']
    readonly #files: ReadonlyMap<string, StoreFile>
    /** Numbers of hashes that no record has. */
    readonly #gone = new Map<ValueHash | undefined, number>([
        [undefined, noParent],
        [genesisOfLater, genesisParent],
    ])
    readonly #rows: Int32Array
    readonly #parents: Int32Array
    /** Of each record one that names it, and of each of these the next; behind them for all that is none. */
    readonly #firstChildren: Int32Array
    readonly #nextChildren: Int32Array

    constructor({ listed, log: { table } }: ReadLater) {
        this.table = table
        this.#files = new Map(listed.logFiles.map((file) => [file.path, file]))
        this.#rows = new Int32Array(table.length).fill(-1)
        this.#parents = new Int32Array(table.length).fill(noParent)
        this.#firstChildren = new Int32Array(table.length + 1).fill(-1)
        this.#nextChildren = new Int32Array(table.length)
        const bytesOf = lastRead()
        for (let row = 0; row < table.length; row++) {
            const { file: path, line, offsetBytes, sizeBytes } = table.placeAt(row)
            const file = line === undefined ? undefined : this.#files.get(path)
            if (file === undefined) continue
            const record = table.find(table.hashAt(row))
            const isFirst = !this.has(record)
            if (!isFirst && !isForeign(listed.store.generation, this.fileOf(record).path)) continue
            const read = parseLaterRecord(bytesOf(file).subarray(offsetBytes, offsetBytes + sizeBytes))
            if (isNoRecord(read)) continue
            this.#rows[record] = row
            if (isFirst) this.#addChild(this.#numberOf(read.parent), record)
        }
    }

    *[Symbol.iterator](): Generator<number> {
        for (let record = 0; record < this.#rows.length; record++) if (this.has(record)) yield record
    }

    has(record: number): boolean {
        return record >= 0 && this.rowOf(record) >= 0
    }

    /** Of the line that counts as the record. */
    rowOf(record: number): number {
        return this.#rows[record] as number
    }

    fileOf(record: number): StoreFile {
        return this.#files.get(this.table.placeAt(this.rowOf(record)).file) as StoreFile
    }

    /** A record, which need not stand in a log file, or a number below zero. */
    parentOf(record: number): number {
        return this.#parents[record] as number
    }

    /** Those that name a record; of a number below zero, those that name any such. */
    *childrenOf(parent: number): Generator<number> {
        let child = this.#firstChildren[this.#slotOf(parent)] as number
        for (; child >= 0; child = this.#nextChildren[child] as number) yield child
    }

    isNamed(hash: ValueHash): boolean {
        const number = this.table.find(hash)
        return number < 0 ? this.#gone.has(hash) : (this.#firstChildren[number] as number) >= 0
    }

    /** With what bears witness for each of these records. */
    heads(records: readonly number[], reduced: ReadonlyMap<ValueHash, unknown>): readonly Head[] {
        return headsOf(records, this.#parents, {
            hash: (record) => this.table.hashAt(record),
            isReduced: (hash) => reduced.has(hash),
        })
    }

    #addChild(parent: number, record: number): void {
        const slot = this.#slotOf(parent)
        this.#parents[record] = parent
        this.#nextChildren[record] = this.#firstChildren[slot] as number
        this.#firstChildren[slot] = record
    }

    #slotOf(parent: number): number {
        return parent < 0 ? this.#rows.length : parent
    }

    #numberOf(hash: ValueHash | undefined): number {
        const known = this.#gone.get(hash) ?? this.table.find(hash as ValueHash)
        if (known !== -1) return known
        const number = -2 - this.#gone.size
        // What was cut out of a line would keep the line.
        this.#gone.set(Buffer.from(hash as string).toString('latin1') as ValueHash, number)
        return number
    }
}

/** Reads a file once for all that is asked of it in a row. */
export function lastRead(): (file: StoreFile) => Buffer {
    let held: { readonly file: StoreFile; readonly bytes: Buffer } | undefined
    return (file) => {
        if (held?.file.path !== file.path) held = { file, bytes: logFileAsItIs(file) }
        return held.bytes
    }
}

/** Which of them counts is for a person to say. */
export function twoHeads(heads: readonly Head[]): ComplogError {
    return new ComplogError('two-heads', `The log has ${heads.length} newest records.`, {
        hint: `Choose one: ${listOfHeads(heads)}.`,
    })
}

/** Along the parents, from the newest record. */
export function chainTo(
    read: ReadLater,
    standing: StandingRecords,
    head: Ref | undefined,
): readonly number[] {
    const { table } = standing
    const leaves = [...standing].filter((record) => !standing.isNamed(table.hashAt(record)))
    if (head === undefined && leaves.length > 1) throw twoHeads(standing.heads(leaves, read.log.reduced))
    const from = head === undefined ? (leaves[0] ?? -1) : table.find(table.hashAt(rowAt(read, head)))
    const chain: number[] = []
    for (let at = from; standing.has(at); at = standing.parentOf(at)) chain.push(at)
    chain.reverse()
    const [first] = chain
    const isFirst = (record: number) => standing.parentOf(record) === genesisParent
    if ((first === undefined || !isFirst(first)) && [...standing].some(isFirst)) {
        throw new ComplogError('broken-chain', 'Records are gone: the way from the head breaks off.', {
            place: first === undefined ? undefined : table.placeAt(standing.rowOf(first)),
            hint: 'Restore them from a backup.',
        })
    }
    return chain
}
