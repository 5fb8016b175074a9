// What a truncation would remove and what would stay, worked out without touching anything.
import type { CompositionRecord } from '../../check/chain.js'
import { type CheckedStore, checkStore } from '../../check/check-store.js'
import { positionOf } from '../../check/choose-chain.js'
import { type CompositionHash, shortHash } from '../../composition/hash.js'
import { type Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { sizeOfFiles, type StoreFile } from '../../store/list-files.js'
import type { ProcessStore } from '../../store/process-store.js'
import { begunTarget, refuseNumber, refuseOther } from './begun-truncation.js'

/** What a truncation would remove and what would stay. */
export interface TruncatePlan {
    readonly store: ProcessStore
    readonly checked: CheckedStore
    /** The reduced record that will be the oldest one. */
    readonly target: CompositionRecord
    /** Log files that go as a whole, oldest first. */
    readonly removedFiles: readonly StoreFile[]
    /** The log file that loses its beginning; absent where the target is the first record of its file. */
    readonly cutFile?: StoreFile
    /** Log files that stay as they are. */
    readonly keptFiles: readonly StoreFile[]
    readonly removedReductions: readonly StoreFile[]
    readonly records: { readonly removed: number; readonly kept: number }
    /** Bytes of log and reductions. */
    readonly bytes: { readonly removed: number; readonly kept: number }
}

/** How much history to keep beyond what is needed. */
export interface PlanTruncateOptions extends WorkOptions {
    /** Where no record is named: how many of the newest reductions that can be used to keep. Default 1. */
    readonly keepReductions?: number | undefined
    /**
     * true: whoever asks is the one writer of the log, as a host is of its own. It names records by what it
     * knows of them, so a truncation that was killed need not be finished before another one.
     */
    readonly isOwner?: boolean | undefined
}

/**
 * Plans to drop all records before a reduced one.
 * @param before the reduced record; default: the newest one
 * @throws ComplogError `error-findings`, `not-in-order`, `no-reduction`, and what `chooseChain` throws;
 * `usage` where a record is named that is not the one of a truncation that was killed, or by a number where
 * the log was truncated before
 */
export async function planTruncate(
    store: ProcessStore,
    before: Ref | undefined,
    options: PlanTruncateOptions = {},
): Promise<TruncatePlan> {
    const checked = await checkStore(store, options)
    refuseUnsound(checked)
    const chain = checked.longest
    const begun = options.isOwner === true ? undefined : await begunTarget(store.layout.root, checked)
    if (before !== undefined) refuseNumber(before, checked, begun)
    const position = await targetPosition(checked, before, options)
    const target = await recordAt(checked, position)
    if (before !== undefined) refuseOther(target.hash, begun)

    const index = store.logFiles.findIndex(({ path }) => path === target.place.file)
    const file = store.logFiles[index] as StoreFile
    // A byte order mark before the first record goes with it or stays with it, but makes no cut by itself.
    const isFirstOfFile = target.place.line === 1
    const removedFiles = store.logFiles.slice(0, index)
    const cutBytes = isFirstOfFile ? 0 : target.place.offsetBytes
    const removedReductions = [...chain.reduced]
        .filter(([, at]) => at < position)
        .map(([hash]) => reductionFile(store, hash))
    const removed = cutBytes + sizeOfFiles(removedFiles) + sizeOfFiles(removedReductions)
    const total = sizeOfFiles(store.logFiles) + sizeOfFiles([...store.reductionFiles.values()])
    return {
        store,
        checked,
        target,
        removedFiles,
        ...(!isFirstOfFile && { cutFile: file }),
        keptFiles: store.logFiles.slice(isFirstOfFile ? index : index + 1),
        removedReductions,
        records: { removed: position - 1, kept: chain.length - position + 1 },
        bytes: { removed, kept: total - removed },
    }
}

/** The store as it will be, read from the files as they are now. */
export function storeAfter(plan: TruncatePlan): ProcessStore {
    const { store, cutFile, keptFiles, target, removedReductions } = plan
    const removed = new Set(removedReductions)
    return {
        ...store,
        logFiles: [...(cutFile ? [{ ...cutFile, beginBytes: target.place.offsetBytes }] : []), ...keptFiles],
        reductionFiles: new Map([...store.reductionFiles].filter(([, file]) => !removed.has(file))),
    }
}

function refuseUnsound(checked: CheckedStore): void {
    const [worst] = checked.findings.list
    if (worst?.severity === 'error') {
        throw new ComplogError(
            'error-findings',
            `Nothing is removed from a store with errors. The first of ${checked.findings.counts.error}: ${worst.message}`,
            {
                place: worst.place,
                hint: 'Run `complog verify-chain` for all findings, and mend them first.',
            },
        )
    }
    const { longest, counts } = checked
    if (!longest.inOrder || longest.length < counts.records) {
        throw new ComplogError(
            'not-in-order',
            'The lines of the log are not in chain order, or some are copies of others.',
            {
                hint: 'Run `complog reorder --in-place` first.',
            },
        )
    }
}

async function targetPosition(
    checked: CheckedStore,
    before: Ref | undefined,
    { keepReductions = 1, ...options }: PlanTruncateOptions,
): Promise<number> {
    const { longest, usableReductions } = checked
    if (before === undefined) {
        const newestFirst = [...usableReductions.values()].sort((a, b) => b - a)
        const position = newestFirst[keepReductions - 1]
        if (position !== undefined) return position
        const fewer =
            newestFirst.length === 0
                ? 'no reduction'
                : `only ${newestFirst.length} of ${keepReductions} reductions`
        throw new ComplogError('no-reduction', `The store has ${fewer} that a restore could start from.`, {
            hint: 'Store one first: `complog reduce`.',
        })
    }
    const position = await positionOf({ chain: longest, head: longest.length }, before, options)
    if ([...usableReductions.values()].includes(position)) return position
    const hash = position === 0 ? undefined : (await recordAt(checked, position)).hash
    throw new ComplogError(
        'no-reduction',
        `The record #${position} has no reduction that a restore could start from.`,
        {
            hint: hash && `Store one first: \`complog reduce --at ${shortHash(hash)}\`.`,
        },
    )
}

/** The record at a position of the chain. */
export async function recordAt(checked: CheckedStore, position: number): Promise<CompositionRecord> {
    for await (const [record] of checked.longest.read(position, position)) if (record) return record
    throw new ComplogError('unknown-ref', `There is no record #${position}.`)
}

function reductionFile(store: ProcessStore, hash: CompositionHash): StoreFile {
    return store.reductionFiles.get(hash) as StoreFile
}
