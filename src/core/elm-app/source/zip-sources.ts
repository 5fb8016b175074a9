// Kalmit took its app as elm-app.zip, and a web app as web-app-config.zip with elm-app.zip inside. People
// hand over whichever they have, so both are accepted, and told apart by what they hold.

import { ComplogError } from '../../errors.js'
import type { AppBundle, AppFiles } from './app-files.js'
import { appZipName, bundleOf, isAppPath, isSourcePath, mapFileName, sourceFolderName } from './app-files.js'
import { readZip, type ZipBounds, type ZipInput, zipBounds } from './zip-archive.js'

/**
 * Reads the map file and the Elm sources of a zip, or of the elm-app.zip inside of it.
 * @throws ComplogError `app-zip-rejected`, `app-map-missing`
 */
export async function readZipSources(path: string, bounds: ZipBounds = zipBounds): Promise<AppBundle> {
    const outer = await readZip({ origin: path, path }, (name) => isWanted(name) || isAppZip(name), bounds)
    const [zipName] = outer.names.filter(isAppZip)
    const inner = zipName === undefined ? undefined : outer.files.get(zipName)
    if ([...outer.files.keys()].some(isAppPath) || inner === undefined)
        return bundle(outer.files, outer.names, path)
    const input: ZipInput = { origin: `${path}/${zipName}`, bytes: inner }
    const { files, names } = await readZip(input, isWanted, bounds)
    return bundle(files, names, input.origin)
}

const isAppZip = (name: string) => name.toLowerCase() === appZipName
// Without `elm-app/`, an Elm project as it stands.
const isWanted = (name: string) => isAppPath(name) || isSourcePath(name)

function bundle(entries: AppFiles, names: readonly string[], origin: string): AppBundle {
    const found = bundleOf(entries)
    if (found.map !== undefined || found.files.has('elm.json')) return found
    const nested = names.find((name) => name.endsWith(`/${mapFileName}`))
    throw new ComplogError('app-map-missing', `The zip ${origin} has no ${mapFileName} at its root.`, {
        hint:
            nested === undefined
                ? `Zip ${mapFileName} and ${sourceFolderName}/ together, or give a web-app-config.zip that holds ${appZipName}.`
                : `It has ${nested}: zip what is in that folder, not the folder itself.`,
    })
}
