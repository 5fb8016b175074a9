// The same log with a reduction near its end, as a host leaves it: what a restore from the end reads.
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'

import { timeOfComplog } from './complog.js'
import { type BenchLog, logFileIn, makeFolderOf } from './make-log.js'

const version = 1

/** Made once, and left beside the log for the next time. */
export function cachedReducedStore(
    log: BenchLog,
    recordsBehind: number,
    appFlags: readonly string[],
    env: NodeJS.ProcessEnv,
): BenchLog {
    const store = `${log.store}-reduced-${recordsBehind}-v${version}`
    if (!existsSync(store)) {
        const unfinished = `${store}-unfinished`
        rmSync(unfinished, { recursive: true, force: true })
        makeFolderOf(logFileIn(unfinished))
        linkSync(log.file, logFileIn(unfinished))
        timeOfComplog(['reduce', unfinished, ...appFlags, '--at', `head~${recordsBehind}`], env)
        renameSync(unfinished, store)
    }
    return { ...log, store, file: logFileIn(store) }
}
