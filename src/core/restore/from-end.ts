// What a host does at start: reads backwards from the last line, only as far as the nearest reduction. It
// takes the last line for the head; what it meets on the way that is no ancestor of it shows that this may be
// wrong.
import type { Chain } from '../check/chain.js'
import { ChainByIndex, placeInStore } from '../check/chain-by-index.js'
import { RecordTable } from '../composition/chain/record-table.js'
import { type CompositionHash, genesis, hashOfLine } from '../composition/hash.js'
import { whatItHolds } from '../composition/line-checks.js'
import { isProblem, parseRecord } from '../composition/record.js'
import { isTorn } from '../composition/torn.js'
import { ComplogError, type Place } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import type { StoreFile } from '../store/listing/list-files.js'
import { isFinding, type ListedStore, tryReduction, wholeStore } from '../store/process-store.js'
import { type BackwardLine, readBackwards } from '../store/reading/read-backwards.js'
import { isUnchangedStart, KnownStart } from './known-starts.js'

export interface ChainFromEnd {
    /** From the reduced record, or the very first one, to the last line. Positions count from there. */
    readonly chain: Chain
    /** Records met that are no ancestors of the last line: above 0, the last line may not be the head. */
    readonly strangers: number
}

/**
 * Undefined where what is looked for stands before the files that are listed.
 * @throws ComplogError `torn-tail`, `broken-chain`
 */
export async function readChainFromEnd(
    store: ListedStore,
    options: WorkOptions = {},
): Promise<ChainFromEnd | undefined> {
    const table = new RecordTable()
    const rows: number[] = []
    let wanted: string | undefined
    for (let index = store.logFiles.length - 1; index >= 0; index--) {
        const file = store.logFiles.at(index) as StoreFile
        const { lineSizeBytesMax } = store.limits
        for await (const lines of readBackwards(file, { lineSizeBytesMax, signal: options.signal })) {
            for (const line of lines) {
                // The chain is complete, and yet another record stands before it: it cannot be an ancestor.
                if (wanted === genesis) {
                    if (isProblem(parseRecord(line.bytes))) continue
                    const { chain, strangers } = chainOf(store, table, rows)
                    return { chain, strangers: strangers + 1 }
                }
                const place = { file: file.path, offsetBytes: line.offsetBytes, sizeBytes: line.bytes.length }
                const record = readLine(line, place, table.rows === 0)
                const hash = hashOfLine(line.bytes)
                table.add({ hash, parentHash: record.parentHash }, { ...place, file: index, line: 0 }, false)
                wanted ??= hash
                // Lines out of order: the parent may have been met already.
                for (
                    let row = table.find(hash);
                    row >= 0 && table.hash(row) === wanted;
                    row = table.findParent(row)
                ) {
                    rows.push(row)
                    wanted = table.parentHash(row)
                    if (await isUsable(store, table, row)) return chainOf(store, table, rows)
                }
            }
        }
    }
    if (store.more !== undefined) return undefined
    if (rows.length === 0 || wanted === genesis) return chainOf(store, table, rows)
    throw new ComplogError(
        'broken-chain',
        'The walk from the last line found neither the first record nor a reduction.',
        {
            place: placeInStore(store, table.place(rows.at(-1) as number)),
            hint: 'This record names a parent that is not in the log. Run `complog verify-chain` for all findings.',
        },
    )
}

/** Bytes from the end of a log in which the records of young reductions are looked for. */
const lookedThroughSizeBytesMax = 16 * 1024 * 1024
/** A copy of a store gives all its reductions nearly the same time, in any order. */
const sameTimeMilliseconds = 60_000
/** More are of a copy: the whole check has found all of them before a walk from the end would have. */
const youngMax = 1024

/**
 * Whether every reduction that may be newer than the one that the chain starts from has its record in the
 * log. One that has not bears witness that the newest records are gone, as they are where a file came out of
 * a power failure empty. Reads only the end of the log: where that does not show it, the whole check must
 * say.
 */
export async function lookForNewest(
    store: ListedStore,
    chain: Chain,
    options: WorkOptions = {},
): Promise<NewestFound> {
    const [start] = [...chain.reduced].find(([, position]) => position === 1) ?? []
    // Where the newest file is empty, no time proves anything.
    const isLastEmpty = store.logFiles.at(-1)?.sizeBytes === 0
    if (start !== undefined && !isLastEmpty && (await isUnchangedStart(store, start)))
        return { isInLog: true }
    const others = [...store.reductionFiles.keys()].filter((hash) => !chain.reduced.has(hash))
    if (others.length === 0) return { isInLog: true }
    if (start === undefined || isLastEmpty) return { isInLog: await areAtEnd(others, store, options) }
    const known = new KnownStart(store, start, others)
    if (await known.isKnown()) return { isInLog: true }
    const { modifiedMilliseconds = -Infinity } = store.reductionFiles.get(start) ?? {}
    const isYoung = (hash: CompositionHash) => {
        const file = store.reductionFiles.get(hash)
        return file !== undefined && file.modifiedMilliseconds >= modifiedMilliseconds - sameTimeMilliseconds
    }
    const young = others.filter(isYoung)
    const isInLog = young.length <= youngMax && (await areAtEnd(young, store, options))
    if (isInLog) await known.remember()
    return { isInLog, known }
}

export interface NewestFound {
    /** False where the whole check must say. */
    readonly isInLog: boolean
    /** What the whole check may show. */
    readonly known?: KnownStart
}

/** Whether all these records are in the log, as far as it is looked through. */
async function areAtEnd(
    hashes: readonly CompositionHash[],
    listed: ListedStore,
    options: WorkOptions,
): Promise<boolean> {
    const sought = new Set<string>(hashes)
    if (sought.size === 0) return true
    const store = await wholeStore(listed)
    let readSizeBytes = 0
    for (const file of [...store.logFiles].reverse()) {
        if (sought.size === 0) return true
        if (readSizeBytes > lookedThroughSizeBytesMax) return false
        readSizeBytes += file.sizeBytes
        const { lineSizeBytesMax } = store.limits
        for await (const lines of readBackwards(file, { lineSizeBytesMax, signal: options.signal })) {
            for (const { bytes } of lines) sought.delete(hashOfLine(bytes))
        }
    }
    return sought.size === 0
}

function chainOf(store: ListedStore, table: RecordTable, rows: readonly number[]): ChainFromEnd {
    const chain = new ChainByIndex(store, table, Uint32Array.from(rows).reverse())
    return { chain, strangers: table.rows - rows.length }
}

async function isUsable(store: ListedStore, table: RecordTable, row: number): Promise<boolean> {
    const hash = table.hash(row)
    if (!store.reductionFiles.has(hash)) return false
    const reduction = await tryReduction(store, hash)
    return reduction !== undefined && !isFinding(reduction)
}

function readLine(line: BackwardLine, place: Place, isLast: boolean) {
    const record = parseRecord(line.bytes)
    if (!isProblem(record)) return record
    const hint =
        'Run `complog verify-chain` for all findings; `complog repair` says what it can mend, or from which record the log can go on.'
    if (isLast && !line.ended && isTorn(line.bytes)) {
        throw new ComplogError(
            'torn-tail',
            'The log ends within a record: the append of it was interrupted.',
            { place, hint },
        )
    }
    const { message = record.message } = whatItHolds(line)
    throw new ComplogError('broken-chain', `A line cannot be read: ${message}`, { place, hint })
}
