// A copy of a store of 2020-05 or later whose lines stand in the order in which they were written. Until
// 2020-05-05 that is the chain of the parents. Since 2021-07 hosts go by files and lines alone: where two of
// them were swapped, the parents may still show how they stood.
import type { Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import { allFilesOf, listBeside, listLater, reductionFolder } from '../../later/reading/list-later.js'
import { type ReadLater, readListed } from '../../later/reading/read-later.js'
import { logFileAsItIs } from '../../later/reading/read-log-files.js'
import { genesisOfLater } from '../../later/records/log.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { RecordReader } from '../../store/reading/record-reader.js'
import type { LaterStore } from '../../store/recognise.js'
import { checkAfter, laterToChange, notOffered } from '../later-store.js'
import { chainTo, StandingRecords } from '../standing-records.js'
import { orderByParents } from './order-of-later.js'
import type { OrderedCopy, PlanReorderOptions, ReorderPlan } from './output-folder.js'
import type { OutsideLine } from './outside-chain.js'

const lineEnd = Buffer.from('\n')

interface FileOfRecords {
    readonly file: StoreFile
    readonly rows: readonly number[]
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
    { inPlace: isInPlace = false, ...options }: PlanReorderOptions = {},
): Promise<ReorderPlan> {
    const inPlace = () => {
        const what = 'it is not put in order in place'
        throw notOffered(store, what, 'Write a copy in order: --output DIR.')
    }
    if (isInPlace) inPlace()
    if (store.generation.order === 'head-file') {
        throw notOffered(
            store,
            'their records are files named by hash, which lie in no order',
            'Nothing was changed. `complog verify-chain` shows whether the way from the head is whole.',
        )
    }
    const listed = await listLater(store)
    const read = await readListed(listed, { ...options, readLogFile: ended })
    const order = orderOf(read, head)
    const files = inFiles(read, order)
    await assertInOrder(read, files, options)
    const beside = (await listBeside(store))?.logFiles ?? []
    return {
        store: laterToChange(listed),
        head: order.length === 0 ? genesisOfLater : read.log.table.hashAt(order.at(-1) as number),
        // In log files: records of 2020-05 to 2021-07 that stand before them are copied as they are.
        length: order.length,
        moved: movedIn(order),
        copy: () => copyOf(read, order, { files, beside }),
        inPlace,
    }
}

function copyOf(
    read: ReadLater,
    order: readonly number[],
    { files, beside }: { readonly files: readonly FileOfRecords[]; readonly beside: Iterable<StoreFile> },
): OrderedCopy {
    const lines = linesOf(read)
    const outside = () => outsideOf(read, order)
    return {
        logFiles: files.map(({ file, rows }) => ({
            path: file.path,
            content: () => lines.contentOf(rows),
            file,
        })),
        others: [...othersBeside(read, order), ...beside],
        hasOutside: outside().next().done !== true,
        outside,
        [Symbol.asyncDispose]: () => {
            lines[Symbol.dispose]()
            return Promise.resolve()
        },
    }
}

/** A last record without a line end is one all the same. */
function ended(file: StoreFile): Buffer {
    const bytes = logFileAsItIs(file)
    return bytes.length === 0 || bytes.at(-1) === lineEnd[0] ? bytes : Buffer.concat([bytes, lineEnd])
}

/** The rows of the records of log files; of copies one. */
function orderOf(read: ReadLater, head: Ref | undefined): readonly number[] {
    const { table, findings } = read.log
    if (read.store.generation.order === 'parents') {
        const standing = new StandingRecords(read)
        return chainTo(read, standing, head).map((record) => standing.rowOf(record))
    }
    if (head !== undefined) {
        throw new ComplogError(
            'usage',
            '--head is not for stores of this generation: each line counts to its hosts.',
        )
    }
    if (findings.counts.error === 0) {
        const rows = Array.from({ length: table.length }, (_, row) => row)
        return rows.filter((row) => table.placeAt(row).line !== undefined)
    }
    const standing = new StandingRecords(read)
    const order = orderByParents(standing, !read.values.hasWholeFiles)
    if (order !== undefined) return order.map((record) => standing.rowOf(record))
    const [worst] = findings.list
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
function byFile({ log: { table } }: ReadLater, rows: readonly number[]): ReadonlyMap<string, number[]> {
    const standing = new Map<string, number[]>()
    for (const row of rows) {
        const { file } = table.placeAt(row)
        const own = standing.get(file)
        if (own === undefined) standing.set(file, [row])
        else own.push(row)
    }
    return standing
}

/** Each file keeps the number of its records. */
function inFiles(read: ReadLater, order: readonly number[]): readonly FileOfRecords[] {
    const standing = byFile(read, order)
    let at = 0
    return read.listed.logFiles.flatMap((file) => {
        const from = at
        at += standing.get(file.path)?.length ?? 0
        return at === from ? [] : [{ file, rows: order.slice(from, at) }]
    })
}

function othersBeside({ listed, log }: ReadLater, order: readonly number[]): readonly StoreFile[] {
    const { table, reduced } = log
    const left = new Set<string>()
    for (const [hash, row] of reduced) if (table.placeAt(row).line !== undefined) left.add(hash)
    for (const row of order) left.delete(table.hashAt(row))
    const isLeft = (path: string) => left.has(path.slice(reductionFolder.length + 1))
    return [...allFilesOf({ ...listed, logFiles: [] })].filter(
        ({ path }) => !path.startsWith(reductionFolder) || !isLeft(path),
    )
}

function movedIn(order: readonly number[]): number {
    const places = order.toSorted((a, b) => a - b)
    return order.filter((row, i) => row !== places[i]).length
}

/** All that is no record of the order, line by line. */
function* outsideOf(read: ReadLater, order: readonly number[]): Generator<OutsideLine> {
    const standing = byFile(read, order)
    for (const file of read.listed.logFiles) {
        const own = (standing.get(file.path) ?? []).toSorted((a, b) => a - b)
        const bytes = logFileAsItIs(file)
        let from = 0
        for (const row of own) {
            const { offsetBytes, sizeBytes } = read.log.table.placeAt(row)
            yield* linesIn(bytes.subarray(from, offsetBytes), file.path, from)
            from = offsetBytes + sizeBytes
        }
        yield* linesIn(bytes.subarray(from), file.path, from)
    }
}

function* linesIn(bytes: Buffer, file: string, fromBytes: number): Generator<OutsideLine> {
    for (let at = 0; at < bytes.length; ) {
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
    files: readonly FileOfRecords[],
    options: WorkOptions,
): Promise<void> {
    const rows = new Map(files.map((each) => [each.file.path, each.rows]))
    using lines = linesOf(read)
    const readLogFile = (file: StoreFile) => Buffer.concat([...lines.contentOf(rows.get(file.path) ?? [])])
    const now = { ...read.listed, logFiles: files.map(({ file }) => file) }
    const after = await checkAfter(read, now, { ...options, readLogFile })
    const [worst] = after.log.findings.list
    if (worst?.severity !== 'error') return
    throw new ComplogError('broken-chain', `No order would leave a log without errors. ${worst.message}`, {
        place: worst.place,
        hint: worst.help,
    })
}

/** The lines of records, one behind the other. To be closed. */
function linesOf({ listed: { logFiles }, log }: ReadLater) {
    const numbers = new Map(logFiles.map(({ path }, i) => [path, i]))
    const reader = new RecordReader(logFiles)
    return {
        *contentOf(rows: readonly number[]): Generator<Buffer> {
            for (const row of rows) {
                const { file, offsetBytes, sizeBytes } = log.table.placeAt(row)
                yield reader.read(numbers.get(file) ?? -1, offsetBytes, sizeBytes)
                yield lineEnd
            }
        },
        [Symbol.dispose]: () => {
            reader[Symbol.dispose]()
        },
    }
}
