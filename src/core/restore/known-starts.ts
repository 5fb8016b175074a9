// Where a restore from the end starts, no reduction may be of a newer record that is not there. To see that
// takes a look at every reduction, or at the whole log. What was seen is about hashes, and a hash stands for
// a record and all before it: it stays true as long as the same reductions are there, so it is kept beside
// the compiled scripts.
import { join } from 'node:path'

import { cacheRoot, makeFolders, replaceCachedFile, sha256 } from '../cache/kept-files.js'
import type { CompositionHash } from '../composition/hash.js'
import type { ListedStore } from '../store/process-store.js'
import { readTextIfThere } from '../store/read-part.js'

const reductionsMin = 64

/** A reduction that a restore starts from, and the others, none of which the records behind it have. */
export class KnownStart {
    readonly #start: CompositionHash
    readonly #others: readonly CompositionHash[]
    readonly #folder: string | undefined
    readonly #name: string

    constructor(store: ListedStore, start: CompositionHash, others: readonly CompositionHash[]) {
        this.#start = start
        this.#others = others
        const root = cacheRoot(undefined)
        // Fewer are looked at in less time than it takes to ask.
        const isAsked = root !== undefined && others.length >= reductionsMin
        this.#folder = isAsked ? join(root, 'known-starts') : undefined
        this.#name = hashOf(store.layout.compositionPath)
    }

    /** Whether none of the others is newer, as was found out before. */
    async isKnown(): Promise<boolean> {
        if (this.#folder === undefined) return false
        // A cache that cannot be read says nothing.
        const said = await readTextIfThere(join(this.#folder, this.#name)).catch(() => '')
        return said === this.#statement()
    }

    /** None of the others is newer. A restore must not fail for its cache. */
    async remember(): Promise<void> {
        const folder = this.#folder
        if (folder === undefined) return
        await makeFolders(folder, 0o700)
            .then(() => replaceCachedFile(join(folder, this.#name), this.#statement()))
            .catch(() => undefined)
    }

    /** The same, where a checked chain shows it. @param reduced position of each reduction of the chain */
    async rememberIfIn(reduced: ReadonlyMap<CompositionHash, number>): Promise<void> {
        const position = reduced.get(this.#start) ?? -Infinity
        const isOlder = (hash: CompositionHash) => (reduced.get(hash) ?? Infinity) < position
        if (this.#others.every(isOlder)) await this.remember()
    }

    #statement(): string {
        return hashOf([this.#start, ...this.#others].join('\n'))
    }
}

function hashOf(text: string): string {
    return sha256(Buffer.from(text))
}
