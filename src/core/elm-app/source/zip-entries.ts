// A zip is hostile until proven otherwise: every entry is judged before any is unpacked.

import type { Entry, ZipFile } from 'yauzl'
import { getFileNameLowLevel } from 'yauzl'
import { ComplogError } from '../../errors.js'
import { zipEntryKey, zipEntryPath } from './zip-entry-path.js'
import { brokenZip, rejectedZip } from './zip-errors.js'

/** Names and comments that are kept in memory while an archive is judged. */
const directorySizeBytesMax = 16 * 1024 * 1024

const modeMask = 0o170000
const modeRegular = 0o100000
const modeFolder = 0o040000
const modeSymlink = 0o120000

/**
 * The files of an archive by checked path: relative, `/` between its parts, unique even where case does not count.
 * Errors: `app-zip-rejected`.
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
