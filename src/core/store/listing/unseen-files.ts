// Many small files that are known by their names alone: whoever reads all of them need not look at each
// before.
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { logFilesMax } from '../../limits.js'
import { type Folder, NotPlain, plainEntriesOf, statIfThere } from './list-files.js'
import { type FileList, PackedFiles, type ReadableFile, sizeOfFiles } from './packed-files.js'

export { UnseenFiles } from './packed-files.js'

const unseenSizeBytesMax = 1 << 16
/** Files beside those of hosts that are looked at; where there are more, they are no strays. */
const straysMax = 64

interface NamesOptions {
    /** Fewer files are looked at in no time. */
    readonly filesMin: number
    /** As of `listFiles`. */
    readonly onlyFolder?: string
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
    { filesMin, onlyFolder, isNameOfHost }: NamesOptions,
): Promise<FileList | undefined> {
    const files = PackedFiles.below(folder)
    const strays: number[] = []
    const prefix = onlyFolder === undefined ? '' : `${onlyFolder}/`
    try {
        const absolutePath = join(folder, onlyFolder ?? '')
        const add = (folder: string, name: string) => {
            const at = files.addUnseen(folder, name)
            if (isNameOfHost?.(folder + name) === false && strays.length < straysMax) strays.push(at)
        }
        await addNames({ absolutePath, prefix, depth: 0 }, add)
    } catch (error) {
        if (error instanceof NotPlain) return undefined
        throw error
    }
    if (files.length < filesMin || files.length > logFilesMax) return undefined
    const isSmall = sampleOf(files).every(({ sizeBytes }) => sizeBytes <= unseenSizeBytesMax)
    const last = files.length - 1
    const ofHost = isNameOfHost ? files.findLastIndex(({ path }) => isNameOfHost(path)) : last
    return isSmall && seeSome(files, ofHost < 0 ? [last] : [ofHost, ...strays]) ? files : undefined
}

/**
 * What is appended to the newest file while it is read is not read, and what lies beside the files of hosts
 * may be empty. False where one of them is unusual.
 * @param indices of the newest file, and others
 */
function seeSome(files: PackedFiles, indices: readonly number[]): boolean {
    const [newest] = indices
    for (const at of new Set([...indices, files.length - 1])) {
        const stats = statIfThere(files.absolutePathAt(at))
        if (stats === undefined || (stats.size === 0 && at === newest) || stats.nlink > 1) return false
        files.see(at, stats)
    }
    return true
}

/** In the order in which hosts read them. */
async function addNames(
    { absolutePath, prefix, depth }: Omit<Folder, 'above'>,
    add: (folder: string, name: string) => void,
): Promise<void> {
    // A signal comes in between.
    await setImmediate()
    for (const { name, kind } of plainEntriesOf(absolutePath, depth)) {
        if (kind === 'file') add(prefix, name)
        else {
            const inner = { absolutePath: `${absolutePath}/${name}`, prefix: `${prefix}${name}/` }
            await addNames({ ...inner, depth: depth + 1 }, add)
        }
    }
}

export function hasUnseen(files: FileList<Pick<ReadableFile, 'isUnseen'>>): boolean {
    return !files.every(({ isUnseen }) => isUnseen !== true)
}

const samplesMax = 64

function sampleOf<F>(files: FileList<F>): readonly F[] {
    const step = Math.max(1, Math.floor(files.length / samplesMax))
    const length = Math.ceil(files.length / step)
    return Array.from({ length }, (_, i) => files.at(i * step) as F)
}

/** What a file has on the average, as far as a few of them tell. */
export function guessedSizeOf(files: FileList<ReadableFile>): number {
    const sample = sampleOf(files)
    return sizeOfFiles(sample) / Math.max(1, sample.length)
}

/** The same of all of them; no guess where somebody has looked at each. */
export function guessedSizeOfAll(files: FileList<ReadableFile>): number {
    return hasUnseen(files) ? guessedSizeOf(files) * files.length : sizeOfFiles(files)
}
