// The one table from what went wrong to the number that a script sees.
import type { ErrorCode } from '../core/errors.js'

export const exitCodes = {
    ok: 0,
    bug: 1,
    no: 3,
} as const

const byErrorCode: Readonly<Record<ErrorCode, number>> = {
    usage: 2,
    'unknown-ref': 2,
    'ambiguous-ref': 2,
    'not-confirmed': 2,
    'script-not-allowed': 2,
    'output-not-empty': 2,
    'condition-failed': 2,
    'reduction-differs': 3,
    'restore-regressed': 3,
    'no-process-store': 10,
    'store-locked': 11,
    'generation-not-read': 12,
    'broken-chain': 12,
    'two-heads': 12,
    'torn-tail': 12,
    'not-in-order': 12,
    'error-findings': 12,
    'no-reduction': 12,
    'state-not-understood': 12,
    'events-not-understood': 12,
    'store-changed': 12,
    'app-not-found': 14,
    'app-malformed': 14,
    'app-map-missing': 14,
    'app-map-malformed': 14,
    'app-function-missing': 14,
    'app-zip-rejected': 14,
    'app-compile-failed': 14,
    'app-packages-missing': 14,
    'app-compiler-missing': 14,
    'app-threw': 15,
    'app-timed-out': 15,
    'app-out-of-memory': 15,
    'file-system': 16,
    'lock-unsupported': 16,
    'limit-exceeded': 17,
    'run-gave-up': 18,
    interrupted: 130,
}

export function exitCodeOf(code: ErrorCode): number {
    return byErrorCode[code]
}

const meanings: readonly (readonly [number, string])[] = [
    [0, 'done, and the answer is yes'],
    [1, 'a bug in complog'],
    [2, 'the command line is wrong'],
    [3, 'the answer is no: not sound, a reduction differs, slower than allowed, nothing found'],
    [10, 'no process store there'],
    [11, 'another writer has locked the store'],
    [
        12,
        'the log cannot be used for this: broken, two heads, torn, changed, of a generation that this does not read, or not understood by the app',
    ],
    [14, 'the app cannot be loaded or compiled'],
    [15, 'the app failed: it threw, or ran out of time or memory'],
    [16, 'the file system failed'],
    [17, 'a limit was exceeded'],
    [18, 'the command of --run gave up: it ended with 128 or more, or by a signal'],
    [130, 'interrupted; where nothing had to be finished, SIGTERM makes it 143'],
]

/** The exit codes as the text that ends every command's help. */
export function exitCodeHelp(codes: readonly number[]): string {
    const lines = meanings
        .filter(([code]) => codes.includes(code))
        .map(([code, meaning]) => `${String(code).padEnd(4)} ${meaning}`)
    return `Exit codes:\n${lines.join('\n')}`
}

export const withApp = [0, 1, 2, 3, 10, 12, 14, 15, 16, 17, 130] as const
/** A command that also runs one of the user's. */
export const withAppAndRun = [0, 1, 2, 3, 10, 12, 14, 15, 16, 17, 18, 130] as const
/** A command that writes to a store takes its lock. */
export const writingWithoutApp = [0, 1, 2, 3, 10, 11, 12, 16, 17, 130] as const
/** A command that writes the files of an app, and runs none. */
export const writingFiles = [0, 1, 2, 10, 11, 12, 14, 16, 17, 130] as const
export const writingWithApp = [0, 1, 2, 3, 10, 11, 12, 14, 15, 16, 17, 130] as const
/** A command that runs an app, and appends what it processes: it gives no answer that could be no. */
export const appending = [0, 1, 2, 10, 11, 12, 14, 15, 16, 17, 130] as const
