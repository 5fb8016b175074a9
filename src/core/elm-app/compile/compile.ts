// An app is compiled in a copy that nobody else sees: the person's folder stays as it is, and elm-stuff of
// another compiler run cannot leak in.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { makeFolders } from '../../cache/kept-files.js'
import { throwIfInterrupted } from '../../interruption.js'
import { compileTimeMillisecondsMax } from '../../limits.js'
import { sourceFolderName } from '../source/app-files.js'
import type { SourcesOfApp } from '../source/app-source.js'
import { fileSystemErrorBelow, statIfThere } from '../source/file-access.js'
import {
    compileError,
    isCollision,
    isDebugRemnants,
    isPackagesMissing,
    packagesMissingError,
} from './compile-errors.js'
import { type CompilerCommand, findElmCompiler } from './compiler-binary.js'
import { prepareElmJson } from './elm-json.js'
import { type ElmMakeOptions, type ElmMakeResult, runElmMake } from './elm-make.js'
import { type ElmHomeChoice, type PackagesInHome, packagesInHome } from './elm-packages.js'

export interface CompileOptions {
    readonly elmHome: ElmHomeChoice
    readonly signal: AbortSignal | undefined
    readonly onTemporaryFiles?: (() => () => void) | undefined
    readonly timeMillisecondsMax?: number
    readonly compiler?: CompilerCommand
}

export interface CompiledScript {
    /** What elm make wrote. */
    readonly bytes: Uint8Array
    readonly optimized: boolean
    readonly notes: readonly string[]
}

/**
 * Compiles an app in a temporary folder, which is gone afterwards whatever happens.
 * @throws ComplogError `app-compile-failed`, `app-packages-missing`, `app-compiler-missing`,
 * `app-malformed`, `limit-exceeded`, `file-system`, `interrupted`
 */
export async function compileApp(app: SourcesOfApp, options: CompileOptions): Promise<CompiledScript> {
    const compiler = options.compiler ?? findElmCompiler()
    const { path: elmHome, mustExist } = options.elmHome
    if (elmHome !== undefined && mustExist && (await statIfThere(elmHome))?.isDirectory() !== true) {
        throw packagesMissingError(`There is no Elm home at ${elmHome}.`)
    }
    const elmJson = prepareElmJson(app.files.get('elm.json') ?? new Uint8Array())
    const packages = await packagesInHome(elmHome, elmJson.bytes)
    const onGone = options.onTemporaryFiles?.()
    let temporary: string | undefined
    try {
        temporary = await inTemporaryPlace(() => mkdtemp(join(tmpdir(), 'complog-')))
        const make: Omit<ElmMakeOptions, 'optimize'> = {
            compiler,
            folder: join(temporary, sourceFolderName),
            entryFile: app.map.entryFile,
            outputFile: join(temporary, 'app.js'),
            elmHome,
            mayUseNetwork: !packages.isComplete,
            timeMillisecondsMax: options.timeMillisecondsMax ?? compileTimeMillisecondsMax,
            signal: options.signal,
        }
        const files = new Map([...app.files, ['elm.json', elmJson.bytes]])
        await inTemporaryPlace(() => writeSources(make.folder, files, options.signal))
        const { bytes, optimized } = await optimizedIfPossible(make, packages)
        const note = optimized ? [] : ['not optimised, because the app uses Debug']
        return { bytes, optimized, notes: [...elmJson.notes, ...note] }
    } finally {
        if (temporary !== undefined) await removeTemporary(temporary)
        onGone?.()
    }
}

function removeTemporary(folder: string): Promise<void> {
    return inTemporaryPlace(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
}

async function optimizedIfPossible(
    make: Omit<ElmMakeOptions, 'optimize'>,
    packages: PackagesInHome,
): Promise<Omit<CompiledScript, 'notes'>> {
    let result = await runElmMakeAgain({ ...make, optimize: true })
    // The home was not as whole as it looked.
    if (!result.succeeded && !make.mayUseNetwork && isPackagesMissing(result.report)) {
        return optimizedIfPossible({ ...make, mayUseNetwork: true }, packages)
    }
    const optimized = result.succeeded || !isDebugRemnants(result.report)
    if (!optimized) result = await runElmMakeAgain({ ...make, optimize: false })
    if (!result.succeeded) throw compileError(result.report, packages)
    return { bytes: await inTemporaryPlace(() => readFile(make.outputFile)), optimized }
}

async function writeSources(
    folder: string,
    files: ReadonlyMap<string, Uint8Array>,
    signal: AbortSignal | undefined,
): Promise<void> {
    for (const [path, bytes] of files) {
        throwIfInterrupted(signal)
        const target = join(folder, path)
        await makeFolders(dirname(target))
        await writeFile(target, bytes, { flag: 'wx' })
    }
}

async function inTemporaryPlace<T>(work: () => Promise<T>): Promise<T> {
    try {
        return await work()
    } catch (error) {
        throw fileSystemErrorBelow(error, 'write to', tmpdir())
    }
}

// Compilers of several processes that share a fresh Elm home read each other's half-written files, and elm
// crashes over it (tried: 17 of 320 runs, eight at a time). A moment later the files are whole, so it is
// tried again.

const attemptsMax = 4
const pauseMilliseconds = 150

/**
 * Runs `elm make`, and runs it again where it crashed rather than found fault with the app.
 * @throws ComplogError as `runElmMake` does
 */
export async function runElmMakeAgain(options: ElmMakeOptions): Promise<ElmMakeResult> {
    for (let attempt = 1; ; attempt += 1) {
        const result = await runElmMake(options)
        if (result.succeeded || attempt === attemptsMax || !isCollision(result.report)) return result
        await pause(attempt * pauseMilliseconds)
        await rm(join(options.folder, 'elm-stuff'), { recursive: true, force: true })
    }
}
