// What a truncation of a store of 2020-05 or later would remove, worked out without touching anything: whole
// log files before that of a reduced record, as its own hosts do, and of the values only those that nothing
// names any more. What complog does not know stays.
import type { Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import { rowAt } from '../../later/contents/row-at.js'
import { allFilesOf, type ListedLater, listBeside } from '../../later/reading/list-later.js'
import { recordOf } from '../../later/reading/read-head-chain.js'
import { type ReadLater, readLater, readListed } from '../../later/reading/read-later.js'
import type { ValueHash } from '../../later/values/value.js'
import { checkRead } from '../../later/verify-later.js'
import type { WorkOptions } from '../../progress.js'
import { type StoreFile, sizeOfFiles } from '../../store/listing/list-files.js'
import type { LaterStore } from '../../store/recognise.js'
import { checkAfter, laterToChange, withoutFiles } from '../later-store.js'
import { type LaterTruncatePlan, noLongerThatRecord, refuseUnsound, unsoundAfter } from './truncate-plan.js'

/** How many reductions are tried before the newest one with a sound rest is given up. */
const triesMax = 50

/**
 * Plans to drop what lies before a reduced record.
 * @param before the reduced record; default: the newest one behind which the rest is sound
 * @throws ComplogError `error-findings`, `no-reduction`, `broken-chain` where the rest would not be sound;
 * `usage`, `unknown-ref`, `ambiguous-ref`
 */
export async function planTruncateLater(
    store: LaterStore,
    before: Ref | undefined,
    options: WorkOptions = {},
): Promise<LaterTruncatePlan> {
    const read = await readLater(store, options)
    refuseUnsound(checkRead(read).findings)
    if (before?.kind === 'number' && read.log.oldestParent !== undefined && read.isTruncated) {
        throw noLongerThatRecord(before.position, 'Name the record by its hash, which stays the same.')
    }
    const newestFirst = [...read.usable.keys()].sort((a, b) => b - a)
    const rows = before === undefined ? newestFirst.slice(0, triesMax) : [rowAt(read, before)]
    const others = await namedByOthers(read, options)
    let place: ComplogError['place']
    for (const row of rows) {
        refuseUnusable(read, row)
        const { plan, after } = planAt(read, row, others)
        const checked = await checkAfter(read, after, options)
        const head = read.log.table.hashAt(read.log.table.length - 1)
        if (checked.isSound && checked.head === head && checked.records === plan.records.kept) return plan
        place ??= checked.findings.list[0]?.place
    }
    if (rows.length === 0) {
        throw new ComplogError('no-reduction', 'The store has no reduction that a host could start from.', {
            hint: 'Hosts store one at the first event after a start.',
        })
    }
    throw unsoundAfter(
        place,
        'A record behind the cut goes back to one before it, or two writers had been at work there. Name another reduced record with --before.',
    )
}

function refuseUnusable({ usable, values, log }: ReadLater, row: number): void {
    const reduction = usable.get(row)
    const reached = values.noneReached()
    const roots = [reduction?.state, reduction?.app].filter((hash) => hash !== undefined)
    const missing = values.reach(roots, reached)
    const isBad = values.bad.some(({ file, isFirst }) => isFirst && reached.has(file.hash))
    if (reduction !== undefined && missing.size === 0 && !isBad) return
    throw new ComplogError(
        'no-reduction',
        `The record #${row + 1} has no reduction that a host could start from, with its state and its app.`,
        { place: log.table.placeAt(row), hint: 'Name one that has, such as the newest: leave --before out.' },
    )
}

/** What records of other histories in the same folders name: they stay. */
async function namedByOthers(read: ReadLater, options: WorkOptions): Promise<readonly ValueHash[]> {
    const { store, values, log } = read
    const named: ValueHash[] = []
    for (const hash of values.records.keys()) {
        if (log.table.find(hash) >= 0) continue
        const read = recordOf(values, hash)
        const events = 'record' in read ? read.record.events : []
        named.push(hash, ...events.flatMap(({ names }) => names ?? []))
    }
    const beside = await listBeside(store)
    if (beside === undefined) return named
    const older = await readListed(beside, { ...options, values })
    return [...named, ...Array.from(older.log.values, ({ hash }) => hash)]
}

function planAt(
    read: ReadLater,
    row: number,
    others: readonly ValueHash[],
): { readonly plan: LaterTruncatePlan; readonly after: ListedLater } {
    const { log, values, listed, reductions, continued } = read
    const { table } = log
    const first = firstRowOfFile(read, row)
    const firstInLog = firstRowOfLog(read)
    const removedPaths = new Set<string>()
    for (let each = firstInLog; each < first; each++) removedPaths.add(table.placeAt(each).file)
    const reduced = new Map([...log.reduced].map(([hash, at]) => [hash, at < first] as const))
    const isGone = (hash: ValueHash) => reduced.get(hash) === true
    const ofReductions = (gone: boolean) =>
        [...reductions.byHash.values()]
            .filter(({ hash }) => isGone(hash) === gone)
            .flatMap(({ state, app }) => [state, app].filter((hash) => hash !== undefined))
    const ofRecords = function* (gone: boolean) {
        for (const { row: at, hash } of log.values) if (at < first === gone) yield hash
    }
    const ownRecords = function* () {
        for (const hash of hashesIn(table, first, table.length)) if (values.has(hash)) yield hash
    }
    const kept = values.noneReached()
    for (const roots of [others, ownRecords(), ofRecords(false), ofReductions(false)])
        values.reach(roots, kept)
    const named = values.noneReached()
    for (const roots of [ofRecords(true), ofReductions(true)]) values.reach(roots, named)
    const isOwnFile = table.placeAt(row).line === undefined
    const ownGone = Math.min(first, firstInLog)
    const ofOwn = [...filesOf(values, hashesIn(table, 0, ownGone))]
    const oldestFile = listed.logFiles.findIndex(({ path }) => path === table.placeAt(first).file)
    // One without a byte would stand there as if it had lost the records that went.
    const logFilesGone = listed.logFiles
        .slice(0, Math.max(0, oldestFile))
        .filter(({ path, sizeBytes }) => sizeBytes === 0 || removedPaths.has(path))
    const removedFiles = [...ofOwn, ...logFilesGone]
    const removedReductions = listed.reductions.files.filter((file) => isGone(valueHashOf(file)))
    const namedValues = { [Symbol.iterator]: () => filesOf(values, named.withFile()) }
    const removedValues: StoreFile[] = []
    for (const file of namedValues) if (!kept.has(valueHashOf(file))) removedValues.push(file)
    // Who names a value is found before it, so what is left is named by something to the last.
    removedValues.reverse()
    const removedHead = !isOwnFile && continued.length > 0 && ofOwn.length > 0 ? listed.headFile : undefined
    const besideValues = [...logFilesGone, ...removedReductions, ...(removedHead ? [removedHead] : [])]
    const staysAsValue = (file: StoreFile) => {
        const hash = valueHashOf(file)
        const own = ownGone === 0 ? -1 : table.find(hash)
        return !(own >= 0 && own < ownGone) && (kept.has(hash) || !named.has(hash))
    }
    const byHash = listed.values.byHash.filtered(staysAsValue)
    const after = withoutFiles({ ...listed, values: { ...listed.values, byHash } }, besideValues)
    const removed = sizeOfFiles([...ofOwn, ...besideValues]) + sizeOfFiles(removedValues)
    const plan = {
        store: laterToChange(listed),
        read,
        target: { hash: table.hashAt(row), position: row + 1 },
        oldest: { hash: table.hashAt(first), position: first + 1 },
        removedFiles,
        keptFiles: after.logFiles,
        reductionFiles: reductions.files,
        removedReductions,
        removedValues,
        namedValues,
        removedHead,
        records: { removed: first, kept: table.length - first },
        bytes: { removed, kept: sizeOfFiles(allFilesOf(listed)) - removed },
    }
    return { plan, after }
}

function* hashesIn(table: ReadLater['log']['table'], from: number, to: number): Generator<ValueHash> {
    for (let row = from; row < to; row++) yield table.hashAt(row)
}

function* filesOf(values: ReadLater['values'], hashes: Iterable<ValueHash>): Generator<StoreFile> {
    for (const hash of hashes) for (const { file } of values.filesOf(hash)) yield file
}

/** The value that a file of one holds. */
function valueHashOf({ path }: StoreFile): ValueHash {
    return path.slice(path.lastIndexOf('/') + 1) as ValueHash
}

/** The first record in the log file of one; itself where it has a file of its own. */
function firstRowOfFile({ log: { table } }: ReadLater, row: number): number {
    const { file, line } = table.placeAt(row)
    let first = row
    while (line !== undefined && first > 0 && table.placeAt(first - 1).file === file) first--
    return first
}

/** Records before it have files of their own. */
function firstRowOfLog({ log: { table } }: ReadLater): number {
    let row = 0
    while (row < table.length && table.placeAt(row).line === undefined) row++
    return row
}
