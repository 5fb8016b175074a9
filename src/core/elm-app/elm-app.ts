// Entrance of core/elm-app/: an app that answers events. In comes the path of an app; out comes an app that
// runs in a thread of its own. `load-app.ts` is the one way from `--app PATH` there: `source/` reads where it
// comes from, `compile/` makes one script of it, `thread/` runs that.
//
// Only what is said of apps: to load what loads one takes longer than many commands do.
import type { Limits } from '../limits.js'
import type { ElmAppInstance } from './thread/instance.js'

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

/** How an instance is to behave. */
export interface StartOptions {
    /**
     * Where the app throws on an input, every call rejects with that, but for those of states that were kept,
     * until the instance goes on from one. Absent: that is its end.
     */
    readonly outlivesThrow?: boolean | undefined
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
    start(options?: StartOptions): Promise<ElmAppInstance>
}
