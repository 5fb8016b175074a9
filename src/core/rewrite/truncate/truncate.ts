// Entrance of core/rewrite/truncate/: a log without its oldest records. `plan-truncate.ts` chooses the place
// to cut, `prove-truncate.ts` shows that the rest restores to the same state, `archive.ts` keeps what goes,
// and here it is carried out.
//
// Drops the records before a reduced one. The order of the steps makes every moment between them a sound
// store that restores to the same state: first the archive, then values that only removed records name, each
// before what names it, then reductions, then records, the oldest first, then the cut. A run that was killed
// finds all that is left by those records, and finishes the work.
import { dirname } from 'node:path'

import { removeLogFiles } from '../../store/changes/remove-log-files.js'
import { keepFrom } from '../../store/changes/replace-live-file.js'
import { carryingOverAppends } from '../../store/changes/replaced-files.js'
import { assertSameFiles } from '../../store/changes/unchanged.js'
import { removeAllDurably, removeEmptyFolders, removeTogether } from '../../store/durable/durable-files.js'
import { type StagedFile, type Staging, withStaging } from '../../store/durable/staging.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { readPart } from '../../store/reading/read-part.js'
import { rootOf, type WorkUnderLock } from '../outside-store.js'
import { archive, checkArchive } from './archive.js'
import {
    forgetTruncation,
    isTruncationBegun,
    type ProvingApp,
    rememberTruncation,
} from './begun-truncation.js'
import { inParts } from './plan-truncate.js'
import { isNothingToRemove, isProvable, type ProvablePlan, type TruncatePlan } from './truncate-plan.js'

/** What becomes of what is removed. */
export interface TruncateOptions extends WorkUnderLock {
    /** Folder of another process store that keeps what is removed. */
    readonly archive?: string | undefined
    /**
     * The app whose replay has proven the reduction: a run that is killed can then be finished with it
     * without proving it anew.
     */
    readonly provenWith?: ProvingApp | undefined
}

/** What a truncation did. */
export interface Truncated {
    /** Bytes copied to the archive. */
    readonly archivedBytes: number
    readonly milliseconds: { readonly archive: number; readonly cut: number }
}

/**
 * Carries a plan out.
 * @throws ComplogError `store-changed` where the store is no longer what was planned with, and what
 * `checkArchive` throws; then nothing was touched
 */
export async function truncate(plan: TruncatePlan, options: TruncateOptions = {}): Promise<Truncated> {
    const root = rootOf(plan.store, 'truncate')
    if (isNothingToRemove(plan)) {
        await endTruncation(root)
        return { archivedBytes: 0, milliseconds: { archive: 0, cut: 0 } }
    }
    await assertSameFiles(plan.store.planned)
    if (options.archive !== undefined) await checkArchive(plan, options.archive, options)
    return withStaging({ root, command: 'truncate', held: options.lock }, (staging) =>
        carryOut(plan, staging, options),
    )
}

/**
 * Ends a truncation that was killed when nothing was left to remove but its intent file. Touches nothing
 * where there was none.
 * @throws ComplogError `store-locked`, `file-system`
 */
export async function endTruncation(root: string): Promise<void> {
    if (!(await isTruncationBegun(root))) return
    await withStaging({ root, command: 'truncate' }, () => forgetTruncation(root))
}

async function carryOut(plan: TruncatePlan, staging: Staging, options: TruncateOptions): Promise<Truncated> {
    const begin = performance.now()
    if (plan.cutFile) await staging.assertWithinReach(plan.cutFile.absolutePath)
    const archivedBytes = options.archive === undefined ? 0 : await archive(plan, options.archive, options)
    const archived = performance.now()
    const cut = isProvable(plan) ? await stageCut(staging, plan) : undefined
    await assertSameFiles(plan.store.planned)
    options.signal?.throwIfAborted()

    if (isProvable(plan)) {
        await rememberTruncation(plan, staging, options.provenWith)
        for await (const part of inParts(plan))
            await remove(part, part === plan ? cut : await stageCut(staging, part), staging)
    } else await remove(plan, undefined, staging)
    // What was moved away is deleted before the intent file goes, so that whoever finds it finishes that,
    // too.
    await staging.discard()
    await forgetTruncation(staging.root)
    return { archivedBytes, milliseconds: { archive: archived - begin, cut: performance.now() - archived } }
}

/** There is no way back from here on, and every step leaves a sound store. */
async function remove(plan: TruncatePlan, cut: Cut | undefined, staging: Staging): Promise<void> {
    const { removedFiles, removedValues = [], removedReductions, removedHead, store } = plan
    await removeTogether(pathsOf(removedValues))
    await removeAllDurably(pathsOf(removedReductions))
    const inLog = new Set(store.logFiles.map(({ path }) => path))
    const ofOwn = removedFiles.filter(({ path }) => !inLog.has(path))
    // The head file must never name a record that is not there.
    const newest = removedHead === undefined ? [] : ofOwn.slice(-1)
    await removeTogether(pathsOf(ofOwn.slice(0, ofOwn.length - newest.length)))
    if (removedHead !== undefined) await removeAllDurably(pathsOf([removedHead, ...newest]))
    await carryingOverAppends(async (replaced) => {
        const ofLog = removedFiles.filter(({ path }) => inLog.has(path))
        await removeLogFiles(ofLog, store.layout.compositionPath, { staging, replaced })
        if (cut) await keepFrom(cut.fromBytes, cut.first, { staging, replaced })
    })
    for (const folder of new Set(pathsOf([...removedValues, ...ofOwn]).map((path) => dirname(path))))
        await removeEmptyFolders(folder, staging.root)
}

function pathsOf(files: readonly StoreFile[]): readonly string[] {
    return files.map(({ absolutePath }) => absolutePath)
}

/** What stays of a file that is cut. */
export interface Cut {
    readonly first: StagedFile
    /** Where it begins. */
    readonly fromBytes: number
}

export async function stageCut(
    staging: Staging,
    { cutFile, target }: ProvablePlan,
): Promise<Cut | undefined> {
    if (cutFile === undefined) return undefined
    const { absolutePath, sizeBytes } = cutFile
    const fromBytes = target.place.offsetBytes
    const rest = readPart(absolutePath, fromBytes, sizeBytes)
    return { first: await staging.stageOfSize(absolutePath, rest, sizeBytes - fromBytes), fromBytes }
}
