// Folders and removals that a crash cannot undo: what was done is there for good only once the folder is synced.
import { mkdir, open, rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

import { isSystemError } from '../errors.js'
import { attempt } from './file-system-error.js'

/** Removes a file for good. */
export async function removeDurably(path: string): Promise<void> {
    await attempt('remove', path, () => unlink(path))
    await syncFolder(dirname(path))
}

/** Removes folders that have become empty, from this one upwards, but never `top` or anything above it. */
export async function removeEmptyFolders(folder: string, top: string): Promise<void> {
    for (let at = folder; at !== top && at.startsWith(top); at = dirname(at)) {
        try {
            await rmdir(at)
        } catch (error) {
            if (isSystemError(error)) return
            throw error
        }
        await syncFolder(dirname(at))
    }
}

/** A new folder is there for good only once the folder above it is synced. */
export async function makeFolder(path: string): Promise<void> {
    const first = await attempt('create', path, () => mkdir(path, { recursive: true }))
    if (first === undefined) return
    for (let at = path; ; at = dirname(at)) {
        await syncFolder(dirname(at))
        if (at === first) return
    }
}

/** Syncs the entries of a folder. */
export async function syncFolder(path: string): Promise<void> {
    // Windows has no such thing as syncing a folder, and refuses to open one.
    if (process.platform === 'win32') return
    await attempt('sync', path, async () => {
        const handle = await open(path, 'r')
        try {
            await handle.sync()
        } finally {
            await handle.close()
        }
    })
}
