// The one way from `--app PATH` to an app that runs.
import { sha256 } from '../cache/kept-files.js'
import { ComplogError } from '../errors.js'
import { throwIfInterrupted } from '../interruption.js'
import { defaultLimits } from '../limits.js'
import { type AppScript, compiledScript } from './compile/compiled-script.js'
import { publishFunctions } from './compile/publish.js'
import type { LoadElmAppOptions, LoadedElmApp } from './elm-app.js'
import { appOfFiles, readAppSource } from './source/app-source.js'
import { scriptForm } from './thread/app-context.js'
import { RunningApp } from './thread/running-app.js'

/** V8 makes code of a smaller script in a few milliseconds. */
const largeScriptSizeBytes = 1024 * 1024

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
        async start({ outlivesThrow } = {}) {
            let madeCode: Uint8Array | undefined
            const instance = await RunningApp.start({
                script: published,
                code: codeCache && {
                    made: codeCache.read(),
                    onMade: (code) => (madeCode = code),
                },
                functions,
                limits: { ...defaultLimits, ...options.limits },
                signal: options.signal,
                onAppLog: options.onAppLog,
                outlivesThrow,
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
