// The built command, as a process.
import { fileURLToPath } from 'node:url'

import { runProcess } from './processes.js'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const memoryReporter = fileURLToPath(new URL('report-memory.mjs', import.meta.url))

// A shuffled log whose head is not last is not sound for a host: 3 is what is to be measured there.
const expected = [0, 3]

/** Milliseconds from its start to its end. */
export function timeOfComplog(args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
    return runProcess(process.execPath, [binary, ...args], { env, expected }).milliseconds
}

/** The most memory that it held, in millions of bytes. What measures it makes the start slower: not for times. */
export function memoryOfComplog(args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
    const ran = runProcess(process.execPath, ['--import', memoryReporter, binary, ...args], { env, expected })
    return (Number(ran.report) * 1024) / 1e6
}
