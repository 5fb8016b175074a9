// Which of the two processes this is, for a command that runs a compiled script: see
// run-in-second-process.ts.

import { argumentsForComplog } from '../flags/arguments.js'

/** Says to the second process whose it is. */
export const firstProcessVariable = 'COMPLOG_FIRST_PROCESS'
/** How long a second process may take to end once it is done. */
export const endingMilliseconds = 2000

// Found out at once: when the first process has ended, another one is the parent.
const isSecond = process.channel !== undefined && process.env[firstProcessVariable] === String(process.ppid)

export function isSecondProcess(): boolean {
    return isSecond
}

/** Whether the command line asks to run a script, and this is not yet the process to do so. */
export function needsSecondProcess(argv: readonly string[]): boolean {
    return argumentsForComplog(argv).includes('--allow-script') && !isSecondProcess()
}

/** In the second process, when the command has said all that it had to, or is about to end without. */
export function tellFirstProcess(): void {
    if (!isSecond) return
    if (process.connected) process.send?.({ exitCode: Number(process.exitCode ?? 0) })
    else setTimeout(endNow, endingMilliseconds).unref()
}

/** Makes sure that this process ends when it means to, with an app in it that does not. */
export function endWithoutApp(): void {
    // Node waits for its threads after this, and for an app in a loop that V8 cannot interrupt it waits for
    // ever.
    process.on('exit', () => {
        if (process.connected) tellFirstProcess()
        else endNow()
    })
}

/** As the first process would. */
function endNow(): void {
    process.kill(process.pid, 'SIGKILL')
}
