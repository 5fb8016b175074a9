// One fault after the other: each in a new store, and afterwards the same command once more.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { complog } from '../support/cli.js'
import { type Ended, type Weakness, startHeld } from './held-command.js'
import { problemsAfterFault, problemsWhenDone } from './outcome.js'
import { inParallel } from './parallel.js'
import { type Call, type Fault, runTraced } from './strace.js'
import { type Subject, makeWork } from './subjects.js'
import { Tally } from './tally.js'

export interface SweepOptions {
    /** Every so manieth fault only; default: every one. */
    readonly every?: number
    /** Runs the command with this, which must lose something. */
    readonly weakness?: Weakness
    /** Where stores are made; default: a temporary folder. */
    readonly below?: string
    readonly onProgress?: ((done: number, of: number) => void) | undefined
}

/** A folder of its own for one fault. */
export async function inFolder<T>(below: string, use: (folder: string) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(below, 'complog-fault-'))
    try {
        return await use(folder)
    } finally {
        rmSync(folder, { recursive: true, force: true })
    }
}

/** Every call by which the command touches its stores, as one run without a fault shows them. */
export async function callsOf(subject: Subject, options: SweepOptions = {}): Promise<readonly Call[]> {
    return inFolder(options.below ?? tmpdir(), async (folder) => {
        const work = makeWork(folder, subject)
        const { ended, calls } = await runTraced(
            startHeld(subject.args(work), options.weakness),
            join(folder, 'trace'),
        )
        if (ended.exitCode !== 0) throw new Error(`${subject.name} fails without a fault: ${ended.stderr}`)
        const problems = options.weakness === undefined ? await problemsWhenDone(subject, work) : []
        if (problems.length > 0) throw new Error(`${subject.name}, without a fault: ${problems.join('; ')}`)
        return calls.filter(({ text }) => text.includes(work))
    })
}

/** Whether a call can leave another state on the disk than the one before: not to read, and not to close. */
function isStep({ name, text }: Call): boolean {
    return name !== 'close' && (name !== 'openat' || text.includes('O_CREAT'))
}

/** Kills a command at every call by which it changes its stores, and at every sync. */
export async function sweepKills(subject: Subject, options: SweepOptions = {}): Promise<Tally> {
    return sweep(subject, 'killed', (call) => (isStep(call) ? ['SIGKILL'] : []), options)
}

/** Lets every call that writes answer with an error. */
export async function sweepErrors(
    subject: Subject,
    errorsOf: (call: Call) => readonly Fault['what'][],
    options: SweepOptions = {},
): Promise<Tally> {
    return sweep(subject, 'errors', errorsOf, options)
}

async function sweep(
    subject: Subject,
    what: string,
    faultsAt: (call: Call) => readonly Fault['what'][],
    options: SweepOptions,
): Promise<Tally> {
    const { every = 1, weakness, onProgress } = options
    const calls = await callsOf(subject, options)
    const faults = calls
        .flatMap((call) => faultsAt(call).map((what): Fault => ({ call: call.name, nth: call.nth, what })))
        .filter((_, i) => i % every === 0)
    const tally = new Tally(`${subject.name}: ${what}`, weakness)
    await inParallel(faults, 2, async (fault) => {
        const name = `${fault.what} at ${fault.call} ${fault.nth}`
        const result = await injected(subject, fault, options)
        if (result === undefined) tally.missed++
        else tally.add(name, result)
        onProgress?.(tally.injected + tally.missed, faults.length)
    })
    return tally
}

/** What is wrong after one fault; undefined where the fault did not come to pass at a file of the stores. */
async function injected(
    subject: Subject,
    fault: Fault,
    { weakness, below = tmpdir() }: SweepOptions,
): Promise<readonly string[] | undefined> {
    return inFolder(below, async (folder) => {
        const work = makeWork(folder, subject)
        const command = startHeld(subject.args(work), weakness)
        const { ended, calls } = await runTraced(command, join(folder, 'trace'), fault)
        const isKill = fault.what === 'SIGKILL'
        const at = calls.findIndex(({ isInjected }) => isInjected)
        const call = calls[at]
        if (isKill ? ended.signal !== 'SIGKILL' : !call?.text.includes(work)) return undefined
        const problems: string[] = []
        if (call !== undefined && !isKill)
            problems.push(...problemsOfEnd(ended, fault, call, calls.slice(at + 1)))
        problems.push(...(await problemsAfterFault(subject, work)))
        if (ended.exitCode === 0) problems.push(...(await problemsWhenDone(subject, work)))
        problems.push(...(await problemsRunAgain(subject, work)))
        return problems
    })
}

/** The same command once more finishes the work. */
export async function problemsRunAgain(subject: Subject, work: string): Promise<readonly string[]> {
    const again = await complog(subject.args(work))
    if (again.exitCode !== 0) return [`run again, it ends with ${again.exitCode ?? ''}: ${again.stderr}`]
    return (await problemsWhenDone(subject, work)).map((problem) => `run again: ${problem}`)
}

/**
 * Calls that may fail without ending the command: to close what was synced, to make a folder that is there, and to clear
 * up, which the next command does as well.
 */
function mayFail({ name, text }: Call): boolean {
    if (name === 'close' || name === 'mkdir' || name === 'rmdir') return true
    return text.includes('.complog') && (name === 'unlink' || text.includes('O_DIRECTORY'))
}

function problemsOfEnd(
    { exitCode, stderr, signal }: Ended,
    { what }: Fault,
    call: Call,
    later: readonly Call[],
): readonly string[] {
    const problems: string[] = []
    const where = `at ${call.name}(${call.text}`
    const isFileSystem = exitCode === 16 && stderr.includes(what)
    if (!isFileSystem && !(mayFail(call) && exitCode === 0))
        problems.push(`ends with ${exitCode ?? signal ?? ''} ${where}: ${stderr.slice(0, 300)}`)
    if (/^f(?:data)?sync$/.test(call.name)) {
        const [path] = /<[^>]+>/.exec(call.text) ?? []
        if (later.some(({ name, text }) => name === call.name && path !== undefined && text.includes(path)))
            problems.push(`syncs again ${where}`)
    }
    return problems
}
