// A zip may claim any size in its headers, so what is unpacked is counted as it comes out.
import { open } from 'node:fs/promises'

import { type Entry, fromBufferPromise, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl'

import { ComplogError } from '../../errors.js'
import { fileSystemError } from '../../file-system-error.js'
import { appFileBounds, type FileBounds, FileBudget, ForeignPaths } from '../../foreign-files.js'
import { zipRatioMax } from '../../limits.js'

export interface ZipBounds extends FileBounds {
    readonly ratioMax: number
    /** Below this many unpacked bytes the ratio does not matter: Elm sources may be mostly blank. */
    readonly ratioFreeSizeBytes: number
}

export const zipBounds: ZipBounds = {
    ...appFileBounds,
    ratioMax: zipRatioMax,
    ratioFreeSizeBytes: 8 * 1024 * 1024,
}

/** Where the archive comes from; `origin` names it in messages. */
export type ZipInput =
    | { readonly origin: string; readonly path: string }
    | { readonly origin: string; readonly bytes: Uint8Array }

/**
 * The content of those files of an archive that `wanted` asks for, by checked path, and the names of all.
 * @throws ComplogError `app-zip-rejected`
 */
export async function readZip(
    input: ZipInput,
    wanted: (path: string) => boolean,
    bounds: ZipBounds = zipBounds,
): Promise<{ readonly files: Map<string, Uint8Array>; readonly names: readonly string[] }> {
    const zip = await openZip(input)
    try {
        const entries = await checkedZipEntries(zip, input.origin, bounds.filesMax)
        const budget = new FileBudget(bounds)
        const files = new Map<string, Uint8Array>()
        for (const [path, entry] of entries) {
            if (wanted(path))
                files.set(path, await unpack(entry, path, { zip, budget, origin: input.origin, bounds }))
        }
        return { files, names: [...entries.keys()] }
    } finally {
        zip.close()
    }
}

async function openZip(input: ZipInput): Promise<ZipFile> {
    // Names come as raw bytes: yauzl's own checks would refuse them in its words instead of ours.
    const options = { autoClose: false, decodeStrings: false }
    try {
        const zip =
            'path' in input
                ? await openPromise(input.path, options)
                : await fromBufferPromise(Buffer.from(input.bytes), options)
        // Errors reach us through the iterator and the streams; without a listener they would also be thrown.
        zip.on('error', () => undefined)
        return zip
    } catch (error) {
        throw brokenZip(input.origin, error)
    }
}

interface Unpacking {
    readonly zip: ZipFile
    readonly budget: FileBudget
    readonly origin: string
    readonly bounds: ZipBounds
}

async function unpack(
    entry: Entry,
    path: string,
    { zip, budget, origin, bounds }: Unpacking,
): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    try {
        let exceeded = budget.beginFile()
        const stream = await zip.openReadStreamPromise(entry)
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
            exceeded ??= budget.add(chunk.length)
            if (exceeded !== undefined)
                throw rejectedZip(origin, `it unpacks to ${exceeded} (at ${JSON.stringify(path)})`)
            if (
                budget.totalBytes > bounds.ratioFreeSizeBytes &&
                budget.totalBytes > zip.fileSize * bounds.ratioMax
            ) {
                throw rejectedZip(
                    origin,
                    `it unpacks to more than ${bounds.ratioMax} times its size (at ${JSON.stringify(path)})`,
                )
            }
            chunks.push(chunk)
        }
    } catch (error) {
        if (error instanceof ComplogError) throw error
        throw brokenZip(origin, error)
    }
    const bytes = Buffer.concat(chunks)
    if (crc32(bytes) !== entry.crc32) {
        throw rejectedZip(
            origin,
            `it is broken: the checksum of ${JSON.stringify(path)} does not match its content`,
        )
    }
    return bytes
}

// yauzl checks an entry's size but not its checksum, and zlib.crc32 is younger than the oldest Node we run
// on.

const table = new Uint32Array(256).map((_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    return value
})

/** CRC-32 as zip archives use it, as an unsigned number. */
export function crc32(bytes: Uint8Array): number {
    let value = 0xffffffff
    for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0)
    return ~value >>> 0
}

// A zip is hostile until proven otherwise: every entry is judged before any is unpacked.

/** Names and comments that are kept in memory while an archive is judged. */
const directorySizeBytesMax = 16 * 1024 * 1024

const modeMask = 0o170000
const modeRegular = 0o100000
const modeFolder = 0o040000
const modeSymlink = 0o120000

/**
 * The files of an archive by checked path: relative, `/` between its parts, unique even where case does not
 * count.
 * @throws ComplogError `app-zip-rejected`
 */
async function checkedZipEntries(
    zip: ZipFile,
    origin: string,
    entriesMax: number,
): Promise<Map<string, Entry>> {
    const files = new Map<string, Entry>()
    const paths = new ForeignPaths()
    let directorySizeBytes = 0
    for await (const entry of entriesOf(zip, origin)) {
        if (zip.entriesRead > entriesMax) {
            throw rejectedZip(origin, `it has more than ${entriesMax} entries`)
        }
        directorySizeBytes += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
        if (directorySizeBytes > directorySizeBytesMax) {
            throw rejectedZip(origin, `its directory is larger than ${directorySizeBytesMax} bytes`)
        }
        const name = entryName(entry)
        const judged = paths.add(name)
        if ('problem' in judged) throw rejectedZip(origin, judged.problem)
        refuseSpecialEntries(entry, judged.path, origin)
        if (!/[/\\]$/.test(name)) files.set(judged.path, entry)
    }
    const problem = paths.problemOf(files.keys())
    if (problem !== undefined) throw rejectedZip(origin, problem)
    return files
}

async function* entriesOf(zip: ZipFile, origin: string): AsyncGenerator<Entry> {
    try {
        yield* zip.eachEntry()
    } catch (error) {
        if (error instanceof ComplogError) throw error
        throw brokenZip(origin, error)
    }
}

function entryName(entry: Entry): string {
    return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true)
}

function refuseSpecialEntries(entry: Entry, path: string, origin: string): void {
    if (entry.isEncrypted()) throw rejectedZip(origin, `its entry ${JSON.stringify(path)} is encrypted`)
    const mode = (entry.externalFileAttributes >>> 16) & modeMask
    if (mode === modeSymlink) throw rejectedZip(origin, `its entry ${JSON.stringify(path)} is a symlink`)
    if (mode !== 0 && mode !== modeRegular && mode !== modeFolder) {
        throw rejectedZip(origin, `its entry ${JSON.stringify(path)} is neither a file nor a folder`)
    }
}

// Whatever is wrong with an archive, it ends the same way: it is refused as a whole, with the reason.

/** An archive that cannot be read to its end. */
function brokenZip(origin: string, cause: unknown): ComplogError {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
    if (/encryption/.test(reason)) return rejectedZip(origin, `it is encrypted`)
    return rejectedZip(origin, `it is broken: ${reason}`, cause)
}

/** An archive that is refused; `problem` is the reason, as the end of a sentence. */
function rejectedZip(origin: string, problem: string, cause?: unknown): ComplogError {
    return new ComplogError('app-zip-rejected', `The zip ${origin} is refused: ${problem}.`, {
        hint: "Make the zip anew from the app's folder, or give that folder itself: elm-app.map.json beside elm-app/.",
        cause,
    })
}

// The first bytes tell a zip from a script, so that neither is read as the other whatever it is named.

/** First entry; end of an empty archive; part of a split archive. */
const zipMagic = ['504b0304', '504b0506', '504b0708']

/**
 * Whether a file starts as zip archives do, the empty archive included.
 * @throws ComplogError `file-system`
 */
export async function startsLikeZip(path: string): Promise<boolean> {
    try {
        const file = await open(path, 'r')
        try {
            const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
            return bytesRead === 4 && zipMagic.includes(buffer.toString('hex'))
        } finally {
            await file.close()
        }
    } catch (error) {
        throw fileSystemError(error, 'read', path)
    }
}
