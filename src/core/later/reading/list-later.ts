// The files of a store of 2020-05 or later that its hosts read, as they lie there: names and sizes, no
// contents. Whoever wants to know what a store would be without some of them, or with others in their place,
// has the same read from another list.
import { basename, dirname } from 'node:path/posix'

import type { Finding } from '../../composition/finding.js'
import { ComplogError } from '../../errors.js'
import type { StoreGeneration } from '../../generations/generation.js'
import { hourlyFiles } from '../../generations/hourly-files.js'
import { storeGenerations } from '../../generations/store-generations.js'
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
    /** Of the head file as well. */
    readonly logFindings: readonly Finding[]
    readonly reductions: FileListing
    readonly values: ValueFiles
    /** The file with the hash of the newest record of 2020-05-06 to 2021-07, where there is one. */
    readonly headFile: StoreFile | undefined
}

/**
 * @param filesMin where there are so many log files or more, they are known by their names alone
 * @throws ComplogError `file-system`, `limit-exceeded`, `generation-not-read` where newer files lie elsewhere
 */
export async function listLater(store: LaterStore, filesMin = Infinity): Promise<ListedLater> {
    const { root, generation } = store
    const log = await listLog(root, generation.logFolder, filesMin)
    refuseFilesElsewhere(store, log.files)
    const newer = newerWithin(generation)
    const head = await listFiles(root, { onlyFile: headFileName })
    return {
        store,
        // Read as the older one beside, it is without those of the newer.
        logFiles: inOrderOfParts(
            newer ? log.files.filter(({ path }) => !path.startsWith(`${newer.logFolder}/`)) : log.files,
        ),
        logFindings: [...head.findings, ...log.findings],
        reductions: await listFiles(root, { onlyFolder: reductionFolder }),
        values: await listValueFiles(root),
        headFile: head.files.at(0),
    }
}

/** A store of 2020-05-01, of which the log lies beside a newer one: the reductions and values are of both. */
export async function listBeside(store: LaterStore): Promise<ListedLater | undefined> {
    if (!store.older.includes(hourlyFiles)) return undefined
    return listLater({ ...store, generation: hourlyFiles, older: [] })
}

/** The generation whose log lies within the folder of this one's. */
function newerWithin({ logFolder: own }: StoreGeneration): StoreGeneration | undefined {
    return storeGenerations.find(({ logFolder }) => logFolder?.startsWith(`${own ?? ''}/`))
}

/**
 * Files of a generation whose log lies within the folder of this one's: taken for a log of before, each
 * record of it would be one that nobody names.
 */
function refuseFilesElsewhere({ path, generation }: LaterStore, files: FileList): void {
    const own = `${generation.logFolder ?? ''}/`
    const newer = newerWithin(generation)
    if (newer === undefined) return
    const { logFolder = '', logFileName, written } = newer
    if (files.find((file) => file.path === logFolder)) {
        const message = `${path} has a file ${logFolder}, where hosts ${written} have a folder with their log.`
        const hint = 'Keep the file elsewhere, and restore the folder from a backup.'
        throw new ComplogError('generation-not-read', message, { hint })
    }
    const isNewer = (name: string) => logFileName?.test(`${name.slice(0, 10)}/${name}`) === true
    const ofNewer = files.find(
        (file) => isNewer(basename(file.path)) && !file.path.startsWith(`${logFolder}/`),
    )
    const isOwn = (file: StoreFile) => generation.logFileName?.test(file.path.slice(own.length)) === true
    if (ofNewer === undefined || files.find(isOwn)) return
    throw new ComplogError(
        'generation-not-read',
        `${path} has log files as hosts ${written} write them, but not in ${logFolder}/, where alone these look for them.`,
        { hint: `Put the folders of days back there, such as ${dirname(ofNewer.path)}.` },
    )
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

/** Hosts compare the parts of paths, not whole paths: what ends a part comes before all that goes on. */
function byParts(a: string, b: string): number {
    let at = 0
    while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++
    const rankIn = (path: string) => (at === path.length ? -1 : path[at] === '/' ? 0 : path.charCodeAt(at))
    return rankIn(a) - rankIn(b)
}

/** Another order than that of whole paths where a name goes on with a `-`. */
export function inOrderOfParts(files: FileList): FileList {
    let last = ''
    const isBehind = ({ path }: StoreFile) => {
        const before = last
        last = path
        return byParts(before, path) < 0
    }
    // As hosts name them, there is no difference.
    return files.every(isBehind) ? files : [...files].sort((a, b) => byParts(a.path, b.path))
}
