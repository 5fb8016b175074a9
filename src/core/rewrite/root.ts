// Only a process store has a place for reductions and for temporary files.
import { relative, resolve, sep } from 'node:path'

import { ComplogError } from '../errors.js'
import type { StoreLayout } from '../store/layout.js'
import type { ProcessStore } from '../store/process-store.js'

/**
 * The folder of the process store.
 * @throws ComplogError `usage` where only a log was named
 */
export function rootOf(store: ProcessStore, doing: string): string {
    const { root, path } = store.layout
    if (root !== undefined) return root
    throw new ComplogError('usage', `Cannot ${doing}: ${path} is a log, but not in a process store.`, {
        hint: 'Name the folder that holds `composition/` and `reduction/`.',
    })
}

/**
 * A host reads every file below these two folders, so nothing else may be put there.
 * @param flag the flag that named the folder
 * @throws ComplogError `usage`
 */
export function refuseHostFolders(store: ProcessStore, folder: string, flag: string): void {
    const { root } = store.layout
    const isInside = hostFolders(store.layout).some((path) => {
        const [first] = relative(path, resolve(folder)).split(sep)
        return first === '' || (path !== root && first !== '..')
    })
    if (!isInside) return
    throw new ComplogError('usage', `${folder} lies where a host would read it as part of the store.`, {
        hint: `Name a place outside of the store with ${flag}.`,
    })
}

function hostFolders({ kind, root, compositionPath, reductionPath }: StoreLayout): readonly string[] {
    if (kind !== 'log-file')
        return [root, compositionPath, reductionPath].filter((path) => path !== undefined)
    // A single log file may lie anywhere, in the working directory for one; a host reads it where this name is above.
    const parts = compositionPath.split(sep)
    const at = parts.lastIndexOf('composition')
    return at < 0 ? [] : [parts.slice(0, at + 1).join(sep)]
}
