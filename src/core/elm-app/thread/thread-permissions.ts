// Node's permission model, for the app's thread alone: should a script get out of its context, then Node
// refuses it the file system, processes, threads, the inspector and native code. Node calls this a seat belt,
// not a boundary.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Node flags of a thread that may read this package, which is where its own code comes from, and nothing
 * else. A thread has permissions of its own; it must be given them by name, since flags that are set replace
 * inherited ones.
 */
export function threadPermissions(): string[] {
    return [
        permissionFlag(),
        `--allow-fs-read=${readablePath(packageFolder())}`,
        // Node's SQLite opens files without asking for permission, where it is there at all.
        ...['--no-experimental-sqlite'].filter((flag) => process.allowedNodeEnvironmentFlags.has(flag)),
    ]
}

/** Its name in this version of Node: it lost its `experimental` in 22.13 and 23.5. */
function permissionFlag(): string {
    return process.allowedNodeEnvironmentFlags.has('--permission')
        ? '--permission'
        : '--experimental-permission'
}

/**
 * A folder as `--allow-fs-read` takes it. Node 20 reads a comma as the end of a path, and every version a
 * star as any text: there, all that begins alike up to that character is allowed.
 */
export function readablePath(folder: string): string {
    const end = folder.search(/[,*]/)
    return end < 0 ? `${folder}/` : `${folder.slice(0, end)}*`
}

/** The folder of this package: modules need its package.json, to be read as modules at all. */
export function packageFolder(): string {
    let folder = dirname(fileURLToPath(import.meta.url))
    while (!existsSync(`${folder}/package.json`) && dirname(folder) !== folder) folder = dirname(folder)
    return folder
}
