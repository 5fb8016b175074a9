// The operating system's errors, with the path and what was being done, under complog's own error class.
import { constants } from 'node:os'

import { asError, ComplogError, isAbsence, isSystemError } from './errors.js'

const hints: Readonly<Record<string, string>> = {
    EACCES: 'Run complog as a user who may read it and, to change it, write there.',
    EPERM: 'Run complog as a user who may read it and, to change it, write there.',
    ENOENT: 'Something on this path is missing: see whether it is spelled right; to write there, make its folder first.',
    ENOTDIR: 'A file stands on this path where a folder should be: move it away, or name another path.',
    EISDIR: 'A folder stands there: name a file.',
    EROFS: 'The file system is mounted read-only.',
    ENOSPC: 'Free some space on this file system and run the same command again.',
    EFBIG: 'A file may not grow that long here: raise the bound on it (ulimit -f), or take another file system.',
    EDQUOT: 'The quota on this file system is used up.',
    EIO: 'The disk reports an error: check it, and keep a backup of the process store.',
    EMFILE: 'Raise the number of files a process may open (ulimit -n).',
}

/** What a file system answers that does not know such a call, or has nobody to ask. */
const unsupported: ReadonlySet<string> = new Set(['ENOLCK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'])

/** By what was being done, where the file system does not know it. */
const hintsWhereUnsupported: Readonly<Record<string, string>> = {
    lock: 'This file system cannot lock files, and without a lock two writers could destroy the log, so nothing was written. On NFS, start its lock service (rpc.statd), or mount it with local_lock=all if only this machine writes to the store. Otherwise keep the store on a local disk.',
    sync: 'This file system cannot sync a folder, so a crash could undo what was done. Keep the store on one that can, such as a local disk, and copy or share it from there.',
    'take over the mode and owner of':
        'This file system cannot change modes or owners. Keep the store on one that can, such as a local disk, or run complog as the user who owns the store.',
}

/** Turns a system error into a ComplogError; passes on everything else as it is. */
export function fileSystemError(error: unknown, doing: string, path: string): Error {
    if (!isSystemError(error)) return asError(error)
    const code = codeOf(error)
    return new ComplogError('file-system', `Cannot ${doing} ${path}: ${code}.`, {
        hint: (unsupported.has(code) ? hintsWhereUnsupported[doing] : undefined) ?? hints[code],
        cause: error,
    })
}

/** Node has no name for some errors that a system knows well, such as EDQUOT. */
function codeOf({ code = 'unknown', errno = 0 }: NodeJS.ErrnoException): string {
    if (!/^(?:unknown$|Unknown system error)/i.test(code)) return code
    // The package for locks has no number beside the text.
    const number = Math.abs(errno) || Number(/-(\d+)/.exec(code)?.[1])
    const known = Object.entries(constants.errno).find(([, value]) => value === number)
    return known?.[0] ?? code
}

/** Runs a file operation and turns its system error into a ComplogError. */
export async function attempt<T>(doing: string, path: string, operation: () => T | Promise<T>): Promise<T> {
    try {
        return await operation()
    } catch (error) {
        throw fileSystemError(error, doing, path)
    }
}

/** The same in place. */
export function attemptSync<T>(doing: string, path: string, operation: () => T): T {
    try {
        return operation()
    } catch (error) {
        throw fileSystemError(error, doing, path)
    }
}

/** As `attempt`; undefined where nothing stands at the path. */
export async function attemptIfThere<T>(
    doing: string,
    path: string,
    operation: () => T | Promise<T>,
): Promise<T | undefined> {
    try {
        return await operation()
    } catch (error) {
        if (isAbsence(error)) return undefined
        throw fileSystemError(error, doing, path)
    }
}
