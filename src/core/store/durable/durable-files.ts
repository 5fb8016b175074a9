// Folders and removals that a crash cannot undo: what was done is there for good only once the folder is
// synced.
import { execFile } from 'node:child_process'
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs'
import {
    access,
    constants,
    type FileHandle,
    mkdir,
    open,
    rmdir,
    stat,
    statfs,
    unlink,
} from 'node:fs/promises'
import { release } from 'node:os'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { ComplogError, isSystemError, onSystemError } from '../../errors.js'
import { attempt, fileSystemError } from '../../file-system-error.js'

export async function removeDurably(path: string): Promise<void> {
    await removeAllDurably([path])
}

/**
 * Removes files for good, in this order. A folder is synced once, before a file of another one goes: a sync
 * each takes thousands of times what removing does, and a journal keeps the order of what it has not written
 * yet.
 * @param before is called before each file goes, and may throw to end the work
 */
export async function removeAllDurably(
    paths: readonly string[],
    before?: (at: number) => Promise<void>,
): Promise<void> {
    for (const [at, path] of paths.entries()) {
        await before?.(at)
        await attempt('remove', path, () => unlink(path))
        const folder = dirname(path)
        const next = paths[at + 1]
        if (next === undefined || dirname(next) !== folder) await syncFolder(folder)
    }
}

/**
 * Removes files for good of which any may be left: in this order, and their folders are synced once all are
 * gone. Values lie in hundreds of folders, and the next is nearly always in another one.
 */
export async function removeTogether(paths: readonly string[]): Promise<void> {
    for (const path of paths) await attempt('remove', path, () => unlink(path))
    await syncFolders(new Set(paths.map((path) => dirname(path))))
}

/** Removes folders that have become empty, from this one upwards, but never `top` or anything above it. */
export async function removeEmptyFolders(folder: string, top: string): Promise<void> {
    for (let at = folder; at !== top && at.startsWith(top); at = dirname(at)) {
        const isGone = await rmdir(at).then(() => true, onSystemError(false))
        if (!isGone) return
        await syncFolder(dirname(at))
    }
}

/** Folders that are there for good, as far as this process has seen to it. */
const durableFolders = new Set<string>()

/**
 * Makes a folder, and those above it. A new folder is there for good only once the folder above it is synced,
 * and one that is there may be the last that a killed process made, or the folder above may be: so both are
 * synced, once a process. One by one, since `mkdir` with `recursive` says ENOENT where the disk is full,
 * read-only or broken.
 */
export async function makeFolder(path: string): Promise<void> {
    const outcome = await makeOne(path)
    if (outcome === 'no folder above') {
        await makeFolder(dirname(path))
        return makeFolder(path)
    }
    if (outcome === 'made') {
        await syncFolder(dirname(path))
        durableFolders.add(path)
    } else await keepFolder(path)
    await keepFolder(dirname(path))
}

/** Syncs the folder above a folder that is there, where one of ours could have made it. */
async function keepFolder(path: string): Promise<void> {
    const above = dirname(path)
    if (durableFolders.has(path) || above === path) return
    if (await isWritableIn(above, path)) await syncFolder(above)
    durableFolders.add(path)
}

/**
 * Whether whoever runs this can make folders there. A folder of others, or one that something is mounted in,
 * holds nothing that we made, and some cannot be synced at all.
 */
async function isWritableIn(above: string, path: string): Promise<boolean> {
    const look = async () => {
        await access(above, constants.R_OK | constants.W_OK)
        const [outer, inner] = await Promise.all([stat(above), stat(path)])
        return outer.dev === inner.dev
    }
    return look().catch(onSystemError(false))
}

async function makeOne(path: string): Promise<'made' | 'there' | 'no folder above'> {
    try {
        await mkdir(path)
        return 'made'
    } catch (error) {
        if (isSystemError(error)) {
            // Some file systems, such as /proc, say so of what cannot be made in a folder that is there.
            if (error.code === 'ENOENT' && !(await isFolder(dirname(path)))) return 'no folder above'
            if (await isFolder(path)) return 'there'
        }
        throw fileSystemError(error, 'create', path)
    }
}

async function isFolder(path: string): Promise<boolean> {
    return stat(path).then((stats) => stats.isDirectory(), onSystemError(false))
}

/** As `attempt`, of a file that is open for the time of the operation. */
export async function attemptOn<T>(
    { doing, path, flags }: { readonly doing: string; readonly path: string; readonly flags: string },
    operation: (file: FileHandle) => Promise<T>,
): Promise<T> {
    return attempt(doing, path, async () => {
        const file = await open(path, flags)
        try {
            return await operation(file)
        } finally {
            await file.close()
        }
    })
}

export async function syncFolder(path: string): Promise<void> {
    // Windows has no such thing as syncing a folder, and refuses to open one.
    if (process.platform === 'win32') return
    await attemptOn({ doing: 'sync', path, flags: 'r' }, (folder) => folder.sync())
}

export async function syncFolders(paths: ReadonlySet<string>): Promise<void> {
    if (process.platform !== 'win32') await syncAll(paths)
}

/** Windows syncs only what was opened for writing. */
const flagsToSync = process.platform === 'win32' ? 'r+' : 'r'

/**
 * Syncs files and folders, of which there may be thousands: all at once where the system can. One by one,
 * each waits for the journal.
 * @param lookedAt what tells whether they lie on one file system; where a folder is known that holds them
 * all, and that nothing can be mounted in, it alone
 */
export async function syncAll(paths: ReadonlySet<string>, lookedAt: Iterable<string> = paths): Promise<void> {
    if (paths.size > oneByOneMax && (await syncFileSystemOf(lookedAt))) return
    for (const path of paths) {
        await attempt('sync', path, async () => {
            // In place: a promise takes longer than such a sync does.
            const descriptor = openSync(path, flagsToSync)
            try {
                fsyncSync(descriptor)
            } finally {
                closeSync(descriptor)
            }
            // A signal comes in between.
            await setImmediate()
        })
    }
}

/** So few take less time than what others have written to the file system may. */
const oneByOneMax = 50

/** Where `syncfs` is as good as a sync of each file: ext4 and its like, XFS, Btrfs. */
const syncedAsOne: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e])

/**
 * Calls `syncfs`, which Node does not have, by way of the `sync` of coreutils or BusyBox. It tells of errors
 * since Linux 5.8.
 * @returns false where it cannot be relied on
 * @throws ComplogError `file-system`
 */
async function syncFileSystemOf(lookedAt: Iterable<string>): Promise<boolean> {
    const [major = 0, minor = 0] = release().split('.').map(Number)
    if (process.platform !== 'linux' || major < 5 || (major === 5 && minor < 8)) return false
    const [first = ''] = lookedAt
    const isOne = await attempt('look at', first, async () => {
        const { dev } = statSync(first)
        return (
            syncedAsOne.has((await statfs(first)).type) &&
            [...lookedAt].every((path) => statSync(path).dev === dev)
        )
    })
    if (!isOne) return false
    return new Promise((resolve, reject) => {
        execFile('sync', ['-f', first], { env: { ...process.env, LC_ALL: 'C' } }, (error, _, stderr) => {
            if (error === null) resolve(true)
            // Not there, ended by a signal, or of another make.
            else if (typeof error.code !== 'number' || /option|usage/i.test(stderr)) resolve(false)
            else reject(new ComplogError('file-system', `Cannot sync ${first}: ${stderr.trim()}.`))
        })
    })
}
