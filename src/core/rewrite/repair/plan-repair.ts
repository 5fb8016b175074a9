// What a repair would take out of a log, worked out without touching anything. It never guesses: a torn tail is cut,
// records that share a line get one each where the chain shows that they are whole, other lines go only where that is
// asked for and one chain remains, and whatever would not leave a store without errors is refused with the command that
// helps.
import { type CheckedLog, indexLog } from '../../check/check-log.js'
import { type CheckedStore, checkReductions, checkStore } from '../../check/check-store.js'
import type { Chain } from '../../check/chain.js'
import { ChainByIndex } from '../../check/chain-by-index.js'
import type { Finding } from '../../composition/finding.js'
import { Findings } from '../../composition/findings.js'
import type { CompositionHash } from '../../composition/hash.js'
import type { Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/list-files.js'
import type { ProcessStore } from '../../store/process-store.js'
import { type IndexedLog, chainToKeep } from './chain-to-keep.js'
import { type SplitLines, ofWholeFiles, splitLinesOf } from './joined-lines.js'
import { type RemovedPart, linesToRemove, mergeParts } from './removed-lines.js'
import { stillWrong, unrepairable } from './repair-refused.js'
import { type TornTail, tornTailOf } from './torn-tail.js'

/** How far a repair may go. */
export interface RepairOptions extends WorkOptions {
    /** Move lines out that are no part of the chain, too: not only a torn tail. */
    readonly quarantine?: boolean | undefined
    /** With `quarantine`: the record that counts as the head, where the log leaves a choice. */
    readonly head?: Ref | undefined
}

/** What a repair would take out of a log. */
export interface RepairPlan {
    readonly store: ProcessStore
    readonly checked: CheckedStore
    /** The head that the log will have; genesis where it will be empty. */
    readonly head: CompositionHash
    /** Number of records that stay. */
    readonly records: number
    /** What becomes of each file that changes, in the order of the files. Nothing: there is nothing to repair. */
    readonly parts: readonly RemovedPart[]
    /** Reductions of records that leave the log. */
    readonly removedReductions: readonly StoreFile[]
    /** What stays as it is, since no repair is needed for it: warnings and notes. */
    readonly remaining: readonly Finding[]
}

/**
 * Plans a repair. Does not touch the store.
 * @throws ComplogError `error-findings`, `broken-chain`, `two-heads`, `not-in-order` where no repair, or not this one,
 * would leave a store without errors; `unknown-ref`, `ambiguous-ref`, `usage`, `limit-exceeded`
 */
export async function planRepair(store: ProcessStore, options: RepairOptions = {}): Promise<RepairPlan> {
    if (options.head !== undefined && options.quarantine !== true) {
        throw new ComplogError('usage', 'Without --quarantine there is no head to choose.')
    }
    const checked = await checkStore(store, options)
    const split = await splitLinesOf(checked, options)
    const found = { checked, split, now: split ? await checkStore(split.without, options) : checked }
    const { findings, longest } = found.now
    const isSound = findings.counts.error === 0
    const isWhole = isSound && findings.count('duplicate-record') === 0
    if (options.head === undefined && (options.quarantine === true ? isWhole : isSound)) {
        return planOf(found, longest, [], [], findings)
    }
    const torn = tornTailOf(found.now)
    const cut = torn && (await planToCut(found, torn, options))
    const cutIsEnough = options.quarantine !== true || findings.count('duplicate-record') === 0
    if (cut !== undefined && options.head === undefined && cutIsEnough) return cut
    if (options.quarantine === true) return planToQuarantine(found, torn, options)
    throw await unrepairable(found.now, () => planToQuarantine(found, torn, options))
}

/** What a repair begins with. */
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
    return planOf(found, after.longest, [torn.part], [], after.findings)
}

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
    const findings = await findingsAfter(indexed, chain, removedReductions, options)
    const [worst] = findings.list
    if (worst?.severity === 'error') throw stillWrong(worst, findings.counts.error)
    const parts = await linesToRemove(store, indexed.index, rows, options)
    return planOf(found, chain, torn ? [...parts, torn.part] : parts, removedReductions, findings)
}

/** What will be found once nothing but the chain is left; nothing about single lines, which stay as they are. */
async function findingsAfter(
    indexed: IndexedLog,
    longest: Chain,
    removedReductions: readonly StoreFile[],
    options: WorkOptions,
): Promise<Findings> {
    const removed = new Set(removedReductions)
    const reductionFiles = new Map([...indexed.store.reductionFiles].filter(([, file]) => !removed.has(file)))
    const findings = new Findings()
    findings.addAll(indexed.store.findings.filter(({ severity }) => severity === 'error'))
    findings.addAll(
        indexed.findings.list.filter(({ severity, id }) => severity !== 'error' && id !== 'duplicate-record'),
    )
    const after: CheckedLog = {
        store: { ...indexed.store, reductionFiles },
        counts: { ...indexed.counts, records: longest.length },
        findings,
        heads: [longest.head],
        longest,
        isOneChain: true,
        path: indexed.path,
        milliseconds: indexed.milliseconds,
    }
    await checkReductions(after, options)
    return findings
}

function planOf(
    { checked, split }: FoundLog,
    chain: Chain,
    parts: readonly RemovedPart[],
    removedReductions: readonly StoreFile[],
    findings: Findings,
): RepairPlan {
    const { store } = checked
    const left = split ? ofWholeFiles(findings.list, split) : findings.list
    return {
        store,
        checked,
        head: chain.head,
        records: chain.length,
        parts: mergeParts(store, [...(split?.parts ?? []), ...parts]),
        removedReductions,
        remaining: left.filter(({ severity }) => severity !== 'error'),
    }
}
