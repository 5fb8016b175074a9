// A host that appends while a command works. It takes no lock, so whatever it appends must be there in the end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { packageFolder } from '../support/build.js'
import { linesOf, openAndCheck } from '../support/stores.js'
import { readFiles } from '../support/temporary.js'
import { type Ended, endOf, startHeld, type Weakness } from './held-command.js'
import { problemsAfterFault } from './outcome.js'
import { inParallel } from './parallel.js'
import { makeWork, type Subject } from './subjects.js'
import { inFolder } from './sweep.js'
import { Tally } from './tally.js'

/** Rounds of a command against a host that begins to append at another moment each time. */
export async function sweepHosts(subject: Subject, rounds: number, weakness?: Weakness): Promise<Tally> {
    const tally = new Tally(`${subject.name}: a host appends meanwhile`, weakness)
    const all = Array.from({ length: rounds }, (_, round) => round)
    await inParallel(all, 2, async (round) => {
        // The command needs some 30 ms from here on: half of the hosts begin within, the others go on through it all.
        const delay = round % 2 === 0 ? (round % 30) * 1.5 : 0
        const pause = round % 2 === 0 ? 1000 : round % 7
        tally.add(`round ${round}`, await oneRound(subject, delay, pause, weakness))
    })
    return tally
}

const stepsMax = 1000

/** A host appends one record just before each of the calls by which a command changes files: in all their moments. */
export async function sweepHostAtSteps(
    subject: Subject,
    { every = 1, weakness }: { readonly every?: number; readonly weakness?: Weakness } = {},
): Promise<Tally> {
    const tally = new Tally(`${subject.name}: a host appends before a step`, weakness)
    for (let step = 1; step < stepsMax && !tally.isDecided; step += every) {
        const problems = await inFolder(tmpdir(), async (folder) => {
            const work = makeWork(folder, subject)
            const command = startHeld(subject.args(work), weakness, step)
            if ((await command.held) === undefined) return undefined
            const host = startHost(work, subject, 0, 1_000_000)
            await once(host.stdout, 'data')
            const appended = await stopHost(host)
            command.release()
            return problemsOf(subject, work, await command.ended, appended)
        })
        if (problems === undefined) break
        tally.add(`before step ${step}`, problems)
    }
    return tally
}

async function oneRound(
    subject: Subject,
    delay: number,
    pause: number,
    weakness: Weakness | undefined,
): Promise<readonly string[]> {
    return inFolder(tmpdir(), async (folder) => {
        const work = makeWork(folder, subject)
        const command = startHeld(subject.args(work), weakness)
        await command.held
        const host = startHost(work, subject, delay, pause)
        await once(host.stderr, 'data')
        command.release()
        const ended = await command.ended
        await new Promise((resolve) => setTimeout(resolve, 20))
        return problemsOf(subject, work, ended, await stopHost(host))
    })
}

/** One that says `ready` on stderr, and each line on stdout once it is written. */
function startHost(work: string, subject: Subject, delay: number, pause: number) {
    const log = join(work, 'store', 'composition', 'c.jsonl')
    const script = join(packageFolder, 'test', 'faults', 'host.mjs')
    const host = spawn(process.execPath, [script, log, subject.head, String(delay), String(pause)])
    return Object.assign(host, { hasEnded: endOf(host) })
}

/** Gives the lines that it has appended. */
async function stopHost(host: ReturnType<typeof startHost>): Promise<readonly string[]> {
    host.stdin.end()
    return (await host.hasEnded).stdout.split('\n').filter((line) => line !== '')
}

async function problemsOf(
    subject: Subject,
    work: string,
    { exitCode, stderr }: Ended,
    appended: readonly string[],
): Promise<readonly string[]> {
    const problems: string[] = []
    if (exitCode !== 0 && exitCode !== 12) problems.push(`ends with ${exitCode ?? ''}: ${stderr}`)
    if (exitCode === 12 && !/changed|was written to/.test(stderr)) problems.push(stderr)
    problems.push(...lostLines(work, [...subject.lines, ...appended]))
    const checked = await openAndCheck(join(work, 'store'))
    const error = checked.findings.list.find(({ severity }) => severity === 'error')
    if (error !== undefined) problems.push(`${error.id}: ${error.message}`)
    if (appended.length === 0) problems.push(...(await problemsAfterFault(subject, work)))
    return problems
}

function lostLines(work: string, lines: readonly string[]): readonly string[] {
    const standing = new Set<string>()
    for (const part of ['store', 'archive']) {
        const folder = join(work, part, 'composition')
        if (!existsSync(folder)) continue
        for (const bytes of Object.values(readFiles(folder)))
            for (const line of linesOf(bytes)) standing.add(String(line))
    }
    const lost = lines.filter((line) => !standing.has(line))
    return lost.length === 0 ? [] : [`${lost.length} records are in no place: ${lost[0] ?? ''}`]
}
