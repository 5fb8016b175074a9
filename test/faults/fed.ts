// Runs a command that appends, and feeds it.
import type { Acknowledged, Appender } from './appenders.js'
import { type Ended, type HeldCommand, startHeld, type Weakness } from './held-command.js'

export interface Fed {
    readonly ended: Ended
    readonly acknowledged: readonly Acknowledged[]
}

export function startAppender(appender: Appender, work: string, weakness?: Weakness): HeldCommand {
    return startHeld(appender.args(work), weakness, 'lock', 'pipe')
}

/**
 * Sends events one after the other, each once the one before is answered, and then ends the command in peace. After an
 * event without an answer it sends one more, which must have none either.
 */
export async function feed(
    appender: Appender,
    command: HeldCommand,
    numbers: readonly number[],
): Promise<readonly Acknowledged[]> {
    const acknowledged: Acknowledged[] = []
    const connection = await appender.connect(command)
    if (connection === undefined) return acknowledged
    let unanswered = 0
    for (const number of numbers) {
        const answer = await connection.send(number)
        if (answer !== undefined) acknowledged.push({ number, answer })
        else if (++unanswered === 2) break
    }
    try {
        connection.end()
    } catch {
        // It is dead already.
    }
    return acknowledged
}

/** One run without a tracer. */
export async function runFed(
    appender: Appender,
    work: string,
    numbers: readonly number[],
    weakness?: Weakness,
): Promise<Fed> {
    const command = startAppender(appender, work, weakness)
    const fed = feed(appender, command, numbers)
    await command.held
    command.release()
    return { ended: await command.ended, acknowledged: await fed }
}
