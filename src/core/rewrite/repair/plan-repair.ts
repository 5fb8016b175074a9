// What a repair would take out of a log, worked out without touching anything. It never guesses: a torn tail
// is cut, records that share a line get one each where the chain shows that they are whole, other lines go
// only where that is asked for and one chain remains, and whatever would not leave a store without errors is
// refused with the command that helps.
import type { Chain } from '../../check/chain.js'
import { ChainByIndex } from '../../check/chain-by-index.js'
import { type CheckedLog, type IndexedLog, indexLog } from '../../check/check-log.js'
import { type CheckedStore, checkReductions, checkStore } from '../../check/check-store.js'
import type { FindingId } from '../../composition/finding.js'
import { Findings } from '../../composition/findings.js'
import { genesis } from '../../composition/hash.js'
import { byteOrderMark, carriageReturn } from '../../composition/lines.js'
import { isProblem, parseRecord } from '../../composition/record.js'
import { withoutZeros } from '../../composition/torn.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { type AnyStore, isLater, type ProcessStore } from '../../store/process-store.js'
import { RecordReader } from '../../store/reading/record-reader.js'
import { storeToChange } from '../outside-store.js'
import { chainToKeep } from './chain-to-keep.js'
import { ofWholeFiles, type SplitLines, splitLinesOf } from './joined-lines.js'
import { missingMigrations } from './migrations.js'
import { linesToRemove, mergeParts, partOf, type RemovedLine, type RemovedPart } from './removed-lines.js'
import { type RepairOptions, type RepairPlan, stillWrong, unrepairable } from './repair-plan.js'

/**
 * Plans a repair. Does not touch the store.
 * @throws ComplogError `error-findings`, `broken-chain`, `two-heads`, `not-in-order` where no repair, or not
 * this one, would leave a store without errors; `unknown-ref`, `ambiguous-ref`, `usage`, `limit-exceeded`
 */
export async function planRepair(store: AnyStore, options: RepairOptions = {}): Promise<RepairPlan> {
    if (options.head !== undefined && options.quarantine !== true) {
        throw new ComplogError('usage', 'Without --quarantine there is no head to choose.')
    }
    if (isLater(store)) {
        const { planRepairLater } = await import('./plan-repair-later.js')
        return planRepairLater(store, options)
    }
    const { migratedStates: states = [] } = options
    if (options.quarantine === true && states.length > 0) {
        throw new ComplogError('usage', 'A record is put back first, and --quarantine is for what is left.')
    }
    const checked = await checkStore(store, options)
    const split = await splitLinesOf(checked, options)
    const found = { checked, split, now: split ? await checkStore(split.without, options) : checked }
    const { findings, longest } = found.now
    const isSound = findings.counts.error === 0
    const isToPutBack = states.length > 0 && (!isSound || findings.count('never-written') > 0)
    if (isToPutBack) return planToPutBack(found, tornTailOf(found.now), { ...options, states })
    const isWhole = isSound && findings.count('duplicate-record') === 0
    if (options.head === undefined && (options.quarantine === true ? isWhole : isSound)) {
        return planOf(found, { chain: longest, findings })
    }
    const torn = tornTailOf(found.now)
    const cut = torn && (await planToCut(found, torn, options))
    const cutIsEnough = options.quarantine !== true || findings.count('duplicate-record') === 0
    if (cut !== undefined && options.head === undefined && cutIsEnough) return cut
    if (options.quarantine === true) return planToQuarantine(found, torn, options)
    throw await unrepairable(found.now.findings, () => planToQuarantine(found, torn, options))
}

interface FoundLog {
    /** As the files are. */
    readonly checked: CheckedStore
    readonly split: SplitLines | undefined
    /** As it is once lines are split; the same where there is none to split. */
    readonly now: CheckedStore
}

/** To cut the torn tail alone; undefined where that would leave errors. */
async function planToCut(
    found: FoundLog,
    torn: TornTail,
    options: WorkOptions,
): Promise<RepairPlan | undefined> {
    const after = await checkStore(torn.without, options)
    if (after.findings.counts.error > 0) return undefined
    return planOf(found, { chain: after.longest, parts: [torn.part], findings: after.findings })
}

/** To put records back that were never written, and cut the torn tail. */
async function planToPutBack(
    found: FoundLog,
    torn: TornTail | undefined,
    { states, ...options }: WorkOptions & { readonly states: readonly string[] },
): Promise<RepairPlan> {
    const checked = torn ? await checkStore(torn.without, options) : found.now
    const { findings, counts } = checked
    const missing = missingMigrations(await indexLog(checked.store, options), states)
    const putBack = missing.flatMap((each) => each.putBack)
    if (putBack.length === 0) {
        throw new ComplogError(
            'error-findings',
            'No record that sets this state is missing: none of them has the hash that a record names as its parent.',
            { hint: 'Give the state byte for byte as the migration made it.' },
        )
    }
    const behind = new Set(missing.map((each) => each.behind))
    const [head, other] = checked.heads.filter((each) => !behind.has(each))
    if (findings.counts.error > missing.length || head === undefined || other !== undefined) {
        const rest = findings.list.find(({ id }) => !namesMissing.has(id)) ?? findings.list[0]
        throw new ComplogError(
            'error-findings',
            `More is wrong with the log than the record that was never written. ${rest?.message ?? ''}`,
            { place: rest?.place, hint: rest?.help },
        )
    }
    const chain = { head, length: counts.records + putBack.length }
    const parts = [...missing.map(({ part }) => part), ...(torn ? [torn.part] : [])]
    return { ...planOf(found, { chain, parts, findings }), putBack }
}

const namesMissing: ReadonlySet<FindingId> = new Set(['missing-parent', 'altered-record'])

async function planToQuarantine(
    found: FoundLog,
    torn: TornTail | undefined,
    options: RepairOptions,
): Promise<RepairPlan> {
    const store = torn?.without ?? found.now.store
    const indexed = await indexLog(store, options)
    const rows = await chainToKeep(indexed, options.head, options)
    const chain = new ChainByIndex(store, indexed.index.table, rows)
    const removedReductions = [...store.reductionFiles]
        .filter(([hash]) => !chain.reduced.has(hash) && indexed.index.table.find(hash) >= 0)
        .map(([, file]) => file)
    const findings = await findingsAfter(indexed, { chain, removedReductions }, options)
    const [worst] = findings.list
    if (worst?.severity === 'error') throw stillWrong(findings)
    const parts = await linesToRemove(indexed, rows, options)
    const all = torn ? [...parts, torn.part] : parts
    return planOf(found, { chain, parts: all, removedReductions, findings })
}

/** What will be found once only the chain is left; nothing about single lines, which stay as they are. */
async function findingsAfter(
    indexed: IndexedLog,
    after: { readonly chain: Chain; readonly removedReductions: readonly StoreFile[] },
    options: WorkOptions,
): Promise<Findings> {
    const { chain: longest, removedReductions } = after
    const reductionFiles = without(indexed.store.reductionFiles, removedReductions)
    const stay = new Findings()
    stay.addAll(indexed.store.findings.filter(({ severity }) => severity === 'error'))
    stay.addAll(
        indexed.findings.list.filter(({ severity, id }) => severity !== 'error' && id !== 'duplicate-record'),
    )
    const store = { ...indexed.store, reductionFiles }
    const counts = { ...indexed.counts, records: longest.length }
    const reductions = await checkReductions({ store, counts, longest, findings: stay }, options)
    return stay.plus(reductions.findings)
}

interface LogToLeave {
    readonly chain: Pick<Chain, 'head' | 'length'>
    readonly parts?: readonly RemovedPart[]
    readonly removedReductions?: readonly StoreFile[]
    readonly findings: Findings
}

function planOf(
    { checked, split }: FoundLog,
    { chain, parts = [], removedReductions = [], findings }: LogToLeave,
): RepairPlan {
    const { store } = checked
    const left = split ? ofWholeFiles(findings.list, split) : findings.list
    const { head, length } = chain
    return {
        store: storeToChange(store),
        head,
        records: length,
        parts: mergeParts(store.logFiles, [...(split?.parts ?? []), ...parts]),
        movedFiles: removedReductions,
        remaining: left.filter(({ severity }) => severity !== 'error'),
        worstAfter: async (fileAfter, options) => {
            const logFiles = store.logFiles.flatMap((file) => fileAfter(file) ?? [])
            const reductionFiles = without(store.reductionFiles, removedReductions)
            const after = await checkStore({ ...store, logFiles, reductionFiles }, options)
            const { findings, longest } = after
            if (findings.counts.error === 0 && longest.head === head && longest.length === length)
                return undefined
            return { place: findings.list[0]?.place }
        },
    }
}

function without(
    reductionFiles: ProcessStore['reductionFiles'],
    files: readonly StoreFile[],
): ProcessStore['reductionFiles'] {
    const removed = new Set(files)
    return new Map([...reductionFiles].filter(([, file]) => !removed.has(file)))
}

// The end of a log that a crash has torn: what is to be cut, and what the log is without it.

/** A torn tail, and the store as it is without it, read from the files as they are now. */
interface TornTail {
    readonly part: RemovedPart
    readonly without: ProcessStore
}

/** Undefined where the log ends with a whole line. */
function tornTailOf(checked: CheckedLog): TornTail | undefined {
    const { store, findings } = checked
    const place = findings.list.find(({ id }) => id === 'torn-tail')?.place
    // The last one: a file may be read in parts.
    const at = store.logFiles.findLastIndex(({ path }) => path === place?.file)
    if (place === undefined || at < 0) return undefined
    const file = store.logFiles.at(at) as StoreFile
    using reader = new RecordReader(store.logFiles)
    const tail = reader.read(at, place.offsetBytes, file.sizeBytes - place.offsetBytes)
    const whole = wholeRecordBytes(tail, checked)
    // Behind a mark, nothing would be left of the file but the mark.
    const isBehindMark = place.line === 1 && place.offsetBytes === byteOrderMark.length && whole === 0
    const fromBytes = isBehindMark ? 0 : place.offsetBytes + whole
    const line: RemovedLine = {
        line: place.line ?? 1,
        fromBytes,
        toBytes: file.sizeBytes,
        finding: 'torn-tail',
    }
    const logFiles = store.logFiles.with(at, file.with({ sizeBytes: fromBytes }))
    return { part: partOf(file, [line]), without: { ...store, logFiles } }
}

/** Where a whole record that continues the chain stands before the zeros, they and its line end are torn. */
function wholeRecordBytes(tail: Buffer, { heads }: CheckedLog): number {
    let sizeBytes = withoutZeros(tail).length
    if (sizeBytes === 0 || sizeBytes === tail.length) return 0
    // Half a line end is no part of the record: with it, it would be another one.
    while (tail[sizeBytes - 1] === carriageReturn) sizeBytes--
    const record = parseRecord(tail.subarray(0, sizeBytes))
    if (isProblem(record)) return 0
    const continues = heads.length === 0 ? record.parentHash === genesis : heads.includes(record.parentHash)
    return continues ? sizeBytes : 0
}
