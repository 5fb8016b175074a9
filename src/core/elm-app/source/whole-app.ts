// All files of an app, as hosts since 2020-05 keep them in a store: what they serve as well as the sources.
import { ComplogError } from '../../errors.js'
import { type AppFiles, appZipName, foreignFolders, sourceFolderName } from './app-files.js'
import { statIfThere } from './file-access.js'
import { readFolderFiles } from './folder-sources.js'
import { readZip, startsLikeZip } from './zip-archive.js'

/**
 * Reads every file of an app in a folder or a zip, or in the `elm-app.zip` within.
 * @returns as `withElmJsonOnTop` gives them
 * @throws ComplogError `app-not-found`, `app-malformed`, `app-zip-rejected`, `limit-exceeded`, `file-system`
 */
export async function readWholeApp(path: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const stats = await statIfThere(path)
    if (stats === undefined) throw new ComplogError('app-not-found', `There is no app at ${path}.`)
    const files = new Map(stats.isDirectory() ? await readFolderFiles(path, all) : await zipAt(path))
    const name = [...files.keys()].find((each) => each.toLowerCase() === appZipName)
    const zip = name === undefined ? undefined : files.get(name)
    if (name !== undefined && zip !== undefined) {
        files.delete(name)
        const { files: inner } = await readZip({ origin: `${path}/${name}`, bytes: zip }, () => true)
        for (const [each, bytes] of inner) files.set(each, bytes)
    }
    return withElmJsonOnTop(files, path)
}

const all = {
    isLookedAt: (path: string) => !foreignFolders.has(path.slice(path.lastIndexOf('/') + 1)),
    isRead: () => true,
}

async function zipAt(path: string): Promise<AppFiles> {
    if (await startsLikeZip(path)) return (await readZip({ origin: path, path }, () => true)).files
    throw new ComplogError('app-malformed', `${path} is neither a folder nor a zip.`, {
        hint: 'A store keeps the sources of its app: give the folder with elm.json, or a zip of it.',
    })
}

/**
 * The same files without the folder `elm-app/` around the sources, which hosts wanted until 2020-06.
 * @throws ComplogError `app-malformed` where there is no `elm.json`, or two files would have one name
 */
export function withElmJsonOnTop(files: AppFiles, origin: string): AppFiles {
    const moved = new Map<string, Uint8Array>()
    for (const [path, bytes] of files) {
        const below = path.startsWith(`${sourceFolderName}/`) ? path.slice(sourceFolderName.length + 1) : path
        if (moved.has(below))
            throw new ComplogError(
                'app-malformed',
                `${origin} has ${below} twice: at the top and in ${sourceFolderName}/.`,
            )
        moved.set(below, bytes)
    }
    if (moved.has('elm.json')) return moved
    throw new ComplogError('app-malformed', `There is no elm.json in ${origin}.`)
}
