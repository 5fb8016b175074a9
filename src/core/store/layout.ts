// What a user may name as STORE, and where the parts of it lie.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'

import { ComplogError } from '../errors.js'
import { attempt, attemptIfThere } from '../file-system-error.js'
import { stagingFolderName } from './durable/store-lock.js'
import {
    laterNotRead,
    laterStoreAt,
    migratingHostFolder,
    refuseLaterLogFile,
    signsOfLog,
    storesWithin,
} from './recognise.js'

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

/** Decides what a path is. Reads names, and of logs without a store how they begin. */
export async function layoutOf(path: string): Promise<StoreLayout> {
    const absolute = resolve(path)
    const kind = await kindOf(absolute)
    if (kind === 'other') throw noStore(path, 'it is neither a folder nor a regular file')
    // What Node reads of a name that is not UTF-8.
    if (kind === 'missing' && absolute.includes('\uFFFD')) throw noStore(path, notUtf8, linkToIt)
    if (kind === 'missing') throw noStore(path, 'there is no such file or folder')
    if (kind === 'file') {
        await refuseLater(absolute)
        return { kind: 'log-file', path, compositionPath: dirname(absolute), onlyFile: basename(absolute) }
    }
    const later = await attempt('look at', path, () => laterStoreAt(path))
    if (later !== undefined) throw laterNotRead(later)
    const [composition, reduction, migrating] = await Promise.all([
        kindOf(join(absolute, 'composition')),
        kindOf(join(absolute, 'reduction')),
        kindOf(join(absolute, migratingHostFolder)),
    ])
    if (composition === 'folder' || (composition === 'missing' && reduction === 'folder')) {
        return processStore('process-store', path, absolute)
    }
    if (composition === 'missing' && reduction === 'missing' && migrating === 'folder')
        return processStore('process-store', path, join(absolute, migratingHostFolder))
    if (basename(absolute) === 'composition')
        return processStore('composition-folder', path, dirname(absolute))
    const names = (await attempt('list', path, () => readdir(absolute))).filter(
        (name) => name !== stagingFolderName,
    )
    // A host that has not processed any event yet leaves an empty folder.
    if (names.length === 0) return processStore('process-store', path, absolute)
    if (await holdsLogFiles(absolute, names))
        return { kind: 'composition-folder', path, compositionPath: absolute }
    const why = 'it holds neither a folder `composition` nor any file `*.composition.jsonl`'
    const [within] = storesWithin(absolute)
    if (within !== undefined) throw noStore(path, why, `A store lies below it: name ${join(path, within)}.`)
    if (sep === '/' && names.some((name) => name.includes('\\')))
        throw noStore(
            path,
            why,
            `Names in it hold \`\\\`, as of an archive of Windows: unpack that with a program that makes folders of it.`,
        )
    const inOtherCase = names.find(
        (name) => !signsOfLog.includes(name) && signsOfLog.includes(name.toLowerCase()),
    )
    if (inOtherCase !== undefined)
        throw noStore(
            path,
            why,
            `It holds \`${inOtherCase}\`: rename that, since hosts write it in lower case.`,
        )
    throw noStore(path, why)
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
    const found = async (folder: string, inner: readonly string[]) => {
        const first = inner.find(isLogFile)
        if (first !== undefined) await refuseLater(join(folder, first))
        return first !== undefined
    }
    if (await found(path, names)) return true
    for (const name of names) {
        if ((await kindOf(join(path, name))) !== 'folder') continue
        const inner = await attempt('list', join(path, name), () => readdir(join(path, name)))
        if (await found(join(path, name), inner)) return true
    }
    return false
}

async function refuseLater(file: string): Promise<void> {
    // What is no file that can be read is said where the log is read.
    const isFile = (await kindOf(file)) === 'file'
    if (!isFile) return
    await attempt('read', file, () => refuseLaterLogFile(file))
}

async function kindOf(path: string): Promise<'folder' | 'file' | 'other' | 'missing'> {
    const stats = await attemptIfThere('look at', path, () => stat(path))
    if (stats === undefined) return 'missing'
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other'
}

const whatToName =
    'Name the folder that holds `composition/` and `reduction/`, or `composition-log/`, the composition folder itself, or one log file.'

const notUtf8 = 'there is no such file or folder, or a name on this path is not UTF-8'
const linkToIt = 'What has such a name is reached by a link to it: make one with `ln -s`, and name that.'

function noStore(path: string, why: string, hint = whatToName): ComplogError {
    return new ComplogError('no-process-store', `No process store at ${path}: ${why}.`, { hint })
}
