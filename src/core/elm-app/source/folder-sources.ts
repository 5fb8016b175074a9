// A folder is read into memory at once: what is compiled is then what was hashed, and the person's own
// folder is only ever read.

import type { Dirent } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'

import { ComplogError } from '../../errors.js'
import { appFileBounds, type FileBounds, FileBudget } from '../../foreign-files.js'
import { folderDepthMax } from '../../limits.js'
import {
    type AppBundle,
    bundleOf,
    foreignFolders,
    isAppPath,
    isMapFile,
    isSourcePath,
    sourceFolderName,
} from './app-files.js'
import { fileSystemErrorBelow } from './file-access.js'

/** What of a folder is read, by paths relative to it, with `/` between their parts. */
export interface WantedFiles {
    /** Whether a file or folder is looked at at all: of what is not, links may lead anywhere. */
    isLookedAt(path: string): boolean
    isRead(path: string): boolean
}

interface Walk {
    /** Real path of the Kalmit folder, which no symlink may leave. */
    readonly realRoot: string
    readonly budget: FileBudget
    readonly files: Map<string, Uint8Array>
    readonly wanted: WantedFiles
}

/**
 * Reads the map file and the Elm sources of a Kalmit folder, or of an Elm project.
 * @throws ComplogError `app-malformed` (a symlink that leads out of the folder or in a circle),
 * `limit-exceeded`, `file-system`
 */
export async function readFolderSources(
    folder: string,
    bounds: FileBounds = appFileBounds,
): Promise<AppBundle> {
    const names = await namesIn(folder)
    const isProject = !names.some(isSourceFolder) && names.includes('elm.json')
    const isLookedAt = (path: string): boolean => {
        const [top = '', ...below] = path.split('/')
        if (foreignFolders.has(below.at(-1) ?? top)) return false
        return isProject || isMapFile(top) || isSourceFolder(top)
    }
    const isRead = (path: string) => isAppPath(path) || (isProject && isSourcePath(path))
    return bundleOf(await readFolderFiles(folder, { isLookedAt, isRead }, bounds))
}

const isSourceFolder = (name: string) => name.toLowerCase() === sourceFolderName

async function namesIn(folder: string): Promise<readonly string[]> {
    try {
        return await readdir(folder)
    } catch (error) {
        throw fileSystemErrorBelow(error, 'read', folder)
    }
}

/**
 * Reads those files of a folder that are wanted, by their paths relative to it.
 * @throws ComplogError `app-malformed`, `limit-exceeded`, `file-system`
 */
export async function readFolderFiles(
    folder: string,
    wanted: WantedFiles,
    bounds: FileBounds = appFileBounds,
): Promise<ReadonlyMap<string, Uint8Array>> {
    try {
        const walk: Walk = {
            realRoot: await realpath(folder),
            budget: new FileBudget(bounds),
            files: new Map(),
            wanted,
        }
        await readFolder({ folder, prefix: '', realChain: [walk.realRoot] }, walk)
        return walk.files
    } catch (error) {
        throw fileSystemErrorBelow(error, 'read', folder)
    }
}

interface FolderInApp {
    readonly folder: string
    /** Before the names in it, relative to the app. */
    readonly prefix: string
    /** Real paths of the folders that lead to it, and its own. */
    readonly realChain: readonly string[]
}

async function readFolder({ folder, prefix, realChain }: FolderInApp, walk: Walk): Promise<void> {
    if (realChain.length > folderDepthMax) {
        throw new ComplogError('limit-exceeded', `${folder} is nested deeper than ${folderDepthMax} folders.`)
    }
    const entries = await readdir(folder, { withFileTypes: true })
    for (const entry of entries) {
        const relativePath = prefix + entry.name
        if (!walk.wanted.isLookedAt(relativePath)) continue
        const path = join(folder, entry.name)
        const kind = await kindOf(entry, path, walk)
        if (kind === 'folder') {
            const real = await realpath(path)
            if (realChain.includes(real)) throw malformed(`${path} is a symlink that leads in a circle.`)
            const inner = { folder: path, prefix: `${relativePath}/`, realChain: [...realChain, real] }
            await readFolder(inner, walk)
        } else if (kind === 'file' && walk.wanted.isRead(relativePath)) {
            walk.files.set(relativePath, await readWithin(path, walk))
        }
    }
}

async function kindOf(entry: Dirent, path: string, walk: Walk): Promise<'file' | 'folder' | 'other'> {
    if (!entry.isSymbolicLink()) return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other'
    const target = await stat(await realPathInside(path, walk))
    return target.isDirectory() ? 'folder' : target.isFile() ? 'file' : 'other'
}

async function realPathInside(path: string, walk: Walk): Promise<string> {
    const real = await realpath(path)
    const fromRoot = relative(walk.realRoot, real)
    if (fromRoot === '..' || fromRoot.startsWith(`..${sep}`) || isAbsolute(fromRoot)) {
        throw malformed(`${path} is a symlink to ${real}, which lies outside of the app folder.`)
    }
    return real
}

async function readWithin(path: string, walk: Walk): Promise<Uint8Array> {
    // The size first, so that a huge file is refused before it is in memory.
    const { size } = await stat(path)
    const exceeded = walk.budget.beginFile() ?? walk.budget.add(size)
    if (exceeded !== undefined) {
        throw new ComplogError('limit-exceeded', `The app folder holds ${exceeded} (at ${path}).`, {
            hint: 'Name the folder of one app: elm-app.map.json beside elm-app/.',
        })
    }
    return await readFile(path)
}

function malformed(message: string): ComplogError {
    return new ComplogError('app-malformed', message, {
        hint: 'Put a copy of what the symlink points at into the app folder.',
    })
}
