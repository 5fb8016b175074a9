// Where a restore from the end starts, no reduction may be of a newer record that is not there. To see that
// takes a look at every reduction, or at the whole log. What was seen is about hashes, and a hash stands for
// a record and all before it: it stays true as long as the same reductions are there, so it is kept beside
// the compiled scripts. As long as their folder shows no change, even their names are not asked for.
import { join } from 'node:path'

import { cacheRoot, makeFolders, replaceCachedFile, sha256 } from '../cache/kept-files.js'
import type { CompositionHash } from '../composition/hash.js'
import type { Limits } from '../limits.js'
import type { StoreLayout } from '../store/layout.js'
import { clockStepMilliseconds, NamedFiles, stateOfFolder } from '../store/listing/named-files.js'
import {
    type ListedStore,
    openStoreEnd,
    type StoreEndOptions,
    unlistedReductions,
} from '../store/process-store.js'
import { readTextIfThere } from '../store/reading/read-part.js'

const reductionsMin = 64

/**
 * Opens a store for a restore from its end, without the names of its reductions where none need be asked for.
 * @throws ComplogError as `openStoreEnd` does
 */
export async function openEndToRestore(
    path: string,
    limits?: Partial<Limits>,
    openWhole?: StoreEndOptions['openWhole'],
): Promise<ListedStore> {
    return openStoreEnd(path, limits, { unlisted: unchangedReductions, openWhole })
}

async function unchangedReductions(layout: StoreLayout): Promise<NamedFiles | undefined> {
    const { reductionPath } = layout
    const known = await readKnown(layout)
    return reductionPath !== undefined && isOfFolder(known, reductionPath)
        ? unlistedReductions(reductionPath, known.reductions)
        : undefined
}

/** What is kept of a start, a line each. */
interface Known {
    /** Hash of the reductions' names, that of the start first. */
    readonly statement: string
    readonly start: string
    readonly reductions: number
    /** As `stateOfFolder` had it; empty where it had none. */
    readonly folder: string
}

function fileOf({ compositionPath }: StoreLayout): string | undefined {
    const root = cacheRoot(undefined)
    return root && join(root, 'known-starts', hashOf(compositionPath))
}

/** A cache that cannot be read says nothing. */
async function readKnown(layout: StoreLayout): Promise<Known | undefined> {
    const file = fileOf(layout)
    if (file === undefined) return undefined
    const text = await readTextIfThere(file).catch(() => '')
    const [statement = '', start = '', reductions = '', folder = ''] = text.split('\n')
    return { statement, start, reductions: Number(reductions), folder }
}

function isOfFolder(known: Known | undefined, folder: string): known is Known {
    return known !== undefined && known.folder !== '' && known.folder === stateOfFolder(folder)?.state
}

/** Whether nothing has changed since none of the others was newer than this reduction. */
export async function isUnchangedStart({ layout }: ListedStore, start: CompositionHash): Promise<boolean> {
    const known = await readKnown(layout)
    return known?.start === start && isOfFolder(known, layout.reductionPath ?? '')
}

/** A reduction that a restore starts from, and the others, none of which the records behind it have. */
export class KnownStart {
    readonly #store: ListedStore
    readonly #start: CompositionHash
    readonly #others: readonly CompositionHash[]

    constructor(store: ListedStore, start: CompositionHash, others: readonly CompositionHash[]) {
        this.#store = store
        this.#start = start
        this.#others = others
    }

    /** Whether none of the others is newer, as was found out before. */
    async isKnown(): Promise<boolean> {
        const known = await readKnown(this.#store.layout)
        if (known?.statement !== this.#statement()) return false
        // Without a change, nobody need list them the next time.
        if (known.folder !== this.#folder()) await this.remember()
        return true
    }

    /** None of the others is newer. A restore must not fail for its cache. */
    async remember(): Promise<void> {
        const file = fileOf(this.#store.layout)
        // Fewer are looked at in less time than it takes to ask.
        if (file === undefined || this.#others.length < reductionsMin) return
        const kept = [this.#statement(), this.#start, this.#store.reductionFiles.size, this.#folder()]
        await makeFolders(join(file, '..'), 0o700)
            .then(() => replaceCachedFile(file, kept.join('\n')))
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

    /** Empty where a change since may not show, as on file systems that keep no times of folders. */
    #folder(): string {
        const { reductionFiles } = this.#store
        const { modifiedMilliseconds = Infinity } = reductionFiles.get(this.#start) ?? {}
        if (!(reductionFiles instanceof NamedFiles)) return ''
        const { state = '', changedMilliseconds = -Infinity } = reductionFiles.stateBefore ?? {}
        return changedMilliseconds + clockStepMilliseconds >= modifiedMilliseconds ? state : ''
    }
}

function hashOf(text: string): string {
    return sha256(Buffer.from(text))
}
