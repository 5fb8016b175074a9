// What a repair would do to a store of 2020-05 or later. Each way is read as the store that it would leave:
// what is not whole then, by parents, reductions and values, is not done.
import type { FindingId } from '../../composition/finding.js'
import { otherFormatOf } from '../../composition/other-formats.js'
import type { Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import { leafOf, rowAt } from '../../later/contents/row-at.js'
import { foreignOnesAlone } from '../../later/reading/foreign-files.js'
import { listLater } from '../../later/reading/list-later.js'
import { headNamedIn, headsAmong, newestOf } from '../../later/reading/read-head-chain.js'
import { type ReadLater, readListed } from '../../later/reading/read-later.js'
import { logFileAsItIs } from '../../later/reading/read-log-files.js'
import { genesisOfLater } from '../../later/records/log.js'
import type { ValueHash } from '../../later/values/value.js'
import type { VerifiedLater } from '../../later/verify-later.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import type { LaterStore } from '../../store/recognise.js'
import { checkAfter, laterToChange, withoutFiles } from '../later-store.js'
import { chainTo, lastRead, StandingRecords, twoHeads } from '../standing-records.js'
import { contentAfter, editsOf, type FileEdits, wholeFile } from './later-edits.js'
import { isEmptied, mergeParts, partOf, type RemovedLine, type RemovedPart } from './removed-lines.js'
import {
    type HeadToWrite,
    type RepairOptions,
    type RepairPlan,
    stillWrong,
    unrepairable,
} from './repair-plan.js'

interface Way {
    readonly parts: readonly RemovedPart[]
    readonly movedFiles: readonly StoreFile[]
    readonly headFile?: HeadToWrite | undefined
}

interface CheckedWay extends Way {
    readonly after: VerifiedLater
}

const partsOfRecords: ReadonlySet<FindingId> = new Set(['torn-tail', 'merged-line'])

/**
 * Plans a repair. Does not touch the store.
 * @throws ComplogError `error-findings`, `two-heads`, `broken-chain` where no repair, or not this one, would
 * leave a store without errors; `unknown-ref`, `ambiguous-ref`, `usage`, `limit-exceeded`
 */
export async function planRepairLater(store: LaterStore, options: RepairOptions): Promise<RepairPlan> {
    const { head, quarantine = false, migratedStates = [], ...work } = options
    if (migratedStates.length > 0) {
        const message = 'Hosts since 2020-05 write the records of migrations: none is put back.'
        throw new ComplogError('usage', message)
    }
    if (head !== undefined && store.generation.order === 'files') {
        throw new ComplogError(
            'usage',
            'In a store of this generation parents alone do not give the chain: there is no head to choose.',
        )
    }
    const listed = await listLater(store)
    const read = await readListed(listed, { ...work, leaf: leafOf(head) })
    const edits = editsIn(read)
    const gently = edits.filter(({ file }) => !read.log.zeroed.has(file.path))
    const gentle = waysToSplit(gently).map((parts) => ({ parts, movedFiles: [] }))
    const taken = () => {
        refuseOtherFormats(read)
        return withHead(takingOut(read, edits, options), chosenHead(read, head) ?? headToWrite(read, true))
    }
    const ways = quarantine ? taken() : withHead(gentle, headToWrite(read, false))
    const { chosen, first } = await firstSound(read, ways, work)
    if (chosen === undefined) {
        if (quarantine) throw stillWrong(first.after.findings)
        throw await unrepairable(first.after.findings, async () => {
            const more = await firstSound(read, taken(), work)
            if (more.chosen === undefined) throw stillWrong(more.first.after.findings)
            return more.chosen
        })
    }
    assertProven(read, edits, chosen.after)
    return planOf(read, chosen)
}

/** But of files of zeros before the first record: they are the only witnesses of what is gone. */
function editsIn({ store, listed: { logFiles }, log: { table, zeroed } }: ReadLater): readonly FileEdits[] {
    const first = table.length === 0 ? undefined : table.placeAt(0).file
    const begin = logFiles.findIndex(({ path }) => path === first)
    return logFiles.flatMap((file, i) =>
        zeroed.has(file.path) && (begin < 0 || i < begin)
            ? []
            : editsOf(file, logFileAsItIs(file), store.generation),
    )
}

/** What such a file holds cannot be seen: of the newest records, nothing else might tell that they were. */
function refuseOtherFormats({ listed: { logFiles } }: ReadLater): void {
    for (const file of logFiles) {
        const format = otherFormatOf(logFileAsItIs(file).subarray(0, 200))
        if (format === undefined) continue
        const place = { file: file.path, offsetBytes: 0, sizeBytes: file.sizeBytes }
        const message = `This file is ${format.name}. It may hold records.`
        throw new ComplogError('broken-chain', message, { place, hint: format.wayBack })
    }
}

async function firstSound(
    read: ReadLater,
    ways: Iterable<Way>,
    options: WorkOptions,
): Promise<{ readonly chosen: CheckedWay | undefined; readonly first: CheckedWay }> {
    let first: CheckedWay | undefined
    for (const way of ways) {
        const checked = { ...way, after: await afterWay(read, way, options) }
        if (checked.after.isSound) return { chosen: checked, first: first ?? checked }
        first ??= checked
    }
    if (first === undefined) throw new Error('There is no way to try.')
    return { chosen: undefined, first }
}

/** The store as it would be, read from the files as they are now. */
async function afterWay(
    read: ReadLater,
    { parts, movedFiles, headFile }: Way,
    options: WorkOptions,
): Promise<VerifiedLater> {
    const byPath = new Map(parts.map((part) => [part.file.path, part]))
    const readLogFile = (file: StoreFile) => {
        const part = byPath.get(file.path)
        return part === undefined ? logFileAsItIs(file) : contentAfter(part, logFileAsItIs(file))
    }
    const gone = [...parts.filter(isEmptied).map(({ file }) => file), ...movedFiles]
    const headNamed = headFile?.hash
    return checkAfter(read, withoutFiles(read.listed, gone), { ...options, readLogFile, headNamed })
}

function* withHead(ways: Iterable<Way>, headFile: HeadToWrite | undefined): Generator<Way> {
    for (const way of ways) yield { ...way, headFile }
}

/**
 * The newest record, where the head file names none, and records leave no choice. A hash of which there is
 * nothing sound may be that of a record that is lost: then it takes whoever knows better.
 */
function headToWrite(read: ReadLater, isAsked: boolean): HeadToWrite | undefined {
    const { store, listed, log, values, reductions } = read
    if (store.generation.order !== 'head-file' || log.findings.count('head-file') === 0) return undefined
    const [hash, ...others] = newestOf(values)
    if (hash === undefined || others.length > 0) return undefined
    const { lostHead } = log
    if (lostHead !== undefined && (!isAsked || reductions.byHash.has(lostHead))) return undefined
    return { hash, file: listed.headFile }
}

/** The record that a person chose, where the head file does not name it. */
function chosenHead(read: ReadLater, head: Ref | undefined): HeadToWrite | undefined {
    if (head === undefined || read.store.generation.order !== 'head-file') return undefined
    const hash = read.log.table.hashAt(rowAt(read, head))
    const file = read.listed.headFile
    return headNamedIn(file) === hash ? undefined : { hash, file }
}

/**
 * The files of all records that are values and do not lead to the chosen one, behind those of their
 * reductions: a reduction without its record would be the witness of one that was lost.
 */
function besideChosen(read: ReadLater, head: Ref | undefined): readonly StoreFile[] {
    const { log, values, reductions, listed } = read
    const records = [...values.records]
    const isNoneLost = records.every(([, parent]) => parent === undefined || values.has(parent))
    if (head === undefined && isNoneLost && log.findings.count('fork') > 0)
        throw twoHeads(headsAmong(values, reductions.byHash, headNamedIn(listed.headFile)))
    if (head === undefined) return []
    const last = rowAt(read, head)
    const isLedTo = (row: number) => row >= 0 && row <= last
    const beside = records.map(([hash]) => hash).filter((hash) => !isLedTo(log.table.find(hash)))
    return [
        ...beside.flatMap((hash) => reductionsOf(read, hash)),
        ...beside.flatMap((hash) => values.filesOf(hash).map(({ file }) => file)),
    ]
}

/** Without being asked for more: from all that can be put right to what must be. */
function waysToSplit(edits: readonly FileEdits[]): readonly (readonly RemovedPart[])[] {
    const ofRecords = ({ finding }: RemovedLine) => partsOfRecords.has(finding)
    const part = (each: FileEdits, isAll: boolean, withEnds: boolean) =>
        partOf(
            each.file,
            isAll ? each.removed : each.removed.filter(ofRecords),
            withEnds ? [...each.added, ...each.ends] : each.added,
        )
    const ways = [
        [true, true],
        [true, false],
        [false, true],
        [false, false],
    ] as const
    const different = new Map<string, readonly RemovedPart[]>()
    for (const [isAll, withEnds] of ways) {
        const parts = edits
            .map((each) => part(each, isAll, withEnds))
            .filter(({ lines, added }) => lines.length + added.length > 0)
        const sizes = parts.map(({ file, lines, added }) => [file.path, lines.length, added.length])
        different.set(JSON.stringify(sizes), different.get(JSON.stringify(sizes)) ?? parts)
    }
    return [...different.values()]
}

/** With `--quarantine`: what is no record of the log as well, and what lies there twice. */
function* takingOut(read: ReadLater, edits: readonly FileEdits[], { head }: RepairOptions): Generator<Way> {
    const { listed, store } = read
    const outside = copiesIn(read, edits)
    const left: StoreFile[] = []
    const badLines = edits.map(({ file, bad }) => partOf(file, bad))
    if (store.generation.order === 'parents') {
        const bytesOf = lastRead()
        const standing = new StandingRecords(read)
        const chain = new Set(chainTo(read, standing, head))
        for (const record of standing) {
            const file = standing.fileOf(record)
            if (chain.has(record) || outside.wholeFiles.has(file.path)) continue
            const row = standing.rowOf(record)
            const line = lineOf(read, { row, bytes: bytesOf(file) }, 'unlinked-record')
            outside.parts.push(partOf(file, [line]))
            left.push(...reductionsOf(read, read.log.table.hashAt(record)))
        }
    }
    if (store.generation.order === 'head-file') left.push(...besideChosen(read, head))
    const movedFiles = [...left, ...badBeside(read)]
    for (const gentle of waysToSplit(edits)) {
        const parts = [...gentle, ...badLines, ...outside.parts].filter(
            ({ file, lines, added }) => !outside.wholeFiles.has(file.path) && lines.length + added.length > 0,
        )
        const whole = [...outside.wholeFiles.values()].map((file) => wholeFile(file, 'foreign-file'))
        yield { parts: mergeParts(listed.logFiles, [...parts, ...whole]), movedFiles }
    }
}

interface Copies {
    /** Files that no host has named, in which nothing stands that is not in another file, too; by path. */
    readonly wholeFiles: ReadonlyMap<string, StoreFile>
    readonly parts: RemovedPart[]
}

function copiesIn(read: ReadLater, edits: readonly FileEdits[]): Copies {
    const { table, foreign } = read.log
    const files = new Map(read.listed.logFiles.map((file) => [file.path, file]))
    const alone = foreignOnesAlone(read.log)
    const wholeFiles = new Map([...foreign].filter(([path]) => !alone.has(path)))
    /** Records, known by the first row with their hash. */
    const seen = new Uint8Array(table.length)
    const parts: RemovedPart[] = []
    const bytesOf = lastRead()
    for (let row = 0; row < table.length; row++) {
        const file = files.get(table.placeAt(row).file)
        if (file === undefined || wholeFiles.has(file.path)) continue
        const record = table.find(table.hashAt(row))
        if (seen[record] === 1)
            parts.push(partOf(file, [lineOf(read, { row, bytes: bytesOf(file) }, 'duplicate-record')]))
        seen[record] = 1
    }
    // Those that do not count are in no row.
    for (const { file, ends, repeats } of read.store.generation.order === 'files' ? edits : []) {
        const copies = ends.filter(({ hash }) => table.find(hash) >= 0).map(({ copy }) => copy)
        copies.push(...repeats)
        if (copies.length > 0) parts.push(partOf(file, copies))
    }
    return { wholeFiles, parts }
}

/** A record with its line end. @param bytes of its file */
function lineOf({ log }: ReadLater, { row, bytes }: { row: number; bytes: Buffer }, finding: FindingId) {
    const { line = 1, offsetBytes, sizeBytes } = log.table.placeAt(row)
    const end = offsetBytes + sizeBytes
    const behind = bytes.subarray(end, end + 2).toString('latin1')
    const endSizeBytes = behind.startsWith('\n') ? 1 : behind === '\r\n' ? 2 : 0
    return { line, fromBytes: offsetBytes, toBytes: end + endSizeBytes, finding }
}

function reductionsOf({ listed, reductions }: ReadLater, hash: ValueHash): readonly StoreFile[] {
    const path = reductions.byHash.get(hash)?.place.file
    return listed.reductions.files.filter((file) => file.path === path)
}

/** Files of values beside which a sound one lies, and reductions that are none. */
function badBeside({ values, listed, reductions }: ReadLater): readonly StoreFile[] {
    const ofValues = values.bad.filter(({ file }) => values.hasSoundBeside(file))
    const read = new Set([...reductions.byHash.values()].map(({ place }) => place.file))
    const unreadable = new Set(
        reductions.findings.filter(({ id }) => id === 'unreadable-file').map(({ place }) => place?.file),
    )
    const ofReductions = listed.reductions.files.filter(
        ({ path }) => !read.has(path) && !unreadable.has(path),
    )
    return [...ofReductions, ...ofValues.map(({ file }) => file.file)]
}

/**
 * A record that shared a line with others goes on in the log on the word of a hash: that which it names, that
 * by which another names it, or that of a reduction.
 * @throws ComplogError `error-findings`
 */
function assertProven(read: ReadLater, edits: readonly FileEdits[], { log }: VerifiedLater): void {
    const unnamed = edits.flatMap(({ split }) =>
        split.filter(({ record, hash }) => record.parent === undefined && !log.reduced.has(hash)),
    )
    if (unnamed.length === 0) return
    const standing = new StandingRecords(read)
    const unproven = unnamed.find(({ hash }) => log.table.find(hash) >= 0 && !standing.isNamed(hash))
    if (unproven === undefined) return
    throw new ComplogError(
        'error-findings',
        'A record that shares its line names no parent, and nothing names it: nothing proves that it is whole.',
        { place: log.table.placeAt(log.table.find(unproven.hash)), hint: 'Compare it with a backup.' },
    )
}

function planOf(read: ReadLater, { parts, movedFiles, headFile, after }: CheckedWay): RepairPlan {
    const { listed } = read
    return {
        store: laterToChange(listed),
        head: after.head ?? genesisOfLater,
        records: after.records,
        parts,
        movedFiles,
        headFile,
        remaining: after.findings.list,
        worstAfter: async (fileAfter, options) => {
            const logFiles = listed.logFiles.flatMap((file) => fileAfter(file) ?? [])
            const staged = withoutFiles({ ...listed, logFiles }, movedFiles)
            const reading = { ...options, headNamed: headFile?.hash }
            const { isSound, findings, head, records } = await checkAfter(read, staged, reading)
            const isAsPlanned = isSound && head === after.head && records === after.records
            return isAsPlanned ? undefined : { place: findings.list[0]?.place }
        },
    }
}
