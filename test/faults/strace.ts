// Faults at the nth system call of a kind, by strace: a kill, or an error that the call answers with.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { type Ended, type HeldCommand, type Threads, endOf } from './held-command.js'

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
 * Lets a held command go on under strace, to its end. With a fault, only the thread that it happens to is seen: what
 * the same call of another thread did would be another fault.
 * @param traceFile where strace writes what it sees
 */
export async function runTraced(
    command: HeldCommand,
    traceFile: string,
    fault?: Fault,
): Promise<{ readonly ended: Ended; readonly calls: readonly Call[] }> {
    const threads = await command.held
    if (threads === undefined) return { ended: await command.ended, calls: [] }
    const inject = fault && ['-e', `inject=${fault.call}:${effect(fault)}:when=${fault.nth}`]
    const attached = fault === undefined ? [threads.main, threads.pool] : [threads[fault.thread]]
    const atPath = fault?.path === undefined ? [] : ['-P', fault.path]
    const args = [
        ...atPath,
        ...['-y', '-s', '16', '-o', traceFile, '-e', `trace=${callsTraced}`, ...(inject ?? [])],
        ...attached.flatMap((thread) => ['-p', String(thread)]),
    ]
    const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const traced = endOf(tracer)
    await new Promise<void>((resolve, reject) => {
        let said = ''
        tracer.stderr.on('data', (text: string) => {
            said += text
            if (said.split('attached').length > attached.length) resolve()
        })
        void traced.then(({ stderr }) => reject(new Error(`strace ended: ${stderr}`)))
    })
    command.release()
    const [ended] = await Promise.all([command.ended, traced])
    // Where one thread is traced, its number does not stand in the lines.
    const threadOf = (number: string | undefined) =>
        fault?.thread ?? (Number(number) === threads.main ? 'main' : 'pool')
    return { ended, calls: callsIn(readFileSync(traceFile, 'utf8'), threadOf) }
}

function effect({ what }: Fault): string {
    return what === 'SIGKILL' ? `signal=${what}` : `error=${what}`
}

/** The calls that a trace shows, each where it begins. */
export function callsIn(
    trace: string,
    threadOf: (number: string | undefined) => keyof Threads,
): readonly Call[] {
    const counts = new Map<string, number>()
    const calls: Call[] = []
    for (const line of trace.split('\n')) {
        const [, number, name, text] = /^(?:(\d+) +)?(\w+)\((.*)$/.exec(line) ?? []
        const thread = threadOf(number)
        if (name === undefined || text === undefined) {
            // The end of a call during which another thread made one.
            const resumed = /^\d+ +<\.\.\. (\w+) resumed>.*\(INJECTED\)/.exec(line)?.[1]
            const at = calls.findLastIndex((call) => call.name === resumed)
            if (resumed !== undefined && at >= 0) calls[at] = { ...(calls[at] as Call), isInjected: true }
            continue
        }
        const nth = (counts.get(`${thread} ${name}`) ?? 0) + 1
        counts.set(`${thread} ${name}`, nth)
        calls.push({ thread, name, nth, text, isInjected: text.includes('(INJECTED)') })
    }
    return calls
}
