// Entrance of core/later/records/: what one record says, and how records hang together. In come the bytes of
// records in the order in which hosts read them; out comes a table of them, and findings. No file is read.
//
// What is read of the log of a store of 2020-05 or later, however its records lie: the records in order, what
// each of them names, and what is wrong with single lines and parents.
import { headsOf, listOfHeads } from '../../composition/chain/heads.js'
import { type Finding, type FindingDetails, type FindingId, finding } from '../../composition/finding.js'
import { Findings } from '../../composition/findings.js'
import { genesis } from '../../composition/hash.js'
import type { EventLines } from '../../fast/pieces/event-lines.js'
import type { StoreGeneration } from '../../generations/generation.js'
import { findingsPerIdMax } from '../../limits.js'
import type { FileList, StoreFile } from '../../store/listing/list-files.js'
import { unreadable } from '../../store/process-store.js'
import type { ValueHash } from '../values/value.js'
import { decodeJsonForm } from '../values/value-forms.js'
import { isOfAdministrator, type ParentRule, type RuledRecord } from './parent-rule.js'
import type { EventKind, LaterRecord } from './record.js'
import { LaterRecordTable, type NamedHash, NamedHashes, type RecordPlace } from './record-table.js'

/** In stores of 2020-05-01 what the first record names as its parent: the hash of zero bytes. */
export const genesisOfLater = genesis.toLowerCase() as ValueHash

/** How texts and events are written in records, which tells when; the later the larger. */
export const recordForms = ['2021-07', '2022-03', '2023-03', '2025-04'] as const
export type RecordForm = (typeof recordForms)[number]

/** Where a record stands, and the bytes that it has. */
export interface RecordBytes {
    readonly bytes: Buffer
    readonly file: number
    /** 0 for a file of its own. */
    readonly line: number
    readonly offsetBytes: number
    /** The first is its own. */
    readonly hashes: readonly ValueHash[]
}

/** Some files of a list, one behind the other. */
export interface FilesToRead {
    readonly files: FileList
    readonly from: number
    readonly to: number
}

interface Misplaced {
    readonly row: number
    readonly parent: ValueHash | undefined
}

export class LaterLog {
    readonly table = new LaterRecordTable()
    readonly findings = new Findings()
    readonly values = new NamedHashes()
    readonly reverts: NamedHash[] = []
    /** Of the first record. */
    oldestParent: ValueHash | undefined
    /** What the head file names, where no sound file holds it: the newest record, then, is lost. */
    lostHead: ValueHash | undefined
    /** Whole records that no host counts, since no line end stands behind them; the file of each. */
    readonly uncounted = new Map<ValueHash, string>()
    /** Files that no host has named so, by their paths. */
    readonly foreign = new Map<string, StoreFile>()
    /** Those of them that had another name, which is known: where they stand in the order says nothing. */
    readonly renamed = new Set<string>()
    /** Files, but for the last one, of zero bytes alone: the host that wrote there has gone on elsewhere. */
    readonly zeroed = new Set<string>()
    /** The first record with an event that hosts since 2025-04 write, and no others. */
    firstOf2025: number | undefined
    /** Records that say what hosts since 2025-04 do not know, behind such a one. */
    readonly unknownToHost: number[] = []
    /** How many events of each kind. */
    readonly counts = new Map<EventKind, number>()
    /** Records of which a reduction is there, by their hash. */
    readonly reduced = new Map<ValueHash, number>()
    files = 0
    sizeBytes = 0
    form: RecordForm | undefined
    readonly generation: StoreGeneration
    readonly #rule: ParentRule
    /** Those of the store, by the hash of the reduced record. */
    readonly reductions: ReadonlyMap<ValueHash, unknown>
    /** Whether a file that the system does not let be read is a finding. */
    goesOn = false
    /** Whether all could be read: what could not may hold what else seems to be missing. */
    isRead = true
    readonly #misplaced: Misplaced[] = []
    /** Where parents alone give the order: what records name that do not name the one before them, by row. */
    readonly #parents = new Map<number, ValueHash | undefined>()
    /** The newest record, where it applies a function: with the arguments. */
    #newestCall: { readonly row: number; readonly text: string } | undefined

    constructor(generation: StoreGeneration, rule: ParentRule, reductions: ReadonlyMap<ValueHash, unknown>) {
        this.generation = generation
        this.#rule = rule
        this.reductions = reductions
    }

    add(record: LaterRecord, { bytes, hashes, file, line, offsetBytes }: RecordBytes): void {
        const kind = record.events.at(-1)?.kind ?? 'event'
        const [hash] = hashes
        if (hash === undefined) throw new Error('A record without a hash.')
        const row = this.table.add({ hash, kind, file, line, offsetBytes, sizeBytes: bytes.length })
        if (row === 0) this.oldestParent = record.parent
        this.#place(row, { kind, parent: record.parent, hashes })
        for (const one of hashes) if (this.reductions.has(one)) this.reduced.set(one, row)
        for (const event of record.events) {
            this.counts.set(event.kind, (this.counts.get(event.kind) ?? 0) + 1)
            if (event.kind === 'apply-function-on-literal') this.#newestCall = { row, text: event.text ?? '' }
            if (event.names === undefined) continue
            const named = { row, hash: event.names }
            if (event.kind === 'revert') this.reverts.push(named)
            else this.values.add(named)
        }
        this.#follow(row, kind, (text) => bytes.includes(text))
    }

    /** What the fast reader has read of some files: all that `add` would say of each of their lines. */
    addEvents(events: EventLines, { files, from: firstFile }: FilesToRead): void {
        const { table } = this
        const first = table.length
        const { lines, sizesBytes } = events
        const [file = 0] = Array.from(lines, (_, i) => table.addFile(files, firstFile + i))
        table.addLines({ ...events, kind: 'event', file })
        this.files += lines.length
        // A line end behind each.
        this.sizeBytes += sizesBytes.reduce((sum, sizeBytes) => sum + sizeBytes + 1, 0)
        const parent = events.firstParent as ValueHash
        if (first === 0) this.oldestParent = parent
        this.#place(first, { kind: 'event', parent, hashes: [table.hashAt(first)] })
        const last = table.length - 1
        // Each behind the first names the one before it; the rule only has to know the last.
        if (last > first) this.#rule.accepts({ kind: 'event', parent, hashes: [table.hashAt(last)] })
        for (const row of events.maybeReduced) {
            const hash = table.hashAt(first + row)
            if (this.reductions.has(hash)) this.reduced.set(hash, first + row)
        }
        this.counts.set('event', (this.counts.get('event') ?? 0) + sizesBytes.length)
        const holds = (text: string) => events.texts.includes(text)
        // One says as much as all, but for where each is to be named.
        const toFollow = this.firstOf2025 === undefined ? first : last
        for (let row = first; row <= toFollow; row++) this.#follow(row, 'event', holds)
    }

    /** The last value that a record names, which says what the record leaves. */
    namedBy(row: number): ValueHash | undefined {
        return this.values.lastOf(row)
    }

    /** As a file without a byte, it breaks no chain: what is missing shows by the parents behind it. */
    addZeroed({ path, sizeBytes }: StoreFile): void {
        this.zeroed.add(path)
        this.files++
        this.sizeBytes += sizeBytes
    }

    /** Something that is no record stands here. */
    forget(): void {
        this.#rule.forget()
    }

    /** What was read of a file; undefined where it cannot be read and the check goes on without it. */
    unlessUnreadable<T>(file: string, read: () => T): T | undefined {
        try {
            return read()
        } catch (error) {
            if (!this.goesOn) throw error
            const found = unreadable(error, file)
            if (!this.findings.list.some(({ message }) => message === found.message)) this.findings.add(found)
            this.isRead = false
            this.forget()
            return undefined
        }
    }

    note(id: FindingId, message: string, details: FindingDetails): void {
        this.findings.add(finding(id, message, details))
    }

    /** What can only be said when all records are known. */
    finish(): void {
        this.#checkNewestCall()
        if (this.#misplaced.length === 0) return
        const misplaced = this.#misplaced.filter(({ row, parent }) => !this.#isOfCopies(row, parent))
        const isDisordered = misplaced.some((each) => this.#wasMoved(each))
        const choice = this.#choice()
        const found = misplaced.map((each) => ({
            row: each.row,
            found: this.#misplacedFinding(each, isDisordered, choice),
        }))
        this.findings.addAll(inRuns(found, ({ id }) => ['interleaved-record', 'out-of-order'].includes(id)))
        const doubled: FoundAt[] = []
        for (let row = 0; row < this.table.length; row++) {
            const first = this.#firstLike(row)
            if (first !== row) doubled.push({ row, found: this.#doubled(row, first) })
        }
        this.findings.addAll(inRuns(doubled, () => true))
    }

    /** What helps where parents alone give the order, none is gone, and several records are the newest. */
    #choice(): string | undefined {
        if (this.generation.order !== 'parents') return undefined
        const { table, reductions } = this
        const isThere = (parent: ValueHash) => parent === genesisOfLater || table.find(parent) >= 0
        if (![...this.#parents.values()].every((parent) => parent !== undefined && isThere(parent)))
            return undefined
        const parents = Int32Array.from({ length: table.length }, (_, row) => {
            if (this.#firstLike(row) !== row) return -1
            const parent = this.#parents.get(row)
            return parent === undefined ? this.#firstLike(row - 1) : table.find(parent)
        })
        const named = new Set(parents)
        const newest = [...parents.keys()].filter((row) => this.#firstLike(row) === row && !named.has(row))
        if (newest.length < 2) return undefined
        const heads = headsOf(newest, parents, {
            hash: (row) => table.hashAt(row),
            isReduced: (hash) => reductions.has(hash),
        })
        return chooseOf(listOfHeads(heads))
    }

    /** The first record with the hash of this one: where that is another, this one is a copy. */
    #firstLike(row: number): number {
        return this.table.find(this.table.hashAt(row))
    }

    /** Whether a record stands where its parent forbids only as a copy, or behind copies. */
    #isOfCopies(row: number, parent: ValueHash | undefined): boolean {
        if (this.#firstLike(row) !== row) return true
        let before = row - 1
        while (before >= 0 && this.#firstLike(before) !== before) before--
        return before >= 0 && this.table.hashAt(before) === parent
    }

    /** Only of the newest record nothing else tells whether it was altered: no record names it yet. */
    #checkNewestCall(): void {
        const { row, text } = this.#newestCall ?? { row: -1, text: '' }
        if (row < 0 || row !== this.table.length - 1) return
        const decoded = decodeJsonForm(Buffer.from(text))
        if (!('problem' in decoded)) return
        this.note('malformed-record', `The arguments are no value. ${decoded.problem}`, {
            place: this.table.placeAt(row),
            hash: this.table.hashAt(row),
            host: this.generation.hosts?.malformed,
            help: fromBackup,
        })
    }

    #place(row: number, record: RuledRecord): void {
        const isOfParents = this.generation.order === 'parents'
        if (isOfParents && (row === 0 || record.parent !== this.table.hashAt(row - 1)))
            this.#parents.set(row, record.parent)
        if (!this.#rule.accepts(record) && this.#misplaced.length < findingsPerIdMax)
            this.#misplaced.push({ row, parent: record.parent })
    }

    /** @param holds whether a text stands in the record */
    #follow(row: number, kind: string, holds: (text: string) => boolean): void {
        if (kind === 'apply-function-on-literal') {
            this.firstOf2025 ??= row
            this.form = '2025-04'
        } else if (this.firstOf2025 !== undefined && ['event', 'apply-function', 'revert'].includes(kind)) {
            if (this.unknownToHost.length < findingsPerIdMax) this.unknownToHost.push(row)
        } else if (kind === 'event' && this.generation.order === 'files' && this.form !== '2023-03') {
            const form = formOf(holds)
            if (this.form === undefined || form > this.form) this.form = form
        } else if (kind === 'apply-function') this.form = '2023-03'
    }

    /** @param isDisordered whether lines were moved, and not only written by two hosts at once */
    #misplacedFinding({ row, parent }: Misplaced, isDisordered: boolean, choice?: string): Finding {
        const { table } = this
        const ofParents = this.generation.order === 'parents'
        const help = this.renamed.size > 0 ? asNamed : (choice ?? inOrder)
        const helpAtFork = choice ?? fromBackup
        const details = {
            place: table.placeAt(row),
            hash: table.hashAt(row),
            host: this.generation.hosts?.chain,
        }
        if (parent === undefined) {
            const message = 'It names no parent, though records stand before it that it would have to name.'
            const orBackup = help === inOrder ? `${inOrder} ${elseFromBackup}` : help
            return finding('missing-parent', message, { ...details, help: orBackup })
        }
        if (parent === genesisOfLater) {
            const message =
                'It names no record as its parent, as the first one of a log does, but others stand before it.'
            const ofFirst = this.#misplaced.filter((other) => other.parent === parent)
            return ofParents && ofFirst.length === 1 && this.oldestParent !== parent
                ? finding('out-of-order', message, { ...details, severity: 'error', help })
                : finding('fork', message, { ...details, help: helpAtFork })
        }
        const at = table.find(parent)
        const short = parent.slice(0, 12)
        if (at < 0) {
            const message = `It names the parent ${short}…, which no record has: the line before it was altered, or what stood between them is gone.`
            return finding('missing-parent', message, { ...details, help: fromBackup })
        }
        const where = placeName(table.placeAt(at))
        if (ofParents && this.#isNamedByAnother(parent, at)) {
            const message = `It names the parent ${short}…, in ${where}, as another record does.`
            return finding('fork', message, { ...details, help: helpAtFork })
        }
        if (ofParents || isDisordered) {
            const stands =
                at > row ? 'which stands behind it, in' : 'and not the record before it, but that in'
            const message = `It names the parent ${short}…, ${stands} ${where}: lines or files are in another order than they were written.`
            return finding('out-of-order', message, { ...details, severity: 'error', help })
        }
        const message = `It names the parent ${short}…, in ${where}, and not the record before it.`
        return finding('interleaved-record', message, { place: details.place, hash: details.hash })
    }

    /** What no two hosts leave that write at once: an administrator's record names the line before it. */
    #wasMoved({ row, parent }: Misplaced): boolean {
        if ([row - 1, row].some((each) => this.renamed.has(this.table.placeAt(each).file))) return true
        const at = parent === undefined ? -1 : this.table.find(parent)
        const kind = this.table.kindAt(row)
        const isSetByAdministrator = kind === 'set-state' && ['2021-07', '2022-03'].includes(this.form ?? '')
        return at > row || (at >= 0 && (isSetByAdministrator || isOfAdministrator(kind)))
    }

    /** @param at where the parent stands: what stands behind it, and is known to stand rightly, names it */
    #isNamedByAnother(parent: ValueHash, at: number): boolean {
        const named = this.#misplaced.filter((other) => other.parent === parent).length
        const isWhole = this.#misplaced.length < findingsPerIdMax
        const known = isWhole ? this.table.length - 1 : (this.#misplaced.at(-1)?.row ?? -1)
        return named > 1 || (at < known && !this.#misplaced.some(({ row }) => row === at + 1))
    }

    #doubled(row: number, first: number): Finding {
        const message = `The same record stands in ${placeName(this.table.placeAt(first))}.`
        return finding('duplicate-record', message, {
            place: this.table.placeAt(row),
            hash: this.table.hashAt(row),
            severity: 'error',
            host: this.generation.order === 'files' ? 'Counts it twice.' : this.generation.hosts?.chain,
            help: 'Stop the host. `complog repair --quarantine` moves the copy out of the log: of a copied file, the whole file.',
        })
    }
}

interface FoundAt {
    readonly row: number
    readonly found: Finding
}

/** Findings of one id about records that stand one behind the other, as one: said at the first of them. */
function* inRuns(all: readonly FoundAt[], mayJoin: (found: Finding) => boolean): Generator<Finding> {
    for (let i = 0; i < all.length; ) {
        const { row, found } = all[i] as FoundAt
        let end = i + 1
        const goesOn = ({ row: next, found: other }: FoundAt) =>
            next === row + (end - i) && other.id === found.id && other.place?.file === found.place?.file
        while (end < all.length && mayJoin(found) && goesOn(all[end] as FoundAt)) end++
        const lastPlace = all[end - 1]?.found.place
        yield end === i + 1 || lastPlace === undefined ? found : { ...found, lines: end - i, lastPlace }
        i = end
    }
}

const inOrder =
    '`complog reorder --output DIR` writes a copy in which the lines stand as they were written, where the parents show it.'
function chooseOf(heads: string): string {
    return `Choose one of the newest records: \`complog reorder --output DIR\` with it writes a copy of its branch, in order, and keeps all other records in a file beside: ${heads}.`
}
const asNamed = 'First give the files that `foreign-file` tells of the names that they had.'

/** What helps where a record is not what it was. */
export const fromBackup = 'Restore the lines and files around it from a backup.'
const elseFromBackup = 'Else restore the lines and files around it from a backup.'

function placeName({ file, line }: RecordPlace): string {
    return line === undefined ? file : `${file}:${line}`
}

const textsOf2023 = ['\\u0022PosixTimeHasArrivedEvent\\u0022', '\\u0022HttpRequestEvent\\u0022:[']
const textOf2022 = '\\u0022'
/** What tells the form of an event: which of these stand in its record. */
export const textsOfForms: readonly string[] = [...textsOf2023, textOf2022]

function formOf(holds: (text: string) => boolean): RecordForm {
    if (textsOf2023.some(holds)) return '2023-03'
    return holds(textOf2022) ? '2022-03' : '2021-07'
}
