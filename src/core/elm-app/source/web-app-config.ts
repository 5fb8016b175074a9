// Beside the app, a `web-app-config.zip` says what its host is to do before the app is asked: in a map file,
// and with the files that are to be served. Only a host reads them, so that no other command is held up by a
// large picture.
import { join } from 'node:path'

import { statIfThere } from './file-access.js'
import { readFolderFiles } from './folder-sources.js'
import { readZip, startsLikeZip } from './zip-archive.js'

export interface WebAppConfig {
    /** The map file's path, for messages, and what it holds; absent where there is none. */
    readonly map: { readonly origin: string; readonly bytes: Uint8Array } | undefined
    /** By their paths below `static-files/`, with `/` between the parts. Names are compared exactly. */
    readonly files: ReadonlyMap<string, Uint8Array>
}

/** Hosts took the first name until 2020, then the second; both in any case. */
const mapNames = ['map.json', 'elm-fullstack.json']
const filesPattern = /^static-files\/(.+)$/is

const isMap = (path: string) => mapNames.includes(path.toLowerCase())
const isRead = (path: string) => isMap(path) || filesPattern.test(path)
const isLookedAt = (path: string) => isRead(path) || /^static-files$/i.test(path)

/**
 * Reads what stands beside the app in a folder or a zip. A script has nothing beside it.
 * @throws ComplogError `app-malformed`, `app-zip-rejected`, `limit-exceeded`, `file-system`
 */
export async function readWebAppConfig(path: string): Promise<WebAppConfig> {
    const stats = await statIfThere(path)
    if (stats?.isDirectory() === true)
        return configOf(await readFolderFiles(path, { isLookedAt, isRead }), path)
    if (stats?.isFile() !== true || !(await startsLikeZip(path))) return { map: undefined, files: new Map() }
    return configOf((await readZip({ origin: path, path }, isRead)).files, path)
}

function configOf(entries: ReadonlyMap<string, Uint8Array>, folder: string): WebAppConfig {
    const files = new Map<string, Uint8Array>()
    for (const [path, bytes] of entries) {
        const name = filesPattern.exec(path)?.[1]
        if (name !== undefined) files.set(name, bytes)
    }
    const [name] = [...entries.keys()].filter(isMap).sort().reverse()
    const bytes = name === undefined ? undefined : entries.get(name)
    return { map: bytes && { origin: join(folder, name ?? ''), bytes }, files }
}
