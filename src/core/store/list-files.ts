// The files of a log, in the order in which Kalmit reads them: by their full path, whatever their name or
// depth.
import { type Stats, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { type Finding, finding } from '../composition/finding.js'
import { ComplogError, isSystemError } from '../errors.js'
import { folderDepthMax, logFilesMax } from '../limits.js'
import { attempt, fileSystemError } from '../file-system-error.js'
import { MetPaths } from './met-paths.js'

/** A file of a store as it was when it was listed. */
export interface StoreFile {
    /** Relative to the folder that was listed, with `/` between its parts. */
    readonly path: string
    readonly absolutePath: string
    /** Size in bytes when it was listed. What is appended later is not read. */
    readonly sizeBytes: number
    /** When it was last written to, as it was listed, in milliseconds since 1970. */
    readonly modifiedMilliseconds: number
    /** It is reached by a link of its own. */
    readonly isLink?: true
    /** Tells it from a file that is put in its place; absent for what is no file of its own. */
    readonly identity?: string
    /** Where to begin to read; default 0. What stands before it counts as cut off. */
    readonly beginBytes?: number
    /** Number of the line in which it begins, where that is known; default 1. */
    readonly beginLine?: number
}

/** Bytes of all that is to be read of some files. */
export function sizeOfFiles(files: readonly Pick<StoreFile, 'sizeBytes' | 'beginBytes'>[]): number {
    return files.reduce((sum, { sizeBytes, beginBytes = 0 }) => sum + Math.max(0, sizeBytes - beginBytes), 0)
}

export interface FileListing {
    readonly files: readonly StoreFile[]
    /** What lies there and is no regular file, or was listed already by another path. */
    readonly findings: readonly Finding[]
}

export interface ListOptions {
    /** A name in the folder: lists just that file. */
    readonly onlyFile?: string | undefined
    /** What the findings put before the paths, for a folder other than the log's; ends with `/`. */
    readonly shownBelow?: string | undefined
}

/**
 * Lists a folder to any depth; nothing where it does not exist. Follows links, but no file or folder twice.
 * Reads a folder at a time without a promise: one a file costs many times what looking at the file does.
 */
export async function listFiles(
    folder: string,
    { onlyFile, shownBelow = '' }: ListOptions = {},
): Promise<FileListing> {
    const listing: Listing = { folder, shownBelow, files: [], findings: [], met: new MetPaths(), links: [] }
    if (onlyFile !== undefined) {
        const absolutePath = join(folder, onlyFile)
        const stats = await attempt('look at', absolutePath, () => stat(absolutePath))
        const isLink = lstatSync(absolutePath, { throwIfNoEntry: false })?.isSymbolicLink() === true
        return { files: [storeFile(onlyFile, absolutePath, stats, isLink)], findings: [] }
    }
    const stats = await stat(folder).catch(() => undefined)
    if (stats !== undefined) listing.met.metAs('', folder, stats)
    const above = new Set([realPathOf(folder)])
    await listInto(listing, { absolutePath: folder, prefix: '', above, depth: 0 })
    // What lies in the folder itself goes by its own path, wherever links to it stand. Links lead to more
    // links.
    for (const link of listing.links) await link()
    listing.files.sort((a, b) => inOrder(a.path, b.path))
    listing.findings.sort((a, b) => inOrder(a.place?.file ?? '', b.place?.file ?? ''))
    return listing
}

function inOrder(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0
}

interface Listing {
    /** What is listed. */
    readonly folder: string
    readonly files: StoreFile[]
    readonly findings: Finding[]
    readonly shownBelow: string
    readonly met: MetPaths
    /** Follow a link each. */
    readonly links: (() => Promise<void>)[]
}

interface Folder {
    readonly absolutePath: string
    /** Comes before the names in it; ends with `/`, unless it is the folder that is listed. */
    readonly prefix: string
    /** Real paths of the folders that lead to it, and its own. */
    readonly above: ReadonlySet<string>
    readonly depth: number
}

async function listInto(listing: Listing, folder: Folder): Promise<void> {
    const { absolutePath, prefix, depth } = folder
    if (depth > folderDepthMax) {
        addIrregular(listing, prefix.slice(0, -1), 'nested too deep')
        return
    }
    // A signal comes in between.
    await setImmediate()
    for (const { name, bytes, isLink } of namesIn(absolutePath)) {
        // Node opens files by text, and this text names another file or none.
        if (!Buffer.from(name).equals(bytes)) {
            const why = `an entry whose name is not UTF-8 (${bytes.toString('hex')} in hexadecimal)`
            addIrregular(listing, prefix + name, why)
        } else if (isLink) listing.links.push(() => listLink(listing, folder, name))
        else {
            // No promise for a file: it would cost as much as the look at it.
            const inner = lookAt(listing, folder, name, false)
            if (inner !== undefined) await listInto(listing, inner)
        }
    }
}

async function listLink(listing: Listing, folder: Folder, name: string): Promise<void> {
    const inner = lookAt(listing, folder, name, true)
    if (inner !== undefined) await listInto(listing, inner)
}

/** Lists an entry that is a file, and gives the folder that is still to be listed where it is one. */
function lookAt(listing: Listing, folder: Folder, name: string, isLink: boolean): Folder | undefined {
    const path = folder.prefix + name
    const absolutePath = join(folder.absolutePath, name)
    const stats = statIfThere(absolutePath)
    if (stats === undefined) {
        // A file that was removed since its folder was read is not there: that is no finding.
        if (isThere(absolutePath)) addIrregular(listing, path, 'a link that leads nowhere')
        return undefined
    }
    const isFolder = stats.isDirectory()
    if (!isFolder && !stats.isFile()) {
        addIrregular(listing, path, 'neither a file nor a folder')
        return undefined
    }
    const real = isFolder ? realPathOf(absolutePath) : undefined
    if (real !== undefined && folder.above.has(real)) {
        addIrregular(listing, path, 'a link that leads back to a folder above it')
        return undefined
    }
    const first = listing.met.metAs(path, absolutePath, stats)
    if (first !== undefined) {
        addSecondPath(listing, path, first, stats)
        return undefined
    }
    if (real !== undefined) {
        const above = new Set([...folder.above, real])
        return { absolutePath, prefix: `${path}/`, above, depth: folder.depth + 1 }
    }
    listing.files.push(storeFile(path, absolutePath, stats, isLink))
    if (listing.files.length > logFilesMax) {
        throw new ComplogError('limit-exceeded', `More than ${logFilesMax} files below ${listing.folder}.`)
    }
    return undefined
}

/** Undefined for what is gone, and for a link that leads nowhere or in a circle. */
function statIfThere(path: string): Stats | undefined {
    try {
        return statSync(path, { throwIfNoEntry: false })
    } catch (error) {
        if (isSystemError(error) && error.code === 'ELOOP') return undefined
        throw fileSystemError(error, 'look at', path)
    }
}

function realPathOf(folder: string): string {
    try {
        return realpathSync.native(folder)
    } catch {
        return folder
    }
}

function storeFile(path: string, absolutePath: string, stats: Stats, isLink: boolean): StoreFile {
    const { size: sizeBytes, mtimeMs: modifiedMilliseconds } = stats
    const link = isLink && ({ isLink } as const)
    return { path, absolutePath, sizeBytes, modifiedMilliseconds, identity: identityOf(stats), ...link }
}

/** What stays as it is when a file is written to, and is another when another file is put in its place. */
export function identityOf({ ino, birthtimeMs }: Stats): string {
    // The number alone may be given to a new file as soon as an old one is gone.
    return `${ino} ${birthtimeMs}`
}

/** Whether a folder has this entry, wherever it may lead. */
function isThere(path: string): boolean {
    try {
        return lstatSync(path, { throwIfNoEntry: false }) !== undefined
    } catch (error) {
        throw fileSystemError(error, 'look at', path)
    }
}

interface Name {
    readonly name: string
    /** As the file system has it. */
    readonly bytes: Buffer
    readonly isLink: boolean
}

/** In the same order wherever the same names are: it decides which of two paths is the first. */
function namesIn(folder: string): readonly Name[] {
    try {
        const entries = readdirSync(folder, { encoding: 'buffer', withFileTypes: true })
        const names = entries.map((entry) => {
            const bytes = entry.name as unknown as Buffer
            return { name: bytes.toString('utf8'), bytes, isLink: entry.isSymbolicLink() }
        })
        return names.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return []
        throw fileSystemError(error, 'list', folder)
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

/** @param first the path by which it was read */
function addSecondPath({ findings, shownBelow }: Listing, path: string, first: string, stats: Stats): void {
    const file = shownBelow + path
    const kind = stats.isDirectory() ? 'folder' : 'file'
    const other = first === '' ? 'the folder that holds it' : shownBelow + first
    findings.push(
        finding('second-path', `${file} is the same ${kind} as ${other}; it was not read a second time.`, {
            place: { file, offsetBytes: 0, sizeBytes: 0 },
        }),
    )
}
