// Entrance of core/rewrite/truncate/: a log without its oldest records. `plan-truncate.ts` chooses the place
// to cut, `prove-truncate.ts` shows that the rest restores to the same state, `archive.ts` keeps what goes,
// and here it is carried out.
//
// Drops the records before a reduced one. The order of the steps makes every moment between them a sound
// store that restores to the same state: first the archive, then reductions, then whole files from the oldest
// on, then the cut.
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { removeAllDurably } from '../../store/durable-files.js'
import { readPart } from '../../store/read-part.js'
import { removeLogFiles } from '../../store/remove-log-files.js'
import { keepFrom } from '../../store/replace-live-file.js'
import { carryingOverAppends } from '../../store/replaced-files.js'
import { type Staging, withStaging } from '../../store/staging.js'
import type { StoreLock } from '../../store/store-lock.js'
import { assertUnchanged } from '../../store/unchanged.js'
import { rootOf } from '../outside-store.js'
import { archive, checkArchive } from './archive.js'
import {
    forgetTruncation,
    isTruncationBegun,
    type ProvingApp,
    rememberTruncation,
} from './begun-truncation.js'
import type { TruncatePlan } from './plan-truncate.js'

/** What becomes of what is removed. */
export interface TruncateOptions extends WorkOptions {
    /** Folder of another process store that keeps what is removed. */
    readonly archive?: string | undefined
    /**
     * The app whose replay has proven the reduction: a run that is killed can then be finished with it
     * without proving it anew.
     */
    readonly provenWith?: ProvingApp | undefined
    /**
     * The lock of the store, where the caller has it already; otherwise it is taken for the time of the work.
     */
    readonly lock?: StoreLock | undefined
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
    await assertUnchanged(plan.store)
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
    const { compositionPath } = plan.store.layout
    const begin = performance.now()
    if (plan.cutFile) await staging.assertWithinReach(plan.cutFile.absolutePath)
    const archivedBytes = options.archive === undefined ? 0 : await archive(plan, options.archive, options)
    const archived = performance.now()
    const cut = plan.cutFile && (await stageCut(staging, plan))
    await assertUnchanged(plan.store)
    options.signal?.throwIfAborted()

    await rememberTruncation(plan, staging, options.provenWith)
    // From here on there is no way back, and every step leaves a sound store.
    await removeAllDurably(plan.removedReductions.map(({ absolutePath }) => absolutePath))
    await carryingOverAppends(async (replaced) => {
        await removeLogFiles(plan.removedFiles, compositionPath, { staging, replaced })
        if (cut) await keepFrom(plan.target.place.offsetBytes, cut, { staging, replaced })
    })
    // What was moved away is deleted before the intent file goes, so that whoever finds it finishes that,
    // too.
    await staging.discard()
    await forgetTruncation(staging.root)
    return {
        archivedBytes,
        milliseconds: { archive: archived - begin, cut: performance.now() - archived },
    }
}

/** What will stay of the file that loses its beginning. */
export async function stageCut(staging: Staging, { cutFile, target }: TruncatePlan) {
    const { absolutePath, sizeBytes } = cutFile as NonNullable<TruncatePlan['cutFile']>
    const start = target.place.offsetBytes
    const staged = await staging.stage(absolutePath, readPart(absolutePath, start, sizeBytes), absolutePath)
    if (staged.sizeBytes === sizeBytes - start) return staged
    throw new ComplogError(
        'store-changed',
        `${absolutePath} became shorter while it was read. Nothing was touched.`,
    )
}
