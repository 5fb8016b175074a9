// Entrance of core/compare/: whether two versions of an app do the same with a history. In come a store and
// both apps; out come the first divergence, and how many there are of which kind. `upgrade.ts` asks whether
// the new one would go on from what the old one stored.
//
// Both apps replay the same batches at the same time, and hash what they answer. Only where the hashes
// differ, the batch is looked at record by record.
import type { Chain, CompositionRecord } from '../check/chain.js'
import { positionOf } from '../check/choose-chain.js'
import type { Finding } from '../composition/finding.js'
import { genesis } from '../composition/hash.js'
import { type Difference } from '../difference/difference.js'
import type { BatchResult, LoadedElmApp } from '../elm-app/elm-app.js'
import { setStateKind } from '../elm-app/elm-app.js'
import type { PackedRecords } from '../packed-inputs.js'
import { appError } from '../restore/app-errors.js'
import { replay } from '../restore/replay.js'
import { batchOf, inputsOf, type RecordInput } from '../restore/replay-run.js'
import type { StretchOptions } from '../restore/replayed-states.js'
import { findTarget } from '../restore/restore-target.js'
import { chooseStart, enterStart } from '../restore/start.js'
import type { ListedStore } from '../store/process-store.js'
import { AppPair, type PairResult } from './app-pair.js'
import { type Divergence, type DivergenceGroup, Divergences, type DivergenceTotals } from './divergences.js'

export type { Divergence, DivergenceGroup, DivergenceKind, DivergenceTotals } from './divergences.js'

/** What to compare, and how. */
export interface CompareOptions extends StretchOptions {
    /** JSON pointers of what is not compared; `*` stands for any part. */
    readonly ignored?: readonly string[] | undefined
    /** Give NEW the state of OLD where they differ, so that each divergence counts by itself. */
    readonly resync?: boolean | undefined
}

/** What came of it. */
export interface Compared {
    readonly first: Divergence | undefined
    readonly groups: readonly DivergenceGroup[]
    readonly totals: DivergenceTotals
    /** Positions of the states that it went from and to; `from` may be 0, the app's initial state. */
    readonly from: number
    readonly to: number
    /** Records that both apps processed; fewer than there are where one failed and could not go on. */
    readonly records: number
    readonly events: number
    /** What is different in the end; null where that is nothing, or one of them failed. */
    readonly atEnd: Difference | null
    readonly findings: readonly Finding[]
}

/**
 * Has both apps process the same history, and says where they differ.
 * @throws ComplogError as `restore` does; for an app that fails, only where both fail on the same record
 */
export async function compare(
    store: ListedStore,
    apps: { readonly before: LoadedElmApp; readonly after: LoadedElmApp },
    options: CompareOptions = {},
): Promise<Compared> {
    const { chain, position: to, findings: found } = await findTarget(store, options)
    const findings = [...found]
    const from = await positionFrom(chain, to, options)
    const start = await chooseStart(store, chain, {
        target: from,
        onFinding: (one) => void findings.push(one),
    })
    const pair = await AppPair.start(apps.before, apps.after)
    try {
        const unread = await enterStart(pair.before, start)
        if (unread !== undefined) findings.push(unread)
        if (start.position < from)
            await replay(chain, pair.before, { ...options, from: start.position + 1, to: from })
        if (from > 0) await pair.setAfter(await pair.before.serializeState(), true)
        const comparison = new Comparison(chain, pair, options)
        await comparison.run(from, to)
        return { ...(await comparison.result()), from, to, findings }
    } catch (error) {
        throw appError(error)
    } finally {
        await pair.close()
    }
}

async function positionFrom(chain: Chain, to: number, { from, ...options }: CompareOptions): Promise<number> {
    if (from !== undefined) return positionOf({ chain, head: to }, from, options)
    return chain.oldestParent === genesis ? 0 : Math.min(to, ...chain.reduced.values())
}

/** Names of states that are kept: of the beginning of a batch, and of a part of it. */
const atBatch = 1
const atPart = 2
const atPartEnd = 3

/** Of the time, so much may go into looking at states between the ends of batches. */
const shareOfStates = 0.2
/** Inputs that are looked at in one go behind a divergence that was set right; more where nothing comes. */
const partAtFirst = 16
const partGrowth = 4

/**
 * How the states are to each other: the same; not the same, but without a difference that counts; or NEW
 * goes on with a state of its own.
 */
type Relation = 'same' | 'alike' | 'apart'

class Comparison {
    readonly #chain: Chain
    readonly #pair: AppPair
    readonly #options: CompareOptions
    readonly #divergences: Divergences
    #relation: Relation = 'same'
    #everyNth = 1
    #records = 0
    #events = 0
    #isOver = false

    constructor(chain: Chain, pair: AppPair, options: CompareOptions) {
        this.#chain = chain
        this.#pair = pair
        this.#options = options
        this.#divergences = new Divergences(options.ignored ?? [])
    }

    async run(from: number, to: number): Promise<void> {
        await this.#compareBegin()
        const { onProgress } = this.#options
        const batches =
            this.#chain.readPacked?.(from + 1, to, this.#options) ??
            this.#chain.read(from + 1, to, this.#options)
        for await (const batch of batches) {
            try {
                await this.#compareBatch(batch)
            } finally {
                if ('release' in batch) batch.release()
            }
            if (this.#isOver) return
            onProgress?.({ activity: 'compare', done: this.#records, total: to - from, unit: 'records' })
        }
    }

    async result(): Promise<Omit<Compared, 'from' | 'to' | 'findings'>> {
        const { first, groups, totals } = this.#divergences
        const [records, events] = [this.#records, this.#events]
        if (this.#isOver) return { first, groups, totals, records, events, atEnd: null }
        const { before, after } = await this.#pair.texts()
        const atEnd = this.#divergences.between(before, after) ?? null
        return { first, groups, totals, records, events, atEnd }
    }

    async #compareBegin(): Promise<void> {
        const { before, after } = await this.#pair.texts()
        const difference = this.#divergences.between(before, after)
        if (difference === undefined) this.#relation = before === after ? 'same' : 'alike'
        else await this.#stateDiffers(undefined, { before, after, difference })
    }

    async #compareBatch(batch: PackedRecords | readonly CompositionRecord[]): Promise<void> {
        const isPacked = 'release' in batch
        const inputs = isPacked ? undefined : inputsOf(batch)
        const [first, records] = isPacked
            ? [batch.firstPosition, batch.records]
            : [batch[0]?.position ?? 1, batch.length]
        await this.#pair.keep(atBatch)
        const done = await this.#pair.apply({
            ...(isPacked ? { packed: batch.inputs } : batchOf(inputs ?? [])),
            digestEveryNth: this.#digestEveryNth(),
        })
        if (!('failures' in done)) {
            this.#adapt(done.before)
            if (await this.#isQuiet(done)) {
                this.#add(records, done.before.events)
                return
            }
        }
        const all = inputs ?? inputsOf(await this.#recordsOf(first, first + records - 1))
        if ('failures' in done) await this.#goBackWithoutFailed(done)
        else await this.#pair.goOnFromKept(atBatch)
        await this.#lookAt(all, done)
        if (!this.#isOver) this.#add(records, eventsIn(all))
    }

    #add(records: number, events: number): void {
        this.#records += records
        this.#events += events
    }

    #digestEveryNth(): number {
        // Once they are apart, all that could be seen is that they are the same again.
        return this.#relation === 'same' ? this.#everyNth : Number.MAX_SAFE_INTEGER
    }

    /** As often as it can be had for a share of the time. */
    #adapt({ digest }: BatchResult): void {
        if (digest === undefined || this.#relation !== 'same') return
        const share = digest.stateMilliseconds / Math.max(digest.milliseconds, 0.01)
        if (share > shareOfStates * 1.5)
            this.#everyNth = Math.ceil(this.#everyNth * Math.min(16, share / shareOfStates))
        else if (share < shareOfStates / 2) this.#everyNth = Math.ceil(this.#everyNth / 2)
    }

    /** Whether there is nothing to look at more closely. */
    async #isQuiet({ before: { digest: one }, after: { digest: other } }: Both): Promise<boolean> {
        if (one?.responses !== other?.responses) return false
        const areSame = one?.states.join() === other?.states.join()
        if (areSame || this.#relation === 'apart') {
            if (areSame) this.#relation = 'same'
            return true
        }
        if (this.#relation === 'same') return false
        const { before, after } = await this.#pair.texts()
        return this.#divergences.between(before, after) === undefined
    }

    async #recordsOf(from: number, to: number): Promise<readonly CompositionRecord[]> {
        const records: CompositionRecord[] = []
        for await (const some of this.#chain.read(from, to, this.#options)) records.push(...some)
        return records
    }

    /**
     * The app that failed has no states any more. OLD is needed to go on at all; NEW gets OLD's state, unless
     * it had one of its own.
     */
    async #goBackWithoutFailed({ hasOld }: Failed): Promise<void> {
        if (!hasOld) return
        await this.#pair.before.goOnFromKept(atBatch)
        if (this.#relation !== 'apart')
            await this.#pair.setAfter(await this.#pair.before.serializeState(), false)
    }

    /** The inputs of a batch, from its begin; `done` is what came of them already. */
    async #lookAt(inputs: readonly RecordInput[], done: PairResult): Promise<void> {
        if (!('failures' in done)) return this.#lookAtParts(inputs)
        const { hasOld, index } = done
        const isLost = !hasOld || this.#relation === 'apart'
        if (!isLost) await this.#lookAtParts(inputs.slice(0, index))
        const at = inputs[index] as RecordInput
        await this.#failed(done, at)
        if (this.#isOver) this.#addUntil(at, inputs)
        else await this.#lookAtParts(inputs.slice(index + 1))
    }

    #addUntil({ record: { position } }: RecordInput, inputs: readonly RecordInput[]): void {
        const before = inputs.filter(({ record }) => record.position < position)
        this.#add(new Set(before.map(({ record }) => record.position)).size, eventsIn(before))
    }

    /** NEW failed on an input before which OLD stands, or OLD did. */
    async #failed({ failures, hasOld }: Failed, at: RecordInput): Promise<void> {
        if (failures.before !== undefined && failures.after !== undefined) throw appError(failures.before, at)
        const [before, after] = [failures.before?.message, failures.after?.message]
        this.#divergences.add('failure', at, { before, after, difference: null })
        this.#isOver = this.#options.resync !== true || !hasOld
        if (this.#isOver) return
        await this.#pair.before.apply(batchOf([at]))
        await this.#pair.setAfter(await this.#pair.before.serializeState(), false)
        this.#relation = 'same'
    }

    async #lookAtParts(inputs: readonly RecordInput[]): Promise<void> {
        let size = inputs.length
        for (let begin = 0; begin < inputs.length && !this.#isOver;) {
            const part = inputs.slice(begin, begin + size)
            const looked = await this.#lookAtPart(part)
            begin += looked
            size = looked < part.length ? partAtFirst : size * partGrowth
        }
    }

    /** @returns how many of the inputs are done with */
    async #lookAtPart(part: readonly RecordInput[]): Promise<number> {
        await this.#pair.keep(atPart)
        const done = await this.#pair.apply({
            ...batchOf(part),
            collectResponses: true,
            digestEveryNth: this.#relation === 'same' ? 1 : Number.MAX_SAFE_INTEGER,
        })
        if ('failures' in done) return this.#partFailed(part, done)
        const apart = await this.#firstStateApart(part, done)
        if (apart === undefined) {
            this.#compareResponses(part, done)
            return part.length
        }
        const next = apart.index + 1
        this.#compareResponses(part.slice(0, next), done)
        await this.#stateDiffers(part[apart.index], apart)
        if (this.#options.resync === true) return next
        // What comes behind is a consequence, mostly, but counts.
        this.#compareResponses(part.slice(next), done, eventsIn(part.slice(0, next)))
        await this.#pair.goOnFromKept(atPartEnd)
        return part.length
    }

    /** Only where NEW was given a state: what it does with its own was seen before. */
    async #partFailed(part: readonly RecordInput[], failed: Failed): Promise<number> {
        const { failures, hasOld, index } = failed
        if (failures.before !== undefined || !hasOld)
            throw appError(failures.before ?? failures.after, part[index])
        await this.#pair.before.goOnFromKept(atPart)
        await this.#pair.setAfter(await this.#pair.before.serializeState(), false)
        if (index > 0) return this.#lookAtPart(part.slice(0, index))
        await this.#failed(failed, part[0] as RecordInput)
        return 1
    }

    /**
     * The first input after which the states differ in what counts. Both apps then have that state, and what
     * they had at the end is kept.
     */
    async #firstStateApart(part: readonly RecordInput[], done: Both): Promise<Apart | undefined> {
        const [one, other] = [done.before.digest?.states ?? [], done.after.digest?.states ?? []]
        if (this.#relation === 'apart') {
            if (one.at(-1) === other.at(-1)) this.#relation = 'same'
            return undefined
        }
        const first =
            this.#relation === 'same' ? one.findIndex((hash, at) => hash !== other[at]) : part.length - 1
        if (first < 0) return undefined
        await this.#pair.keep(atPartEnd)
        const apart = await this.#search(part, first)
        if (apart !== undefined) return apart
        await this.#pair.goOnFromKept(atPartEnd)
        const isSame = one.at(-1) === other.at(-1)
        this.#relation = isSame ? 'same' : 'alike'
        return undefined
    }

    /**
     * Looks at the state that differs first, then, where that is without what counts, at the last one, and
     * halves what is between.
     */
    async #search(part: readonly RecordInput[], first: number): Promise<Apart | undefined> {
        const atFirst = await this.#apartAfter(part, first)
        if (atFirst !== undefined && this.#relation === 'same') return atFirst
        let last = atFirst ?? (await this.#apartAfter(part, part.length - 1))
        if (last === undefined) return undefined
        let alike = this.#relation === 'same' ? first : -1
        while (last.index - alike > 1) {
            const middle = Math.floor((alike + last.index) / 2)
            const apart = await this.#apartAfter(part, middle)
            if (apart === undefined) alike = middle
            else last = apart
        }
        return (await this.#apartAfter(part, last.index)) ?? last
    }

    async #apartAfter(part: readonly RecordInput[], index: number): Promise<Apart | undefined> {
        await this.#pair.goOnFromKept(atPart)
        await this.#pair.apply(batchOf(part.slice(0, index + 1)))
        const texts = await this.#pair.texts()
        const difference = this.#divergences.between(texts.before, texts.after)
        return difference && { index, ...texts, difference }
    }

    /** @param event number of the first event in `part`, among those of which there are responses */
    #compareResponses(part: readonly RecordInput[], done: Both, event = 0): void {
        for (const at of part) {
            if (at.eventIndex < 0) continue
            const [before, after] = [
                done.before.responses?.[event] ?? '',
                done.after.responses?.[event] ?? '',
            ]
            event += 1
            const difference = this.#divergences.between(before, after)
            if (difference !== undefined) this.#divergences.add('response', at, { before, after, difference })
        }
    }

    /** Both apps have the states that differ. */
    async #stateDiffers(
        at: RecordInput | undefined,
        { before, after, difference }: Omit<Apart, 'index'>,
    ): Promise<void> {
        this.#divergences.add('state', at, { before, after, difference })
        this.#relation = 'apart'
        if (this.#options.resync !== true) return
        await this.#pair.after.apply({ inputs: [before], kinds: Uint8Array.of(setStateKind) })
        const given = await this.#pair.after.serializeState()
        // What NEW cannot have from OLD's state would count again after every event.
        const lasting = this.#divergences.between(before, given)
        if (lasting !== undefined) this.#divergences.ignore(lasting)
        this.#relation = before === given ? 'same' : 'alike'
    }
}

function eventsIn(inputs: readonly RecordInput[]): number {
    return inputs.filter(({ eventIndex }) => eventIndex >= 0).length
}

type Both = Extract<PairResult, { readonly before: unknown }>
type Failed = Extract<PairResult, { readonly failures: unknown }>

/** Two states that differ, after the input of an index. */
interface Apart {
    readonly index: number
    readonly before: string
    readonly after: string
    readonly difference: Difference
}
