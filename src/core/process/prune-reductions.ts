// Removes reductions that a restore no longer needs, because newer ones are there.
import { checkLog } from '../check/check-log.js'
import type { CompositionHash } from '../composition/hash.js'
import { newestAccepted } from '../restore/accepted-changes.js'
import { removeAllDurably } from '../store/durable/durable-files.js'
import type { StoreFile } from '../store/listing/list-files.js'
import { isFinding, type ProcessStore, readReduction } from '../store/process-store.js'

/** Reads the whole log once; then it is told what is stored, since to read a long one again takes long. */
export class ReductionPruner {
    /** Reductions whose records are known to be in the chain, oldest first. */
    #inChain: CompositionHash[] = []
    /** All that were there when the log was read, and have been stored since. */
    readonly #known = new Set<CompositionHash>()

    /** A reduction of the newest record was stored. */
    noteStored(hash: CompositionHash): void {
        if (!this.#known.has(hash)) this.#inChain.push(hash)
        this.#known.add(hash)
    }

    /**
     * Keeps the newest reductions of the chain, and removes those of older records. A reduction whose record
     * is not in the log stays: it may be the only witness that records were lost. So does everything where
     * the log is not one chain.
     * @param keep how many that can be read to keep, at least 1
     * @returns how many were removed
     */
    async prune(store: ProcessStore, keep: number): Promise<number> {
        // Another one may have been stored beside, by `reduce`.
        const isKnown = [...store.reductionFiles.keys()].every((hash) => this.#known.has(hash))
        if (!isKnown && !(await this.#readLog(store))) return 0
        const files: StoreFile[] = []
        let kept = 0
        for (const hash of this.#inChain.toReversed()) {
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
        await removeAllDurably(files.map(({ absolutePath }) => absolutePath).toReversed())
        const removed = new Set(files)
        this.#inChain = this.#inChain.filter((hash) => {
            const file = store.reductionFiles.get(hash)
            return file !== undefined && !removed.has(file)
        })
        return files.length
    }

    /** False where the log is not one chain. */
    async #readLog(store: ProcessStore): Promise<boolean> {
        const { longest, isOneChain, index } = await checkLog(store)
        if (!isOneChain) return false
        // Nothing else gives the states from there on.
        const behindHoles = new Set(index?.diagnosis.holes.map((row) => index.table.hash(row)))
        const { position: from = 0 } = (await newestAccepted(store.layout.root ?? '', longest)) ?? {}
        // Reductions from before stay, however many there are.
        this.#inChain = [...longest.reduced]
            .filter(([hash, position]) => position >= from && !behindHoles.has(hash))
            .sort(([, a], [, b]) => a - b)
            .map(([hash]) => hash)
        for (const hash of store.reductionFiles.keys()) this.#known.add(hash)
        return true
    }
}
