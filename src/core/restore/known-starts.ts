// Where a restore from the end starts, no reduction may be of a newer record that is not there. To see that
// takes a look at every reduction, or at the whole log. What was seen is about hashes, and a hash stands for
// a record and all before it: it stays true as long as the same reductions are there, so it is kept beside
// the compiled scripts.
import { createHash } from 'node:crypto'
import { join } from 'node:path'

import type { CompositionHash } from '../composition/hash.js'
import { cacheRoot, replaceCachedFile } from '../elm-app/compile/script-cache.js'
import { makeFolders } from '../elm-app/source/file-access.js'
import type { ListedStore } from '../store/process-store.js'
import { readTextIfThere } from '../store/read-part.js'

/** Fewer are looked at in less time than it takes to ask. */
const reductionsMin = 64

/** A reduction that a restore starts from, and the others, none of which the records behind it have. */
export class KnownStart {
    readonly #start: CompositionHash
    readonly #others: readonly CompositionHash[]
    readonly #folder = join(cacheRoot(undefined), 'known-starts')
    readonly #path: string

    constructor(store: ListedStore, start: CompositionHash, others: readonly CompositionHash[]) {
        this.#start = start
        this.#others = others
        this.#path = join(this.#folder, sha256(store.layout.compositionPath))
    }

    /** Whether none of the others is newer, as was found out before. */
    async isKnown(): Promise<boolean> {
        if (this.#others.length < reductionsMin) return false
        // A cache that cannot be read says nothing.
        return (await readTextIfThere(this.#path).catch(() => '')) === this.#statement()
    }

    /** None of the others is newer. A restore must not fail for its cache. */
    async remember(): Promise<void> {
        if (this.#others.length < reductionsMin) return
        await makeFolders(this.#folder, 0o700)
            .then(() => replaceCachedFile(this.#path, this.#statement()))
            .catch(() => undefined)
    }

    /** The same, where a checked chain shows it. @param reduced position of each reduction of the chain */
    async rememberIfIn(reduced: ReadonlyMap<CompositionHash, number>): Promise<void> {
        const position = reduced.get(this.#start) ?? -Infinity
        const isOlder = (hash: CompositionHash) => (reduced.get(hash) ?? Infinity) < position
        if (this.#others.every(isOlder)) await this.remember()
    }

    #statement(): string {
        return sha256([this.#start, ...this.#others].join('\n'))
    }
}

function sha256(text: string): string {
    return createHash('sha256').update(text).digest('hex')
}
