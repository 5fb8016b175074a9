// Keeps what a truncation removes in another folder that is a process store of its own. Repeated truncations go on in
// the same archive, so that it grows into the whole history.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { type CheckedStore, checkStore } from '../check/check-store.js'
import { type CompositionHash, genesis } from '../composition/hash.js'
import { ComplogError, isSystemError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { Staging } from '../store/durable-files.js'
import { attempt, fileSystemError } from '../store/file-system-error.js'
import type { StoreFile } from '../store/list-files.js'
import { type ProcessStore, openProcessStore } from '../store/process-store.js'
import { isEmptyFolder } from '../store/unchanged.js'
import type { TruncatePlan } from './plan-truncate.js'
import { refuseHostFolders } from './root.js'

/**
 * Refuses an archive that could not take the records, before anything is written.
 * @throws ComplogError `usage`, `output-not-empty`
 */
export async function checkArchive(
    plan: TruncatePlan,
    folder: string,
    options: WorkOptions = {},
): Promise<void> {
    refuseHostFolders(plan.store, folder, '--archive')
    if (await isEmptyFolder(folder)) return
    const archived = await openArchive(folder, options)
    // An interrupted run has archived records, but not yet the reduction that they start from.
    const continues = archived.longest.head === plan.checked.longest.oldestParent
    const isSound = archived.findings.list.every(
        ({ id, severity }) => severity !== 'error' || id === 'unrestorable-chain',
    )
    if (isSound && (continues || (await holdsSome(plan, archived.longest.head)))) return
    throw new ComplogError(
        'output-not-empty',
        `The archive ${folder} holds a log that these records do not continue.`,
        {
            hint: 'Name an empty folder, or the archive of earlier truncations of this store.',
        },
    )
}

/** Copies what will be removed, and checks that the archive holds all of it. Returns the bytes copied. */
export async function archive(
    plan: TruncatePlan,
    folder: string,
    options: WorkOptions = {},
): Promise<number> {
    const root = resolve(folder)
    const staging = new Staging(root)
    let sizeBytes = 0
    try {
        const parts: readonly (readonly [StoreFile, number])[] = [
            ...plan.removedFiles.map((file) => [file, file.sizeBytes] as const),
            ...(plan.cutFile ? [[plan.cutFile, plan.target.place.offsetBytes] as const] : []),
        ]
        for (const [file, length] of parts) {
            sizeBytes += await archiveLog(staging, join(root, 'composition', file.path), file, length)
        }
        for (const file of plan.removedReductions) {
            const content = await attempt('read', file.absolutePath, () => readFile(file.absolutePath))
            await staging.commit(
                await staging.stage(join(root, 'reduction', file.path), content, file.absolutePath),
            )
            sizeBytes += content.length
        }
    } finally {
        await staging.discard()
    }
    const archived = await openArchive(folder, options)
    if (archived.findings.counts.error > 0 || archived.longest.head !== plan.target.parentHash) {
        throw new ComplogError('broken-chain', `The archive ${folder} is not sound. Nothing was removed.`, {
            place: archived.findings.list[0]?.place,
            hint: 'Run `complog verify-chain` on it.',
        })
    }
    return sizeBytes
}

/** Appends to what an earlier truncation archived of the same file; does nothing where it is there already. */
async function archiveLog(
    staging: Staging,
    targetPath: string,
    file: StoreFile,
    length: number,
): Promise<number> {
    const before = await sizeOf(targetPath)
    const isThere =
        before >= length &&
        (await digest(targetPath, before - length, before)) === (await digest(file.absolutePath, 0, length))
    if (isThere) return 0
    const content = async function* () {
        if (before > 0) yield* bytes(targetPath, 0, before)
        yield* bytes(file.absolutePath, 0, length)
    }
    await staging.commit(await staging.stage(targetPath, content(), file.absolutePath))
    return length
}

async function* bytes(path: string, from: number, to: number): AsyncGenerator<Buffer> {
    if (to > from) yield* createReadStream(path, { start: from, end: to - 1 }) as AsyncIterable<Buffer>
}

async function digest(path: string, from: number, to: number): Promise<string> {
    return attempt('read', path, async () => {
        const hash = createHash('sha256')
        for await (const piece of bytes(path, from, to)) hash.update(piece)
        return hash.digest('hex')
    })
}

async function sizeOf(path: string): Promise<number> {
    try {
        return (await stat(path)).size
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return 0
        throw fileSystemError(error, 'look at', path)
    }
}

async function openArchive(folder: string, options: WorkOptions): Promise<CheckedStore> {
    const store: ProcessStore = await openProcessStore(folder)
    return checkStore(store, options)
}

/** An interrupted run may have archived some of the records already. */
async function holdsSome(plan: TruncatePlan, archivedHead: CompositionHash): Promise<boolean> {
    if (archivedHead === genesis) return true
    const [position] = await plan.checked.longest.find(archivedHead)
    return position !== undefined && position < plan.target.position
}
