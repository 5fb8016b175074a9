// Which record goes into which line of which file. The files stay the same and each keeps the number of its
// records, so that a record moves no further than it must.
import { setImmediate } from 'node:timers/promises'

import type { Chain } from '../../check/chain.js'
import { ChainByIndex } from '../../check/chain-by-index.js'
import { indexLog, type LogIndex } from '../../check/check-log.js'
import { chooseChain, refuseOversizedLines } from '../../check/choose-chain.js'
import { parentIsGenesis } from '../../composition/chain/links.js'
import type { RecordIndex } from '../../composition/chain/record-index.js'
import { type CompositionHash, genesis, shortHash } from '../../composition/hash.js'
import type { Ref } from '../../composition/ref.js'
import { countWhile } from '../../count-while.js'
import { ComplogError } from '../../errors.js'
import { chunkSizeBytes } from '../../limits.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { isFinding, type ProcessStore, readReduction } from '../../store/process-store.js'
import { RecordReader } from '../../store/reading/record-reader.js'
import { type StoreToChange, storeToChange } from '../outside-store.js'

/** What one log file will hold. */
export interface FileOrder {
    readonly file: StoreFile
    /** Rows of the records that belong into this file, in chain order. */
    readonly rows: Uint32Array
    /** Position of the first of them in the chain, from 1. */
    readonly firstPosition: number
    /** Rows that stand in it now: the first, and the one behind the last. Not all need be of the chain. */
    readonly firstRowNow: number
    readonly endRowNow: number
    /**
     * Whether its records stand where they belong, with one byte behind each: a line feed, but for the last,
     * which may have another.
     */
    readonly isTight: boolean
    /** What only its bytes show; they are read once, when this is asked for first. */
    readonly ends: () => FileEnds
}

export interface FileEnds {
    /** The line end that the file has used. */
    readonly lineEnd: Buffer
    /** Whether it is already as it should be, to the byte. */
    readonly isDone: boolean
}

/** Which record goes into which line of which file. */
export interface LogOrder {
    readonly store: ProcessStore & StoreToChange
    readonly chain: ChainByIndex
    readonly head: CompositionHash
    readonly headRef?: Ref | undefined
    readonly length: number
    readonly moved: number
    readonly index: LogIndex
    readonly files: readonly FileOrder[]
    readonly isOnChain: (row: number) => boolean
    /** Whether every line that is not blank is a record of the chain. */
    readonly isWhole: boolean
}

/**
 * @param head the record that counts as the head, where the log leaves a choice
 * @throws ComplogError what `chooseChain` throws; `limit-exceeded` where a line is too long to be moved;
 * `no-reduction` where nothing could be restored any more
 */
export async function orderInLog(
    store: ProcessStore,
    head: Ref | undefined,
    options: WorkOptions,
): Promise<LogOrder> {
    const checked = await indexLog(store, options)
    refuseOversizedLines(checked)
    const chosen = await chooseChain(checked, head, options)
    if (!(chosen.chain instanceof ChainByIndex)) throw new Error('The chain of an indexed log has rows.')
    const chainRows = chosen.chain.rows.subarray(0, chosen.head)
    const { table } = checked.index
    // Up to the chosen head only: what comes behind it leaves the log, and its reductions with it.
    const chain = new ChainByIndex(store, table, chainRows)
    await refuseUnrestorableCopy(store, chain, checked.index)

    const isOnChain = membership(table, chainRows)
    const files: FileOrder[] = []
    let next = 0
    let endRow = 0
    let moved = 0
    for (const [i, file] of store.logFiles.entries()) {
        const firstRowNow = endRow
        // A file has fewer records than bytes.
        const rowsMax = Math.min(file.sizeBytes, table.rows - firstRowNow)
        endRow += countWhile(rowsMax, (row) => table.place(firstRowNow + row).file === i)
        let recordsNow = 0
        let movedHere = 0
        for (let row = firstRowNow; row < endRow; row++) {
            if (!isOnChain(row)) continue
            if (chainRows[next + recordsNow] !== row) movedHere++
            recordsNow++
        }
        const rows = chainRows.subarray(next, next + recordsNow)
        if (i % filesPerTurn === 0) await setImmediate()
        moved += movedHere
        const fills = (endSizeBytes: number) =>
            movedHere === 0 && isFilled(table, { rows, file, endSizeBytes })
        let known: FileEnds | undefined
        files.push({
            file,
            rows,
            firstPosition: next + 1,
            firstRowNow,
            endRowNow: endRow,
            isTight: fills(1),
            ends: () => (known ??= endsOf(file, fills)),
        })
        next += recordsNow
    }
    const last = chainRows.at(-1)
    return {
        store: storeToChange(store),
        chain,
        head: last === undefined ? genesis : table.hash(last),
        headRef: head,
        length: chainRows.length,
        index: checked.index,
        files,
        isOnChain,
        isWhole: chainRows.length === table.rows && checked.counts.unreadableLines === 0,
        moved,
    }
}

function membership(table: RecordIndex, chainRows: Uint32Array): (row: number) => boolean {
    if (chainRows.length === table.rows) return () => true
    const onChain = new Uint8Array(table.rows)
    for (const row of chainRows) onChain[row] = 1
    return (row) => onChain[row] === 1
}

/** Whether the records fill the file, with nothing but a line end of this size behind each. */
function isFilled(
    table: RecordIndex,
    { rows, file, endSizeBytes }: Pick<FileOrder, 'rows' | 'file'> & { readonly endSizeBytes: number },
): boolean {
    let expected = 0
    for (const row of rows) {
        const { offsetBytes, sizeBytes } = table.place(row)
        if (offsetBytes !== expected) return false
        expected += sizeBytes + endSizeBytes
    }
    return expected === file.sizeBytes
}

/** After so many files a signal comes in between. */
export const filesPerTurn = 256

/**
 * @param fills whether the records in their order fill the file, with line ends of this size. A carriage
 * return alone behind the last is as long as a line end, and is none.
 */
function endsOf(file: StoreFile, fills: (endSizeBytes: number) => boolean): FileEnds {
    using reader = new RecordReader([file])
    const read = (from: number, to: number) => reader.read(0, from, to - from)
    const lineEnd = lineEndOf(file, read)
    const isEnded = file.sizeBytes === 0 || read(file.sizeBytes - 1, file.sizeBytes)[0] === 0x0a
    return { lineEnd, isDone: isEnded && fills(lineEnd.length) }
}

/** That of the first line which has one. */
function lineEndOf({ sizeBytes }: StoreFile, read: (from: number, to: number) => Buffer): Buffer {
    let before: number | undefined
    for (let at = 0; at < sizeBytes; at += chunkSizeBytes) {
        const bytes = read(at, Math.min(at + chunkSizeBytes, sizeBytes))
        const feed = bytes.indexOf(0x0a)
        if (feed >= 0) return Buffer.from((feed > 0 ? bytes[feed - 1] : before) === 0x0d ? '\r\n' : '\n')
        before = bytes.at(-1)
    }
    return Buffer.from('\n')
}

// A chain that does not begin at genesis is restored from a reduction of one of its records. What leaves the
// log takes its reductions along, so what stays may have none.

/**
 * Refuses to leave nothing but a chain that nothing can be restored from, where something can be now. A log
 * that is past that already may be put in order all the same.
 * @param chain what will stay
 * @param index of the log as it is
 * @throws ComplogError `no-reduction`
 */
async function refuseUnrestorableCopy(store: ProcessStore, chain: Chain, index: LogIndex): Promise<void> {
    if (chain.length === 0 || chain.oldestParent === genesis) return
    const hashes = [...store.reductionFiles.keys()]
    if (await anyUsable(store, hashes, (hash) => chain.reduced.has(hash))) return
    const beginsSomewhere = index.diagnosis.links.parents.includes(parentIsGenesis)
    const isInLog = (hash: CompositionHash) => index.table.find(hash) >= 0
    const reduced = await anyUsable(store, hashes, isInLog)
    if (!beginsSomewhere && reduced === undefined) return
    throw new ComplogError(
        'no-reduction',
        `The chain up to ${shortHash(chain.head)}… has neither a beginning nor a reduction, so it could not be restored any more.`,
        {
            hint:
                reduced === undefined
                    ? 'Name the head of a chain that begins at genesis with --head.'
                    : `The log has a reduction of ${shortHash(reduced)}…: name a head that this record leads to, or the record itself.`,
        },
    )
}

async function anyUsable(
    store: ProcessStore,
    hashes: readonly CompositionHash[],
    isWanted: (hash: CompositionHash) => boolean,
): Promise<CompositionHash | undefined> {
    for (const hash of hashes) {
        if (!isWanted(hash)) continue
        const reduction = await readReduction(store, hash)
        if (reduction !== undefined && !isFinding(reduction)) return hash
    }
    return undefined
}
