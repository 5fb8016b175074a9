// The files of a log, in the order in which Kalmit reads them: by their full path, whatever their name or
// depth.
import {
    closeSync,
    type Dirent,
    fstatSync,
    lstatSync,
    openSync,
    readdirSync,
    realpathSync,
    type Stats,
    statSync,
} from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { type Finding, finding } from '../composition/finding.js'
import { ComplogError, isSystemError } from '../errors.js'
import { attempt, fileSystemError } from '../file-system-error.js'
import { folderDepthMax, logFilesMax } from '../limits.js'
import { VisitedPaths } from './visited-paths.js'

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
    /** It was not looked at when it was listed: whoever asks for more than its path does. */
    readonly isUnseen?: boolean
    /** Where to begin to read; default 0. What stands before it counts as cut off. */
    readonly beginBytes?: number
    /** Number of the line in which it begins, where that is known; default 1. */
    readonly beginLine?: number
}

/** What of a file must be known to read it. */
export type ReadableFile = Pick<StoreFile, 'path' | 'absolutePath' | 'sizeBytes' | 'isUnseen' | 'beginBytes'>

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
    const listing: Listing = {
        folder,
        shownBelow,
        files: [],
        findings: [],
        visited: new VisitedPaths(),
        links: [],
    }
    if (onlyFile !== undefined) {
        const absolutePath = join(folder, onlyFile)
        const stats = await attempt('look at', absolutePath, () => stat(absolutePath))
        const isLink = lstatSync(absolutePath, { throwIfNoEntry: false })?.isSymbolicLink() === true
        return { files: [storeFile({ path: onlyFile, absolutePath, isLink }, stats)], findings: [] }
    }
    const stats = await stat(folder).catch(() => undefined)
    if (stats !== undefined) listing.visited.visitedAs({ path: '', absolutePath: folder }, stats)
    const above = new Set([realPathOf(folder)])
    await listInto(listing, { absolutePath: folder, prefix: '', above, depth: 0 })
    // What lies in the folder itself goes by its own path, wherever links to it stand. Links lead to more
    // links.
    for (const link of listing.links) await link()
    listing.files.sort((a, b) => inOrder(a.path, b.path))
    listing.findings.sort((a, b) => inOrder(a.place?.file ?? '', b.place?.file ?? ''))
    return listing
}

export function inOrder(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0
}

interface Listing {
    /** What is listed. */
    readonly folder: string
    readonly files: StoreFile[]
    readonly findings: Finding[]
    readonly shownBelow: string
    readonly visited: VisitedPaths
    /** Follow a link each. */
    readonly links: (() => Promise<void>)[]
}

export interface Folder {
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
    for (const { name, bytes, kind } of namesIn(absolutePath)) {
        // Node opens files by text, and this text names another file or none.
        if (!Buffer.from(name).equals(bytes)) {
            const why = `an entry whose name is not UTF-8 (${bytes.toString('hex')} in hexadecimal)`
            addIrregular(listing, prefix + name, why)
        } else if (kind === 'link') listing.links.push(() => listLink(listing, folder, name))
        else {
            // No promise for a file: it would cost as much as the look at it.
            const inner = lookAt(listing, folder, { name, isLink: false })
            if (inner !== undefined) await listInto(listing, inner)
        }
    }
}

async function listLink(listing: Listing, folder: Folder, name: string): Promise<void> {
    const inner = lookAt(listing, folder, { name, isLink: true })
    if (inner !== undefined) await listInto(listing, inner)
}

interface Entry {
    readonly name: string
    readonly isLink: boolean
}

/** Lists an entry that is a file, and gives the folder that is still to be listed where it is one. */
function lookAt(listing: Listing, folder: Folder, { name, isLink }: Entry): Folder | undefined {
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
    const file = isFolder ? undefined : storeFile({ path, absolutePath, isLink }, stats)
    const first = listing.visited.visitedAs(file ?? { path, absolutePath }, stats)
    if (first !== undefined) {
        addSecondPath(listing, { path, first, kind: isFolder ? 'folder' : 'file' })
        return undefined
    }
    if (real !== undefined) {
        const above = new Set([...folder.above, real])
        return { absolutePath, prefix: `${path}/`, above, depth: folder.depth + 1 }
    }
    if (file !== undefined) listing.files.push(file)
    if (listing.files.length > logFilesMax) {
        throw new ComplogError('limit-exceeded', `More than ${logFilesMax} files below ${listing.folder}.`)
    }
    return undefined
}

/** Undefined for what is gone, and for a link that leads nowhere or in a circle. */
export function statIfThere(path: string): Stats | undefined {
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

interface FileName extends Pick<StoreFile, 'path' | 'absolutePath'> {
    readonly isLink?: boolean
}

export function storeFile({ path, absolutePath, isLink = false }: FileName, stats: Stats): StoreFile {
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

/** What only the listing of the whole folder can tell. */
export class NotPlain extends Error {}

/**
 * The last files of a folder, in their order, without a look at those before them.
 * @param isEnough told of each file, the newest first, and how many there are with it
 * @returns undefined where something unusual lies beside them, such as a link or a file that has two names:
 * then only the whole listing can tell which files count
 */
export async function listNewestFiles(
    folder: string,
    isEnough: (file: StoreFile, files: number) => boolean,
): Promise<readonly StoreFile[] | undefined> {
    const visited = new VisitedPaths()
    const newestFirst: StoreFile[] = []
    try {
        const stats = statIfThere(folder)
        if (stats !== undefined) visited.visitedAs({ path: '', absolutePath: folder }, stats)
        for (const file of newestIn({ absolutePath: folder, prefix: '', depth: 0 }, visited)) {
            newestFirst.push(file)
            if (isEnough(file, newestFirst.length)) break
            // A signal comes in between.
            if (newestFirst.length % filesPerTurn === 0) await setImmediate()
        }
    } catch (error) {
        if (error instanceof NotPlain) return undefined
        throw error
    }
    return newestFirst.reverse()
}

const filesPerTurn = 256
/** Looks at every folder that stands beside those it enters: it may be one of them by another path. */
function* newestIn(
    { absolutePath, prefix, depth }: Omit<Folder, 'above'>,
    visited: VisitedPaths,
): Generator<StoreFile> {
    if (depth > folderDepthMax) throw new NotPlain()
    const entries = namesIn(absolutePath).map(({ name, bytes, kind }) => {
        if ((kind !== 'file' && kind !== 'folder') || !Buffer.from(name).equals(bytes)) throw new NotPlain()
        const inner = join(absolutePath, name)
        if (kind === 'folder') assertNotVisited(visited, prefix + name, inner)
        // As their whole paths are ordered.
        return { name, inner, kind, key: kind === 'folder' ? `${name}/` : name }
    })
    entries.sort((a, b) => inOrder(b.key, a.key))
    for (const { name, inner, kind, key } of entries) {
        if (kind === 'folder')
            yield* newestIn({ absolutePath: inner, prefix: prefix + key, depth: depth + 1 }, visited)
        else {
            const stats = statIfThere(inner)
            if (stats === undefined) continue
            if (stats.nlink > 1 || !stats.isFile()) throw new NotPlain()
            yield storeFile({ path: prefix + name, absolutePath: inner }, stats)
        }
    }
}

function assertNotVisited(visited: VisitedPaths, path: string, absolutePath: string): void {
    const stats = statIfThere(absolutePath)
    if (stats !== undefined && visited.visitedAs({ path, absolutePath }, stats) !== undefined)
        throw new NotPlain()
}

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
    readonly #visited = new Map<Name, StoreFile>()

    constructor(folder: string, names: readonly Name[]) {
        this.folder = folder
        this.#names = new Set(names)
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
            return { file: this.#note(name, absolutePath, fstatSync(descriptor)), descriptor }
        } catch (error) {
            if (descriptor !== undefined) closeSync(descriptor)
            throw fileSystemError(error, 'read', absolutePath)
        }
    }

    /** Undefined also for what has gone since, or turns out to be no file. */
    get(name: Name): StoreFile | undefined {
        const known = this.#visited.get(name)
        if (known !== undefined || !this.#names.has(name)) return known
        const absolutePath = join(this.folder, name)
        const stats = statIfThere(absolutePath)
        return stats?.isFile() === true ? this.#note(name, absolutePath, stats) : undefined
    }

    /** As it was when it was looked at first. */
    #note(name: Name, absolutePath: string, stats: Stats): StoreFile {
        this.hasSecondName ||= stats.nlink > 1
        const file = this.#visited.get(name) ?? storeFile({ path: name, absolutePath }, stats)
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

interface Name {
    readonly name: string
    /** As the file system has it. */
    readonly bytes: Buffer
    /** As its folder says, without a look at it. */
    readonly kind: 'file' | 'folder' | 'link' | 'other'
}

/** In the same order wherever the same names are: it decides which of two paths is the first. */
export function namesIn(folder: string): readonly Name[] {
    try {
        const entries = readdirSync(folder, { encoding: 'buffer', withFileTypes: true })
        const names = entries.map((entry) => {
            const bytes = entry.name as unknown as Buffer
            return { name: bytes.toString('utf8'), bytes, kind: kindOf(entry) }
        })
        return names.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return []
        throw fileSystemError(error, 'list', folder)
    }
}

function kindOf(entry: Dirent<Buffer>): Name['kind'] {
    if (entry.isFile()) return 'file'
    return entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other'
}

function addIrregular({ findings, shownBelow }: Listing, path: string, what: string): void {
    const file = shownBelow + path
    findings.push(
        finding('irregular-file', `${file} is ${what}; it was not read.`, {
            place: { file, offsetBytes: 0, sizeBytes: 0 },
        }),
    )
}

interface SecondPath {
    readonly path: string
    /** The path by which it was read. */
    readonly first: string
    readonly kind: 'file' | 'folder'
}

function addSecondPath({ findings, shownBelow }: Listing, { path, first, kind }: SecondPath): void {
    const file = shownBelow + path
    const other = first === '' ? 'the folder that holds it' : shownBelow + first
    findings.push(
        finding('second-path', `${file} is the same ${kind} as ${other}; it was not read a second time.`, {
            place: { file, offsetBytes: 0, sizeBytes: 0 },
        }),
    )
}
