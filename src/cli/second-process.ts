// Which of the two processes this is, for a command that runs a compiled script: see run-in-second-process.ts.

/** Says to the second process whose it is. */
export const firstProcessVariable = 'COMPLOG_FIRST_PROCESS'

export function isSecondProcess(): boolean {
    return process.channel !== undefined && process.env[firstProcessVariable] === String(process.ppid)
}

/** Whether the command line asks to run a script, and this is not yet the process to do so. */
export function needsSecondProcess(argv: readonly string[]): boolean {
    const end = argv.indexOf('--')
    const flags = end < 0 ? argv : argv.slice(0, end)
    return flags.includes('--allow-script') && !isSecondProcess()
}

/** In the second process, when the command has said all that it had to say. */
export function tellFirstProcess(): void {
    if (isSecondProcess() && process.connected) process.send?.({ exitCode: Number(process.exitCode ?? 0) })
}
