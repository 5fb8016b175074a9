// The same command twice at once on one store: one of them has the lock, the other one says who has it.
import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'

import { type Ended, startHeld, type Weakness } from './held-command.js'
import { problemsAfterFault } from './outcome.js'
import { inParallel } from './parallel.js'
import { makeWork, type Subject } from './subjects.js'
import { inFolder, problemsRunAgain } from './sweep.js'
import { Tally } from './tally.js'

/** Rounds in which the second writer comes a little later each time. */
export async function sweepTwoWriters(subject: Subject, rounds: number, weakness?: Weakness): Promise<Tally> {
    const tally = new Tally(`${subject.name}: two writers at once`, weakness)
    const all = Array.from({ length: rounds }, (_, round) => round)
    await inParallel(all, 2, async (round) => {
        if (tally.isDecided) return
        const milliseconds = (round % 25) * 2
        const problems = await oneRound(subject, milliseconds, weakness)
        tally.add(`round ${round}, ${milliseconds} ms apart`, problems)
    })
    return tally
}

async function oneRound(
    subject: Subject,
    milliseconds: number,
    weakness: Weakness | undefined,
): Promise<readonly string[]> {
    return inFolder(tmpdir(), async (folder) => {
        const work = makeWork(folder, subject)
        const commands = [0, 1].map(() => startHeld(subject.args(work), weakness, 'lock'))
        await Promise.all(commands.map(({ held }) => held))
        for (const command of commands) {
            command.release()
            await setTimeout(milliseconds)
        }
        const ended = await Promise.all(commands.map((command) => command.ended))
        const problems = [...ended.flatMap(problemsOfWriter)]
        if (ended.every(({ exitCode }) => exitCode !== 0)) problems.push('neither of them has done it')
        problems.push(...(await problemsAfterFault(subject, work)))
        problems.push(...(await problemsRunAgain(subject, work)))
        return problems
    })
}

/** Done; or refused with the name of the one who holds the lock; or too late, after the other one had done it. */
function problemsOfWriter({ exitCode, stderr }: Ended): readonly string[] {
    if (exitCode === 0) return []
    if (exitCode === 11 && /process \d+ on/.test(stderr.replaceAll(/\s+/g, ' '))) return []
    if (exitCode === 12 && /changed/.test(stderr)) return []
    return [`ends with ${exitCode ?? ''}: ${stderr}`]
}
