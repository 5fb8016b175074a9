// Entrance of cli/second-process/: the processes that one command is, and the signals that end them.
//
// A compiled script may hold any JavaScript. So a command that runs one does its work in a second process,
// which finds no secrets in its environment, and whose end in the midst of it is told like any other error.
import { type ChildProcess, spawn } from 'node:child_process'

import { atLimit, ComplogError, limitCodes } from '../../core/errors.js'
import { deafMilliseconds, forwardSignals } from './interrupt.js'
import { LastWords } from './last-words.js'
import { endingMilliseconds, firstProcessVariable } from './second-process.js'

/**
 * What the command itself looks at: its own settings, where programs are that it is told to run, the
 * terminal's, the language, and what Windows needs.
 */
const passedOn =
    /^(?:COMPLOG_\w+|PATH|PATHEXT|NO_COLOR|FORCE_COLOR|TERM|COLORTERM|CI|LANG|LC_\w+|TZ|SystemRoot|windir)$/i

/**
 * Runs a command of this program anew, with the same streams, and returns the exit code that it ended with.
 * @throws ComplogError `app-out-of-memory`, `app-threw` or `interrupted` where it was ended by something else
 */
export async function runInSecondProcess(command: string, argv: readonly string[]): Promise<number> {
    const { execPath, execArgv, stderr } = process
    // A person should see the progress; only in a pipe can V8's last words be held back.
    const isPiped = !stderr.isTTY
    // Before there is a second process: a signal in between would end the first one alone. By message, since
    // whether a terminal has sent the signal to both, only the second process can tell.
    const signals = forwardSignals((name) => {
        if (!child.connected) return
        child.send({ signal: name })
        told.endWhereDeaf(name)
    })
    const child = spawn(execPath, [...execArgv, process.argv[1] ?? '', command, ...argv], {
        stdio: ['inherit', 'inherit', isPiped ? 'pipe' : 'inherit', 'ipc'],
        env: environmentOfSecond(),
    })
    const lastWords = new LastWords((text) => void stderr.write(text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => lastWords.add(text))
    const told = followChild(child)
    try {
        const [code, signal] = await endOf(child)
        if (told.exitCode !== undefined) {
            lastWords.pass()
            return told.exitCode
        }
        if (told.deafTo !== undefined) throw endedBy(told.deafTo, undefined)
        const crash = signal ?? (code === exitCodeOfAbort ? 'SIGABRT' : undefined)
        if (crash === undefined) {
            lastWords.pass()
            return code ?? 1
        }
        throw endedBy(crash, isPiped ? lastWords.held : undefined)
    } finally {
        signals.release()
    }
}

/** What a second process says of itself, and what was done where it said nothing. */
interface ToldByChild {
    exitCode?: number
    /** The signal for which it was killed, since it did not hear it. */
    deafTo?: NodeJS.Signals
    /** It is to answer within some seconds. */
    endWhereDeaf(name: NodeJS.Signals): void
}

/**
 * There are loops that cannot be interrupted: then the app's thread, or the main thread, does not end, nor
 * does its process.
 */
function followChild(child: ChildProcess): ToldByChild {
    let waiting: NodeJS.Timeout | undefined
    const told: ToldByChild = {
        endWhereDeaf: (name) => {
            waiting ??= setTimeout(() => {
                told.deafTo = name
                child.kill('SIGKILL')
            }, deafMilliseconds).unref()
        },
    }
    child.on('message', ({ exitCode, heard }: { readonly exitCode?: unknown; readonly heard?: unknown }) => {
        if (heard !== undefined) {
            clearTimeout(waiting)
            waiting = undefined
        }
        if (typeof exitCode !== 'number' || told.exitCode !== undefined) return
        told.exitCode = exitCode
        setTimeout(() => child.kill('SIGKILL'), endingMilliseconds).unref()
    })
    return told
}

/** Where there are no signals, as on Windows. */
const exitCodeOfAbort = 134

function environmentOfSecond(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => passedOn.test(name))
    return { ...Object.fromEntries(kept), [firstProcessVariable]: String(process.pid) }
}

function endOf(child: ChildProcess): Promise<readonly [number | null, NodeJS.Signals | null]> {
    return new Promise((resolve, reject) => {
        child.on('error', (error: NodeJS.ErrnoException) => {
            const { code = '' } = error
            reject(limitCodes.includes(code) ? atLimit('start the second process', code, error) : error)
        })
        child.on('close', (code, signal) => resolve([code, signal]))
    })
}

function endedBy(signal: NodeJS.Signals, lastWords: string | undefined): ComplogError {
    if (signal === 'SIGINT' || signal === 'SIGTERM') {
        return new ComplogError('interrupted', `Interrupted (${signal}).`)
    }
    if (signal === 'SIGKILL') {
        return new ComplogError(
            'app-out-of-memory',
            'The process that ran the app was killed (SIGKILL), which is what the kernel does when memory runs out.',
            {
                hint: 'If memory ran out, give the app less of it with --app-heap, or run where there is more.',
            },
        )
    }
    if (lastWords === undefined || /out of memory|invalid (?:\w+ )?(?:size|length)/i.test(lastWords)) {
        return new ComplogError(
            'app-out-of-memory',
            `The app ran out of memory: V8 ended the process (${signal}), since what the app asked for at once did not fit into its heap.`,
            { hint: 'If the app needs more memory, raise --app-heap.' },
        )
    }
    return new ComplogError('app-threw', `The process that ran the app crashed (${signal}).`, {
        hint: 'Check that this is the app that wrote the log, in the right version.',
        ...(lastWords !== '' && { output: lastWords }),
    })
}
