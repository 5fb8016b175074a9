// The operating system's errors, with the path and what was being done, under complog's own error class.
import { constants } from 'node:os'

import { ComplogError, isSystemError } from '../errors.js'

const hints: Readonly<Record<string, string>> = {
    EACCES: 'Run complog as a user who may read it and, to change it, write there.',
    EPERM: 'Run complog as a user who may read it and, to change it, write there.',
    ENOENT: 'Something on this path is missing: see whether it is spelled right; to write there, make its folder first.',
    ENOTDIR: 'A file stands on this path where a folder should be.',
    EISDIR: 'A folder stands there: name a file.',
    EROFS: 'The file system is mounted read-only.',
    ENOSPC: 'Free some space on this file system and run the same command again.',
    EFBIG: 'A file may not grow that long here: raise the bound on it (ulimit -f), or take another file system.',
    EDQUOT: 'The quota on this file system is used up.',
    EIO: 'The disk reports an error: check it, and keep a backup of the process store.',
    EMFILE: 'Raise the number of files a process may open (ulimit -n).',
}

/** Turns a system error into a ComplogError; passes on everything else as it is. */
export function fileSystemError(error: unknown, doing: string, path: string): Error {
    if (!isSystemError(error)) return error instanceof Error ? error : new Error(String(error))
    const code = codeOf(error)
    return new ComplogError('file-system', `Cannot ${doing} ${path}: ${code}.`, {
        hint: hints[code],
        cause: error,
    })
}

/** Node has no name for some errors that a system knows well, such as EDQUOT. */
function codeOf({ code = 'unknown', errno = 0 }: NodeJS.ErrnoException): string {
    if (!/^(?:unknown$|Unknown system error)/i.test(code)) return code
    const known = Object.entries(constants.errno).find(([, number]) => number === Math.abs(errno))
    return known?.[0] ?? code
}

/** Runs a file operation and turns its system error into a ComplogError. */
export async function attempt<T>(doing: string, path: string, operation: () => Promise<T>): Promise<T> {
    try {
        return await operation()
    } catch (error) {
        throw fileSystemError(error, doing, path)
    }
}
