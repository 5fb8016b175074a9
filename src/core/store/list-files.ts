// The files of a log, in the order in which Kalmit reads them: by their full path, whatever their name or depth.
import type { Stats } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { type Finding, finding } from '../composition/finding.js'
import { ComplogError, isSystemError } from '../errors.js'
import { folderDepthMax, logFilesMax } from '../limits.js'
import { attempt } from './file-system-error.js'

/** A file of a store as it was when it was listed. */
export interface StoreFile {
    /** Relative to the folder that was listed, with `/` between its parts. */
    readonly path: string
    readonly absolutePath: string
    /** Size in bytes when it was listed. What is appended later is not read. */
    readonly sizeBytes: number
    /** When it was last written to, as it was listed, in milliseconds since 1970. */
    readonly modifiedMilliseconds: number
    /** Tells it from a file that is put in its place; absent for what is no file of its own. */
    readonly identity?: string
    /** Where to begin to read; default 0. What stands before it counts as cut off. */
    readonly beginBytes?: number
}

export interface FileListing {
    readonly files: readonly StoreFile[]
    /** What lies there and is no regular file. */
    readonly findings: readonly Finding[]
}

export interface ListOptions {
    /** A name in the folder: lists just that file. */
    readonly onlyFile?: string | undefined
    /** What the findings put before the paths, for a folder other than the log's; ends with `/`. */
    readonly shownBelow?: string | undefined
}

/** Lists a folder to any depth; nothing where it does not exist. Follows links, but never in a circle. */
export async function listFiles(
    folder: string,
    { onlyFile, shownBelow = '' }: ListOptions = {},
): Promise<FileListing> {
    const listing: Listing = { files: [], findings: [], shownBelow }
    if (onlyFile !== undefined) {
        const absolutePath = join(folder, onlyFile)
        const stats = await attempt('look at', absolutePath, () => stat(absolutePath))
        return { files: [storeFile(onlyFile, absolutePath, stats)], findings: [] }
    }
    await listInto(listing, folder, '', new Set(), 0)
    listing.files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    return listing
}

interface Listing {
    readonly files: StoreFile[]
    readonly findings: Finding[]
    readonly shownBelow: string
}

async function listInto(
    listing: Listing,
    folder: string,
    prefix: string,
    above: ReadonlySet<string>,
    depth: number,
): Promise<void> {
    const real = await realpath(folder).catch(() => folder)
    if (above.has(real) || depth > folderDepthMax) {
        const why = above.has(real) ? 'a link that leads back to a folder above it' : 'nested too deep'
        addIrregular(listing, prefix.slice(0, -1), why)
        return
    }
    for (const { name, bytes } of await namesIn(folder)) {
        const path = prefix + name
        // Node opens files by text, and this text names another file or none.
        if (!Buffer.from(name).equals(bytes)) {
            const why = `an entry whose name is not UTF-8 (${bytes.toString('hex')} in hexadecimal)`
            addIrregular(listing, path, why)
            continue
        }
        const absolutePath = join(folder, name)
        const stats = await stat(absolutePath).catch((error: unknown) => {
            if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ELOOP')) return undefined
            return attempt('look at', absolutePath, () => Promise.reject(error as Error))
        })
        if (stats === undefined) {
            // A file that was removed since its folder was read is not there: that is no finding.
            if (await isThere(absolutePath)) addIrregular(listing, path, 'a link that leads nowhere')
        } else if (stats.isDirectory()) {
            await listInto(listing, absolutePath, `${path}/`, new Set([...above, real]), depth + 1)
        } else if (stats.isFile()) {
            listing.files.push(storeFile(path, absolutePath, stats))
            if (listing.files.length > logFilesMax) {
                throw new ComplogError('limit-exceeded', `More than ${logFilesMax} files below ${folder}.`)
            }
        } else {
            addIrregular(listing, path, 'neither a file nor a folder')
        }
    }
}

function storeFile(path: string, absolutePath: string, stats: Stats): StoreFile {
    const { size: sizeBytes, mtimeMs: modifiedMilliseconds } = stats
    return { path, absolutePath, sizeBytes, modifiedMilliseconds, identity: identityOf(stats) }
}

/** What stays as it is when a file is written to, and is another when another file is put in its place. */
export function identityOf({ ino, birthtimeMs }: Stats): string {
    // The number alone may be given to a new file as soon as an old one is gone.
    return `${ino} ${birthtimeMs}`
}

/** Whether a folder has this entry, wherever it may lead. */
async function isThere(path: string): Promise<boolean> {
    try {
        await lstat(path)
        return true
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return false
        return attempt('look at', path, () => Promise.reject(error as Error))
    }
}

interface Name {
    readonly name: string
    /** As the file system has it. */
    readonly bytes: Buffer
}

async function namesIn(folder: string): Promise<readonly Name[]> {
    try {
        const names = await readdir(folder, { encoding: 'buffer' })
        return names.map((bytes) => ({ name: bytes.toString('utf8'), bytes }))
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return []
        return attempt('list', folder, () => Promise.reject(error as Error))
    }
}

function addIrregular({ findings, shownBelow }: Listing, path: string, what: string): void {
    const file = shownBelow + path
    findings.push(
        finding('irregular-file', `${file} is ${what}; it was not read.`, {
            place: { file, offsetBytes: 0, sizeBytes: 0 },
        }),
    )
}
