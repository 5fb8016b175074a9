// Checks a whole log: reads it as a stream as long as its lines are in order, and with an index of all
// records once they are not.
import { type Diagnosis, diagnose, diagnoseOneChain, type OneChain } from '../composition/chain/diagnosis.js'
import type { DiagnosisInput, RecordIndex } from '../composition/chain/record-index.js'
import { RecordTable } from '../composition/chain/record-table.js'
import { describePlace, type Finding, finding } from '../composition/finding.js'
import { Findings } from '../composition/findings.js'
import { type CompositionHash, genesis, shortHash } from '../composition/hash.js'
import { unreadableLineIds } from '../composition/line-checks.js'
import { isProblem, type LogCounts, parseRecord } from '../composition/record.js'
import { type FollowOptions, followInputs, followLog } from '../fast/in-order/follow-log.js'
import type { FollowedLog } from '../fast/in-order/followed-log.js'
import { type IndexOptions, indexRows } from '../fast/shuffled/index-rows.js'
import { fastFromBytes } from '../fast/threads/threads.js'
import type { PackedRecords } from '../packed-inputs.js'
import { isNameOfHost } from '../store/listing/log-file-name.js'
import { guessedSizeOfAll } from '../store/listing/unseen-files.js'
import { isFinding, type ProcessStore, tryReduction } from '../store/process-store.js'
import { RecordReader } from '../store/reading/record-reader.js'
import { type Chain, recordAt } from './chain.js'
import { ChainByIndex, placeInStore } from './chain-by-index.js'
import { ChainInOrder, InOrderFollower } from './chain-in-order.js'
import { type RecordVisitor, type ScanOptions, scanLog } from './scan-log.js'

/** A log of which every line has been read and every link followed. */
export interface CheckedLog {
    readonly store: ProcessStore
    readonly counts: LogCounts
    /** What is wrong with the log; nothing about reductions. */
    readonly findings: Findings
    /** Hashes of the records that no record names as parent. A sound log has one, an empty log none. */
    readonly heads: readonly CompositionHash[]
    /** The one chain; where the log has none, the longest piece of it, with gaps where links are broken. */
    readonly longest: Chain
    /** Whether `longest` is the one chain of the log, with nothing broken and nothing beside it to choose. */
    readonly isOneChain: boolean
    /** The oldest record may not be the first of the log: unreadable lines may hold its parent. */
    readonly mayBeginEarlier?: boolean
    /** Where the log is not in order or not one chain: the index of its records. */
    readonly index?: LogIndex
    /** As of `FollowedLog`. */
    readonly oddReductions?: ReadonlySet<CompositionHash> | undefined
    /** Whether the fast reader read it, or the reference. Their answers are the same. */
    readonly reader: 'fast' | 'reference'
    /** How long it took to read and hash the log, and to find its order where the lines do not show it. */
    readonly milliseconds: { readonly read: number; readonly order: number }
}

/** A log that was checked with an index of its records. */
export type IndexedLog = CheckedLog & { readonly index: LogIndex }

export interface LogIndex {
    readonly table: RecordIndex
    readonly diagnosis: Diagnosis
}

/** Reads every line and follows every link. Goes on past errors. */
export async function checkLog(store: ProcessStore, options: ScanOptions = {}): Promise<CheckedLog> {
    return (await checkInOrder(store, options)) ?? (await indexLog(store, options))
}

/** The log as its lines stand; undefined where a record is not the child of the one before. */
export async function checkInOrder(
    store: ProcessStore,
    options: FollowOptions & ScanOptions = {},
): Promise<CheckedLog | undefined> {
    const isSmall = options.threads === undefined && guessedSizeOfAll(store.logFiles) < fastFromBytes
    if (isSmall) return checkInOrderByReference(store, options)
    const begun = beginCheck(store)
    const followed = await followLog(store, begun.findings, options)
    if (followed === 'undecided') return checkInOrderByReference(store, options)
    if (followed === 'not-in-order') return undefined
    return withBeginning(ofFollowed(begun, followed))
}

/**
 * The same, and hands out what the records hold for the app on the way. Only what it returns says whether
 * that was one whole chain; undefined where it was not, or where this machine knows no fast way: then
 * `checkLog` decides.
 */
export async function* checkAndPack(
    store: ProcessStore,
    options: FollowOptions = {},
): AsyncGenerator<PackedRecords, CheckedLog | undefined> {
    const begun = beginCheck(store)
    const followed = yield* followInputs(store, begun.findings, options)
    return typeof followed === 'string' ? undefined : ofFollowed(begun, followed)
}

/** A check that is under way, and what its store told beforehand. */
interface BegunCheck {
    readonly store: ProcessStore
    readonly findings: Findings
    /** By the clock of the process, in milliseconds. */
    readonly begin: number
}

function beginCheck(store: ProcessStore): BegunCheck {
    const findings = new Findings()
    findings.addAll(store.findings)
    return { store, findings, begin: performance.now() }
}

function ofFollowed(begun: BegunCheck, followed: FollowedLog): CheckedLog {
    const longest = new ChainInOrder(begun.store, followed)
    const { counts, oddReductions } = followed
    return { ...inOrder(begun, { counts, longest, reader: 'fast' }), oddReductions }
}

/** What the fast reader must agree with, whatever the log. */
export async function checkInOrderByReference(
    store: ProcessStore,
    options: ScanOptions = {},
): Promise<CheckedLog | undefined> {
    const begun = beginCheck(store)
    const follower = new InOrderFollower(store.reductionFiles)
    const counts = await scanLog(begun, (record) => follower.follow(record), options)
    if (counts === undefined) return undefined
    const longest = follower.chain(store, counts.unreadableLines)
    return withBeginning(inOrder(begun, { counts, longest, reader: 'reference' }))
}

/**
 * A log that was truncated begins with a record whose parent is not there. But where lines that cannot be
 * read stand before that record, one of them may be that parent, and the log never was truncated: then it is
 * damaged, and says so.
 */
async function withBeginning<Checked extends CheckedLog>(checked: Checked): Promise<Checked> {
    const { counts, findings, longest, store } = checked
    if (counts.unreadableLines === 0 || longest.length === 0 || longest.oldestParent === genesis)
        return checked
    const { hash: first, parentHash, place: firstPlace } = await recordAt(longest, 1)
    const fileAt = (path: string) => store.logFiles.findIndex((file) => file.path === path)
    const file = fileAt(firstPlace.file)
    const mayBeParent = ({ id, place }: Finding) => {
        if (place === undefined || !unreadableLineIds.has(id)) return false
        // Where lines stand in any order, a parent may stand anywhere.
        if (!longest.inOrder) return true
        const at = fileAt(place.file)
        return at < file || (at === file && place.offsetBytes < firstPlace.offsetBytes)
    }
    const line = findings.list.find(mayBeParent)
    if (line?.place === undefined) return checked
    const isAccused = findings.list.some(({ id, hash }) => id === 'altered-record' && hash === first)
    const missing = finding(
        'missing-parent',
        `It names the parent ${shortHash(parentHash)}…, which no record has: that may be a line before it that cannot be read, such as ${describePlace(line.place)}.`,
        { place: firstPlace, hash: first },
    )
    return { ...checked, findings: isAccused ? findings : findings.plus([missing]), mayBeginEarlier: true }
}

function inOrder(
    { store, findings, begin }: BegunCheck,
    read: Pick<CheckedLog, 'counts' | 'longest' | 'reader'>,
): CheckedLog {
    const { longest, counts } = read
    const heads = longest.length === 0 ? [] : [longest.head]
    const milliseconds = { read: performance.now() - begin, order: 0 }
    return { store, findings, ...read, heads, isOneChain: counts.unreadableLines === 0, milliseconds }
}

/** The same with an index of all records, even where the lines are in order. */
export async function indexLog(
    store: ProcessStore,
    options: IndexOptions & ScanOptions = {},
): Promise<IndexedLog> {
    const begin = performance.now()
    const indexed = await indexRows(store, prefersCopyIn(store), options)
    if (indexed === 'undecided') return indexLogByReference(store, options)
    const { counts, findings, table, copies } = indexed
    const read = performance.now() - begin - indexed.linkMilliseconds
    const begun = { store, findings, begin }
    const input = inputOf(begun, table, copies)
    const { chainRows, parents } = table
    const diagnosis = await diagnoseStore(store, input, chainRows && { chainRows, parents })
    return withBeginning(byIndex(begun, { counts, reader: 'fast', read }, { table, diagnosis }))
}

/** What the fast index must agree with, whatever the log. */
export async function indexLogByReference(
    store: ProcessStore,
    options: ScanOptions = {},
): Promise<IndexedLog> {
    const begun = beginCheck(store)
    const table = new RecordTable()
    const copies = new Map<number, number>()
    const prefersCopy = prefersCopyIn(store)
    const enter: RecordVisitor = ({ content, hash, row, behindUnreadable }) => {
        const original = table.add({ hash, parentHash: content.parentHash }, row, behindUnreadable)
        if (original < 0) return true
        const newest = table.rows - 1
        if (prefersCopy(table.place(original).file, row.file)) {
            table.prefer(newest)
            copies.set(original, newest)
        } else copies.set(newest, original)
        return true
    }
    const counts = (await scanLog(begun, enter, options)) as LogCounts
    const read = performance.now() - begun.begin
    const diagnosis = await diagnoseStore(store, inputOf(begun, table, copies))
    return withBeginning(byIndex(begun, { counts, reader: 'reference', read }, { table, diagnosis }))
}

/** What was never written is known by a reduction, so that must be one that can be read. */
async function diagnoseStore(
    store: ProcessStore,
    known: Omit<DiagnosisInput, 'contentOf'>,
    chain?: OneChain,
): Promise<Diagnosis> {
    using reader = new RecordReader(store.logFiles)
    const contentOf = (row: number) => {
        const { file, offsetBytes, sizeBytes } = known.table.place(row)
        const content = parseRecord(reader.read(file, offsetBytes, sizeBytes))
        return isProblem(content) ? undefined : content
    }
    const input = { ...known, contentOf }
    const diagnosis = (chain && diagnoseOneChain(chain, input)) ?? diagnose(input)
    const unusable = new Set<CompositionHash>()
    for (const row of diagnosis.holes) {
        const hash = input.table.hash(row)
        const reduction = await tryReduction(store, hash)
        if (reduction === undefined || isFinding(reduction)) unusable.add(hash)
    }
    if (unusable.size === 0) return diagnosis
    const isReduced = (hash: CompositionHash) => !unusable.has(hash) && input.isReduced(hash)
    return diagnose({ ...input, isReduced })
}

/** Of equal records one in a file of a host stays, wherever the copy stands that somebody made of it. */
function prefersCopyIn({ logFiles }: ProcessStore): (original: number, copy: number) => boolean {
    const isOfHost = (file: number) => isNameOfHost(logFiles.at(file)?.path ?? '')
    return (original, copy) => !isOfHost(original) && isOfHost(copy)
}

function inputOf(
    { store, findings }: BegunCheck,
    table: RecordIndex,
    copies: ReadonlyMap<number, number>,
): Omit<DiagnosisInput, 'contentOf'> {
    return {
        table,
        copies,
        placeOf: (row) => placeInStore(store, table.place(row)),
        isReduced: (hash) => store.reductionFiles.has(hash),
        areReducedGone: () => [...store.reductionFiles.keys()].some((hash) => table.find(hash) < 0),
        isBehindOversized: (row) => {
            const { file, line } = table.place(row)
            const before = line > 1 ? file : file - 1
            const path = before < 0 ? undefined : store.logFiles.at(before)?.path
            return findings.list.some(
                ({ id, place }) =>
                    id === 'oversized-line' &&
                    place?.file === path &&
                    (line === 1 || place?.line === line - 1),
            )
        },
    }
}

/** @param read with the milliseconds that the reading took */
function byIndex(
    { store, findings, begin }: BegunCheck,
    { counts, reader, read }: Pick<CheckedLog, 'counts' | 'reader'> & { readonly read: number },
    index: LogIndex,
): IndexedLog {
    const { table, diagnosis } = index
    return {
        store,
        counts,
        reader,
        findings: findings.plus(diagnosis.findings),
        heads: diagnosis.heads.map((row) => table.hash(row)),
        longest: new ChainByIndex(store, table, diagnosis.chainRows),
        // An empty log has no head, and nothing to choose.
        isOneChain: counts.unreadableLines === 0 && diagnosis.heads.length <= 1 && diagnosis.isLinked,
        index,
        milliseconds: { read, order: performance.now() - begin - read },
    }
}
