// The same truncation by the log's one writer, which goes on appending. Nobody else does: it has the lock.
// Only while the file that is appended to gives way to one without its beginning does the writer wait.
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import { ComplogError } from '../../errors.js'
import { attempt } from '../../file-system-error.js'
import { assertOnlyGrown, refuseLinks } from '../../store/changes/unchanged.js'
import { removeAllDurably, removeEmptyFolders } from '../../store/durable/durable-files.js'
import { type StagedFile, type Staging, withStaging } from '../../store/durable/staging.js'
import type { StoreLock } from '../../store/durable/store-lock.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { readPart } from '../../store/reading/read-part.js'
import { rootOf } from '../outside-store.js'
import { forgetTruncation, type ProvingApp, rememberTruncation } from './begun-truncation.js'
import { inParts } from './plan-truncate.js'
import { type Cut, stageCut } from './truncate.js'
import type { ProvablePlan } from './truncate-plan.js'

export interface TruncateAsWriterOptions {
    /** Whose state the reduction is. */
    readonly app: ProvingApp
    /** The lock for reductions; the writer has the one for appending as well. */
    readonly lock: StoreLock
    /**
     * Lets a file of the log be replaced while nothing is appended to it, and opens it anew behind that.
     * Where the replacement rejects, nothing may be appended any more: nobody knows which file will be there
     * after a crash.
     */
    readonly replaceFile: (replace: () => Promise<void>) => Promise<void>
    /** Ends the work between two steps, each of which leaves a sound store. */
    readonly signal?: AbortSignal | undefined
}

/**
 * Carries a plan that was proven out, in the order of `truncate`.
 * @throws ComplogError `store-changed` where somebody else writes to the log, `file-system`
 */
export async function truncateAsWriter(plan: ProvablePlan, options: TruncateAsWriterOptions): Promise<void> {
    const { app, lock, signal } = options
    const root = rootOf(plan.store, 'truncate')
    refuseLinks(await assertOnlyGrown(plan.store))
    const carryOut = async (staging: Staging) => {
        const cut = await stageCut(staging, plan)
        signal?.throwIfAborted()
        // Killed from here on, `truncate` can finish it: what the reduction was proven by may be gone then.
        await rememberTruncation(plan, staging, app)
        for await (const part of inParts(plan, { signal })) {
            await removeWhole(part, signal)
            signal?.throwIfAborted()
            const cutOfPart = part === plan ? cut : await stageCut(staging, part)
            if (cutOfPart) await cutFileOfWriter(cutOfPart, staging, options)
        }
        await forgetTruncation(root)
    }
    await withStaging({ root, command: 'truncate', held: lock, kind: 'reductions' }, carryOut)
}

async function removeWhole(plan: ProvablePlan, signal: AbortSignal | undefined): Promise<void> {
    await removeAllDurably(plan.removedReductions.map(({ absolutePath }) => absolutePath))
    const paths = plan.removedFiles.map(({ absolutePath }) => absolutePath)
    await removeAllDurably(paths, async (at) => {
        signal?.throwIfAborted()
        await assertNotGrown(plan.removedFiles[at] as StoreFile)
    })
    for (const folder of new Set(paths.map((path) => dirname(path))))
        await removeEmptyFolders(folder, plan.store.layout.compositionPath)
}

async function cutFileOfWriter(
    { first, fromBytes }: Cut,
    staging: Staging,
    { replaceFile }: TruncateAsWriterOptions,
): Promise<void> {
    // What came since the plan, so that little is left to copy while the writer waits.
    let staged = await withGrowth(first, fromBytes, staging)
    const outcome: { failed?: { readonly error: unknown } } = {}
    await replaceFile(async () => {
        try {
            staged = await withGrowth(staged, fromBytes, staging)
        } catch (error) {
            // Nothing was touched yet, so the writer can go on.
            outcome.failed = { error }
            return
        }
        await staging.commit(staged)
    })
    if (outcome.failed !== undefined) throw outcome.failed.error
}

async function withGrowth(staged: StagedFile, fromBytes: number, staging: Staging): Promise<StagedFile> {
    const path = staged.targetPath
    const { size } = await attempt('look at', path, () => stat(path))
    const from = fromBytes + staged.sizeBytes
    const extended = size > from ? await staging.extend(staged, readPart(path, from, size)) : staged
    if (fromBytes + extended.sizeBytes === size) return extended
    throw changedByAnother(path)
}

async function assertNotGrown({ absolutePath, sizeBytes }: StoreFile): Promise<void> {
    const { size } = await attempt('look at', absolutePath, () => stat(absolutePath))
    if (size !== sizeBytes) throw changedByAnother(absolutePath)
}

function changedByAnother(path: string): ComplogError {
    return new ComplogError('store-changed', `Another process wrote to ${path}.`, {
        hint: 'Find out which one: a log has one writer.',
    })
}
