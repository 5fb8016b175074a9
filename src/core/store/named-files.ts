// Files of a folder that are known by their names: each is looked at only when it is asked for.
import { closeSync, fstatSync, openSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'

import { isSystemError } from '../errors.js'
import { fileSystemError } from '../file-system-error.js'
import { statIfThere } from './list-files.js'
import { PackedFiles, type StoreFile } from './packed-files.js'

/** What the files in a folder are called, if it holds nothing but files; nothing where it does not exist. */
export function plainNamesIn(folder: string): readonly string[] | undefined {
    try {
        const entries = readdirSync(folder, { withFileTypes: true })
        return entries.every((entry) => entry.isFile()) ? entries.map(({ name }) => name) : undefined
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return []
        throw fileSystemError(error, 'list', folder)
    }
}

/** Files of a folder by their names, each looked at only when it is asked for. */
export class NamedFiles<Name extends string> implements ReadonlyMap<Name, StoreFile> {
    readonly folder: string
    readonly #names: Set<Name>
    readonly #files: PackedFiles
    readonly #visited = new Map<Name, StoreFile>()

    constructor(folder: string, names: readonly Name[]) {
        this.folder = folder
        this.#names = new Set(names)
        this.#files = PackedFiles.below(folder)
    }

    get size(): number {
        return this.#names.size
    }

    get names(): ReadonlySet<Name> {
        return this.#names
    }

    has(name: Name): boolean {
        return this.#names.has(name)
    }

    keys(): SetIterator<Name> {
        return this.#names.keys()
    }

    /** Whether one of those that were looked at has another name, which may be one of these. */
    hasSecondName = false

    /** Opens a file to read it, and looks at it by the way. Undefined for a name that was not listed. */
    open(name: Name): { readonly file: StoreFile; readonly descriptor: number } | undefined {
        if (!this.#names.has(name)) return undefined
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
        if (known !== undefined || !this.#names.has(name)) return known
        const stats = statIfThere(join(this.folder, name))
        return stats?.isFile() === true ? this.#note(name, stats) : undefined
    }

    /** As it was when it was looked at first. */
    #note(name: Name, stats: Stats): StoreFile {
        this.hasSecondName ||= stats.nlink > 1
        const file = this.#visited.get(name) ?? this.#files.view(this.#files.add(name, stats))
        this.#visited.set(name, file)
        return file
    }

    *entries(): MapIterator<[Name, StoreFile]> {
        for (const name of this.#names) {
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
