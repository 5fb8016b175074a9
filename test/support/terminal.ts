// Runs the built command on a pseudo-terminal, where it asks, colours and shows progress.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { binary } from './build.js'
import { run } from './cli.js'

const driver = fileURLToPath(new URL('terminal.py', import.meta.url))
/** Its own path: what is called python3 may be a script that looks for it, and takes longer than it does. */
const python = spawnSync(
    'python3',
    ['-c', 'import pty, os, sys; os.waitstatus_to_exitcode; print(sys.executable)'],
    {
        encoding: 'utf8',
    },
)

/** Why tests on a terminal cannot run here; false where they can. For the option `skip` of a test. */
export const noTerminal =
    python.status === 0 ? false : 'there is no python3 (3.9 or newer) to make a pseudo-terminal'

export interface TerminalOptions {
    readonly columns?: number
    readonly env?: Readonly<Record<string, string>>
    /** What to wait for, and what to type then. */
    readonly steps?: readonly (readonly [string, string])[]
}

/** What the terminal showed, stdout and stderr as they came, with every escape sequence. */
export async function onTerminal(
    args: readonly string[],
    { columns = 80, env = {}, steps = [] }: TerminalOptions = {},
): Promise<{ readonly exitCode: number | null; readonly shown: string }> {
    const command = [driver, String(columns), JSON.stringify(steps), process.execPath, binary, ...args]
    const { exitCode, stdout, stderr } = await run(python.stdout.trim(), command, {
        env: { TERM: 'xterm-256color', ...env },
    })
    if (stderr !== '') throw new Error(stderr)
    return { exitCode, shown: stdout.replaceAll('\r\n', '\n') }
}
