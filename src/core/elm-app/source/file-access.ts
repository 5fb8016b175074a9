// A person who mistypes a path, or may not read it, deserves the path and the reason rather than a system call.

import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Stats } from 'node:fs'
import { ComplogError, asError, isSystemError } from '../../errors.js'

/** Wraps an error of the operating system as `file-system`; leaves every other error as it is. */
export function asFileSystemError(error: unknown, doing: string): unknown {
    if (!isSystemError(error)) return error
    return new ComplogError('file-system', `Could not ${doing}: ${error.message}`, { cause: error })
}

/** The content of a file, or undefined where there is none. Errors: `file-system`. */
export async function readFileIfThere(path: string): Promise<Buffer | undefined> {
    try {
        return await readFile(path)
    } catch (error) {
        if (isAbsence(error)) return undefined
        throw asFileSystemError(error, `read ${path}`)
    }
}

/** What stands at a path (symlinks followed), or undefined. Errors: `file-system`. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
    try {
        return await stat(path)
    } catch (error) {
        if (isAbsence(error)) return undefined
        throw asFileSystemError(error, `look at ${path}`)
    }
}

/**
 * Makes a folder, and those above it that are missing. One by one: `mkdir` with `recursive` tries again for ever where a
 * folder above is a link to nowhere, or of a file system such as /proc in which nothing can be made.
 * @throws the error of the system
 */
export async function makeFolders(path: string, mode = 0o777): Promise<void> {
    const failure = await makeFolder(path, mode)
    if (failure === undefined) return
    const above = dirname(path)
    const isMissingAbove = isAbsence(failure) && above !== path && (await statIfThere(above)) === undefined
    if (!isMissingAbove) throw failure
    await makeFolders(above, mode)
    const second = await makeFolder(path, mode)
    if (second !== undefined) throw second
}

/** Undefined where the folder is there now; else why not. */
async function makeFolder(path: string, mode: number): Promise<Error | undefined> {
    try {
        await mkdir(path, { mode })
        return undefined
    } catch (error) {
        return (await statIfThere(path))?.isDirectory() === true ? undefined : asError(error)
    }
}

export function isAbsence(error: unknown): boolean {
    return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
