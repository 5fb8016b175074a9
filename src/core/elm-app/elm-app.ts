// Entrance of core/elm-app/: an app that answers events. In comes the path of an app; out comes an app that
// runs in a thread of its own. `source/` reads where it comes from, `compile/` makes one script of it,
// `thread/` runs that.
//
// The one way from `--app PATH` to an app that runs.

import { ComplogError } from '../errors.js'
import { throwIfInterrupted } from '../interruption.js'
import { defaultLimits, type Limits } from '../limits.js'
import { type AppScript, compiledScript } from './compile/compiled-script.js'
import { publishFunctions } from './compile/publish.js'
import { sha256 } from './compile/script-cache.js'
import { appOfFiles, readAppSource } from './source/app-source.js'
import { scriptForm } from './thread/app-context.js'
import type { ElmAppInstance } from './thread/instance.js'
import { RunningApp } from './thread/running-app.js'

/** V8 makes code of a smaller script in a few milliseconds. */
const largeScriptSizeBytes = 1024 * 1024

export { AppFailure, type AppFailureKind, type AppPhase } from './thread/app-failure.js'
export type {
    BatchResult,
    BehindSetState,
    ElmAppInstance,
    InputBatch,
    PackedBatch,
} from './thread/instance.js'
export { eventKind, setStateKind } from './thread/instance.js'

/** Which app to load, and how. */
export interface LoadElmAppOptions {
    /** Kalmit folder, elm-app.zip, web-app-config.zip, or a .js script compiled by elm make. */
    readonly path: string
    /** The files themselves, where they are not at the path: it names them in messages then. */
    readonly files?: ReadonlyMap<string, Uint8Array> | undefined
    /** Module that holds the four functions, for a compiled script without a map file. For a script only. */
    readonly entry?: string | undefined
    /**
     * true: run a script that somebody else has compiled. Elm sources are kept pure by the compiler, which is
     * run here; a script may hold any JavaScript. It is kept apart as far as Node can, which is no boundary.
     */
    readonly allowScript?: boolean | undefined
    /** Elm home to compile with; default: ELM_HOME of the environment, else the compiler's own default. */
    readonly elmHome?: string | undefined
    /** false: neither read nor write the cache of compiled scripts. */
    readonly cache?: boolean | undefined
    /** Default: COMPLOG_CACHE_DIR of the environment, else the user's cache directory. */
    readonly cacheDirectory?: string | undefined
    readonly limits?: Partial<Limits> | undefined
    readonly signal?: AbortSignal | undefined
    /**
     * Called before there are files that only this process will remove. What it returns is called when they
     * are gone: in between, whoever ends the process should do it through the signal.
     */
    readonly onTemporaryFiles?: (() => () => void) | undefined
    /** Called with each line the app writes through Debug.log. Absent: dropped. */
    readonly onAppLog?: ((text: string) => void) | undefined
}

/** An app that was loaded and compiled, and can be started any number of times. */
export interface LoadedElmApp {
    /** SHA-256 (upper hex) of the script that runs, as elm make wrote it. */
    readonly scriptHash: string
    readonly source: 'compiled' | 'cache' | 'script'
    /** Whether elm make ran with --optimize; null for a given script. */
    readonly optimized: boolean | null
    /** Things a person should know, such as that the app was not optimised, because it uses Debug. */
    readonly notes: readonly string[]
    /** Whether somebody reads what the app writes through Debug.log. */
    readonly isHeard?: boolean
    /**
     * A fresh instance of the app, in a thread of its own, in the app's initial state.
     * @throws AppFailure where the app fails as it starts; ComplogError `app-function-missing`,
     * `app-malformed`, `interrupted`
     */
    start(): Promise<ElmAppInstance>
}

/**
 * Loads the app at a path, and compiles it where that has not been done before.
 * @throws ComplogError with a code of `app-*` (but none of a running app), `usage`, `script-not-allowed`,
 * `limit-exceeded`, `file-system` or `interrupted`
 */
export async function loadElmApp(options: LoadElmAppOptions): Promise<LoadedElmApp> {
    throwIfInterrupted(options.signal)
    const { path, files } = options
    const source = files === undefined ? await readAppSource(path, options.entry) : appOfFiles(files, path)
    if (source.kind === 'script' && options.allowScript !== true) throw scriptNotAllowed(options.path)
    const script = source.kind === 'script' ? given(source.bytes) : await compiledScript(source, options)
    const functions = source.kind === 'script' ? source.functions : source.map.functions
    const published = publishFunctions(Buffer.from(script.bytes).toString('utf8'), functions)
    const scriptHash = sha256(script.bytes)
    const codeCache =
        script.bytes.length < largeScriptSizeBytes
            ? undefined
            : script.codeCache?.(scriptHash, JSON.stringify(functions), scriptForm)
    return {
        scriptHash,
        source: script.source,
        optimized: script.optimized,
        notes: script.notes,
        isHeard: options.onAppLog !== undefined,
        async start() {
            let madeCode: Uint8Array | undefined
            const instance = await RunningApp.start({
                script: published,
                code: codeCache && {
                    made: await codeCache.read(),
                    onMade: (code) => (madeCode = code),
                },
                functions,
                limits: { ...defaultLimits, ...options.limits },
                signal: options.signal,
                onAppLog: options.onAppLog,
            })
            if (madeCode !== undefined) await codeCache?.write(madeCode)
            return instance
        },
    }
}

function scriptNotAllowed(path: string): ComplogError {
    return new ComplogError(
        'script-not-allowed',
        `${path} is a compiled script, which may hold any JavaScript. Only Elm sources are known to be pure.`,
        {
            hint: "Give the app's folder or zip instead. If you trust whoever compiled the script, allow it: --allow-script.",
        },
    )
}

function given(bytes: Uint8Array): AppScript {
    return { bytes, source: 'script', optimized: null, notes: [] }
}
