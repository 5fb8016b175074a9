// Power that fails: what was not synced is gone. A command is killed at a call, and in that moment the disk stops; or it
// says that it is done, and then the disk stops.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { startHeld, type Weakness } from './held-command.js'
import { Disk } from './mounts.js'
import { problemsAfterFault, problemsWhenDone } from './outcome.js'
import { inParallel } from './parallel.js'
import { type Fault, runTraced } from './strace.js'
import { makeWork, type Subject } from './subjects.js'
import { callsOf, faultAt, faultIn, oneOf, problemsRunAgain } from './sweep.js'
import { Tally } from './tally.js'

export interface PowerLossOptions {
    /** Every so manieth call only. */
    readonly every?: number
    readonly weakness?: Weakness
}

/** Calls that change what is on the disk, or that promise that it is there. */
const changing = /^(?:fsync|fdatasync|mkdir|pwrite64|rename|rmdir|unlink|write)/

/** Stops the disk at every call that changes something, and once more when the command says that it is done. */
export async function sweepPowerLoss(
    subject: Subject,
    { every = 1, weakness }: PowerLossOptions = {},
): Promise<Tally> {
    const calls = (await callsOf(subject)).filter(({ name }) => changing.test(name))
    const kills = calls.map((call, i) => faultAt(call, 'SIGKILL', calls.slice(0, i)))
    const tally = new Tally(`${subject.name}: power loss`, weakness)
    const faults = [undefined, ...oneOf(every, kills)]
    const disks = [new Disk(), new Disk()]
    try {
        await inParallel(faults, disks.length, async (fault) => {
            const disk = disks.pop() as Disk
            const name = fault === undefined ? 'done' : `${fault.call} ${fault.nth}`
            tally.add(`power loss at ${name}`, await problemsAfter(subject, disk, fault, weakness))
            disks.push(disk)
        })
    } finally {
        for (const disk of disks) disk.remove()
    }
    return tally
}

async function problemsAfter(
    subject: Subject,
    disk: Disk,
    fault: Fault | undefined,
    weakness: Weakness | undefined,
): Promise<readonly string[]> {
    const folder = join(disk.folder, 'fault')
    mkdirSync(folder)
    try {
        const work = makeWork(folder, subject)
        disk.sync()
        const trace = join(disk.folder, '..', 'trace')
        const { ended } = await runTraced(
            startHeld(subject.args(work), weakness),
            trace,
            fault && faultIn(work, fault),
        )
        if (fault === undefined && ended.exitCode !== 0) return [`ends with ${ended.exitCode ?? ''}`]
        disk.losePower()
        const problems = [...(await problemsAfterFault(subject, work))]
        if (ended.exitCode === 0) problems.push(...(await problemsWhenDone(subject, work)))
        problems.push(...(await problemsRunAgain(subject, work)))
        return problems
    } finally {
        rmSync(folder, { recursive: true })
    }
}
