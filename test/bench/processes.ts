// Commands as processes, from their start to their end: what they take, and what they print.
import { spawnSync } from 'node:child_process'

export interface Ran {
    readonly milliseconds: number
    readonly stdout: string
    /** What it wrote on file descriptor 3. */
    readonly report: string
}

export interface RunOptions {
    readonly env?: NodeJS.ProcessEnv
    readonly cwd?: string
    readonly input?: Buffer
    /** Exit codes that are no failure; default 0. */
    readonly expected?: readonly number[]
}

/** The environment of everything that is measured. */
export const plainEnvironment: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_OPTIONS: '',
    // It adds 35 ms to every start of Node, and no command here speaks TLS.
    NODE_EXTRA_CA_CERTS: undefined,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
}

/** Runs a command to its end. Throws where it fails. */
export function runProcess(command: string, args: readonly string[], options: RunOptions = {}): Ran {
    const { env = {}, cwd, input, expected = [0] } = options
    const begin = performance.now()
    const { status, stdout, stderr, output, error } = spawnSync(command, [...args], {
        cwd,
        input,
        env: { ...plainEnvironment, ...env },
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
        maxBuffer: 1 << 30,
    })
    const milliseconds = performance.now() - begin
    if (error) throw error
    if (!expected.includes(status ?? -1))
        throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr.toString()}`)
    return { milliseconds, stdout: stdout.toString(), report: String(output[3]) }
}
