// Only a process store has a place for reductions and for temporary files.
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { type PlannedFiles, plannedFilesOf } from '../store/changes/unchanged.js'
import { type StoreLock, stagingFolderName } from '../store/durable/store-lock.js'
import type { StoreLayout } from '../store/layout.js'
import type { FileList } from '../store/listing/list-files.js'
import { physicalPath } from '../store/physical-path.js'
import type { ListedStore, ProcessStore } from '../store/process-store.js'

type RootAndPath = Pick<StoreLayout, 'root' | 'path'>

/** A store of whatever generation, as those need it that change it. */
export interface StoreToChange {
    /** `compositionPath` is the folder of its log files. */
    readonly layout: RootAndPath & Pick<StoreLayout, 'compositionPath'>
    readonly logFiles: FileList
    readonly planned: PlannedFiles
    /**
     * Refuses a folder that is to be filled, by the flag that named it, where the store would take it for
     * its own.
     * @throws ComplogError `usage`
     */
    readonly refuseFolder: (folder: string, flag: string) => Promise<void>
}

/** How a change is carried out. */
export interface WorkUnderLock extends WorkOptions {
    /** The lock of the store, where the caller has it; else it is taken for the time of the work. */
    readonly lock?: StoreLock | undefined
}

export function storeToChange(store: ProcessStore): ProcessStore & StoreToChange {
    const refuseFolder = (folder: string, flag: string) => refuseHostFolders(store, folder, flag)
    return { ...store, planned: plannedFilesOf(store), refuseFolder }
}

/**
 * The folder of the process store.
 * @throws ComplogError `usage` where only a log was named
 */
export function rootOf({ layout }: { readonly layout: RootAndPath }, doing: string): string {
    const { root, path } = layout
    if (root !== undefined) return root
    throw new ComplogError('usage', `Cannot ${doing}: ${path} is a log, but not in a process store.`, {
        hint: 'Name the folder that holds `composition/` and `reduction/`.',
    })
}

/**
 * A host reads every file below two of the folders, whatever links lead there, so nothing else may be put
 * there; and the third is cleared of what killed writers left.
 * @param flag the flag that named the folder
 * @throws ComplogError `usage`
 */
export async function refuseHostFolders(store: ListedStore, folder: string, flag: string): Promise<void> {
    const { root, hostFolders, own } = await foldersOf(store.layout)
    const target = await physicalPath(folder)
    const hint = `Name a place outside of the store with ${flag}.`
    if (target === root || hostFolders.some((path) => isWithin(target, path))) {
        throw new ComplogError('usage', `${folder} lies where a host would read it as part of the store.`, {
            hint,
        })
    }
    if (own === undefined || !isWithin(target, own)) return
    throw new ComplogError('usage', `${folder} lies in the folder of complog's own temporary files.`, {
        hint,
    })
}

/**
 * Refuses a file anywhere in a store, also where a link leads there.
 * @throws ComplogError `usage`
 */
export async function refuseStore(store: ListedStore, file: string, flag: string): Promise<void> {
    await refuseHostFolders(store, file, flag)
    const { root } = await foldersOf(store.layout)
    if (root !== undefined) await refuseWithin(root, file, flag)
}

/**
 * Refuses a file or folder in a store, also where a link leads there.
 * @param root folder of the store
 * @throws ComplogError `usage`
 */
export async function refuseWithin(root: string, file: string, flag: string): Promise<void> {
    if (!isWithin(await physicalPath(file), await physicalPath(root))) return
    throw new ComplogError('usage', `${file} lies in the store.`, {
        hint: `Name a place outside of the store with ${flag}.`,
    })
}

function isWithin(path: string, folder: string): boolean {
    const [first] = relative(folder, path).split(sep)
    return first !== '..' && !isAbsolute(relative(folder, path))
}

async function foldersOf({ kind, root, compositionPath, reductionPath, onlyFile }: StoreLayout) {
    if (kind !== 'log-file') {
        const named = [compositionPath, reductionPath].filter((path) => path !== undefined)
        return {
            root: root && (await physicalPath(root)),
            hostFolders: await Promise.all(named.map((path) => physicalPath(path))),
            own: root && (await physicalPath(join(root, stagingFolderName))),
        }
    }
    // A single log file may lie anywhere, in the working directory for one; a host reads it where this name
    // is above.
    const file = join(compositionPath, onlyFile ?? '')
    const hostFolders = await Promise.all(
        [file, await physicalPath(file)].flatMap((path) => {
            const parts = dirname(path).split(sep)
            const at = parts.lastIndexOf('composition')
            return at < 0 ? [] : [physicalPath(parts.slice(0, at + 1).join(sep))]
        }),
    )
    const [first] = hostFolders
    return { root: undefined, hostFolders, own: first && join(dirname(first), stagingFolderName) }
}
