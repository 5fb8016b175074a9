// A copy of a store of 2020-05 or later whose lines stand in the order in which they were written. Until
// 2020-05-05 that is the chain of the parents. Since 2021-07 hosts go by files and lines alone: where two of
// them were swapped, the parents may still show how they stood.
import { join } from 'node:path'

import type { Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import { allFilesOf, type ListedLater, listLater, reductionFolder } from '../../later/list-later.js'
import { genesisOfLater } from '../../later/log.js'
import { type ReadLater, readListed } from '../../later/read-later.js'
import { logFileAsItIs } from '../../later/read-log-files.js'
import type { ValueHash } from '../../later/value.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/list-files.js'
import { readPart } from '../../store/read-part.js'
import type { LaterStore } from '../../store/recognise.js'
import { RecordReader } from '../../store/record-reader.js'
import type { Staging } from '../../store/staging.js'
import { assertSameFiles } from '../../store/unchanged.js'
import { checkAfter, laterToChange, notOffered } from '../later-store.js'
import { refuseWithin } from '../outside-store.js'
import { chainTo, type StandingRecord, standingRecords } from '../standing-records.js'
import { orderByParents } from './order-of-later.js'
import { type Reordered, writeCopy } from './output-folder.js'
import { type OutsideLine, stageOutside } from './outside-chain.js'

const lineEnd = Buffer.from('\n')

/** What each log file of a copy will hold. */
export interface LaterReorderPlan {
    readonly listed: ListedLater
    readonly head: ValueHash
    /** In log files: records of 2020-05 to 2021-07 that stand before them are copied as they are. */
    readonly records: number
    /** Only those of which something stays. */
    readonly files: readonly FileOfRecords[]
    readonly moved: number
    /** Everything else that hosts read, but for reductions of records that are left out. */
    readonly others: readonly StoreFile[]
    /** Lines that are no record of the order. */
    readonly outside: () => Iterable<OutsideLine>
}

interface FileOfRecords {
    readonly file: StoreFile
    readonly records: readonly StandingRecord[]
}

/**
 * Plans a copy in order.
 * @param head the newest record, where parents alone give the order and leave a choice
 * @throws ComplogError `generation-not-read` where records do not lie in an order, `two-heads`,
 * `broken-chain`, `not-in-order` where the parents show no order, or several; `usage`, `unknown-ref`
 */
export async function planReorderLater(
    store: LaterStore,
    head: Ref | undefined,
    options: WorkOptions = {},
): Promise<LaterReorderPlan> {
    if (store.generation.order === 'head-file') {
        throw notOffered(
            store,
            'their records are files named by hash, which lie in no order',
            'Nothing was changed. `complog verify-chain` shows whether the way from the head is whole.',
        )
    }
    const listed = await listLater(store)
    const read = await readListed(listed, { ...options, readLogFile: ended })
    const standing = standingRecords(read)
    const order = orderOf(read, standing, head)
    const files = inFiles(listed, order)
    const plan = {
        listed,
        head: order.at(-1)?.hashes[0] ?? genesisOfLater,
        records: order.length,
        files,
        moved: movedIn(order),
        others: othersBeside(read, order),
        outside: () => outsideOf(listed, order),
    }
    await assertInOrder(read, plan, options)
    return plan
}

/** A last record without a line end is one all the same. */
function ended(file: StoreFile): Buffer {
    const bytes = logFileAsItIs(file)
    return bytes.length === 0 || bytes.at(-1) === lineEnd[0] ? bytes : Buffer.concat([bytes, lineEnd])
}

function orderOf(
    read: ReadLater,
    standing: readonly StandingRecord[],
    head: Ref | undefined,
): readonly StandingRecord[] {
    if (read.store.generation.order === 'parents') return chainTo(read, standing, head)
    if (head !== undefined) {
        throw new ComplogError(
            'usage',
            '--head is not for stores of this generation: each line counts to its hosts.',
        )
    }
    if (read.log.findings.counts.error === 0) return standing
    const order = orderByParents(standing, !read.values.hasWholeFiles)
    if (order !== undefined) return order
    const [worst] = read.log.findings.list
    throw new ComplogError(
        'not-in-order',
        `The parents that records name do not show one order in which all of them were written. ${worst?.message ?? ''}`,
        {
            place: worst?.place,
            hint: 'To hosts of this generation, files and lines are the order. Run `complog repair` where lines are damaged; else restore the lines and files from a backup.',
        },
    )
}

/** As they stand now. */
function byFile(records: readonly StandingRecord[]): ReadonlyMap<StoreFile, readonly StandingRecord[]> {
    const standing = new Map<StoreFile, StandingRecord[]>()
    for (const record of records) {
        const own = standing.get(record.file)
        if (own === undefined) standing.set(record.file, [record])
        else own.push(record)
    }
    return standing
}

/** Each file keeps the number of its records. */
function inFiles({ logFiles }: ListedLater, order: readonly StandingRecord[]): readonly FileOfRecords[] {
    const standing = byFile(order)
    let at = 0
    return logFiles.flatMap((file) => {
        const from = at
        at += standing.get(file)?.length ?? 0
        return at === from ? [] : [{ file, records: order.slice(from, at) }]
    })
}

function othersBeside({ listed, log }: ReadLater, order: readonly StandingRecord[]): readonly StoreFile[] {
    const kept = new Set<string>(order.map(({ hashes: [hash] }) => `${reductionFolder}/${hash ?? ''}`))
    const left = [...log.reduced]
        .filter(([, row]) => log.table.placeAt(row).line !== undefined)
        .map(([hash]) => `${reductionFolder}/${hash}`)
    const isLeft = new Set(left.filter((path) => !kept.has(path)))
    return allFilesOf({ ...listed, logFiles: [] }).filter(({ path }) => !isLeft.has(path))
}

function movedIn(order: readonly StandingRecord[]): number {
    const places = order.toSorted((a, b) => a.row - b.row)
    return order.filter((record, i) => record !== places[i]).length
}

/** All that is no record of the order, line by line. */
function* outsideOf({ logFiles }: ListedLater, order: readonly StandingRecord[]): Generator<OutsideLine> {
    const standing = byFile(order)
    for (const file of logFiles) {
        const own = (standing.get(file) ?? []).toSorted((a, b) => a.offsetBytes - b.offsetBytes)
        const bytes = logFileAsItIs(file)
        let from = 0
        for (const { offsetBytes, sizeBytes } of own) {
            yield* linesIn(bytes.subarray(from, offsetBytes), file.path, from)
            from = offsetBytes + sizeBytes
        }
        yield* linesIn(bytes.subarray(from), file.path, from)
    }
}

function* linesIn(bytes: Buffer, file: string, fromBytes: number): Generator<OutsideLine> {
    for (let at = 0; at < bytes.length;) {
        const feed = bytes.indexOf(lineEnd, at)
        const line = bytes.subarray(at, feed < 0 ? bytes.length : feed)
        if (line.length > 0 && !(line.length === 1 && line[0] === 0x0d)) {
            yield { place: { file, offsetBytes: fromBytes + at, sizeBytes: line.length }, bytes: line }
        }
        at += line.length + 1
    }
}

/** @throws ComplogError `broken-chain` */
async function assertInOrder(
    read: ReadLater,
    { listed, files }: LaterReorderPlan,
    options: WorkOptions,
): Promise<void> {
    const records = new Map(files.map((each) => [each.file, each.records]))
    const after = await withContent(listed, (contentOf) =>
        checkAfter(
            read,
            { ...listed, logFiles: files.map(({ file }) => file) },
            { ...options, readLogFile: (file) => Buffer.concat([...contentOf(records.get(file) ?? [])]) },
        ),
    )
    const [worst] = after.log.findings.list
    if (worst?.severity !== 'error') return
    throw new ComplogError('broken-chain', `No order would leave a log without errors. ${worst.message}`, {
        place: worst.place,
        hint: worst.help,
    })
}

/** Lets some work read the lines of records, one behind the other. */
async function withContent<T>(
    { logFiles }: ListedLater,
    work: (contentOf: (records: readonly StandingRecord[]) => Generator<Buffer>) => Promise<T>,
): Promise<T> {
    const numbers = new Map(logFiles.map((file, i) => [file, i]))
    const reader = new RecordReader(logFiles)
    try {
        return await work(function* (records) {
            for (const { file, offsetBytes, sizeBytes } of records) {
                yield reader.read(numbers.get(file) ?? -1, offsetBytes, sizeBytes)
                yield lineEnd
            }
        })
    } finally {
        reader.close()
    }
}

/**
 * Writes the copy, with all values, reductions and the head file, into a folder that is new or empty.
 * @throws ComplogError `output-not-empty`, `usage`, `store-changed`, `file-system`
 */
export async function reorderLaterTo(plan: LaterReorderPlan, folder: string): Promise<Reordered> {
    const { listed, files, outside, moved, others } = plan
    await refuseWithin(listed.store.root, folder, '--output')
    const { planned } = laterToChange(listed)
    return withContent(listed, (contentOf) => {
        const stage = async (staging: Staging) => {
            const { root } = staging
            const staged = await stageOutside(outside, staging)
            for (const { file, records } of files)
                await staging.stageUnsynced(join(root, file.path), contentOf(records), file.absolutePath)
            for (const { path, absolutePath, sizeBytes } of others)
                await staging.stageUnsynced(
                    join(root, path),
                    readPart(absolutePath, 0, sizeBytes),
                    absolutePath,
                )
            return { filesWritten: files.length, filesRemoved: 0, moved, outside: staged.outside }
        }
        const copy = {
            paths: new Set([...files.map(({ file }) => file.path), ...others.map(({ path }) => path)]),
            hasOutside: outside()[Symbol.iterator]().next().done !== true,
            stage,
            assertUnchanged: () => assertSameFiles(planned),
        }
        return writeCopy(copy, folder)
    })
}
