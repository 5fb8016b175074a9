// Kalmit took its app as elm-app.zip, and a web app as web-app-config.zip with elm-app.zip inside. People hand
// over whichever they have, so both are accepted, and told apart by what they hold.

import {
    appZipName,
    isSourcePath,
    mapFileName,
    sourceFolderName,
    type AppBundle,
    type AppFiles,
} from './app-files.js'
import { ComplogError } from '../errors.js'
import { readZip, zipBounds, type ZipBounds, type ZipInput } from './zip-archive.js'

const sourcePrefix = `${sourceFolderName}/`

/**
 * Reads the map file and the Elm sources of a zip, or of the elm-app.zip inside of it.
 * Errors: `app-zip-rejected`, `app-map-missing`.
 */
export async function readZipSources(path: string, bounds: ZipBounds = zipBounds): Promise<AppBundle> {
    const outer = await readZip(
        { origin: path, path },
        (name) => isWanted(name) || name === appZipName,
        bounds,
    )
    const inner = outer.files.get(appZipName)
    if (outer.files.has(mapFileName) || inner === undefined) return bundle(outer.files, outer.names, path)
    const input: ZipInput = { origin: `${path}/${appZipName}`, bytes: inner }
    const { files, names } = await readZip(input, isWanted, bounds)
    return bundle(files, names, input.origin)
}

function isWanted(name: string): boolean {
    return (
        name === mapFileName ||
        (name.startsWith(sourcePrefix) && isSourcePath(name.slice(sourcePrefix.length)))
    )
}

function bundle(entries: AppFiles, names: readonly string[], origin: string): AppBundle {
    const map = entries.get(mapFileName)
    if (map === undefined) {
        const nested = names.find((name) => name.endsWith(`/${mapFileName}`))
        throw new ComplogError('app-map-missing', `The zip ${origin} has no ${mapFileName} at its root.`, {
            hint:
                nested === undefined
                    ? `Zip ${mapFileName} and ${sourcePrefix} together, or give a web-app-config.zip that holds ${appZipName}.`
                    : `It has ${nested}: zip what is in that folder, not the folder itself.`,
        })
    }
    const files = new Map<string, Uint8Array>()
    for (const [name, bytes] of entries) {
        if (name.startsWith(sourcePrefix)) files.set(name.slice(sourcePrefix.length), bytes)
    }
    return { map, files }
}
