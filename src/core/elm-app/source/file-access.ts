// A person who mistypes a path, or may not read it, deserves the path and the reason rather than a system
// call.

import type { Stats } from 'node:fs'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import { asError, isAbsence, isSystemError } from '../../errors.js'
import { attemptIfThere, fileSystemError } from '../../file-system-error.js'

/**
 * The content of a file, or undefined where there is none.
 * @throws ComplogError `file-system`
 */
export async function readFileIfThere(path: string): Promise<Buffer | undefined> {
    return attemptIfThere('read', path, () => readFile(path))
}

/**
 * What stands at a path (symlinks followed), or undefined.
 * @throws ComplogError `file-system`
 */
export async function statIfThere(path: string): Promise<Stats | undefined> {
    return attemptIfThere('look at', path, () => stat(path))
}

/** As `fileSystemError`, of the path that the system names, where it names one. */
export function fileSystemErrorBelow(error: unknown, doing: string, folder: string): Error {
    return fileSystemError(error, doing, (isSystemError(error) ? error.path : undefined) ?? folder)
}

/**
 * Makes a folder, and those above it that are missing. One by one: `mkdir` with `recursive` tries again for
 * ever where a folder above is a link to nowhere, or of a file system such as /proc in which nothing can be
 * made.
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
