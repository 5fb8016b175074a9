// What a user may name as STORE, and where the parts of it lie.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

import { ComplogError } from '../errors.js'
import { stagingFolderName } from './store-lock.js'
import { attempt, attemptIfThere } from '../file-system-error.js'

/** Where the parts of a process store lie, by what the user named. */
export interface StoreLayout {
    /** What the user named. */
    readonly kind: 'process-store' | 'composition-folder' | 'log-file'
    /** The path as given. */
    readonly path: string
    /** The process store's own folder; absent where only a log was named that lies in none. */
    readonly root?: string
    /** The folder that paths of log files are relative to. */
    readonly compositionPath: string
    /** The one file of the log, relative to compositionPath, where a single file was named. */
    readonly onlyFile?: string
    /** Absent where only a log was named that lies in no process store. */
    readonly reductionPath?: string
}

/** Decides what a path is. Reads names, no contents. */
export async function layoutOf(path: string): Promise<StoreLayout> {
    const absolute = resolve(path)
    const kind = await kindOf(absolute)
    if (kind === 'other') throw noStore(path, 'it is neither a folder nor a regular file')
    if (kind === 'missing') throw noStore(path, 'there is no such file or folder')
    if (kind === 'file') {
        return { kind: 'log-file', path, compositionPath: dirname(absolute), onlyFile: basename(absolute) }
    }
    const [composition, reduction] = await Promise.all([
        kindOf(join(absolute, 'composition')),
        kindOf(join(absolute, 'reduction')),
    ])
    if (composition === 'folder' || (composition === 'missing' && reduction === 'folder')) {
        return processStore('process-store', path, absolute)
    }
    if (basename(absolute) === 'composition')
        return processStore('composition-folder', path, dirname(absolute))
    const names = (await attempt('list', path, () => readdir(absolute))).filter(
        (name) => name !== stagingFolderName,
    )
    // A host that has not processed any event yet leaves an empty folder.
    if (names.length === 0) return processStore('process-store', path, absolute)
    if (await holdsLogFiles(absolute, names))
        return { kind: 'composition-folder', path, compositionPath: absolute }
    throw noStore(path, 'it holds neither a folder `composition` nor any file `*.composition.jsonl`')
}

function processStore(kind: StoreLayout['kind'], path: string, root: string): StoreLayout {
    return {
        kind,
        path,
        root,
        compositionPath: join(root, 'composition'),
        reductionPath: join(root, 'reduction'),
    }
}

/** Log files lie in the folder itself or, since 2019-04-15, in one folder a day. */
async function holdsLogFiles(path: string, names: readonly string[]): Promise<boolean> {
    const isLogFile = (name: string) => name.endsWith('.composition.jsonl')
    if (names.some(isLogFile)) return true
    for (const name of names) {
        if ((await kindOf(join(path, name))) !== 'folder') continue
        const inner = await attempt('list', join(path, name), () => readdir(join(path, name)))
        if (inner.some(isLogFile)) return true
    }
    return false
}

async function kindOf(path: string): Promise<'folder' | 'file' | 'other' | 'missing'> {
    const stats = await attemptIfThere('look at', path, () => stat(path))
    if (stats === undefined) return 'missing'
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other'
}

function noStore(path: string, why: string): ComplogError {
    return new ComplogError('no-process-store', `No process store at ${path}: ${why}.`, {
        hint: 'Name the folder that holds `composition/` and `reduction/`, the composition folder itself, or one log file.',
    })
}
