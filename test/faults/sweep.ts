// One fault after the other: each in a new store, and afterwards the same command once more.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { warmComplog } from '../support/warm.js'
import { type Ended, type HeldAt, startHeld, type Weakness } from './held-command.js'
import { problemsAfterFault, problemsWhenDone } from './outcome.js'
import { inParallel } from './parallel.js'
import { type Call, type Fault, runTraced } from './strace.js'
import { makeWork, type Subject } from './subjects.js'
import { Tally } from './tally.js'

export interface SweepOptions {
    /** Every so manieth fault only; default: every one. */
    readonly every?: number
    /** Runs the command with this, which must lose something. */
    readonly weakness?: Weakness
    /** Where the command is held for its tracer; default: where it begins to work. */
    readonly heldAt?: HeldAt
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

const known = new Map<string, Promise<readonly Call[]>>()

/** Every call by which the command touches its stores, as one run without a fault shows them. */
export async function callsOf(subject: Subject, options: SweepOptions = {}): Promise<readonly Call[]> {
    const { weakness, heldAt, below } = options
    const key = JSON.stringify([subject.name, weakness, heldAt, below])
    const calls = known.get(key) ?? findCalls(subject, options)
    known.set(key, calls)
    return calls
}

async function findCalls(subject: Subject, options: SweepOptions): Promise<readonly Call[]> {
    return inFolder(options.below ?? tmpdir(), async (folder) => {
        const work = makeWork(folder, subject)
        const { ended, calls } = await runTraced(
            startHeld(subject.args(work), options.weakness, options.heldAt),
            join(folder, 'trace'),
        )
        if (ended.exitCode !== 0) throw new Error(`${subject.name} fails without a fault: ${ended.stderr}`)
        const problems = options.weakness === undefined ? await problemsWhenDone(subject, work) : []
        if (problems.length > 0) throw new Error(`${subject.name}, without a fault: ${problems.join('; ')}`)
        return calls.filter(({ text }) => text.includes(work))
    })
}

/** Whether a call can leave another state on the disk than the one before: not to read, and not to close. */
export function isStep({ name, text }: Call): boolean {
    return name !== 'close' && (name !== 'openat' || text.includes('O_CREAT'))
}

/** Kills a command at every call by which it changes its stores, and at every sync. */
export async function sweepKills(subject: Subject, options: SweepOptions = {}): Promise<Tally> {
    return sweep(subject, 'killed', (call) => (isStep(call) ? ['SIGKILL'] : []), options)
}

/** Kills a command at every call by which it takes its lock. */
export async function sweepKillsAtLock(subject: Subject, options: SweepOptions = {}): Promise<Tally> {
    const ofLock = (call: Call) => isStep(call) && /\.complog(?:\/(?:append-)?lock)?["'>]/.test(call.text)
    const faultsAt = (call: Call) => (ofLock(call) ? (['SIGKILL'] as const) : [])
    return sweep(subject, 'killed at its lock', faultsAt, { ...options, heldAt: 'lock' })
}

/** Lets every call that writes answer with an error. */
export async function sweepErrors(
    subject: Subject,
    errorsOf: (call: Call) => readonly Fault['what'][],
    options: SweepOptions = {},
): Promise<Tally> {
    return sweep(subject, 'errors', errorsOf, options)
}

/**
 * The fault that happens at a call.
 * @param before the calls before it
 */
export function faultAt(call: Call, what: Fault['what'], before: readonly Call[]): Fault {
    const { thread, name, nth } = call
    // Node's threads wake each other by writing, sooner or later: such calls must not be counted.
    const path = /^(?:p?write|f)/.test(name) ? pathBelowWork(call) : undefined
    // What is staged has another name in each run.
    if (path === undefined || /\.staged(?:\/|$)/.test(path)) return { thread, call: name, nth, what }
    const sameBefore = before.filter(
        (other) => other.thread === thread && other.name === name && pathBelowWork(other) === path,
    )
    return { thread, call: name, nth: sameBefore.length + 1, what, path }
}

function pathBelowWork({ text }: Call): string | undefined {
    return /\/work\/([^">]+)[">]/.exec(text)?.[1]
}

/** The same fault for one run, whose files are in a folder of its own. */
export function faultIn(work: string, fault: Fault): Fault {
    return fault.path === undefined ? fault : { ...fault, path: join(work, fault.path) }
}

/** Of every so many the one in the middle: how each command begins is much the same. */
export function oneOf<T>(every: number, all: readonly T[]): readonly T[] {
    return inStretches(every, all).map(([first]) => first as T)
}

/** The items in stretches of so many, each from its middle on. A last stretch that does not reach its middle is none. */
function inStretches<T>(every: number, all: readonly T[]): readonly (readonly T[])[] {
    const middle = Math.floor(Math.min(every, all.length) / 2)
    return Array.from({ length: Math.ceil((all.length - middle) / every) }, (_, i) =>
        all.slice(i * every + middle, (i + 1) * every),
    )
}

/** How many faults of a stretch are tried until one comes to pass: a busy machine puts calls in another order. */
const triedMax = 3

/**
 * Lets one fault of every so many come to pass, and counts what became of it.
 * @param inject what is wrong after a fault; undefined where it did not come to pass, as it may where the command makes
 * fewer calls than in the run before
 */
export async function injectOneOf(
    faults: readonly Fault[],
    tally: Tally,
    inject: (fault: Fault) => Promise<readonly string[] | undefined>,
    { every = 1, onProgress }: Pick<SweepOptions, 'every' | 'onProgress'>,
): Promise<Tally> {
    const stretches = inStretches(every, faults)
    const comesToPass = async (fault: Fault) => {
        const problems = (await inject(fault)) ?? (await inject(fault))
        if (problems !== undefined)
            tally.add(`${fault.what} at ${fault.call} ${fault.nth} ${fault.path ?? ''}`, problems)
        return problems !== undefined
    }
    await inParallel(stretches, 2, async (stretch) => {
        if (tally.isDecided) return
        let isInjected = false
        for (const fault of stretch.slice(0, triedMax)) isInjected ||= await comesToPass(fault)
        if (!isInjected) tally.missed++
        onProgress?.(tally.injected + tally.missed, stretches.length)
    })
    return tally
}

async function sweep(
    subject: Subject,
    what: string,
    faultsAt: (call: Call) => readonly Fault['what'][],
    options: SweepOptions,
): Promise<Tally> {
    const calls = await callsOf(subject, options)
    const faults = calls.flatMap((call, i) =>
        faultsAt(call).map((what) => faultAt(call, what, calls.slice(0, i))),
    )
    const tally = new Tally(`${subject.name}: ${what}`, options.weakness)
    return injectOneOf(faults, tally, (fault) => injected(subject, fault, options), options)
}

/** What is wrong after one fault; undefined where the fault did not come to pass at a file of the stores. */
async function injected(
    subject: Subject,
    fault: Fault,
    { weakness, heldAt, below = tmpdir() }: SweepOptions,
): Promise<readonly string[] | undefined> {
    return inFolder(below, async (folder) => {
        const work = makeWork(folder, subject)
        const command = startHeld(subject.args(work), weakness, heldAt)
        const { ended, calls } = await runTraced(command, join(folder, 'trace'), faultIn(work, fault))
        const isKill = fault.what === 'SIGKILL'
        const at = calls.findIndex((call) => (isKill ? isAt(call, fault, work) : call.isInjected))
        const call = calls[at]
        // The thread may have made fewer calls than in the run before, or this one for something else.
        if (!call?.text.includes(work) || (isKill && ended.signal !== 'SIGKILL')) return undefined
        const problems: string[] = []
        if (!isKill) problems.push(...problemsOfEnd(ended, fault, call, calls.slice(at + 1)))
        problems.push(...(await problemsAfterFault(subject, work)))
        if (ended.exitCode === 0) problems.push(...(await problemsWhenDone(subject, work)))
        problems.push(...(await problemsRunAgain(subject, work)))
        return problems
    })
}

function isAt({ thread, name, nth, text }: Call, fault: Fault, work: string): boolean {
    return thread === fault.thread && name === fault.call && nth === fault.nth && text.includes(work)
}

/** The same command once more finishes the work. */
export async function problemsRunAgain(subject: Subject, work: string): Promise<readonly string[]> {
    const again = await warmComplog(subject.args(work))
    if (again.exitCode !== 0) return [`run again, it ends with ${again.exitCode ?? ''}: ${again.stderr}`]
    return (await problemsWhenDone(subject, work)).map((problem) => `run again: ${problem}`)
}

/**
 * Calls that may fail without ending the command: to close what was synced, to make a folder that is there, to open a
 * file for the fast reader, whose work the reference reader does once more, to clear up, which the next command does
 * as well, to move aside what is removed in place where there is no room for it, and to write into a lock who has it.
 */
function mayFail({ name, text, thread }: Call, what: Fault['what']): boolean {
    if (name === 'close' || name === 'mkdir' || name === 'rmdir') return true
    if (name === 'rename' && what === 'ENOSPC' && /\.complog\/removed\./.test(text)) return true
    if (/^(?:ftruncate|pwrite64)$/.test(name) && /\.complog\/(?:append-)?lock>/.test(text)) return true
    // Also whoever looks whether the last line of the log is being written goes on: its reader says what is wrong.
    const isOfReader = thread === 'main' || text.includes('/composition/')
    if (name === 'openat' && isOfReader && text.includes('O_RDONLY')) return true
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
    if (!isFileSystem && !(mayFail(call, what) && exitCode === 0))
        problems.push(`ends with ${exitCode ?? signal ?? ''} ${where}: ${stderr.slice(0, 300)}`)
    if (/^f(?:data)?sync$/.test(call.name)) {
        const [path] = /<[^>]+>/.exec(call.text) ?? []
        if (later.some(({ name, text }) => name === call.name && path !== undefined && text.includes(path)))
            problems.push(`syncs again ${where}`)
    }
    return problems
}
