// A host as a process of its own, which can be asked, stopped and killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'

import { binary, requireBuild } from './build.js'
import { environment, withApp } from './cli.js'

requireBuild()

export interface LogLine {
    readonly level: number
    readonly msg: string
    readonly url?: string
    readonly adminUrl?: string
    readonly kind?: string
    readonly records?: number
}

export interface HostProcess {
    readonly url: string
    readonly adminUrl: string | undefined
    readonly child: ChildProcess
    /** What it logged until now. */
    readonly log: readonly LogLine[]
    /** Sends a signal and waits for the end. Gives the exit code, or null where the signal itself ended it. */
    end(signal: NodeJS.Signals): Promise<number | null>
    readonly ended: Promise<number | null>
}

export interface HostProcessOptions {
    readonly app?: readonly string[]
    readonly args?: readonly string[]
    readonly env?: Readonly<Record<string, string>>
    /** A command that runs the host, such as a tracer, with its arguments. */
    readonly under?: readonly string[]
}

/** Starts a host and waits until it listens. It ends with the test. */
export async function startHost(
    t: Pick<TestContext, 'after'>,
    store: string,
    { app = withApp('string-builder'), args = [], env, under = [] }: HostProcessOptions = {},
): Promise<HostProcess> {
    const listen = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0']
    const [command = '', ...rest] = [
        ...under,
        process.execPath,
        binary,
        'host',
        store,
        ...app,
        ...(args.includes('--no-admin') ? listen.slice(0, 2) : listen),
        ...args,
    ]
    const child = spawn(command, rest, { env: environment(env), stdio: ['ignore', 'ignore', 'pipe'] })
    t.after(() => child.kill('SIGKILL'))
    const ended = once(child, 'exit').then(([code]) => code as number | null)
    const log: LogLine[] = []
    let text = ''
    const up = new Promise<LogLine>((resolve, reject) => {
        child.stderr.setEncoding('utf8').on('data', (more: string) => {
            text += more
            const lines = text.split('\n')
            text = lines.pop() ?? ''
            for (const line of lines) {
                if (!line.startsWith('{')) continue
                const entry = JSON.parse(line) as LogLine
                log.push(entry)
                if (entry.url !== undefined) resolve(entry)
            }
        })
        void ended.then((code) => {
            reject(
                new Error(`The host ended with ${code} before it listened: ${text} ${JSON.stringify(log)}`),
            )
        })
    })
    const { url = '', adminUrl } = await up
    return {
        url,
        adminUrl,
        child,
        log,
        ended,
        async end(signal) {
            child.kill(signal)
            return ended
        },
    }
}

const password = 'for tests'

/** With this environment, a host lets its state be read and set, as the next two functions do. */
export const passwordEnvironment = { COMPLOG_ADMIN_PASSWORD: password }

const authorization = `Basic ${Buffer.from(`:${password}`).toString('base64')}`

export async function stateOf({ adminUrl }: HostProcess): Promise<string> {
    return (await fetch(`${adminUrl}/state`, { headers: { authorization } })).text()
}

export async function setState({ adminUrl }: HostProcess, state: string): Promise<void> {
    const { status } = await fetch(`${adminUrl}/state`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'text/plain' },
        body: state,
    })
    if (status !== 204) throw new Error(`The host answered ${status}.`)
}
