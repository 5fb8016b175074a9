// One error class for everything that stops a command. What a check merely reports is a Finding
// (composition/finding.ts), which is data and never thrown.

/** Where in a log something stands. Lines count from 1, bytes from 0. */
export interface Place {
    /** Path of the file within the store, of a log of before 2020-05 within its folder; `/` between parts. */
    readonly file: string
    /** Line number from 1; absent where the file was read from its end. */
    readonly line?: number
    /** Offset in bytes of the line's first byte within its file. */
    readonly offsetBytes: number
    /** Length in bytes of the line, without its line end. */
    readonly sizeBytes: number
}

/** What went wrong, by name. `cli/exit-codes.ts` says which exit code each one ends with. */
export type ErrorCode =
    | 'usage'
    | 'unknown-ref'
    | 'ambiguous-ref'
    | 'no-process-store'
    | 'generation-not-read'
    | 'store-locked'
    | 'lock-unsupported'
    | 'store-changed'
    | 'broken-chain'
    | 'two-heads'
    | 'torn-tail'
    | 'not-in-order'
    | 'error-findings'
    | 'not-confirmed'
    | 'no-reduction'
    | 'condition-failed'
    | 'state-not-understood'
    | 'events-not-understood'
    | 'output-not-empty'
    | 'reduction-differs'
    | 'restore-regressed'
    | 'app-not-found'
    | 'app-malformed'
    | 'app-map-missing'
    | 'app-map-malformed'
    | 'app-function-missing'
    | 'script-not-allowed'
    | 'app-zip-rejected'
    | 'app-compile-failed'
    | 'app-packages-missing'
    | 'app-compiler-missing'
    | 'app-threw'
    | 'app-timed-out'
    | 'app-out-of-memory'
    | 'run-gave-up'
    | 'file-system'
    | 'limit-exceeded'
    | 'interrupted'

/** What an error says beside its message. */
export interface ErrorDetails {
    /** The record that was being worked on. */
    readonly place?: Place | undefined
    /** What the person can do next, as a sentence. */
    readonly hint?: string | undefined
    /** Text of another program that must reach the person in full, such as the compiler's report. */
    readonly output?: string | undefined
    readonly cause?: unknown
}

/** An error that stops a command. Its message says what is wrong; its hint says what to do next. */
export class ComplogError extends Error {
    override readonly name = 'ComplogError'
    readonly code: ErrorCode
    readonly place: Place | undefined
    readonly hint: string | undefined
    readonly output: string | undefined

    constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
        super(message, details.cause === undefined ? undefined : { cause: details.cause })
        this.code = code
        this.place = details.place
        this.hint = details.hint
        this.output = details.output
    }
}

/**
 * Where a loop over bytes goes on, which must lie behind where it stood: a loop that stays, or goes back,
 * would never end, and a thread that never ends its loop hears no signal.
 */
export function movedOn(from: number, to: number): number {
    if (to > from) return to
    throw new Error(`A loop over bytes stays where it is: at ${from}, then at ${to}.`)
}

const limitHints: Readonly<Record<string, string>> = {
    EAGAIN: 'Raise the number of processes and threads that a user may have (ulimit -u), or that the container may (pids).',
    EMFILE: 'Raise the number of files a process may open (ulimit -n).',
    ENFILE: 'Raise the number of files that the whole system may have open.',
    ENOMEM: 'Run it where there is more memory.',
}

/** What the system says where a limit keeps it from starting a thread or a process. */
export const limitCodes: readonly string[] = Object.keys(limitHints)

/** The system gives no further thread or process: a limit is reached, and nobody is to blame but that. */
export function atLimit(doing: string, code: string, cause: unknown): ComplogError {
    return new ComplogError('file-system', `Cannot ${doing}: ${code}.`, { hint: limitHints[code], cause })
}

/** What was thrown, as an error, which anything can be. */
export function asError(thrown: unknown): Error {
    return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** Whether a value is the system's answer that nothing stands at a path. */
export function isAbsence(error: unknown): boolean {
    return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

const waitForChange = 'Wait for whatever changes the log to end, and run the same command again.'

/** What is read of a log is not what was read of it before. */
export function changedWhileRead(place?: Place): ComplogError {
    const message = 'The log changed while complog was reading it.'
    return new ComplogError('store-changed', message, { place, hint: waitForChange })
}

/** A file of a log has fewer bytes than it had when it was listed. */
export function becameShorter(path: string, place?: Place): ComplogError {
    const message = `${path} became shorter while it was read.`
    return new ComplogError('store-changed', message, { place, hint: waitForChange })
}

/** Whether a value is an error of the operating system, such as ENOENT or ENOSPC. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
    return error instanceof Error && 'code' in error && 'syscall' in error
}

/** To catch what a promise rejects with: gives this instead of an error of the operating system. */
export function onSystemError<T>(instead: T): (error: unknown) => T {
    return (error) => {
        if (isSystemError(error)) return instead
        throw error
    }
}

/** For what is done in place, where it stops nothing that the system cannot do it: gives undefined then. */
export function ignoringSystemErrors<T>(work: () => T): T | undefined {
    try {
        return work()
    } catch (error) {
        if (!isSystemError(error)) throw error
        return undefined
    }
}
