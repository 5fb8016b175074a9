// Faults at the nth system call of a kind, by strace: a kill, or an error that the call answers with.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { type Ended, endOf, type HeldCommand, type Threads } from './held-command.js'

/** What happens instead of the nth call of a kind by one thread. */
export interface Fault {
    readonly thread: keyof Threads
    readonly call: string
    /** From 1. */
    readonly nth: number
    /** Counts only the calls that have to do with this file or folder. */
    readonly path?: string
    /** What becomes of it: the process is killed, or the call answers with this error and does nothing. */
    readonly what: 'SIGKILL' | 'EIO' | 'ENOSPC' | 'EACCES' | 'EROFS' | 'EDQUOT'
}

/** A system call as it was seen. */
export interface Call {
    readonly thread: keyof Threads
    readonly name: string
    /** Which call of this name by this thread it was, from 1. */
    readonly nth: number
    /** When it began, in seconds since 1970. */
    readonly seconds: number
    /** Everything strace says of it. */
    readonly text: string
    readonly isInjected: boolean
}

/** All calls by which a command could change files, and those that open and close them. */
const callsTraced = [
    ...['openat', 'open', 'creat', 'close', 'write', 'writev', 'pwrite64', 'pwritev', 'fsync', 'fdatasync'],
    ...[
        'sync_file_range',
        'rename',
        'renameat',
        'renameat2',
        'unlink',
        'unlinkat',
        'mkdir',
        'mkdirat',
        'rmdir',
    ],
    ...[
        'chmod',
        'fchmod',
        'fchmodat',
        'chown',
        'fchown',
        'fchownat',
        'link',
        'linkat',
        'symlink',
        'symlinkat',
    ],
    ...['truncate', 'ftruncate', 'fallocate', 'copy_file_range', 'sendfile', 'utimensat', 'flock', 'mknodat'],
].join(',')

/** Why no fault can be injected here; undefined where they can. */
export function whyNoStrace(): string | undefined {
    if (process.platform !== 'linux') return 'strace is for Linux'
    const { status, error, stderr } = spawnSync(
        'strace',
        ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO:when=1', 'true'],
        { encoding: 'utf8' },
    )
    if (error !== undefined) return 'there is no strace here'
    return status === 0 ? undefined : `strace may not trace here: ${stderr.trim().slice(0, 200)}`
}

/**
 * Lets a held command go on under strace, to its end. A fault happens to one thread, so each has a tracer of its own:
 * what the same call of the other thread did would be another fault. The calls come in the order in which they began.
 * @param traceFile where strace writes what it sees; for the second thread with `.2` behind it
 */
export async function runTraced(
    command: HeldCommand,
    traceFile: string,
    fault?: Fault,
): Promise<{ readonly ended: Ended; readonly calls: readonly Call[] }> {
    const threads = await command.held
    if (threads === undefined) return { ended: await command.ended, calls: [] }
    const atPath = fault?.path === undefined ? [] : ['-P', fault.path]
    const tracers: {
        readonly thread: keyof Threads
        readonly file: string
        readonly ended: Promise<Ended>
    }[] = []
    for (const thread of ['main', 'pool'] as const) {
        const file = tracers.length === 0 ? traceFile : `${traceFile}.2`
        const inject =
            fault?.thread === thread ? ['-e', `inject=${fault.call}:${effect(fault)}:when=${fault.nth}`] : []
        const args = ['-ttt', '-y', '-s', '16', '-o', file, '-e', `trace=${callsTraced}`]
        const ended = await attach([...atPath, ...args, ...inject, '-p', String(threads[thread])])
        tracers.push({ thread, file, ended: ended() })
    }
    command.release()
    const [ended] = await Promise.all([command.ended, ...tracers.map((tracer) => tracer.ended)])
    const calls = tracers.flatMap(({ thread, file }) => callsIn(readFileSync(file, 'utf8'), thread))
    return { ended, calls: calls.toSorted((a, b) => a.seconds - b.seconds) }
}

/** Resolves once strace is attached, with what waits for its end. */
async function attach(args: readonly string[]): Promise<() => Promise<Ended>> {
    const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = endOf(tracer)
    await new Promise<void>((resolve, reject) => {
        tracer.stderr.on('data', (text: string) => /attached/.test(text) && resolve())
        void ended.then(({ stderr }) => reject(new Error(`strace ended: ${stderr}`)))
    })
    return () => ended
}

function effect({ what }: Fault): string {
    return what === 'SIGKILL' ? `signal=${what}` : `error=${what}`
}

/** The calls that the trace of one thread shows. */
function callsIn(trace: string, thread: keyof Threads): readonly Call[] {
    const counts = new Map<string, number>()
    return trace.split('\n').flatMap((line) => {
        const [, seconds, name, text] = /^(\d+\.\d+) (\w+)\((.*)$/.exec(line) ?? []
        if (name === undefined || text === undefined) return []
        const nth = (counts.get(name) ?? 0) + 1
        counts.set(name, nth)
        const isInjected = text.includes('(INJECTED)')
        return { thread, name, nth, seconds: Number(seconds), text, isInjected }
    })
}
