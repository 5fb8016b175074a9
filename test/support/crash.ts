// A machine that stops in the middle of a change: from one step on nothing reaches the disk any more.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

import { thinned } from './thinned.js'

const steps = ['rename', 'unlink', 'rmdir', 'rm'] as const

/** What the operation under way ends with. */
export class Crash extends Error {
    constructor() {
        super('the machine stopped')
    }
}

/**
 * Which step a machine stops before next, of a sweep over all. The first ones differ most; of the others two in seven
 * are enough, not always the same of those that each file or record takes.
 */
export function nextStep(stepsDone: number): number {
    let next = stepsDone + 1
    while (next > thinned(3, Infinity) && next % 7 !== 0 && next % 7 !== 3) next += 1
    return next
}

/**
 * Runs an operation on a machine that stops before the step after so many. A step is what changes a folder: to rename
 * or to remove something. Returns whether the operation ended before that.
 */
export async function crashAfter(stepsDone: number, operation: () => Promise<unknown>): Promise<boolean> {
    const promises = fs.promises as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const originals = steps.map((step) => [step, promises[step]!] as const)
    const { renameSync } = fs
    let left = stepsDone
    for (const [step, original] of originals) {
        promises[step] = (...args) => {
            // What is not there is asked for only to see whether a rename would work.
            if (step === 'rename' && !fs.existsSync(String(args[0]))) return original(...args)
            return left-- > 0 ? original(...args) : Promise.reject(new Crash())
        }
    }
    fs.renameSync = (...args) => {
        if (left-- <= 0) throw new Crash()
        renameSync(...args)
    }
    syncBuiltinESMExports()
    try {
        await operation()
        return true
    } catch (error) {
        if (error instanceof Crash) return false
        throw error
    } finally {
        for (const [step, original] of originals) promises[step] = original
        fs.renameSync = renameSync
        syncBuiltinESMExports()
    }
}
