// The sources of an app live in memory, as paths and bytes, so that no path of an archive reaches the
// file system before it was checked, and folders and archives are the same thing to all that follows.

/** Path relative to `elm-app/`, with `/` between its parts -> content. */
export type AppFiles = ReadonlyMap<string, Uint8Array>

/** What a folder or an archive holds of an app. */
export interface AppBundle {
    readonly map: { readonly name: string; readonly bytes: Uint8Array } | undefined
    readonly files: AppFiles
}

export const mapFileName = 'elm-app.map.json'
export const sourceFolderName = 'elm-app'
export const appZipName = 'elm-app.zip'

/** With this call begins the last act of every script that elm make writes. */
export const exportCall = '_Platform_export('

/** The second is its name of November 2018. Hosts took all these names in any case. */
const mapFileNames: readonly string[] = [mapFileName, 'elm-app.entry-config.json']

export function isMapFile(name: string): boolean {
    return mapFileNames.includes(name.toLowerCase())
}

const inSourceFolder = /^elm-app\/(.+)$/is

/** Whether a path in a folder or an archive is one that an app is made of. */
export function isAppPath(path: string): boolean {
    return isMapFile(path) || isSourcePath(inSourceFolder.exec(path)?.[1] ?? '')
}

/** The app that these files are: in `elm-app/`, or, without that folder, an Elm project as it stands. */
export function bundleOf(entries: AppFiles): AppBundle {
    const files = new Map<string, Uint8Array>()
    for (const [path, bytes] of entries) {
        const inside = inSourceFolder.exec(path)?.[1]
        if (inside !== undefined && isSourcePath(inside)) files.set(inside, bytes)
    }
    const [name] = [...entries.keys()].filter(isMapFile).sort().reverse()
    const bytes = name === undefined ? undefined : entries.get(name)
    if (name !== undefined && bytes !== undefined) return { map: { name, bytes }, files }
    if (files.size === 0)
        for (const [path, content] of entries) if (isSourcePath(path)) files.set(path, content)
    return { map: undefined, files }
}

/** Folders that tools fill: none of it is the app's own source. */
export const foreignFolders: ReadonlySet<string> = new Set(['elm-stuff', 'node_modules', '.git'])

/** Whether a path relative to `elm-app/` is one that `elm make` reads. */
export function isSourcePath(path: string): boolean {
    const parts = path.split('/')
    const name = parts.at(-1) ?? ''
    return (name === 'elm.json' || name.endsWith('.elm')) && !parts.some((part) => foreignFolders.has(part))
}
