// A zip is hostile until proven otherwise: every entry is judged before any is unpacked.
import { type Entry, getFileNameLowLevel, type ZipFile } from 'yauzl'

import { ComplogError } from '../../errors.js'
import { folderDepthMax } from '../../limits.js'

/** Names and comments that are kept in memory while an archive is judged. */
const directorySizeBytesMax = 16 * 1024 * 1024

const modeMask = 0o170000
const modeRegular = 0o100000
const modeFolder = 0o040000
const modeSymlink = 0o120000

/**
 * The files of an archive by checked path: relative, `/` between its parts, unique even where case does not
 * count. Errors: `app-zip-rejected`.
 */
export async function checkedZipEntries(
    zip: ZipFile,
    origin: string,
    entriesMax: number,
): Promise<Map<string, Entry>> {
    const files = new Map<string, Entry>()
    const pathsByKey = new Map<string, string>()
    const folderKeys = new Set<string>()
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
        const judged = zipEntryPath(name)
        if ('problem' in judged)
            throw rejectedZip(origin, `its entry ${JSON.stringify(name)} ${judged.problem}`)
        const { path } = judged
        refuseSpecialEntries(entry, path, origin)
        const key = zipEntryKey(path)
        const other = pathsByKey.get(key)
        if (other === path) throw rejectedZip(origin, `it has two entries named ${JSON.stringify(path)}`)
        if (other !== undefined) {
            throw rejectedZip(
                origin,
                `its entries ${JSON.stringify(other)} and ${JSON.stringify(path)} differ only by case`,
            )
        }
        pathsByKey.set(key, path)
        addParents(key, folderKeys)
        if (!/[/\\]$/.test(name)) files.set(path, entry)
    }
    for (const path of files.keys()) {
        if (folderKeys.has(zipEntryKey(path))) {
            throw rejectedZip(origin, `its entry ${JSON.stringify(path)} is a file and a folder at once`)
        }
    }
    return files
}

function addParents(key: string, folderKeys: Set<string>): void {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
        folderKeys.add(key.slice(0, end))
    }
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

// Names in an archive are the attacker's to choose. Each is judged here, once, before anything else looks at
// it.

/** A name that may be used, or what is wrong with it as the end of a sentence that starts with the name. */
type ZipEntryPath = { readonly path: string } | { readonly problem: string }

/**
 * Judges the name of a zip entry. `\` counts as `/`, since archives written on Windows hold it.
 * The path that results is relative, has `/` between its parts and no `.` or empty parts.
 */
export function zipEntryPath(name: string): ZipEntryPath {
    const slashed = name.replaceAll('\\', '/')
    if (slashed.startsWith('/')) return { problem: 'is an absolute path' }
    if (/^[a-z]:/i.test(slashed)) return { problem: 'has a drive letter' }
    const parts = slashed.split('/').filter((part) => part !== '' && part !== '.')
    if (parts.includes('..')) return { problem: 'has a ".." part' }
    // eslint-disable-next-line no-control-regex -- the very characters that are refused
    if (/[\u0000-\u001f\u007f]/.test(slashed)) return { problem: 'has a control character' }
    // Windows reads `a:b` as a stream of the file a, and drops dots and spaces at a name's end.
    if (slashed.includes(':')) return { problem: 'has a colon' }
    if (parts.some((part) => /[. ]$/.test(part)))
        return { problem: 'has a part that ends in a dot or a space' }
    if (parts.length === 0) return { problem: 'is empty' }
    if (parts.length > folderDepthMax) return { problem: `is nested deeper than ${folderDepthMax} folders` }
    return { path: parts.join('/') }
}

/** Two names with the same key would be one file on some file system. */
function zipEntryKey(path: string): string {
    return path.normalize('NFC').toLowerCase()
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
