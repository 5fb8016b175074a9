// Many small files that are known by their names alone: whoever reads all of them need not look at each
// before.
import { setImmediate } from 'node:timers/promises'

import { folderDepthMax, logFilesMax } from '../limits.js'
import {
    type Folder,
    inOrder,
    namesIn,
    NotPlain,
    type ReadableFile,
    sizeOfFiles,
    statIfThere,
    type StoreFile,
    storeFile,
} from './list-files.js'

const filesPerTurn = 4096
const unseenSizeBytesMax = 1 << 16

interface NamesOptions {
    /** Fewer files are looked at in no time. */
    readonly filesMin: number
    /** Comes before the paths; ends with `/`. */
    readonly below?: string
    /** Default: a host may append to the last file. */
    readonly isNameOfHost?: (path: string) => boolean
}

/** How many files there must be before they are known by their names alone. */
export const unseenFilesMin = 256

/**
 * The same files as `listFiles` gives, without a look at each: for whoever reads all of them, finds that each
 * holds records, and that all these are one chain. Nothing else lies in such a log, and no file has two names
 * there. Undefined for few or large files, and where something unusual lies beside them.
 */
export async function listNames(
    folder: string,
    { filesMin, below = '', isNameOfHost }: NamesOptions,
): Promise<readonly StoreFile[] | undefined> {
    const files: StoreFile[] = []
    try {
        for (const file of namedIn({ absolutePath: folder, prefix: below, depth: 0 })) {
            files.push(file)
            // A signal comes in between.
            if (files.length % filesPerTurn === 0) await setImmediate()
        }
    } catch (error) {
        if (error instanceof NotPlain) return undefined
        throw error
    }
    if (files.length < filesMin || files.length > logFilesMax) return undefined
    files.sort((a, b) => inOrder(a.path, b.path))
    const isSmall = sampleOf(files).every(({ sizeBytes }) => sizeBytes <= unseenSizeBytesMax)
    return isSmall ? withEndsSeen(files, isNameOfHost) : undefined
}

/** What is appended to the newest files while they are read is not read. */
function withEndsSeen(
    files: readonly StoreFile[],
    isNameOfHost: NamesOptions['isNameOfHost'],
): readonly StoreFile[] | undefined {
    let seen = files
    const last = files.length - 1
    const ofHost = isNameOfHost ? files.findLastIndex(({ path }) => isNameOfHost(path)) : last
    for (const at of new Set([last, ofHost])) {
        const file = files[at]
        if (file === undefined) continue
        const stats = statIfThere(file.absolutePath)
        if (stats === undefined || stats.size === 0 || stats.nlink > 1) return undefined
        seen = seen.with(at, storeFile(file, stats))
    }
    return seen
}

function* namedIn({ absolutePath, prefix, depth }: Omit<Folder, 'above'>): Generator<StoreFile> {
    if (depth > folderDepthMax) throw new NotPlain()
    for (const { name, bytes, kind } of namesIn(absolutePath)) {
        if ((kind !== 'file' && kind !== 'folder') || !Buffer.from(name).equals(bytes)) throw new NotPlain()
        const inner = `${absolutePath}/${name}`
        if (kind === 'file') yield new UnseenFile(prefix + name, inner)
        else yield* namedIn({ absolutePath: inner, prefix: `${prefix}${name}/`, depth: depth + 1 })
    }
}

class UnseenFile implements StoreFile {
    readonly isUnseen = true
    readonly path: string
    readonly absolutePath: string
    #seen: StoreFile | undefined

    constructor(path: string, absolutePath: string) {
        this.path = path
        this.absolutePath = absolutePath
    }

    get sizeBytes(): number {
        return this.look().sizeBytes
    }

    get modifiedMilliseconds(): number {
        return this.look().modifiedMilliseconds
    }

    get identity(): string {
        return this.look().identity ?? ''
    }

    look(): StoreFile {
        if (this.#seen !== undefined) return this.#seen
        const stats = statIfThere(this.absolutePath)
        if (stats?.isFile() !== true) throw new UnseenFiles()
        return (this.#seen = storeFile(this, stats))
    }
}

/** A file of which what is known is what it was when it was first looked at. */
export function seenFile(file: StoreFile): StoreFile {
    return file instanceof UnseenFile ? file.look() : file
}

/** What only a look at each file can tell is wanted, as in `listNames`. */
export class UnseenFiles extends Error {}

export function hasUnseen(files: readonly Pick<StoreFile, 'isUnseen'>[]): boolean {
    return files.some(({ isUnseen }) => isUnseen === true)
}

const samplesMax = 64

function sampleOf<F>(files: readonly F[]): readonly F[] {
    const step = Math.max(1, Math.floor(files.length / samplesMax))
    return files.filter((_, at) => at % step === 0)
}

/** What a file has on the average, as far as a few of them tell. */
export function guessedSizeOf(files: readonly ReadableFile[]): number {
    const sample = sampleOf(files)
    return sizeOfFiles(sample) / Math.max(1, sample.length)
}

/** The same of all of them; no guess where somebody has looked at each. */
export function guessedSizeOfAll(files: readonly ReadableFile[]): number {
    return hasUnseen(files) ? guessedSizeOf(files) * files.length : sizeOfFiles(files)
}
