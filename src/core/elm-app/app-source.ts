// PATH may be a folder, a zip or a script. Its content decides, since people rename files and a
// name's ending promises nothing.

import { dirname, join } from 'node:path'
import { ComplogError } from '../errors.js'
import { appFileSizeBytesMax } from '../limits.js'
import { appZipName, mapFileName, sourceFolderName, type AppBundle, type AppFiles } from './app-files.js'
import { functionsOfModule, parseAppMap, type AppFunctions, type AppMap } from './app-map.js'
import { readFileIfThere, statIfThere } from './file-access.js'
import { readFolderSources } from './folder-sources.js'
import { isCompiledElm } from './publish.js'
import { startsLikeZip } from './zip-magic.js'
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
 * Errors: `app-not-found`, `app-malformed`, `app-map-missing`, `app-map-malformed`, `app-zip-rejected`,
 * `usage`, `limit-exceeded`, `file-system`.
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
        return await sourcesOf(await readFolderSources(path), path)
    }
    if (!stats.isFile()) throw new ComplogError('app-malformed', `${path} is neither a folder nor a file.`)
    if (await startsLikeZip(path)) {
        refuseEntry(entry, path, 'a zip')
        return await sourcesOf(await readZipSources(path), path)
    }
    return await readScript(path, stats.size, entry)
}

function refuseEntry(entry: string | undefined, path: string, what: string): void {
    if (entry === undefined) return
    throw new ComplogError(
        'usage',
        `${path} is ${what}, and its ${mapFileName} names the functions already.`,
        {
            hint: 'Leave out the entry module, or change the map file.',
        },
    )
}

async function sourcesOf(bundle: AppBundle, origin: string): Promise<SourcesOfApp> {
    if (bundle.map === undefined) {
        throw new ComplogError('app-map-missing', `There is no ${mapFileName} in ${origin}.`, {
            hint: await hintForMissingMap(origin),
        })
    }
    const mapOrigin = `${origin}/${mapFileName}`
    const map = parseAppMap(bundle.map, mapOrigin)
    if (!bundle.files.has('elm.json')) {
        throw new ComplogError('app-malformed', `There is no ${sourceFolderName}/elm.json in ${origin}.`, {
            hint: `Put the Elm project, elm.json and all, into ${sourceFolderName}/ beside ${mapFileName}.`,
        })
    }
    if (!bundle.files.has(map.entryFile)) {
        throw new ComplogError(
            'app-map-malformed',
            `${mapOrigin} names the file ${map.entryFile}, which is not in ${sourceFolderName}/.`,
            { hint: `pathToFileWithElmEntryPoint is relative to ${sourceFolderName}/, and case counts.` },
        )
    }
    return { kind: 'sources', files: bundle.files, map }
}

async function hintForMissingMap(folder: string): Promise<string> {
    if ((await statIfThere(join(folder, appZipName))) !== undefined)
        return `Give ${join(folder, appZipName)} instead.`
    if ((await statIfThere(join(folder, 'elm.json'))) !== undefined) {
        return `This is the Elm project itself. Give the folder that holds it, named ${sourceFolderName}, beside ${mapFileName}.`
    }
    return `A Kalmit folder holds ${mapFileName} beside ${sourceFolderName}/.`
}

async function readScript(path: string, sizeBytes: number, entry: string | undefined): Promise<ScriptOfApp> {
    if (sizeBytes > appFileSizeBytesMax) {
        throw new ComplogError('limit-exceeded', `${path} is larger than ${appFileSizeBytesMax} bytes.`)
    }
    const bytes = await readFileIfThere(path)
    if (bytes === undefined) throw new ComplogError('app-not-found', `${path} has just been removed.`)
    const text = bytes.toString('utf8')
    if (text.trimStart().startsWith('<')) throw notAScript(path, 'is a web page')
    if (!isCompiledElm(text)) throw notAScript(path, 'is neither a zip nor a script that elm make wrote')
    if (entry !== undefined) return { kind: 'script', bytes, functions: functionsOfModule(entry) }
    const mapPath = join(dirname(path), mapFileName)
    const map = await readFileIfThere(mapPath)
    if (map === undefined) {
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
