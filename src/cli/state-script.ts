// A command of the user's that says of a state whether it is good, with its exit code, as `git bisect run`
// takes it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

import type { StateToTest, Verdict } from '../core/bisect/bisect.js'
import { atLimit, ComplogError, limitCodes } from '../core/errors.js'
import { interrupted } from '../core/interruption.js'

/** A file with its arguments, or, as a single text, a line for the shell. */
export type ScriptWords = readonly string[] | string

const skipCode = 125
/** From here on, the script has given up, or a shell says that a signal ended it. */
const abortCode = 128

/** The test of a state that the command makes. */
export function stateScript(
    words: ScriptWords,
    signal: AbortSignal | undefined,
): (state: StateToTest) => Promise<Verdict> {
    return async ({ state, position }) => {
        const child = start(words, position, signal)
        // A script need not read the state.
        child.stdin?.on('error', () => undefined).end(state)
        const code = await exitOf(child).catch((error: unknown) => {
            throw signal?.aborted === true
                ? interrupted(signal)
                : cannotRun(words, error as NodeJS.ErrnoException)
        })
        if (typeof code === 'string' || code >= abortCode) throw gaveUp(words, position, code)
        return code === 0 ? 'good' : code === skipCode ? 'skip' : 'bad'
    }
}

/** Ends with a signal to this process, too. */
function start(words: ScriptWords, position: number, signal: AbortSignal | undefined): ChildProcess {
    // What it prints is for the person, and not a part of the result.
    const stdio = ['pipe', process.stderr, process.stderr] as ['pipe', NodeJS.WriteStream, NodeJS.WriteStream]
    const env = { ...process.env, COMPLOG_REF: `#${position}` }
    if (typeof words === 'string') return spawn(words, { stdio, env, signal, shell: true })
    const [file = '', ...rest] = words
    return spawn(file, rest, { stdio, env, signal })
}

/** The exit code, or the signal that ended it. */
async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
    const [code, name] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return code ?? name ?? abortCode
}

function cannotRun(words: ScriptWords, error: NodeJS.ErrnoException): ComplogError {
    const { code = '' } = error
    if (limitCodes.includes(code)) return atLimit('run the command of --run', code, error)
    const why = code === 'ENOENT' ? 'it is not there' : code === 'EACCES' ? 'it may not be executed' : code
    return new ComplogError('usage', `Cannot run ${commandText(words)}: ${why}.`, {
        hint: 'Name a program that is in the PATH, or a path to one, such as ./test.sh.',
        cause: error,
    })
}

function gaveUp(words: ScriptWords, position: number, end: number | NodeJS.Signals): ComplogError {
    const how = typeof end === 'string' ? `was ended by ${end}` : `ended with ${end}`
    return new ComplogError(
        'run-gave-up',
        `The command of --run (${commandText(words)}) ${how} at ${position === 0 ? 'the initial state' : `the state after #${position}`}, so the search was given up.`,
        { hint: 'It must end with 0 for good, 1 to 124, 126 or 127 for bad, or 125 to skip a state.' },
    )
}

/** For people. */
export function commandText(words: ScriptWords): string {
    return typeof words === 'string' ? words : words.join(' ')
}
