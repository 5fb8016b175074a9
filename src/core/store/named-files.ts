// Files of a folder that are known by their names: each is looked at only when it is asked for.
import { closeSync, fstatSync, openSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'

import { isSystemError } from '../errors.js'
import { fileSystemError } from '../file-system-error.js'
import { statIfThere } from './list-files.js'
import { PackedFiles, type StoreFile } from './packed-files.js'
import { exactStats } from './visited-paths.js'

/**
 * What the files in a folder are called, if it holds nothing but files; nothing where it does not exist.
 */
export function plainNamesIn(folder: string): readonly string[] | undefined {
    try {
        const entries = readdirSync(folder, { withFileTypes: true })
        return entries.every((entry) => entry.isFile()) ? entries.map(({ name }) => name) : undefined
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return []
        throw fileSystemError(error, 'list', folder)
    }
}

/** The clocks of file systems go on in steps of up to two seconds. */
export const clockStepMilliseconds = 3000

export interface FolderState {
    /** Stays the same as long as no file of the folder gets or loses its name. */
    readonly state: string
    /** When that happened last, in milliseconds since 1970. */
    readonly changedMilliseconds: number
}

/** Undefined where something changed a moment ago, so that the next change might not show. */
export function stateOfFolder(folder: string): FolderState | undefined {
    const stats = exactStats(folder)
    if (stats === undefined) return undefined
    const { dev, ino, ctimeNs, mtimeNs, size } = stats
    const changedMilliseconds = Number(stats.ctimeMs)
    if (Date.now() - changedMilliseconds < clockStepMilliseconds) return undefined
    return { state: [dev, ino, ctimeNs, mtimeNs, size].join(' '), changedMilliseconds }
}

/** Names that are as many as they were, and are listed only where more is asked for than a few of them. */
export interface UnlistedNames<Name extends string> {
    readonly size: number
    readonly list: () => readonly Name[]
}

/** To look for so many by their names takes as long as to list thousands. */
const askedMax = 4096

/** Files of a folder by their names, each looked at only when it is asked for. */
export class NamedFiles<Name extends string> implements ReadonlyMap<Name, StoreFile> {
    readonly folder: string
    readonly size: number
    /** Of the folder, before it was listed. */
    readonly stateBefore: FolderState | undefined
    readonly #list: () => readonly Name[]
    #listed: ReadonlySet<Name> | undefined
    #asked = 0
    readonly #files: PackedFiles
    readonly #visited = new Map<Name, StoreFile>()

    constructor(folder: string, names: readonly Name[] | UnlistedNames<Name>, state?: FolderState) {
        this.folder = folder
        this.stateBefore = state
        this.#list = 'list' in names ? names.list : () => names
        this.#listed = 'list' in names ? undefined : new Set(names)
        this.size = 'list' in names ? names.size : names.length
        this.#files = PackedFiles.below(folder)
    }

    get names(): ReadonlySet<Name> {
        return (this.#listed ??= new Set(this.#list()))
    }

    get isListed(): boolean {
        return this.#listed !== undefined
    }

    has(name: Name): boolean {
        if (this.#listed === undefined && ++this.#asked <= askedMax) return this.#isThere(name)
        return this.names.has(name)
    }

    keys(): SetIterator<Name> {
        return this.names.keys()
    }

    /** Whether one of those that were looked at has another name, which may be one of these. */
    hasSecondName = false

    /** Opens a file to read it, and looks at it by the way. Undefined for a name that was not listed. */
    open(name: Name): { readonly file: StoreFile; readonly descriptor: number } | undefined {
        if (!this.has(name)) return undefined
        const absolutePath = join(this.folder, name)
        let descriptor: number | undefined
        try {
            descriptor = openSync(absolutePath, 'r')
            return { file: this.#note(name, fstatSync(descriptor)), descriptor }
        } catch (error) {
            if (descriptor !== undefined) closeSync(descriptor)
            throw fileSystemError(error, 'read', absolutePath)
        }
    }

    /** Undefined also for what has gone since, or turns out to be no file. */
    get(name: Name): StoreFile | undefined {
        const known = this.#visited.get(name)
        if (known !== undefined || !this.has(name)) return known
        const stats = statIfThere(join(this.folder, name))
        return stats?.isFile() === true ? this.#note(name, stats) : undefined
    }

    #isThere(name: Name): boolean {
        return statIfThere(join(this.folder, name))?.isFile() === true
    }

    /** As it was when it was looked at first. */
    #note(name: Name, stats: Stats): StoreFile {
        this.hasSecondName ||= stats.nlink > 1
        const file = this.#visited.get(name) ?? this.#files.view(this.#files.add(name, stats))
        this.#visited.set(name, file)
        return file
    }

    *entries(): MapIterator<[Name, StoreFile]> {
        for (const name of this.names) {
            const file = this.get(name)
            if (file !== undefined) yield [name, file]
        }
    }

    *values(): MapIterator<StoreFile> {
        for (const [, file] of this.entries()) yield file
    }

    [Symbol.iterator](): MapIterator<[Name, StoreFile]> {
        return this.entries()
    }

    forEach(visit: (file: StoreFile, name: Name, all: ReadonlyMap<Name, StoreFile>) => void): void {
        for (const [name, file] of this) visit(file, name, this)
    }
}
