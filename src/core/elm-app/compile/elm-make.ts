// elm make is a foreign program that may wait for a network that is not there, so it is bound in time, in
// what it may say, and by the caller's signal.

import { type ExecFileException, execFile } from 'node:child_process'

import { atLimit, ComplogError, limitCodes } from '../../errors.js'
import { interrupted, throwIfInterrupted } from '../../interruption.js'
import { type CompilerCommand, compilerMissing } from './compiler-binary.js'
import { withoutNetwork } from './elm-packages.js'

export interface ElmMakeOptions {
    readonly compiler: CompilerCommand
    /** Folder that holds elm.json. */
    readonly folder: string
    /** Relative to the folder, with `/` between its parts. */
    readonly entryFile: string
    readonly outputFile: string
    readonly optimize: boolean
    /** Absolute; undefined: the compiler's own default. */
    readonly elmHome: string | undefined
    /** false: elm is kept from asking the package site. */
    readonly mayUseNetwork: boolean
    readonly timeMillisecondsMax: number
    readonly signal: AbortSignal | undefined
}

export interface ElmMakeResult {
    readonly succeeded: boolean
    /** Everything elm make had to say about a failure, in full. */
    readonly report: string
}

/** A report beyond this is cut: no person reads that far. */
const reportSizeBytesMax = 16 * 1024 * 1024

/**
 * Runs `elm make` once.
 * @throws ComplogError `app-compiler-missing`, `limit-exceeded`, `interrupted`; `file-system` where the
 * system ended it
 */
export function runElmMake(options: ElmMakeOptions): Promise<ElmMakeResult> {
    const { compiler, folder, entryFile, outputFile, optimize, timeMillisecondsMax, signal } = options
    const make = [
        'make',
        // With a folder before it, no file name can be taken for a flag.
        `./${entryFile}`,
        ...(optimize ? ['--optimize'] : []),
        `--output=${outputFile}`,
    ]
    const settings = {
        cwd: folder,
        env: environment(options),
        timeout: timeMillisecondsMax,
        killSignal: 'SIGKILL',
        maxBuffer: reportSizeBytesMax,
        windowsHide: true,
    } as const
    return new Promise((resolve, reject) => {
        throwIfInterrupted(signal)
        const onAbort = () => child.kill('SIGKILL')
        const words = [...compiler.leadingArguments, ...make]
        const child = execFile(compiler.file, words, settings, (error, output, errors) => {
            signal?.removeEventListener('abort', onAbort)
            const isCut = error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
            if (signal?.aborted === true) reject(interrupted(signal))
            else if (error === null || isCut || typeof error.code === 'number')
                resolve({ succeeded: error === null, report: errors === '' ? output : errors })
            else reject(failedToRun(error, timeMillisecondsMax))
        })
        child.stdin?.end()
        signal?.addEventListener('abort', onAbort)
    })
}

function environment({ elmHome, mayUseNetwork }: ElmMakeOptions): NodeJS.ProcessEnv {
    return {
        ...process.env,
        ...(elmHome !== undefined && { ELM_HOME: elmHome }),
        ...(!mayUseNetwork && withoutNetwork),
    }
}

/** What kept it from an answer of its own. */
function failedToRun(error: ExecFileException, timeMillisecondsMax: number): ComplogError {
    const { code, killed = false, signal, message } = error
    if (killed) return tookTooLong(timeMillisecondsMax)
    if (signal != null) return endedBy(signal)
    const isLimit = limitCodes.includes(String(code))
    return isLimit ? atLimit('start elm make', String(code), error) : compilerMissing(message, error)
}

const signalHints: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
    SIGXFSZ: 'A file may not grow as long as the compiled app is: raise the bound on it (ulimit -f).',
    SIGXCPU: 'A process may not take as much processor time: raise the bound on it (ulimit -t).',
    SIGKILL: 'The system does so where memory is short: compile it where there is more.',
}

/** The compiler had no say in it, so what it has reported until then is about nothing. */
function endedBy(signal: NodeJS.Signals): ComplogError {
    return new ComplogError('file-system', `elm make was ended by the system: ${signal}.`, {
        hint: signalHints[signal] ?? 'Run the same command again.',
    })
}

function tookTooLong(timeMillisecondsMax: number): ComplogError {
    return new ComplogError(
        'limit-exceeded',
        `elm make was stopped, because it took longer than ${timeMillisecondsMax} ms.`,
        { hint: 'See whether package.elm-lang.org can be reached, or compile by hand and give the script.' },
    )
}
