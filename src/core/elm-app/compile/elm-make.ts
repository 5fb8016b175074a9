// elm make is a foreign program that may wait for a network that is not there, so it is bound in time, in
// what it may say, and by the caller's signal.

import { type ChildProcess, spawn } from 'node:child_process'

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
export async function runElmMake(options: ElmMakeOptions): Promise<ElmMakeResult> {
    throwIfInterrupted(options.signal)
    const { compiler } = options
    const child = spawn(
        compiler.file,
        [
            ...compiler.leadingArguments,
            'make',
            // With a folder before it, no file name can be taken for a flag.
            `./${options.entryFile}`,
            ...(options.optimize ? ['--optimize'] : []),
            `--output=${options.outputFile}`,
        ],
        {
            cwd: options.folder,
            env: environment(options),
            stdio: ['ignore', 'pipe', 'pipe'],
            windowsHide: true,
        },
    )
    return await outcome(child, options)
}

function environment({ elmHome, mayUseNetwork }: ElmMakeOptions): NodeJS.ProcessEnv {
    return {
        ...process.env,
        ...(elmHome !== undefined && { ELM_HOME: elmHome }),
        ...(!mayUseNetwork && withoutNetwork),
    }
}

function outcome(child: ChildProcess, options: ElmMakeOptions): Promise<ElmMakeResult> {
    return new Promise((resolve, reject) => {
        let stopped: ComplogError | undefined
        const stop = (error: ComplogError): void => {
            stopped ??= error
            child.kill('SIGKILL')
        }
        const timer = setTimeout(
            () => stop(tookTooLong(options.timeMillisecondsMax)),
            options.timeMillisecondsMax,
        )
        const onAbort = (): void => {
            if (options.signal !== undefined) stop(interrupted(options.signal))
        }
        options.signal?.addEventListener('abort', onAbort)
        const done = (): void => {
            clearTimeout(timer)
            options.signal?.removeEventListener('abort', onAbort)
        }
        const output = collect(child.stdout)
        const errors = collect(child.stderr)
        child.once('error', (error) => {
            done()
            const { code = '' } = error as NodeJS.ErrnoException
            const isLimit = limitCodes.includes(code)
            const failure = isLimit
                ? atLimit('start elm make', code, error)
                : compilerMissing(error.message, error)
            reject(stopped ?? failure)
        })
        child.once('close', (exitCode, signal) => {
            done()
            if (stopped !== undefined) reject(stopped)
            else if (signal !== null) reject(endedBy(signal))
            else resolve({ succeeded: exitCode === 0, report: errors() === '' ? output() : errors() })
        })
    })
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    stream?.on('data', (chunk: Buffer) => {
        if (sizeBytes < reportSizeBytesMax) chunks.push(chunk)
        sizeBytes += chunk.length
    })
    return () => Buffer.concat(chunks).toString('utf8')
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
