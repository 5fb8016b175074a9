// The files of a store of 2020-05 or later that its hosts read, as they lie there: names and sizes, no
// contents. Whoever wants to know what a store would be without some of them, or with others in their place,
// has the same read from another list.
import type { Finding } from '../composition/finding.js'
import { type FileListing, listFiles, type StoreFile } from '../store/list-files.js'
import type { LaterStore } from '../store/recognise.js'
import { listValueFiles, type ValueFiles } from './value-files.js'

export const headFileName = 'composition-log-head-hash'
export const reductionFolder = 'provisional-reduction'

/** What was listed of a store. All paths are relative to its folder. */
export interface ListedLater {
    readonly store: LaterStore
    /** In the order in which hosts read them; none where records are values by their hash. */
    readonly logFiles: readonly StoreFile[]
    readonly logFindings: readonly Finding[]
    readonly reductions: FileListing
    readonly values: ValueFiles
    /** The file with the hash of the newest record of 2020-05-06 to 2021-07, where there is one. */
    readonly headFile: StoreFile | undefined
}

/** @throws ComplogError `file-system`, `limit-exceeded` */
export async function listLater(store: LaterStore): Promise<ListedLater> {
    const { root, generation } = store
    const { logFolder } = generation
    const log = logFolder === undefined ? { files: [], findings: [] } : await listBelow(root, logFolder)
    const head = await listFiles(root, { onlyFile: headFileName }).catch(() => ({ files: [] }))
    return {
        store,
        logFiles: inOrderOfParts(log.files),
        logFindings: log.findings,
        reductions: await listBelow(root, reductionFolder),
        values: await listValueFiles(root),
        headFile: head.files[0],
    }
}

async function listBelow(root: string, folder: string): Promise<FileListing> {
    const { files, findings } = await listFiles(`${root}/${folder}`, { shownBelow: `${folder}/` })
    return { files: files.map((file) => ({ ...file, path: `${folder}/${file.path}` })), findings }
}

/** All of them, in whatever order. */
export function allFilesOf({ logFiles, reductions, values, headFile }: ListedLater): readonly StoreFile[] {
    const ofValues = [...values.byHash.values()].flatMap((files) =>
        files.map(({ file, path }) => ({ ...file, path })),
    )
    return [...logFiles, ...reductions.files, ...ofValues, ...(headFile ? [headFile] : [])]
}

/**
 * Hosts compare the parts of paths, not whole paths: that is another order where a name goes on as `-` does.
 */
export function inOrderOfParts(files: readonly StoreFile[]): readonly StoreFile[] {
    const keys = files.map(({ path }) => path.replaceAll('/', '\u0000'))
    // As hosts name them, there is no difference.
    if (keys.every((key, i) => i === 0 || (keys[i - 1] as string) < key)) return files
    const keyOf = new Map(files.map((file, i) => [file, keys[i] as string]))
    return files.toSorted((a, b) => ((keyOf.get(a) as string) < (keyOf.get(b) as string) ? -1 : 1))
}
