// Folders and removals that a crash cannot undo: what was done is there for good only once the folder is synced.
import { mkdir, open, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

import { isSystemError } from '../errors.js'
import { attempt, fileSystemError } from './file-system-error.js'

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

/**
 * Makes a folder, and those above it. A new folder is there for good only once the folder above it is synced.
 * One by one, since `mkdir` with `recursive` says ENOENT where the disk is full, read-only or broken.
 */
export async function makeFolder(path: string): Promise<void> {
    const outcome = await makeOne(path)
    if (outcome === 'there') return
    if (outcome === 'no folder above') {
        await makeFolder(dirname(path))
        return makeFolder(path)
    }
    await syncFolder(dirname(path))
}

async function makeOne(path: string): Promise<'made' | 'there' | 'no folder above'> {
    try {
        await mkdir(path)
        return 'made'
    } catch (error) {
        if (isSystemError(error)) {
            if (error.code === 'ENOENT' && dirname(path) !== path) return 'no folder above'
            if (await isFolder(path)) return 'there'
        }
        throw fileSystemError(error, 'create', path)
    }
}

async function isFolder(path: string): Promise<boolean> {
    try {
        return (await stat(path)).isDirectory()
    } catch (error) {
        if (isSystemError(error)) return false
        throw error
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
