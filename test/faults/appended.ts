// What must hold of the log of a command that appends, whatever became of the command: what it has answered is there,
// once, where the answer says.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { CheckedStore } from '../../src/core/check/check-store.js'
import { isFinding, readReduction } from '../../src/core/store/process-store.js'
import { openAndCheck, recordsOf } from '../support/stores.js'
import { filePaths } from '../support/temporary.js'
import type { Acknowledged, Appender } from './appenders.js'
import { runFed } from './fed.js'

/** What is wrong with a store after a fault. A tail that is torn is no fault: nobody has heard of its record. */
export async function problemsOfLog(
    appender: Appender,
    work: string,
    acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
    const store = join(work, 'store')
    if (!existsSync(store)) return acknowledged.length === 0 ? [] : ['there is no store']
    const checked = await openAndCheck(store)
    const problems = checked.findings.list
        .filter(({ severity, id }) => severity === 'error' && id !== 'torn-tail')
        .map(({ id, message }) => `verify-chain: ${id} ${message}`)
    return [...problems, ...(await problemsOfAnswers(appender, checked, acknowledged))]
}

async function problemsOfAnswers(
    appender: Appender,
    { longest, store, usableReductions }: CheckedStore,
    acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
    const problems: string[] = []
    const records = await recordsOf(longest)
    const [oldest] = [...usableReductions].sort(([, a], [, b]) => a - b)
    const reduced: number[] = []
    if (appender.numbersOfState && oldest) {
        // What was cut away must be in the oldest state that is there, and in the log what came behind it.
        const [hash, position] = oldest
        const reduction = await readReduction(store, hash)
        if (reduction !== undefined && !isFinding(reduction))
            reduced.push(...appender.numbersOfState(reduction.value))
        records.splice(0, position)
    }
    const events = records.flatMap((record) => record.events)
    const numbers = [...reduced, ...events.map((event) => appender.numberOf(event))]
    if (new Set(numbers).size < numbers.length) problems.push(`an event is there twice: ${numbers.join()}`)
    if (!appender.numbersBefore.every((number, i) => numbers[i] === number))
        problems.push(`what was there before is gone: ${numbers.join()}`)
    for (const { number, answer } of acknowledged) {
        const at = numbers.indexOf(number)
        if (at < 0) problems.push(`lost: event ${number}, which was answered`)
        else if (appender.answerTo(numbers.slice(0, at + 1)) !== answer)
            problems.push(`event ${number} was answered with ${answer.slice(0, 100)}`)
    }
    return problems
}

/** The same command goes on where the log ends, and leaves nothing of the fault behind. */
export async function problemsGoingOn(
    appender: Appender,
    work: string,
    acknowledged: readonly Acknowledged[],
    numbers: readonly number[],
): Promise<readonly string[]> {
    const { ended, acknowledged: more } = await runFed(appender, work, numbers)
    const problems: string[] = []
    if (ended.exitCode !== 0)
        problems.push(`started again, it ends with ${ended.exitCode ?? ''}: ${ended.stderr}`)
    if (more.length !== numbers.length) problems.push(`started again, it answers ${more.length} times`)
    problems.push(...(await problemsOfLog(appender, work, [...acknowledged, ...more])))
    const { findings } = await openAndCheck(join(work, 'store'))
    if (findings.counts.error > 0) problems.push('started again, it leaves a torn tail')
    // The file of a lock that nobody holds is in nobody's way; who takes that lock next removes it in the end.
    // A word of a proof stays true, and the next truncation removes it.
    const inNobodysWay = appender.numbersOfState ? /^(?:(?:append-)?lock|proven)$/ : /^(?:append-)?lock$/
    const left = filePaths(join(work, 'store', '.complog')).filter((name) => !inNobodysWay.test(name))
    if (left.length > 0) problems.push(`left in .complog: ${left.join(', ')}`)
    return problems
}
