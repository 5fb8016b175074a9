// Runs the built command without a process for each command line: what a test wants to know of its answer is the
// same, and most of the time would go into starting Node. What is about processes, signals, users or streams takes
// `complog` instead, which starts one each.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

import { packageFolder } from './build.js'
import { type CliOptions, type CliResult, complog, environment } from './cli.js'

/** Those that a process which others have used can follow. */
const followed: readonly string[] = ['env', 'cwd'] satisfies readonly (keyof CliOptions)[]

/** Listeners and threads that wait for a process to end add up: then it may end. */
const runsOfAProcess = 40
/** Nothing takes so long: what does has hung, and what it said so far says where. */
const longestMs = 300_000
const program = join(packageFolder, 'test', 'support', 'warm-program.mjs')

let warm: { readonly child: ChildProcess; runs: number } | undefined
let last: Promise<unknown> = Promise.resolve()

/** As `complog`, of a command line that starts nothing that lasts. One after another, whoever asks. */
export function warmComplog(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    const lasts = ['host', 'autocomplete'].includes(args[0] ?? '')
    const isOrdinary =
        Object.keys(options).every((name) => followed.includes(name)) &&
        options.env?.['NODE_OPTIONS'] === undefined
    if (lasts || !isOrdinary) return complog(args, options)
    const result = last.then(() => runIn(processForOne(), args, options))
    last = result.catch(() => undefined)
    return result
}

function processForOne(): ChildProcess {
    if (warm !== undefined && warm.runs < runsOfAProcess && warm.child.connected) {
        warm.runs += 1
        return warm.child
    }
    warm?.child.kill('SIGKILL')
    const child = spawn(process.execPath, [program, packageFolder], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: environment(),
    })
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8')
    warm = { child, runs: 1 }
    return child
}

/**
 * On each stream, a mark stands before what is said and one behind it. Either may come in one piece with that, or with
 * what something else says later: only what is between them counts.
 */
function runIn(child: ChildProcess, args: readonly string[], options: CliOptions): Promise<CliResult> {
    const streams = [child.stdout, child.stderr] as const
    const mark = randomUUID()
    const output = streams.map(() => '')
    return new Promise<CliResult>((resolve, reject) => {
        keepAlive(child, true)
        const finish = (exitCode: number | null) => {
            clearTimeout(bound)
            for (const stream of streams) stream?.removeAllListeners('data')
            child.removeAllListeners('close')
            keepAlive(child, false)
            const [stdout = '', stderr = ''] = output.map((text) => saidBetween(text, mark))
            resolve({ exitCode, stdout, stderr })
        }
        const bound = setTimeout(() => {
            child.kill('SIGKILL')
            warm = undefined
            reject(new Error(`No end of complog ${args.join(' ')}: ${JSON.stringify(output)}`))
        }, longestMs)
        streams.forEach((stream, index) =>
            stream?.on('data', (text: string) => {
                output[index] = `${output[index] ?? ''}${text}`
                const ends = output.map((whole) => endAfter(whole, mark))
                if (ends.every((found) => found !== null)) finish(Number(ends[0]?.[1]))
            }),
        )
        child.on('close', finish)
        child.send({ args, env: environment(options.env), cwd: options.cwd ?? process.cwd(), mark })
    })
}

function endAfter(text: string, mark: string): RegExpExecArray | null {
    return new RegExp(`\\n${mark} (\\d+)\\n`).exec(text)
}

function saidBetween(text: string, mark: string): string {
    const [before = '', said = before] = text.slice(0, endAfter(text, mark)?.index).split(`${mark}\n`)
    return said
}

/** A process that waits for the next command line keeps no test from ending, and ends with it. */
function keepAlive(child: ChildProcess, isWorking: boolean): void {
    const handles = [child, child.channel, child.stdout, child.stderr] as const
    for (const handle of handles as readonly { ref?(): void; unref?(): void }[]) {
        if (isWorking) handle.ref?.()
        else handle.unref?.()
    }
}
