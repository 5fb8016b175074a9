// One fault after the other for the commands that append: each in a new store, and afterwards the same command once more.
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { problemsGoingOn, problemsOfLog } from './appended.js'
import type { Appender } from './appenders.js'
import { type Fed, feed, startAppender } from './fed.js'
import type { Weakness } from './held-command.js'
import { type Call, type Fault, runTraced } from './strace.js'
import { faultAt, faultIn, inFolder, injectOneOf, isStep } from './sweep.js'
import { Tally } from './tally.js'

export interface AppendSweepOptions {
    /** Every so manieth fault only; default: every one. */
    readonly every?: number
    /** Runs the command with this, which must lose something. */
    readonly weakness?: Weakness
}

const events = [1001, 1002, 1003, 1004, 1005]
const eventsAgain = [2001, 2002]

/** Kills a command at every call by which it changes its store, and at every sync. */
export function sweepAppenderKills(appender: Appender, options: AppendSweepOptions = {}): Promise<Tally> {
    return sweep(appender, 'killed', (call) => (isStep(call) ? ['SIGKILL'] : []), options)
}

/** Lets calls answer with errors. */
export function sweepAppenderErrors(
    appender: Appender,
    errorsOf: (call: Call) => readonly Fault['what'][],
    options: AppendSweepOptions = {},
): Promise<Tally> {
    return sweep(appender, 'errors', errorsOf, options)
}

const known = new Map<string, Promise<readonly Call[]>>()

/** Every call by which the command touches its store, as one run without a fault shows them. */
async function findCalls(appender: Appender, weakness: Weakness | undefined): Promise<readonly Call[]> {
    return inFolder(tmpdir(), async (folder) => {
        const { ended, acknowledged, calls: all, work } = await traced(appender, folder, undefined, weakness)
        const problems = await problemsOfLog(appender, work, acknowledged)
        if (ended.exitCode !== 0 || acknowledged.length !== events.length || problems.length > 0)
            throw new Error(`${appender.name}, without a fault: ${problems.join('; ')} ${ended.stderr}`)
        return all.filter(({ text }) => text.includes(work))
    })
}

async function sweep(
    appender: Appender,
    what: string,
    faultsAt: (call: Call) => readonly Fault['what'][],
    options: AppendSweepOptions,
): Promise<Tally> {
    const { weakness } = options
    const key = JSON.stringify([appender.name, weakness])
    const finding = known.get(key) ?? findCalls(appender, weakness)
    known.set(key, finding)
    const calls = await finding
    const faults = calls.flatMap((call, i) =>
        faultsAt(call).map((fault) => faultAt(call, fault, calls.slice(0, i))),
    )
    const tally = new Tally(`${appender.name}: ${what}`, weakness)
    return injectOneOf(faults, tally, (fault) => injected(appender, fault, weakness), options)
}

async function traced(
    appender: Appender,
    folder: string,
    fault?: Fault,
    weakness?: Weakness,
): Promise<Fed & { readonly calls: readonly Call[]; readonly work: string }> {
    const work = join(folder, 'work')
    appender.make(work)
    const command = startAppender(appender, work, weakness)
    const fed = feed(appender, command, events)
    const { ended, calls } = await runTraced(command, join(folder, 'trace'), fault && faultIn(work, fault))
    return { ended, calls, acknowledged: await fed, work }
}

/** What is wrong after one fault; undefined where the fault did not come to pass at a file of the store. */
async function injected(
    appender: Appender,
    fault: Fault,
    weakness: Weakness | undefined,
): Promise<readonly string[] | undefined> {
    return inFolder(tmpdir(), async (folder) => {
        const { ended, calls, acknowledged, work } = await traced(appender, folder, fault, weakness)
        const isKill = fault.what === 'SIGKILL'
        const at = calls.findIndex(({ thread, name, nth, isInjected }) =>
            isKill ? thread === fault.thread && name === fault.call && nth === fault.nth : isInjected,
        )
        const call = calls[at]
        if (!call?.text.includes(work) || (isKill && ended.signal !== 'SIGKILL')) return undefined
        const fed = { ended, acknowledged }
        const problems = isKill ? [] : problemsOfEnd(appender, fed, fault, call, calls.slice(0, at))
        return [
            ...problems,
            ...(await problemsOfLog(appender, work, acknowledged)),
            ...(await problemsGoingOn(appender, work, acknowledged, eventsAgain)),
        ]
    })
}

/**
 * Calls that may fail without a word: to close what was synced, to make a folder that is there, to clear up, to open a
 * file for the fast reader, whose work the reference reader does once more, and to say in a lock file who has it.
 */
function mayFail({ name, text, thread }: Call): boolean {
    if (['close', 'mkdir', 'rmdir', 'unlink'].includes(name)) return true
    // Also whoever looks whether the last line of the log is being written goes on: its reader says what is wrong.
    const isOfReader = thread === 'main' || text.includes('/composition/')
    if (name === 'openat' && isOfReader && text.includes('O_RDONLY')) return true
    if (/^(?:ftruncate|p?write(?:64)?)$/.test(name) && /\.complog\/(?:append-)?lock\b/.test(text)) return true
    return text.includes('.complog') && text.includes('O_DIRECTORY')
}

/**
 * Either the process dies of it, and gives no answer any more; or it was about a reduction, be it that the log was read
 * to find out which ones are no longer needed, and is told. Where files of the log go because a reduction stands for
 * them, that they cannot be removed is told, too; but where one cannot be put in the place of another, the process dies.
 */
function problemsOfEnd(
    appender: Appender,
    { ended: { exitCode, signal, stderr }, acknowledged }: Fed,
    { what }: Fault,
    call: Call,
    before: readonly Call[],
): readonly string[] {
    const problems: string[] = []
    const where = `at ${call.name}(${call.text}`
    const isOfLog =
        appender.numbersOfState === undefined
            ? call.text.includes('/composition') && !call.text.includes('O_RDONLY')
            : call.text.includes('/composition') &&
              // A name that nothing has is renamed to find out whether it could be: nothing is in doubt behind that.
              !call.text.includes('/nothing.staged') &&
              /^(?:write|fdatasync|rename)$/.test(call.name)
    const isTold = stderr.includes(what)
    const isDead = exitCode === 16 && isTold
    const goesOn = exitCode === 0 && (mayFail(call) || (isTold && !isOfLog))
    if (!isDead && !goesOn)
        problems.push(`ends with ${exitCode ?? signal ?? ''} ${where}: ${stderr.slice(0, 500)}`)
    // One event a write and a sync, since each was sent only once the one before was answered.
    const synced = before.filter(
        ({ name, text }) => name === 'fdatasync' && text.includes('/composition'),
    ).length
    if (isDead && isOfLog && /^(?:write|fdatasync)$/.test(call.name) && acknowledged.length > synced)
        problems.push(`${acknowledged.length} answers, and ${synced} syncs ${where}`)
    return problems
}
