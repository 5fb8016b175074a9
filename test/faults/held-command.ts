// Runs the built command so that a tracer can be attached before it changes anything.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

import { binary, packageFolder } from '../support/build.js'
import { environment } from '../support/cli.js'

/** A changed `fs` that a command is run with, as a control: a sweep that does not notice it proves nothing. */
export type Weakness = 'without-sync' | 'deaf-to-sync' | 'without-rename' | 'blind-to-growth' | 'without-lock'

export interface Ended {
    readonly exitCode: number | null
    readonly signal: NodeJS.Signals | null
    readonly stdout: string
    readonly stderr: string
}

/** A command that waits for its tracer, or has ended without changing anything. */
export interface HeldCommand {
    readonly pid: number
    readonly stdin: Writable | null
    readonly stdout: Readable
    readonly stderr: Readable
    /** Its threads, where it waits; undefined where it has ended. */
    readonly held: Promise<Threads | undefined>
    readonly ended: Promise<Ended>
    release(): void
}

/** The threads that work with files, as the kernel numbers them. */
export interface Threads {
    readonly main: number
    /** The one that does what is asynchronous. */
    readonly pool: number
}

/**
 * One thread does all that is done to files, and what is loaded is never from a cache that the first run has filled, so
 * that the nth call is the same one in every run.
 */
const sameCalls = {
    UV_THREADPOOL_SIZE: '1',
    UV_USE_IO_URING: '0',
    COMPLOG_THREADS: '1',
    NODE_DISABLE_COMPILE_CACHE: '1',
}
const preloadFolder = join(packageFolder, 'test', 'faults', 'preload')

/** The options of Node that load a weakness into the command. */
export function preload(name: string): string {
    return `--import=${join(preloadFolder, `${name}.mjs`)}`
}

/**
 * Where a command is held: where it begins to work, before it takes its lock, or before the call of this number, from 1,
 * of those by which it changes a file.
 */
export type HeldAt = 'work' | 'lock' | number

export function startHeld(
    args: readonly string[],
    weakness?: Weakness,
    at: HeldAt = 'work',
    stdin: 'ignore' | 'pipe' = 'ignore',
): HeldCommand {
    const options = [...(weakness === undefined ? [] : [preload(weakness)]), preload('hold')]
    const child = spawn(process.execPath, [...options, binary, ...args], {
        env: environment({ ...sameCalls, COMPLOG_TEST_HOLD: String(at) }),
        stdio: [stdin, 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    }) as ChildProcess & { readonly stdout: Readable; readonly stderr: Readable }
    const ended = endOf(child)
    const [, , , fromCommand, ...toCommand] = child.stdio
    const main = child.pid as number
    const held = new Promise<Threads | undefined>((resolve) => {
        fromCommand?.once('data', (text: Buffer) =>
            resolve({ main, pool: Number(/\d+/.exec(text.toString())) }),
        )
        void ended.then(() => resolve(undefined))
    })
    return {
        pid: main,
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        held,
        ended,
        release: () => {
            for (const pipe of toCommand) (pipe as Writable).end('.')
        },
    }
}

/** Collects what a process prints until it ends. */
export function endOf(child: ChildProcess): Promise<Ended> {
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
        child[name]?.setEncoding('utf8').on('data', (text: string) => void (output[name] += text))
    }
    for (const pipe of child.stdio) pipe?.on('error', () => undefined)
    return new Promise((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (exitCode, signal) => resolve({ exitCode, signal, ...output }))
    })
}
