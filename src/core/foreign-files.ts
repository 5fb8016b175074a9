// Files that strangers have named and filled, in an archive or in a value of a store, before any of them
// reaches the file system: whether their names may be used, and how much there is of them.
import { appFileSizeBytesMax, appFilesMax, appTotalSizeBytesMax, folderDepthMax } from './limits.js'

/** A path that may be used, or why not: the end of a sentence about what holds the entry. */
export type ForeignPath = { readonly path: string } | { readonly problem: string }

/**
 * The paths of one folder: relative, `/` between their parts, no `.` or empty parts, and each another one
 * even where case does not count.
 */
export class ForeignPaths {
    readonly #byKey = new Map<string, string>()
    readonly #folderKeys = new Set<string>()

    add(name: string): ForeignPath {
        const judged = foreignPath(name)
        if ('problem' in judged) return { problem: `its entry ${JSON.stringify(name)} ${judged.problem}` }
        const { path } = judged
        const key = keyOf(path)
        const other = this.#byKey.get(key)
        if (other === path) return { problem: `it has two entries named ${JSON.stringify(path)}` }
        if (other !== undefined) {
            const both = `${JSON.stringify(other)} and ${JSON.stringify(path)}`
            return { problem: `its entries ${both} differ only by case` }
        }
        this.#byKey.set(key, path)
        for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1))
            this.#folderKeys.add(key.slice(0, end))
        return { path }
    }

    /** What is wrong with files when all paths are known; undefined for nothing. */
    problemOf(files: Iterable<string>): string | undefined {
        for (const path of files) {
            if (this.#folderKeys.has(keyOf(path)))
                return `its entry ${JSON.stringify(path)} is a file and a folder at once`
        }
        return undefined
    }
}

/** Two names with the same key would be one file on some file system. */
function keyOf(path: string): string {
    return path.normalize('NFC').toLowerCase()
}

/**
 * Judges a name, of which the problem is the end of a sentence that starts with the name. `\` counts as `/`,
 * since archives written on Windows hold it.
 */
export function foreignPath(name: string): ForeignPath {
    const slashed = name.replaceAll('\\', '/')
    if (slashed.startsWith('/')) return { problem: 'is an absolute path' }
    if (/^[a-z]:/i.test(slashed)) return { problem: 'has a drive letter' }
    const parts = slashed.split('/').filter((part) => part !== '' && part !== '.')
    if (parts.includes('..')) return { problem: 'has a ".." part' }
    // rslint-disable-next-line no-control-regex -- the very characters that are refused
    if (/[\u0000-\u001f\u007f]/.test(slashed)) return { problem: 'has a control character' }
    // Windows reads `a:b` as a stream of the file a, and drops dots and spaces at a name's end.
    if (slashed.includes(':')) return { problem: 'has a colon' }
    if (parts.some((part) => /[. ]$/.test(part)))
        return { problem: 'has a part that ends in a dot or a space' }
    // No file system holds half a character: the file would have another name.
    if (!name.isWellFormed()) return { problem: 'has half a character' }
    if (parts.length === 0) return { problem: 'is empty' }
    if (parts.length > folderDepthMax) return { problem: `is nested deeper than ${folderDepthMax} folders` }
    return { path: parts.join('/') }
}

export interface FileBounds {
    readonly filesMax: number
    readonly fileSizeBytesMax: number
    readonly totalSizeBytesMax: number
}

export const appFileBounds: FileBounds = {
    filesMax: appFilesMax,
    fileSizeBytesMax: appFileSizeBytesMax,
    totalSizeBytesMax: appTotalSizeBytesMax,
}

/** Counts files and the bytes really read, and says where they go beyond a bound. */
export class FileBudget {
    readonly #bounds: FileBounds
    #files = 0
    #fileBytes = 0
    #totalBytes = 0

    constructor(bounds: FileBounds) {
        this.#bounds = bounds
    }

    get totalBytes(): number {
        return this.#totalBytes
    }

    /** Begins a file. Returns what bound is exceeded, if any. */
    beginFile(): string | undefined {
        this.#files += 1
        this.#fileBytes = 0
        return this.#files > this.#bounds.filesMax ? `more than ${this.#bounds.filesMax} files` : undefined
    }

    /** Adds bytes of the current file. Returns what bound is exceeded, if any. */
    add(sizeBytes: number): string | undefined {
        this.#fileBytes += sizeBytes
        this.#totalBytes += sizeBytes
        if (this.#fileBytes > this.#bounds.fileSizeBytesMax) {
            return `a file of more than ${this.#bounds.fileSizeBytesMax} bytes`
        }
        if (this.#totalBytes > this.#bounds.totalSizeBytesMax) {
            return `more than ${this.#bounds.totalSizeBytesMax} bytes altogether`
        }
        return undefined
    }
}
