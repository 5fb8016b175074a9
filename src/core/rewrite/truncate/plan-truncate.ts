// What a truncation would remove and what would stay, worked out without touching anything.
import { recordAt } from '../../check/chain.js'
import { type CheckedStore, checkStore } from '../../check/check-store.js'
import { positionOf } from '../../check/choose-chain.js'
import { type CompositionHash, shortHash } from '../../composition/hash.js'
import { type Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { type StoreFile, sizeOfFiles } from '../../store/listing/list-files.js'
import { type AnyStore, isLater, openProcessStore, type ProcessStore } from '../../store/process-store.js'
import { storeToChange } from '../outside-store.js'
import { begunTarget, refuseNumber, refuseOther } from './begun-truncation.js'
import {
    type PlanTruncateOptions,
    type ProvablePlan,
    refuseUnsound,
    type TruncatePlan,
} from './truncate-plan.js'

/**
 * Plans to drop all records before a reduced one.
 * @param before the reduced record; default: the newest one that can be used
 * @throws ComplogError `error-findings`, `not-in-order`, `no-reduction`, and what `chooseChain` or
 * `planTruncateLater` throws; `usage` where a record is named that is not the one of a truncation that was
 * killed, or by a number where the log was truncated before
 */
export async function planTruncate(
    store: ProcessStore,
    before: Ref | undefined,
    options?: PlanTruncateOptions,
): Promise<ProvablePlan>
export async function planTruncate(
    store: AnyStore,
    before: Ref | undefined,
    options?: PlanTruncateOptions,
): Promise<TruncatePlan>
export async function planTruncate(
    store: AnyStore,
    before: Ref | undefined,
    options: PlanTruncateOptions = {},
): Promise<TruncatePlan> {
    if (isLater(store)) {
        const { planTruncateLater } = await import('./plan-truncate-later.js')
        return planTruncateLater(store, before, options)
    }
    const checked = await checkStore(store, options)
    refuseUnsound(checked.findings)
    refuseOutOfOrder(checked)
    const chain = checked.longest
    const begun = options.isOwner === true ? undefined : await begunTarget(store.layout.root, checked)
    if (before !== undefined) refuseNumber(before, checked, begun)
    const position = await targetPosition(checked, before, options)
    const target = await recordAt(checked.longest, position)
    if (before !== undefined) refuseOther(target.hash, begun)

    const index = store.logFiles.findIndex(({ path }) => path === target.place.file)
    const file = store.logFiles.at(index) as StoreFile
    // A byte order mark before the first record goes with it or stays with it, but makes no cut by itself.
    const isFirstOfFile = target.place.line === 1
    const removedFiles = store.logFiles.slice(0, index)
    const cutBytes = isFirstOfFile ? 0 : target.place.offsetBytes
    const removedReductions = [...chain.reduced]
        .filter(([, at]) => at < position)
        .map(([hash]) => store.reductionFiles.get(hash) as StoreFile)
    const removed = cutBytes + sizeOfFiles(removedFiles) + sizeOfFiles(removedReductions)
    const total = sizeOfFiles(store.logFiles) + sizeOfFiles([...store.reductionFiles.values()])
    return {
        store: storeToChange(store),
        checked,
        target,
        oldest: target,
        removedFiles,
        ...(!isFirstOfFile && { cutFile: file }),
        keptFiles: store.logFiles.slice(isFirstOfFile ? index : index + 1),
        reductionFiles: store.reductionFiles.size,
        removedReductions,
        records: { removed: position - 1, kept: chain.length - position + 1 },
        bytes: { removed, kept: total - removed },
    }
}

/**
 * What is to be removed in one go: the plan, or where there are records that hosts never wrote, one cut
 * behind each such hole before it. A hole is told from damage by the reduction behind it, so that goes only
 * when the log begins there.
 */
export async function* inParts(plan: ProvablePlan, options?: WorkOptions): AsyncGenerator<ProvablePlan> {
    const { store, target, checked } = plan
    const { longest, index } = checked
    const behindHoles = index?.diagnosis.holes.map((row) => index.table.hash(row)) ?? []
    const positionOfHole = (hash: CompositionHash) => longest.reduced.get(hash) ?? Infinity
    const cuts = behindHoles
        .filter((hash) => positionOfHole(hash) < target.position)
        .sort((a, b) => positionOfHole(a) - positionOfHole(b))
    if (cuts.length === 0) yield plan
    else
        for (const prefix of [...cuts, target.hash]) {
            const now = await openProcessStore(store.layout.path, store.limits)
            yield await planTruncate(now, { kind: 'hash', prefix }, { ...options, isOwner: true })
        }
}

/** The store as it will be, read from the files as they are now. */
export function storeAfter(plan: ProvablePlan): ProcessStore {
    const { store, cutFile, keptFiles, target, removedReductions } = plan
    const removed = new Set(removedReductions)
    return {
        ...store,
        logFiles: [
            ...(cutFile ? [cutFile.with({ beginBytes: target.place.offsetBytes })] : []),
            ...keptFiles,
        ],
        reductionFiles: new Map([...store.reductionFiles].filter(([, file]) => !removed.has(file))),
    }
}

function refuseOutOfOrder({ longest, counts }: CheckedStore): void {
    if (longest.inOrder && longest.length === counts.records) return
    throw new ComplogError(
        'not-in-order',
        'The lines of the log are not in chain order, or some are copies of others.',
        { hint: 'Run `complog reorder --in-place` first.' },
    )
}

async function targetPosition(
    checked: CheckedStore,
    before: Ref | undefined,
    options: WorkOptions,
): Promise<number> {
    const { longest, usableReductions } = checked
    const positions = [...usableReductions.values()]
    if (before === undefined) {
        if (positions.length > 0) return Math.max(...positions)
        throw new ComplogError(
            'no-reduction',
            'The store has no reduction that a restore could start from.',
            { hint: 'Store one first: `complog reduce`.' },
        )
    }
    const position = await positionOf({ chain: longest, head: longest.length }, before, options)
    if (positions.includes(position)) return position
    const hash = position === 0 ? undefined : (await recordAt(checked.longest, position)).hash
    throw new ComplogError(
        'no-reduction',
        `The record #${position} has no reduction that a restore could start from.`,
        { hint: hash && `Store one first: \`complog reduce --at ${shortHash(hash)}\`.` },
    )
}
