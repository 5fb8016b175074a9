// The files of a store of 2020-05 or later that its hosts read, as they lie there: names and sizes, no
// contents. Whoever wants to know what a store would be without some of them, or with others in their place,
// has the same read from another list.
import type { Finding } from '../../composition/finding.js'
import { type FileList, type FileListing, listFiles, type StoreFile } from '../../store/listing/list-files.js'
import { listNames } from '../../store/listing/unseen-files.js'
import type { LaterStore } from '../../store/recognise.js'
import { listValueFiles, type ValueFiles } from '../values/value-files.js'

export const headFileName = 'composition-log-head-hash'
export const reductionFolder = 'provisional-reduction'

/** What was listed of a store. All paths are relative to its folder. */
export interface ListedLater {
    readonly store: LaterStore
    /** In the order in which hosts read them; none where records are values by their hash. */
    readonly logFiles: FileList
    readonly logFindings: readonly Finding[]
    readonly reductions: FileListing
    readonly values: ValueFiles
    /** The file with the hash of the newest record of 2020-05-06 to 2021-07, where there is one. */
    readonly headFile: StoreFile | undefined
}

/**
 * @param filesMin where there are so many log files or more, they are known by their names alone
 * @throws ComplogError `file-system`, `limit-exceeded`
 */
export async function listLater(store: LaterStore, filesMin = Infinity): Promise<ListedLater> {
    const { root, generation } = store
    const log = await listLog(root, generation.logFolder, filesMin)
    const head = await listFiles(root, { onlyFile: headFileName }).catch(() => ({ files: [] }))
    return {
        store,
        logFiles: inOrderOfParts(log.files),
        logFindings: log.findings,
        reductions: await listFiles(root, { onlyFolder: reductionFolder }),
        values: await listValueFiles(root),
        headFile: head.files.at(0),
    }
}

async function listLog(root: string, folder: string | undefined, filesMin: number): Promise<FileListing> {
    if (folder === undefined) return { files: [], findings: [] }
    const names = filesMin < Infinity && (await listNames(root, { filesMin, onlyFolder: folder }))
    return names ? { files: names, findings: [] } : listFiles(root, { onlyFolder: folder })
}

/** All of them, in whatever order. */
export function* allFilesOf({ logFiles, reductions, values, headFile }: ListedLater): Generator<StoreFile> {
    yield* logFiles
    yield* reductions.files
    yield* values.byHash.files()
    if (headFile) yield headFile
}

function keyOf(path: string): string {
    return path.replaceAll('/', '\u0000')
}

function isOrdered(before: string, path: string): boolean {
    const folder = before.slice(0, before.lastIndexOf('/') + 1)
    const isBeside = path.startsWith(folder) && !path.includes('/', folder.length)
    return isBeside ? before < path : keyOf(before) < keyOf(path)
}

/** Hosts compare the parts of paths, not whole paths: another order where a name goes on with a `-`. */
export function inOrderOfParts(files: FileList): FileList {
    let last: string | undefined
    const isBehind = ({ path }: StoreFile) => {
        const before = last
        last = path
        return before === undefined || isOrdered(before, path)
    }
    // As hosts name them, there is no difference.
    if (files.every(isBehind)) return files
    const keyed = Array.from(files, (file) => ({ file, key: keyOf(file.path) }))
    return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ file }) => file)
}
