// A zip is hostile until proven otherwise: every entry is judged before any is unpacked.
import { type Entry, getFileNameLowLevel, type ZipFile } from 'yauzl'

import { ComplogError } from '../../errors.js'
import { ForeignPaths } from '../../foreign-files.js'

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
export async function checkedZipEntries(
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
export function brokenZip(origin: string, cause: unknown): ComplogError {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
    if (/encryption/.test(reason)) return rejectedZip(origin, `it is encrypted`)
    return rejectedZip(origin, `it is broken: ${reason}`, cause)
}

/** An archive that is refused; `problem` is the reason, as the end of a sentence. */
export function rejectedZip(origin: string, problem: string, cause?: unknown): ComplogError {
    return new ComplogError('app-zip-rejected', `The zip ${origin} is refused: ${problem}.`, {
        hint: "Make the zip anew from the app's folder, or give that folder itself: elm-app.map.json beside elm-app/.",
        cause,
    })
}
