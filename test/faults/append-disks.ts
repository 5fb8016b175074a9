// Disks that become full while a command appends, and power that fails while it does.
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { problemsGoingOn, problemsOfLog } from './appended.js'
import type { Acknowledged, Appender, Connection } from './appenders.js'
import { runFed, startAppender } from './fed.js'
import type { Weakness } from './held-command.js'
import { Disk, withTmpfs } from './mounts.js'
import { Tally } from './tally.js'

const pageSizeBytes = 4096
/** More than any of the disks has room for, if the log is not cut. */
const eventsMax = 400
const eventsMaxWithCuts = 100

/** Disks with room for so many more pages: none, one, and so on. */
export async function sweepFullDisksUnder(
    appender: Appender,
    roomsPages: readonly number[],
    weakness?: Weakness,
): Promise<Tally> {
    const tally = new Tally(`${appender.name}: full disks`, weakness)
    const cutsItsLog = appender.numbersOfState !== undefined
    const numbers = Array.from({ length: cutsItsLog ? eventsMaxWithCuts : eventsMax }, (_, i) => 1001 + i)
    for (const room of roomsPages) {
        const problems = await withTmpfs('size=1m', async (folder) => {
            const work = join(folder, 'work')
            appender.make(work)
            const filler = join(folder, 'filler')
            const { bavail } = statfsSync(folder)
            writeFileSync(filler, Buffer.alloc((bavail - room) * pageSizeBytes))
            const { ended, acknowledged } = await runFed(appender, work, numbers, weakness)
            const found = [...(await problemsOfLog(appender, work, acknowledged))]
            // Who cuts its log may well never fill the disk.
            const isAllDone = cutsItsLog && ended.exitCode === 0 && acknowledged.length === numbers.length
            const isRefused =
                ended.exitCode === 16 && ended.stderr.includes('ENOSPC') && ended.stderr.includes(work)
            if (!isAllDone && !isRefused)
                found.push(`ends with ${ended.exitCode ?? ''}: ${ended.stderr.slice(-900)}`)
            // It answers in order, so what was answered after the first refusal would leave a gap.
            if (acknowledged.some(({ number }, i) => number !== numbers[i]))
                found.push('it answers after a failure')
            rmSync(filler)
            return [...found, ...(await problemsGoingOn(appender, work, acknowledged, [9001, 9002]))]
        })
        tally.add(`room for ${room} pages`, problems)
    }
    return tally
}

const cutsPerStore = 10
const underWayMax = 16

/**
 * Cuts the power of a disk while a command appends to it under load. Every other time the command is stopped in the same
 * moment, as it would be; otherwise it goes on without its disk, and must say so and answer no more.
 */
export async function sweepPowerCuts(appender: Appender, cuts: number, weakness?: Weakness): Promise<Tally> {
    const tally = new Tally(`${appender.name}: power cut under load`, weakness)
    const disk = new Disk()
    let acknowledged: Acknowledged[] = []
    try {
        for (let cut = 0; cut < cuts; cut++) {
            const work = join(disk.folder, `store-${Math.floor(cut / cutsPerStore)}`)
            if (cut % cutsPerStore === 0) {
                acknowledged = []
                appender.make(work)
                disk.sync()
            }
            const firstNumber = 1001 + cut * 100_000
            const result = await cutUnderLoad(appender, disk, work, firstNumber, cut, weakness)
            acknowledged.push(...result.acknowledged)
            const problems = [...result.problems, ...(await problemsOfLog(appender, work, acknowledged))]
            if (problems.length === 0 && cut % cutsPerStore === cutsPerStore - 1)
                problems.push(
                    ...(await problemsGoingOn(appender, work, acknowledged, [
                        firstNumber - 2,
                        firstNumber - 1,
                    ])),
                )
            tally.add(`cut ${cut} after ${result.acknowledged.length} answers`, problems)
            // What one cut has lost is not to be counted again.
            if (problems.length > 0) break
        }
    } finally {
        disk.remove()
    }
    return tally
}

async function cutUnderLoad(
    appender: Appender,
    disk: Disk,
    work: string,
    firstNumber: number,
    cut: number,
    weakness: Weakness | undefined,
): Promise<{ readonly acknowledged: readonly Acknowledged[]; readonly problems: readonly string[] }> {
    const command = startAppender(appender, work, weakness)
    const connecting = appender.connect(command)
    await command.held
    command.release()
    const connection = await connecting
    if (connection === undefined) {
        const { exitCode, stderr } = await command.ended
        return { acknowledged: [], problems: [`cut ${cut}: does not start (${exitCode ?? ''}): ${stderr}`] }
    }
    const load = startLoad(connection, firstNumber)
    // Another moment each time, as many answers after the start.
    await load.answers(5 + ((cut * 37) % 150))
    const isStopped = cut % 2 === 0
    if (isStopped) process.kill(command.pid, 'SIGSTOP')
    disk.cutPower()
    // As long as it answers at all, it must not do so from now on.
    if (isStopped) process.kill(command.pid, 'SIGKILL')
    const ended = await Promise.race([command.ended, setTimeout(30_000, undefined, { ref: false })])
    if (ended === undefined) process.kill(command.pid, 'SIGKILL')
    await command.ended
    await load.stop()
    disk.restorePower()
    const problems: string[] = []
    if (!isStopped && (ended?.exitCode !== 16 || !/EIO|EROFS/.test(ended.stderr)))
        problems.push(
            `without its disk, it ends with ${ended?.exitCode ?? ''}: ${ended?.stderr.slice(0, 500)}`,
        )
    return { acknowledged: load.acknowledged, problems }
}

interface Load {
    readonly acknowledged: readonly Acknowledged[]
    /** Resolves after so many answers, or when no more will come. */
    answers(count: number): Promise<void>
    /** Waits until nothing is under way. */
    stop(): Promise<void>
}

/** Sends events until one has no answer, some at a time. */
function startLoad(connection: Connection, firstNumber: number): Load {
    const acknowledged: Acknowledged[] = []
    let next = firstNumber
    let isOver = false
    const one = async () => {
        while (!isOver) {
            const number = next++
            const answer = await connection.send(number)
            if (answer === undefined) return
            acknowledged.push({ number, answer })
        }
    }
    const all = Promise.all(Array.from({ length: underWayMax }, one)).then(() => (isOver = true))
    return {
        acknowledged,
        answers: async (count) => {
            while (!isOver && acknowledged.length < count) await setTimeout(1)
        },
        stop: async () => {
            isOver = true
            await all
        },
    }
}
