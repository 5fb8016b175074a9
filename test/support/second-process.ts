// The command with a script that it may run: two processes, of which a test sees both.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'

import { binary, requireBuild } from './build.js'
import { environment } from './cli.js'
import { until } from './until.js'

requireBuild()

/** Why the second process cannot be found here; false where it can. */
export const noChildren = existsSync(`/proc/${process.pid}/task/${process.pid}/children`)
    ? false
    : 'the system does not tell the children of a process'

export interface BothProcesses {
    readonly first: ChildProcess
    /** What came on stdout until now. */
    readonly stdout: () => string
    /** Exit code, or the name of the signal that ended the first process. */
    readonly ended: Promise<number | string>
}

/** Starts the command, with stdin open. Both processes end with the test. */
export function startBoth(
    owner: { after(end: () => Promise<void> | void): void },
    args: readonly string[],
): BothProcesses {
    const first = spawn(process.execPath, [binary, ...args], {
        env: environment(),
        stdio: ['pipe', 'pipe', 'ignore'],
    })
    owner.after(() => void first.kill('SIGKILL'))
    let stdout = ''
    first.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    first.stdin.on('error', () => undefined)
    const ended = once(first, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
    return { first, stdout: () => stdout, ended }
}

/** Process id of the only child. */
export async function secondOf(first: ChildProcess): Promise<number> {
    const path = `/proc/${first.pid}/task/${first.pid}/children`
    return Number(await until(() => readFileSync(path, 'utf8').trim()))
}

/** Whether a process is there, and not only waits for its parent to notice its end. */
export function isAlive(processId: number): boolean {
    try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'))
    } catch {
        return false
    }
}

/** Whether a process has worked for so long that it must have come to its app. */
export function isAtWork(processId: number): boolean {
    // In hundredths of a second, for itself and for the system: the 14th and 15th of the line.
    const fields = readFileSync(`/proc/${processId}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
    return Number(fields[11]) + Number(fields[12]) > 50
}
