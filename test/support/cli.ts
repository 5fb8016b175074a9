// Runs the built command as a process of its own, as a person or a script would, but with nothing of this machine's
// own environment: no home, no cache, no options of Node.
import { type SpawnOptions, spawn } from 'node:child_process'
import { join } from 'node:path'

import type { AppName } from './apps.js'
import { binary, requireBuild } from './build.js'
import { fixturesFolder } from './stores.js'
import { cacheFolder, elmHome, homeFolder } from './test-folder.js'

requireBuild()

export interface CliResult {
    readonly exitCode: number | null
    readonly stdout: string
    readonly stderr: string
}

export interface CliOptions {
    readonly env?: Readonly<Record<string, string>>
    readonly cwd?: string
    /** What stands on stdin; default: nothing. */
    readonly input?: string
    readonly uid?: number
    /** Called with each piece of stderr or stdout as it comes. */
    readonly onOutput?: (text: string) => void
    /** Sends this signal when the promise is there. */
    readonly interrupt?: { readonly when: Promise<unknown>; readonly signal: NodeJS.Signals }
}

/** The environment that the command runs in. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return {
        PATH: process.env['PATH'],
        HOME: homeFolder,
        LANG: 'C.UTF-8',
        COMPLOG_CACHE_DIR: cacheFolder,
        ...more,
    }
}

/** Runs `complog` with these arguments to its end. */
export function complog(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return run(process.execPath, [binary, ...args], options)
}

/** Runs a line of shell in which `complog` stands for the built command. */
export function shell(line: string, options: CliOptions = {}): Promise<CliResult> {
    const quoted = [process.execPath, binary].map((path) => `'${path}'`).join(' ')
    return run('/bin/sh', ['-c', `complog() { ${quoted} "$@"; }\n${line}`], options)
}

export function run(command: string, args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    // Another user may not read the home that was made for the tests.
    const home = options.uid !== undefined && { HOME: '/nonexistent' }
    const spawnOptions: SpawnOptions = {
        env: environment({ ...home, ...options.env }),
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(options.cwd !== undefined && { cwd: options.cwd }),
        ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    }
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, spawnOptions)
        const output = { stdout: '', stderr: '' }
        for (const name of ['stdout', 'stderr'] as const) {
            child[name]?.setEncoding('utf8').on('data', (text: string) => {
                output[name] += text
                options.onOutput?.(text)
            })
        }
        child.stdin?.on('error', () => undefined).end(options.input ?? '')
        child.on('error', reject)
        child.on('close', (exitCode) => resolve({ exitCode, ...output }))
        const { interrupt } = options
        interrupt?.when.then(() => child.kill(interrupt.signal), reject)
    })
}

export function appPath(name: string): string {
    return join(fixturesFolder, 'apps', name)
}

/** The flags that name an app and the packages to compile it with. */
export function withApp(name: AppName | 'counter-0.19.0' | 'misbehaving' = 'counter'): readonly string[] {
    return withAppAt(appPath(name))
}

export function withAppAt(path: string): readonly string[] {
    return ['--app', path, '--elm-home', elmHome]
}
