// Faults at the nth system call of a kind, by strace: a kill, or an error that the call answers with.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { type Ended, type HeldCommand, endOf } from './held-command.js'

/** What happens instead of the nth call of a kind. Each thread counts for itself. */
export interface Fault {
    readonly call: string
    /** From 1. */
    readonly nth: number
    /** What becomes of it: the process is killed, or the call answers with this error and does nothing. */
    readonly what: 'SIGKILL' | 'EIO' | 'ENOSPC' | 'EACCES' | 'EROFS' | 'EDQUOT'
}

/** A system call as it was seen. */
export interface Call {
    readonly name: string
    /** Which call of this name by this thread it was, from 1. */
    readonly nth: number
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
 * Lets a held command go on under strace, to its end.
 * @param traceFile where strace writes what it sees
 */
export async function runTraced(
    command: HeldCommand,
    traceFile: string,
    fault?: Fault,
): Promise<{ readonly ended: Ended; readonly calls: readonly Call[] }> {
    if (!(await command.held)) return { ended: await command.ended, calls: [] }
    const inject = fault && ['-e', `inject=${fault.call}:${effect(fault)}:when=${fault.nth}`]
    const args = ['-f', '-y', '-s', '16', '-o', traceFile, '-e', `trace=${callsTraced}`, ...(inject ?? [])]
    const tracer = spawn('strace', [...args, '-p', String(command.pid)], {
        stdio: ['ignore', 'ignore', 'pipe'],
    })
    const traced = endOf(tracer)
    await new Promise<void>((resolve, reject) => {
        tracer.stderr.on('data', (text: string) => /attached/.test(text) && resolve())
        void traced.then(({ stderr }) => reject(new Error(`strace ended: ${stderr}`)))
    })
    command.release()
    const [ended] = await Promise.all([command.ended, traced])
    return { ended, calls: callsIn(readFileSync(traceFile, 'utf8')) }
}

function effect({ what }: Fault): string {
    return what === 'SIGKILL' ? `signal=${what}` : `error=${what}`
}

/** The calls that a trace shows, each where it begins. */
export function callsIn(trace: string): readonly Call[] {
    const counts = new Map<string, number>()
    const calls: Call[] = []
    for (const line of trace.split('\n')) {
        const [, thread, name, text] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? []
        if (name === undefined || text === undefined) {
            // The end of a call during which another thread made one.
            const resumed = /^\d+ +<\.\.\. (\w+) resumed>.*\(INJECTED\)/.exec(line)?.[1]
            const at = calls.findLastIndex((call) => call.name === resumed)
            if (resumed !== undefined && at >= 0) calls[at] = { ...(calls[at] as Call), isInjected: true }
            continue
        }
        const nth = (counts.get(`${thread} ${name}`) ?? 0) + 1
        counts.set(`${thread} ${name}`, nth)
        calls.push({ name, nth, text, isInjected: text.includes('(INJECTED)') })
    }
    return calls
}
