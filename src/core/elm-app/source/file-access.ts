// A person who mistypes a path, or may not read it, deserves the path and the reason rather than a system
// call.

import type { Stats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'

import { isSystemError } from '../../errors.js'
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
