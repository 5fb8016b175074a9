// Which reductions a log that is being kept short may begin with. Others can store some as well, made by
// whatever app: only what this process has stored itself, and found on the disk as it was in memory, may
// stand for records that go.
import { createHash } from 'node:crypto'

import { type CompositionHash, shortHash } from '../composition/hash.js'
import { ComplogError } from '../errors.js'
import type { Reduction } from '../reduction/reduction.js'
import { isFinding, type ProcessStore, readReduction } from '../store/process-store.js'

interface ProvenReduction {
    readonly hash: CompositionHash
    readonly valueSha256: string
}

export class ProvenReductions {
    readonly #keep: number
    /** Oldest first, as many as are to be kept. */
    #proven: readonly ProvenReduction[] = []

    /** @param keep how many of the newest ones to keep, at least 1 */
    constructor(keep: number) {
        this.#keep = keep
    }

    /**
     * Notes what was stored just now, if it is on the disk as it was in memory.
     * @throws ComplogError `reduction-differs`
     */
    async add(store: ProcessStore, { hash, value }: Reduction): Promise<void> {
        if ((await valueOnDisk(store, hash)) !== value) throw differs(hash)
        this.#proven = [...this.#proven, { hash, valueSha256: sha256(value) }].slice(-this.#keep)
    }

    /**
     * The one that the log may begin with; undefined as long as there are not as many as are to be kept.
     * @throws ComplogError `reduction-differs` where it is no longer on the disk as it was
     */
    async oldest(store: ProcessStore): Promise<CompositionHash | undefined> {
        this.#proven = this.#proven.filter(({ hash }) => store.reductionFiles.has(hash))
        const [oldest] = this.#proven
        if (oldest === undefined || this.#proven.length < this.#keep) return undefined
        const value = await valueOnDisk(store, oldest.hash)
        if (value === undefined || sha256(value) !== oldest.valueSha256) throw differs(oldest.hash)
        return oldest.hash
    }
}

async function valueOnDisk(store: ProcessStore, hash: CompositionHash): Promise<string | undefined> {
    const reduction = await readReduction(store, hash)
    return reduction === undefined || isFinding(reduction) ? undefined : reduction.value
}

function sha256(value: string): string {
    return createHash('sha256').update(value).digest('hex')
}

function differs(hash: CompositionHash): ComplogError {
    return new ComplogError(
        'reduction-differs',
        `The reduction of ${shortHash(hash)}… is not what was written. Nothing was removed.`,
        {
            hint: 'Find out what changed it, or check the disk: what was read back differs from what was in memory.',
        },
    )
}
