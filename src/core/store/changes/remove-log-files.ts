// Takes whole log files away, the oldest first, while hosts may still have them open. What goes is moved
// beside the log, a folder at once where it can be: that is one step and one sync, however many files it
// holds. It is deleted only when nobody can append to it any more.
import { lstatSync, readdirSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { ignoringSystemErrors, isSystemError } from '../../errors.js'
import { attempt } from '../../file-system-error.js'
import { removeEmptyFolders, syncFolder } from '../durable/durable-files.js'
import type { StoreFile } from '../listing/list-files.js'
import { type LiveChange, removeUntouched } from './replace-live-file.js'

/** Where nothing can be moved to: another mount, or no room for a name. Then files are removed in place. */
const cannotMove: ReadonlySet<string> = new Set(['EXDEV', 'EBUSY', 'EPERM', 'ENOSPC', 'EDQUOT'])

/**
 * Takes files away in their order, for good once this returns. At every moment those that are left are the
 * log from one of its files on. What was moved is deleted when the staging is discarded.
 * @param top the folder of the log
 */
export async function removeLogFiles(
    files: readonly StoreFile[],
    top: string,
    { staging, replaced }: LiveChange,
): Promise<void> {
    if (files.length === 0) return
    const aside = staging.folderForRemoved()
    let moved = await attempt('create', aside, () => mkdir(aside).then(() => true)).catch(unlessFull)
    let names = 0
    const nextPlace = () => join(aside, String(names++))
    let unsynced: string | undefined
    /** Before another folder loses something, and at the end: within one, a journal keeps the order. */
    const settle = async (next?: string) => {
        if (unsynced === undefined || unsynced === next) return
        const done = unsynced
        unsynced = undefined
        await syncFolder(done)
        await removeEmptyFolders(done, top)
    }
    for (const run of runsByFolder(files)) {
        const folder = dirname((run[0] as StoreFile).absolutePath)
        if (moved && folder !== top && holdsJust(folder, run)) {
            const place = nextPlace()
            await settle(dirname(folder))
            if (await tryRename(folder, place)) {
                unsynced = dirname(folder)
                replaced.holdMoved(folder, place, knownSizes(run))
                continue
            }
        }
        await settle(folder)
        unsynced = folder
        for (const { absolutePath, sizeBytes } of run) {
            const place = nextPlace()
            moved &&= await tryRename(absolutePath, place)
            if (moved) replaced.holdMoved(absolutePath, place, sizeBytes)
            else await removeUntouched(absolutePath, sizeBytes, replaced)
        }
    }
    await settle()
}

function unlessFull(error: unknown): false {
    const cause = error instanceof Error ? error.cause : undefined
    if (isSystemError(cause) && cannotMove.has(cause.code ?? '')) return false
    throw error
}

/** False where it cannot be moved there, and is where it was. */
async function tryRename(from: string, to: string): Promise<boolean> {
    return attempt('move away', from, () => rename(from, to).then(() => true)).catch(unlessFull)
}

function* runsByFolder(files: readonly StoreFile[]): Generator<readonly StoreFile[]> {
    let run: StoreFile[] = []
    for (const file of files) {
        const [first] = run
        if (first !== undefined && dirname(first.absolutePath) !== dirname(file.absolutePath)) {
            yield run
            run = []
        }
        run.push(file)
    }
    if (run.length > 0) yield run
}

function knownSizes(files: readonly StoreFile[]): ReadonlyMap<string, number> {
    return new Map(files.map(({ absolutePath, sizeBytes }) => [basename(absolutePath), sizeBytes]))
}

/** Whether it is a folder itself, no link to one, and these files are all that is in it. */
function holdsJust(folder: string, files: readonly StoreFile[]): boolean {
    // Whoever removes the files says what is wrong there.
    const entries = () => (lstatSync(folder).isDirectory() ? readdirSync(folder) : [])
    const names = ignoringSystemErrors(entries) ?? []
    const sizes = knownSizes(files)
    return names.length === sizes.size && names.every((name) => sizes.has(name))
}
