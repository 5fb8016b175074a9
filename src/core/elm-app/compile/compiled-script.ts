// Entrance of core/elm-app/compile/: from sources to a script. In come the files of an app in memory; out
// comes JavaScript with the functions of its map published. Knows elm make, the Elm home with its packages,
// and the cache of scripts.
//
// A script comes from the cache where it can, since that needs neither compiler nor packages, and from the
// compiler where it must.
import { type CodeCache, codeCacheOf } from '../../cache/kept-files.js'
import { inTurn } from '../../turns.js'
import type { SourcesOfApp } from '../source/app-source.js'
import { compileApp } from './compile.js'
import { chooseElmHome } from './elm-packages.js'
import { cacheFolder, cacheKey, readCachedScript, writeCachedScript } from './script-cache.js'

/** A script as elm make wrote it, and how it was come by. */
export interface AppScript {
    readonly bytes: Uint8Array
    readonly source: 'compiled' | 'cache' | 'script'
    readonly optimized: boolean | null
    readonly notes: readonly string[]
    /** Where V8's code of it is kept, made of a text that depends on this and on nothing else. */
    readonly codeCache?: ((...madeOf: readonly string[]) => CodeCache) | undefined
}

export interface CompiledScriptOptions {
    readonly elmHome?: string | undefined
    readonly cache?: boolean | undefined
    readonly cacheDirectory?: string | undefined
    readonly signal?: AbortSignal | undefined
    readonly onTemporaryFiles?: (() => () => void) | undefined
}

/**
 * The script of an app given as sources.
 * @throws ComplogError as `compileApp` does
 */
export async function compiledScript(app: SourcesOfApp, options: CompiledScriptOptions): Promise<AppScript> {
    const elmHome = chooseElmHome(options.elmHome)
    const { signal, onTemporaryFiles } = options
    const compile = () => compileApp(app, { elmHome, signal, onTemporaryFiles })
    const turnKey = elmHome.path ?? ''
    const folder = options.cache === false ? undefined : cacheFolder(options.cacheDirectory)
    if (folder === undefined) {
        const script = await inTurn(turnKey, compile)
        return { ...script, source: 'compiled' }
    }
    const key = cacheKey(app, elmHome.path)
    const codeCache = (...madeOf: readonly string[]) => codeCacheOf(folder, key, madeOf)
    const fromCache = async (): Promise<AppScript | undefined> => {
        const script = await readCachedScript(folder, key)
        return script === undefined ? undefined : { ...script, source: 'cache', codeCache }
    }
    const compileAndKeep = async (): Promise<AppScript> => {
        const script = await compile()
        const note = await writeCachedScript(folder, key, script)
        return {
            ...script,
            source: 'compiled',
            codeCache,
            notes: [...script.notes, ...(note === undefined ? [] : [note])],
        }
    }
    // Looked for once more when the turn comes: whoever had it before may have compiled this very app.
    return (
        (await fromCache()) ??
        (await inTurn(turnKey, async () => (await fromCache()) ?? (await compileAndKeep())))
    )
}
