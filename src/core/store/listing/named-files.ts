// Files of a folder that are known by their names: each is looked at only when it is asked for.
import { closeSync, fstatSync, opendirSync, openSync, type Stats } from 'node:fs'
import { join } from 'node:path'

import type { CompositionHash } from '../../composition/hash.js'
import { HashRows } from '../../composition/packed-rows.js'
import { isSystemError } from '../../errors.js'
import { fileSystemError } from '../../file-system-error.js'
import { statIfThere } from './list-files.js'
import { PackedFiles, type StoreFile } from './packed-files.js'
import {
    type HashNumbers,
    MapByHash,
    NumbersOfHashes,
    type PackedHashes,
    packedHashesMax,
    packHashes,
} from './packed-hashes.js'
import { exactStats } from './visited-paths.js'

const upperHexHash = /^[0-9A-F]{64}$/
/** Entries of a folder that are asked for at once. */
const entriesPerRead = 1024

/**
 * What the files in a folder are called, if it holds nothing but files that are named after hashes; nothing
 * where it does not exist.
 */
export function hashNamesIn(folder: string): PackedHashes | undefined {
    const names = new HashRows()
    try {
        const entries = opendirSync(folder, { bufferSize: entriesPerRead })
        try {
            for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
                const isPlain = entry.isFile() && upperHexHash.test(entry.name)
                if (!isPlain || names.length === packedHashesMax) return undefined
                names.addHex(entry.name)
            }
        } finally {
            entries.closeSync()
        }
    } catch (error) {
        if (!isSystemError(error) || error.code !== 'ENOENT') throw fileSystemError(error, 'list', folder)
    }
    return packHashes(names)
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
export interface UnlistedNames {
    readonly size: number
    readonly list: () => PackedHashes
}

/** To look for so many by their names takes as long as to list thousands. */
const askedMax = 4096

/** Where a number for each of some reductions is kept; none yet. */
export function numbersFor(reductions: ReadonlyMap<CompositionHash, StoreFile>): HashNumbers {
    const isListed = reductions instanceof NamedFiles && reductions.isListed
    return isListed ? new NumbersOfHashes(reductions.names) : new Map()
}

/** Files of a folder by their names, each looked at only when it is asked for. */
export class NamedFiles extends MapByHash<StoreFile> {
    readonly folder: string
    readonly size: number
    /** Of the folder, before it was listed. */
    readonly stateBefore: FolderState | undefined
    readonly #list: () => PackedHashes
    #listed: PackedHashes | undefined
    #asked = 0
    readonly #files: PackedFiles
    readonly #visited = new Map<CompositionHash, StoreFile>()

    constructor(folder: string, names: PackedHashes | UnlistedNames, state?: FolderState) {
        super()
        this.folder = folder
        this.stateBefore = state
        this.#list = 'list' in names ? names.list : () => names
        this.#listed = 'list' in names ? undefined : names
        this.size = names.size
        this.#files = PackedFiles.below(folder)
    }

    get names(): PackedHashes {
        return (this.#listed ??= this.#list())
    }

    get isListed(): boolean {
        return this.#listed !== undefined
    }

    override has(name: CompositionHash): boolean {
        if (this.#listed === undefined && ++this.#asked <= askedMax) return this.#isThere(name)
        return this.names.has(name)
    }

    override keys(): MapIterator<CompositionHash> {
        return this.names[Symbol.iterator]()
    }

    /** Whether one of those that were looked at has another name, which may be one of these. */
    hasSecondName = false

    /** Opens a file to read it, and looks at it by the way. Undefined for a name that was not listed. */
    open(name: CompositionHash): { readonly file: StoreFile; readonly descriptor: number } | undefined {
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
    get(name: CompositionHash): StoreFile | undefined {
        const known = this.#visited.get(name)
        if (known !== undefined || !this.has(name)) return known
        const stats = statIfThere(join(this.folder, name))
        return stats?.isFile() === true ? this.#note(name, stats) : undefined
    }

    #isThere(name: CompositionHash): boolean {
        return statIfThere(join(this.folder, name))?.isFile() === true
    }

    /** As it was when it was looked at first. */
    #note(name: CompositionHash, stats: Stats): StoreFile {
        this.hasSecondName ||= stats.nlink > 1
        const file = this.#visited.get(name) ?? this.#files.view(this.#files.add(name, stats))
        this.#visited.set(name, file)
        return file
    }

    *entries(): MapIterator<[CompositionHash, StoreFile]> {
        for (const name of this.names) {
            const file = this.get(name)
            if (file !== undefined) yield [name, file]
        }
    }
}
