// Removes reductions that a restore no longer needs, because newer ones are there.
import { checkLog } from '../check/check-log.js'
import type { StoreFile } from '../store/list-files.js'
import { removeDurably } from '../store/durable-files.js'
import { type ProcessStore, isFinding, readReduction } from '../store/process-store.js'

/**
 * Keeps the newest reductions of the chain, and removes those of older records. A reduction whose record is not in the
 * log stays: it may be the only witness that records were lost. So does everything where the log is not one chain.
 * @param keep how many that can be read to keep, at least 1
 * @returns how many were removed
 */
export async function pruneReductions(store: ProcessStore, keep: number): Promise<number> {
    const { longest, isOneChain } = await checkLog(store)
    if (!isOneChain) return 0
    const newestFirst = [...longest.reduced].sort(([, a], [, b]) => b - a)
    const files: StoreFile[] = []
    let kept = 0
    for (const [hash] of newestFirst) {
        const file = store.reductionFiles.get(hash)
        if (file === undefined) continue
        if (kept >= keep) {
            files.push(file)
            continue
        }
        const reduction = await readReduction(store, hash)
        if (reduction !== undefined && !isFinding(reduction)) kept += 1
    }
    // The oldest first, so that at every moment the newest ones are there.
    for (const { absolutePath } of files.toReversed()) await removeDurably(absolutePath)
    return files.length
}
