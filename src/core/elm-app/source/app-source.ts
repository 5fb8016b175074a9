// Entrance of core/elm-app/source/: where an app comes from. In comes a path; out come Elm sources with their
// map of functions, or a compiled script. Knows folders, zips and the map file, and no compiler.
//
// PATH may be a folder, a zip or a script. Its content decides, since people rename files and a name's ending
// promises nothing.
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { ComplogError } from '../../errors.js'
import { appFileSizeBytesMax } from '../../limits.js'
import {
    type AppBundle,
    type AppFiles,
    appZipName,
    bundleOf,
    exportCall,
    isMapFile,
    mapFileName,
    sourceFolderName,
} from './app-files.js'
import {
    type AppFunctions,
    type AppMap,
    conventionalApp,
    conventionalFunctions,
    exampleMap,
    functionsOfModule,
    parseAppMap,
} from './app-map.js'
import { readFileIfThere, statIfThere } from './file-access.js'
import { readFolderSources } from './folder-sources.js'
import { startsLikeZip } from './zip-archive.js'
import { readZipSources } from './zip-sources.js'

export interface SourcesOfApp {
    readonly kind: 'sources'
    readonly files: AppFiles
    readonly map: AppMap
}

export interface ScriptOfApp {
    readonly kind: 'script'
    readonly bytes: Uint8Array
    readonly functions: AppFunctions
}

/**
 * Reads what stands at `path`. `entry` names the module of the four functions, for a script only.
 * @throws ComplogError `app-not-found`, `app-malformed`, `app-map-missing`, `app-map-malformed`,
 * `app-zip-rejected`, `usage`, `limit-exceeded`, `file-system`
 */
export async function readAppSource(
    path: string,
    entry: string | undefined,
): Promise<SourcesOfApp | ScriptOfApp> {
    const stats = await statIfThere(path)
    if (stats === undefined) {
        throw new ComplogError('app-not-found', `There is no app at ${path}.`, {
            hint: 'Give a Kalmit folder, an elm-app.zip, a web-app-config.zip, or a script that elm make wrote.',
        })
    }
    if (stats.isDirectory()) {
        refuseEntry(entry, path, 'a folder')
        return await readFolder(path)
    }
    if (!stats.isFile()) throw new ComplogError('app-malformed', `${path} is neither a folder nor a file.`)
    if (await startsLikeZip(path)) {
        refuseEntry(entry, path, 'a zip')
        return sourcesOf(await readZipSources(path), path)
    }
    return await readScript(path, stats.size, entry)
}

function refuseEntry(entry: string | undefined, path: string, what: string): void {
    if (entry === undefined) return
    throw new ComplogError(
        'usage',
        `${path} is ${what}, and its ${mapFileName} names the functions already.`,
        { hint: 'Leave out the entry module, or change the map file.' },
    )
}

/** A folder may hold what a web-app-config.zip does: then the app is in the zip within. */
async function readFolder(folder: string): Promise<SourcesOfApp> {
    const bundle = await readFolderSources(folder)
    const name = (await readdir(folder)).find((entry) => entry.toLowerCase() === appZipName)
    const zip = name === undefined ? undefined : join(folder, name)
    if (zip !== undefined && bundle.map === undefined && bundle.files.size === 0) {
        return sourcesOf(await readZipSources(zip), zip)
    }
    return sourcesOf(bundle, folder, zip)
}

/** The same of files in memory, which come from `origin`. */
export function appOfFiles(files: AppFiles, origin: string): SourcesOfApp {
    return sourcesOf(bundleOf(files), origin)
}

/** `zip`: an elm-app.zip that stands beside. */
function sourcesOf(bundle: AppBundle, origin: string, zip?: string): SourcesOfApp {
    if (bundle.map === undefined) {
        const found = conventionalApp(bundle.files, origin)
        if (found === undefined) throw noMap(bundle, origin, zip)
        return { kind: 'sources', ...found }
    }
    const mapOrigin = `${origin}/${bundle.map.name}`
    const map = parseAppMap(bundle.map.bytes, mapOrigin)
    if (!bundle.files.has('elm.json')) {
        throw new ComplogError('app-malformed', `There is no ${sourceFolderName}/elm.json in ${origin}.`, {
            hint: `Put the Elm project, elm.json and all, into ${sourceFolderName}/ beside ${bundle.map.name}.`,
        })
    }
    const entryFile = inItsCase(map.entryFile, bundle.files)
    if (entryFile === undefined) {
        throw new ComplogError(
            'app-map-malformed',
            `${mapOrigin} names the file ${map.entryFile}, which is not in ${sourceFolderName}/.`,
            { hint: `pathToFileWithElmEntryPoint is relative to ${sourceFolderName}/.` },
        )
    }
    return { kind: 'sources', files: bundle.files, map: { ...map, entryFile } }
}

/** Map files that were written on Windows need not have the case of the files. */
function inItsCase(path: string, files: AppFiles): string | undefined {
    if (files.has(path)) return path
    const [found, ...others] = [...files.keys()].filter((name) => name.toLowerCase() === path.toLowerCase())
    return others.length === 0 ? found : undefined
}

function noMap({ files }: AppBundle, origin: string, zip: string | undefined): ComplogError {
    if (files.size === 0) {
        return new ComplogError('app-map-missing', `There is no ${mapFileName} in ${origin}.`, {
            hint: `An app is ${mapFileName} beside ${sourceFolderName}/, in a folder or a zip.`,
        })
    }
    return new ComplogError(
        'app-map-missing',
        `Which functions make up the app? There is no ${mapFileName} in ${origin}, and neither src/Main.elm nor src/Backend/Main.elm has functions named interfaceToHost_….`,
        {
            hint: zip
                ? `Give ${zip} instead.`
                : `Put the Elm project into ${sourceFolderName}/, and beside it ${mapFileName} with the names of the functions, such as ${exampleMap(files)}`,
        },
    )
}

async function readScript(path: string, sizeBytes: number, entry: string | undefined): Promise<ScriptOfApp> {
    if (sizeBytes > appFileSizeBytesMax) {
        const hint = 'Name the sources of the app, or a script that elm make wrote.'
        throw new ComplogError('limit-exceeded', `${path} is larger than ${appFileSizeBytesMax} bytes.`, {
            hint,
        })
    }
    const bytes = await readFileIfThere(path)
    if (bytes === undefined) throw new ComplogError('app-not-found', `${path} has just been removed.`)
    const text = bytes.toString('utf8')
    if (text.trimStart().startsWith('<')) throw notAScript(path, 'is a web page')
    if (!text.includes(exportCall))
        throw notAScript(path, 'is neither a zip nor a script that elm make wrote')
    if (entry !== undefined) return { kind: 'script', bytes, functions: functionsOfModule(entry, text) }
    const mapName =
        (await readdir(dirname(path)).catch(() => [])).filter(isMapFile).sort().at(-1) ?? mapFileName
    const mapPath = join(dirname(path), mapName)
    const map = await readFileIfThere(mapPath)
    if (map === undefined) {
        const functions = conventionalFunctions(text)
        if (functions !== undefined) return { kind: 'script', bytes, functions }
        throw new ComplogError('app-map-missing', `There is no ${mapFileName} beside ${path}.`, {
            hint: 'Put the map file there, or name the module that holds the four functions: --entry Counter.',
        })
    }
    return { kind: 'script', bytes, functions: parseAppMap(map, mapPath).functions }
}

function notAScript(path: string, problem: string): ComplogError {
    return new ComplogError('app-malformed', `${path} ${problem}.`, {
        hint: 'Give a Kalmit folder, a zip, or what `elm make Main.elm --output=app.js` wrote.',
    })
}
