// Entrance of core/store/listing/: which files there are. In comes a folder; out come its files in a fixed
// order, or by their names, in as few bytes as tell them, and a finding for each that can be no part of a
// log.
//
// The files of a log, in the order in which Kalmit reads them: by their full path, whatever their name or
// depth.
import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { type Finding, finding } from '../../composition/finding.js'
import { ComplogError, isAbsence, isSystemError } from '../../errors.js'
import { attemptSync, fileSystemError } from '../../file-system-error.js'
import { folderDepthMax, logFilesMax } from '../../limits.js'
import { type FileList, inOrder, PackedFiles, type StoreFile } from './packed-files.js'
import { VisitedPaths } from './visited-paths.js'

export { type FileList, identityOf, type ReadableFile, type StoreFile, sizeOfFiles } from './packed-files.js'

export interface FileListing {
    readonly files: FileList
    /** What lies there and is no regular file, or was listed already by another path. */
    readonly findings: readonly Finding[]
}

export interface ListOptions {
    /** A name in the folder: lists just that file. */
    readonly onlyFile?: string | undefined
    /** Lists just this folder in it, and what lies below: paths still are relative to the whole. */
    readonly onlyFolder?: string | undefined
    /** What the findings put before the paths, for a folder other than the log's; ends with `/`. */
    readonly shownBelow?: string | undefined
}

/**
 * Lists a folder to any depth; nothing where it does not exist. Follows links, but no file or folder twice.
 * Reads a folder at a time without a promise: one a file costs many times what looking at the file does.
 */
export async function listFiles(
    folder: string,
    { onlyFile, onlyFolder, shownBelow = '' }: ListOptions = {},
): Promise<FileListing> {
    const files = PackedFiles.below(folder)
    const listing: Listing = {
        folder,
        shownBelow,
        files,
        findings: [],
        visited: new VisitedPaths(),
        links: [],
    }
    const absolutePath = join(folder, onlyFolder ?? '')
    const prefix = onlyFolder === undefined ? '' : `${onlyFolder}/`
    const above = new Set([realPathOf(absolutePath)])
    const top = { absolutePath, prefix, above, depth: 0 }
    if (onlyFile !== undefined) {
        const path = join(folder, onlyFile)
        const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
        lookAt(listing, top, { name: onlyFile, isLink })
        return { files, findings: listing.findings }
    }
    const stats = await stat(absolutePath).catch(() => undefined)
    if (stats !== undefined) listing.visited.visitedAs({ path: '', absolutePath }, stats)
    await listInto(listing, top)
    // What lies in the folder itself goes by its own path, wherever links to it stand. Links lead to more
    // links.
    for (const link of listing.links) await link()
    const listed = withoutSecondPaths(listing).inOrder()
    listing.findings.sort((a, b) => inOrder(a.place?.file ?? '', b.place?.file ?? ''))
    return { files: listed, findings: listing.findings }
}

interface Listing {
    readonly folder: string
    readonly files: PackedFiles
    readonly findings: Finding[]
    readonly shownBelow: string
    /** Folders. */
    readonly visited: VisitedPaths
    /** Follow a link each. */
    readonly links: (() => Promise<void>)[]
}

/** Each file by the path by which it was found first. */
function withoutSecondPaths(listing: Listing): PackedFiles {
    const { files } = listing
    const numbers = Float64Array.from({ length: files.length }, (_, at) => files.number(at, 'ino')).sort()
    const several = new Set(numbers.filter((number, i) => number === numbers[i + 1]))
    if (several.size === 0) return files
    const visited = new VisitedPaths()
    const isFirst = (at: number) => {
        const ino = files.number(at, 'ino')
        const { path, absolutePath } = files.view(at)
        const first = several.has(ino) ? visited.visitedAs({ path, absolutePath }, { ino }) : undefined
        if (first !== undefined) addSecondPath(listing, { path, first, kind: 'file' })
        return first === undefined
    }
    return files.arranged(Array.from({ length: files.length }, (_, at) => at).filter(isFirst))
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
        addIrregular(listing, prefix.slice(0, -1), 'nested too deep; it was not read')
        return
    }
    // A signal comes in between.
    await setImmediate()
    for (const { name, kind, hex } of entriesOf(absolutePath)) {
        // Node opens files by text, and this text names another file or none.
        if (hex !== undefined) {
            const why = `an entry whose name is not UTF-8 (${hex} in hexadecimal); it was not read`
            addIrregular(listing, prefix + name, why)
        } else if (kind === 'link') {
            listing.links.push(async () => {
                const inner = lookAt(listing, folder, { name, isLink: true })
                if (inner !== undefined) await listInto(listing, inner)
            })
        } else {
            // No promise for a file: it would cost as much as the look at it.
            const inner = lookAt(listing, folder, { name, isLink: false })
            if (inner !== undefined) await listInto(listing, inner)
        }
    }
}

interface Entry {
    readonly name: string
    readonly isLink: boolean
}

/** Lists an entry that is a file, and gives the folder that is still to be listed where it is one. */
function lookAt(listing: Listing, folder: Folder, { name, isLink }: Entry): Folder | undefined {
    const path = folder.prefix + name
    const absolutePath = folder.absolutePath + sep + name
    const stats = statIfThere(absolutePath)
    if (stats === undefined) {
        // A file that was removed since its folder was read is not there: that is no finding.
        if (isThere(absolutePath)) addIrregular(listing, path, 'a link that leads nowhere; it was not read')
        return undefined
    }
    if (stats.isFile()) {
        listing.files.add(path, stats, isLink ? { isLink } : undefined)
        if (listing.files.length <= logFilesMax) return undefined
        throw new ComplogError('limit-exceeded', `More than ${logFilesMax} files below ${listing.folder}.`)
    }
    if (!stats.isDirectory()) {
        addIrregular(listing, path, 'neither a file nor a folder; it was not read')
        return undefined
    }
    const real = realPathOf(absolutePath)
    if (folder.above.has(real)) {
        addIrregular(listing, path, 'a link that leads back to a folder above it; it was not read')
        return undefined
    }
    const first = listing.visited.visitedAs({ path, absolutePath }, stats)
    if (first !== undefined) {
        addSecondPath(listing, { path, first, kind: 'folder' })
        return undefined
    }
    if (nameOfFile.test(name)) addIrregular(listing, path, 'a folder, where a file should be')
    const above = new Set([...folder.above, real])
    return { absolutePath, prefix: `${path}/`, above, depth: folder.depth + 1 }
}

/** Hosts of all generations name files so, and no folder. */
const nameOfFile =
    /(?:^\d{4}-\d\d-\d\dT\d\d-\d\d|\.composition\.jsonl|^[0-9a-f]{64}|^composition-log-head-hash)$/i

/** Undefined for what is gone, and for a link that leads nowhere or in a circle. */
export function statIfThere(path: string): Stats | undefined {
    try {
        return statSync(path, { throwIfNoEntry: false })
    } catch (error) {
        if (isAbsence(error) || (isSystemError(error) && error.code === 'ELOOP')) return undefined
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

/** Whether a folder has this entry, wherever it may lead. */
function isThere(path: string): boolean {
    return attemptSync('look at', path, () => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
}

/** What only the listing of the whole folder can tell. */
export class NotPlain extends Error {}

export interface NewestOptions {
    /** Told of each file, the newest first, and how many there are with it. */
    readonly isEnough: (file: StoreFile, files: number) => boolean
    /** Whether a path is one that a host gives a file, the name of its folder in that of the file. */
    readonly isNameOfHost: (path: string) => boolean
}

/**
 * The last files of a folder, in their order, without a look at those before them.
 * @returns undefined where something unusual lies beside them, such as a link or a file that has two names:
 * then only the whole listing can tell which files count
 */
export async function listNewestFiles(
    folder: string,
    { isEnough, isNameOfHost }: NewestOptions,
): Promise<readonly StoreFile[] | undefined> {
    const newest: Newest = { files: PackedFiles.below(folder), visited: new VisitedPaths(), isNameOfHost }
    const newestFirst: StoreFile[] = []
    try {
        const top = { absolutePath: folder, prefix: '', depth: 0 }
        for (const file of newestIn(newest, top, () => lookAtFolder(newest.visited, '', folder))) {
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

interface Newest extends Pick<Listing, 'files' | 'visited'>, Pick<NewestOptions, 'isNameOfHost'> {}

/**
 * A folder may be one of those beside it by another path: they are looked at, unless the names of its files
 * say that it is the one of this name.
 * @param lookAbove looks at the folder itself, and at those beside it and above
 */
function* newestIn(
    newest: Newest,
    { absolutePath, prefix, depth }: Omit<Folder, 'above'>,
    lookAbove: () => void,
): Generator<StoreFile> {
    const entries = plainEntriesOf(absolutePath, depth)
    if (depth > 0 && !entries.every(({ name }) => newest.isNameOfHost(prefix + name))) lookAbove()
    let hasLooked = false
    const lookHere = () => {
        if (hasLooked) return
        hasLooked = true
        lookAbove()
        for (const { name, kind } of entries)
            if (kind === 'folder') lookAtFolder(newest.visited, prefix + name, absolutePath + sep + name)
    }
    for (const { name, kind } of entries.toReversed()) {
        const inner = {
            absolutePath: absolutePath + sep + name,
            prefix: `${prefix}${name}/`,
            depth: depth + 1,
        }
        if (kind === 'folder') yield* newestIn(newest, inner, lookHere)
        else {
            const stats = statIfThere(inner.absolutePath)
            if (stats === undefined) continue
            if (stats.nlink > 1 || !stats.isFile()) throw new NotPlain()
            yield newest.files.view(newest.files.add(prefix + name, stats))
        }
    }
}

/** Files and folders, in order. @throws NotPlain where there is anything else */
export function plainEntriesOf(folder: string, depth: number): readonly FolderEntry[] {
    const entries = depth > folderDepthMax ? [] : entriesOf(folder)
    const isPlain = ({ name, kind, hex }: FolderEntry) =>
        (kind === 'file' || (kind === 'folder' && !nameOfFile.test(name))) && hex === undefined
    if (depth <= folderDepthMax && entries.every(isPlain)) return entries
    throw new NotPlain()
}

function lookAtFolder(visited: VisitedPaths, path: string, absolutePath: string): void {
    const stats = statIfThere(absolutePath)
    if (stats !== undefined && visited.visitedAs({ path, absolutePath }, stats) !== undefined)
        throw new NotPlain()
}

interface FolderEntry {
    readonly name: string
    /** As its folder says, without a look at it. */
    readonly kind: 'file' | 'folder' | 'link' | 'other'
    /** The bytes of its name where they are not UTF-8. */
    readonly hex?: string
}

/** In the order in which hosts read what they hold, which also decides which of two paths is the first. */
function entriesOf(folder: string): FolderEntry[] {
    try {
        const entries = readdirSync(folder, { withFileTypes: true })
        const isText = entries.every(({ name }) => !name.includes(replacement))
        const named = isText ? entries : readdirSync(folder, { encoding: 'buffer', withFileTypes: true })
        return named.map(folderEntry).sort((a, b) => inOrder(keyOf(a), keyOf(b)))
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return []
        throw fileSystemError(error, 'list', folder)
    }
}

/** What Node reads for bytes that are no UTF-8. */
const replacement = '\ufffd'

function folderEntry(entry: Dirent | Dirent<Buffer>): FolderEntry {
    const { name } = entry
    const kind = kindOf(entry)
    if (typeof name === 'string') return { name, kind }
    const text = name.toString('utf8')
    return { name: text, kind, ...(!Buffer.from(text).equals(name) && { hex: name.toString('hex') }) }
}

function kindOf(entry: Dirent | Dirent<Buffer>): FolderEntry['kind'] {
    if (entry.isFile()) return 'file'
    return entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other'
}

/** As whole paths are ordered. */
function keyOf({ name, kind }: FolderEntry): string {
    return kind === 'folder' ? `${name}/` : name
}

/** @param what it is and what became of it, as the end of a sentence */
function addIrregular({ findings, shownBelow }: Listing, path: string, what: string): void {
    const file = shownBelow + path
    const place = { file, offsetBytes: 0, sizeBytes: 0 }
    findings.push(finding('irregular-file', `${file} is ${what}.`, { place }))
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
    const message = `${file} is the same ${kind} as ${other}; it was not read a second time.`
    findings.push(finding('second-path', message, { place: { file, offsetBytes: 0, sizeBytes: 0 } }))
}
