// A person who mistypes a path, or may not read it, deserves the path and the reason rather than a system call.

import { readFile, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { ComplogError, isSystemError } from '../errors.js'

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

export function isAbsence(error: unknown): boolean {
    return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
