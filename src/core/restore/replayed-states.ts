// The state after any record, of a stretch of the chain that was replayed once: from the nearest state that
// was kept on the way, with the records behind that.
import { type Chain, type CompositionRecord, recordAt } from '../check/chain.js'
import { positionOf } from '../check/choose-chain.js'
import type { Finding } from '../composition/finding.js'
import { genesis } from '../composition/hash.js'
import type { Ref } from '../composition/ref.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import type { ListedStore } from '../store/process-store.js'
import { appError, FailedOnRecord, rethrowAppError } from './app-errors.js'
import { KeptStates } from './kept-states.js'
import { type Replayed, replay } from './replay.js'
import { ReplayRun, type ReplayRunOptions } from './replay-run.js'
import { findTarget, type TargetOptions } from './restore-target.js'
import { runInOnePass } from './run-in-one-pass.js'
import { chooseStart, enterStart, type RestoreStart } from './start.js'

/** Which stretch to replay. */
export interface StretchOptions
    extends WorkOptions,
        Pick<TargetOptions, 'until' | 'head'>,
        Pick<ReplayRunOptions, 'outlivesThrow'> {
    /** States are wanted from this record on; default: from the oldest that can be had. */
    readonly from?: Ref | undefined
    /** Up to this record, by its position, which may be 0 for no record at all; default: as `until` says. */
    readonly to?: number | undefined
}

/** What one record did. */
export interface RecordEffect {
    readonly record: CompositionRecord
    /** The serialised state before it and after it. */
    readonly before: string
    readonly after: string
    /** One an event. */
    readonly responses: readonly string[]
}

interface ChainStretch extends WorkOptions {
    readonly chain: Chain
    /** Positions of the states that it goes from and to; 0: the app's initial state. */
    readonly from: number
    readonly to: number
    /** What was noticed of the log. */
    readonly findings?: readonly Finding[]
    readonly outlivesThrow?: boolean | undefined
}

/** Records that are held in memory, so that many looks at a few of them read the log once. */
const windowSizeBytesMax = 32 * 1024 * 1024

interface Stretch {
    readonly chain: Chain
    readonly instance: ElmAppInstance
    readonly kept: KeptStates
    readonly from: number
    readonly to: number
    readonly replayed: Replayed
    readonly findings: readonly Finding[]
    readonly options: WorkOptions
}

/** An app that has replayed a stretch of a chain. Whoever takes it must close it. */
export class ReplayedStates {
    readonly chain: Chain
    /** Position of the first record of which there is the state; 0: the app's initial state. */
    readonly from: number
    /** Position of the last record of the stretch. */
    readonly to: number
    readonly replayed: Replayed
    readonly findings: readonly Finding[]
    readonly #instance: ElmAppInstance
    readonly #kept: KeptStates
    readonly #options: WorkOptions
    /** Position of the record of which the app has the state. */
    #current: number
    #window: readonly CompositionRecord[] = []

    /**
     * Replays the stretch once, and keeps states on the way.
     * @throws ComplogError as `restore` does, and `usage` where the stretch ends before it begins
     */
    static async replay(
        store: ListedStore,
        app: LoadedElmApp,
        options: StretchOptions = {},
    ): Promise<ReplayedStates> {
        return (await replayInOnePass(store, app, options)) ?? (await replayWhenChecked(store, app, options))
    }

    /**
     * The same of a chain that is known.
     * @throws ComplogError as `restore` does
     */
    static async replayChain(
        store: ListedStore,
        app: LoadedElmApp,
        stretch: ChainStretch,
    ): Promise<ReplayedStates> {
        return begun(await replayedStretch(store, app, stretch))
    }

    constructor({ chain, instance, kept, from, to, replayed, findings, options }: Stretch) {
        this.chain = chain
        this.#instance = instance
        this.#kept = kept
        this.from = from
        this.to = to
        this.replayed = replayed
        this.findings = findings
        this.#options = options
        this.#current = to
    }

    /**
     * The serialised state after a record of the stretch.
     * @throws RangeError for a position outside of it; ComplogError where the app fails
     */
    async at(position: number): Promise<string> {
        try {
            if (this.#keptAt(position) === position) return await this.#instance.serializeKept(position)
            await this.#goTo(position)
            return await this.#instance.serializeState()
        } catch (error) {
            throw appError(error)
        }
    }

    /** The record nearest to another one of which the state is there without replaying anything. */
    atHand(position: number): number {
        return this.#kept.nearest(position)
    }

    /** What a record did: any behind the first state of the stretch, and the one behind its last. */
    async effectOf(position: number): Promise<RecordEffect> {
        try {
            await this.#goTo(position - 1)
            const before = await this.#instance.serializeState()
            const responses: string[] = []
            await this.#apply(position, position, (some) => void responses.push(...some))
            this.#current = position
            const after = await this.#instance.serializeState()
            return { record: await this.record(position), before, after, responses }
        } catch (error) {
            throw appError(error)
        }
    }

    async record(position: number): Promise<CompositionRecord> {
        const known = this.#window[position - (this.#window[0]?.position ?? 0)]
        return known ?? recordAt(this.chain, position, this.#options)
    }

    async close(): Promise<void> {
        await this.#instance.close()
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.close()
    }

    #keptAt(position: number): number {
        const base = this.#kept.before(position)
        if (base !== undefined && position <= this.to) return base
        throw new RangeError(`There are states from #${this.from} to #${this.to}, and none of #${position}.`)
    }

    async #goTo(position: number): Promise<void> {
        const kept = this.#keptAt(position)
        const isNext = this.#current === position - 1 && kept < position
        const base = isNext ? this.#current : kept
        if (!isNext) await this.#instance.goOnFromKept(base)
        if (base < position) await this.#apply(base + 1, position)
        this.#current = position
        // The next look may be at a record near this one; one after the other, they need not be kept.
        if (base < position - 1) await this.#kept.keep(this.#instance, position)
    }

    async #apply(
        from: number,
        to: number,
        onResponses?: (responses: readonly string[]) => void,
    ): Promise<void> {
        if (from > to) return
        const run = new ReplayRun(this.#instance, { onResponses })
        for await (const records of this.#read(from, to)) await run.apply(records)
        await run.end(this.chain)
    }

    async *#read(from: number, to: number): AsyncGenerator<readonly CompositionRecord[]> {
        if (!this.#isInWindow(from, to)) this.#window = await this.#windowFrom(from, to)
        const [first] = this.#window
        if (first !== undefined && this.#isInWindow(from, to))
            yield this.#window.slice(from - first.position, to - first.position + 1)
        else yield* this.chain.read(from, to, this.#options)
    }

    #isInWindow(from: number, to: number): boolean {
        const [first, last] = [this.#window[0], this.#window.at(-1)]
        return first !== undefined && last !== undefined && first.position <= from && to <= last.position
    }

    /** The records up to the next state that is kept, but no more of them than may be held. */
    async #windowFrom(from: number, to: number): Promise<readonly CompositionRecord[]> {
        const behind = Math.max(to, this.#kept.behind(to) ?? this.to)
        const records: CompositionRecord[] = []
        let sizeBytes = 0
        for await (const batch of this.chain.read(from, behind, this.#options)) {
            for (const { place } of batch) sizeBytes += place.sizeBytes
            records.push(...batch)
            if (sizeBytes > windowSizeBytesMax) break
        }
        return records
    }
}

/** Undefined where the log must be checked as a whole before anything is replayed. */
async function replayInOnePass(
    store: ListedStore,
    app: LoadedElmApp,
    options: StretchOptions,
): Promise<ReplayedStates | undefined> {
    const { from, until, to: wanted, head } = options
    // To name a record by its number or hash, the chain must be known before.
    if ([from, until, wanted, head].some((named) => named !== undefined)) return undefined
    // Older states than that of a reduction are wanted, where there are any.
    if (store.reductionFiles.size > 0) return undefined
    const kept = new KeptStates(store.limits)
    const ran = await runInOnePass(store, app, { ...options, kept })
    if (ran === undefined) return undefined
    const { target, instance, replayed, findings } = ran
    const { chain, position: to } = target
    return begun({ chain, instance, kept, from: 0, to, replayed, findings, options })
}

async function replayWhenChecked(
    store: ListedStore,
    app: LoadedElmApp,
    options: StretchOptions,
): Promise<ReplayedStates> {
    const { until, head } = options
    const { chain, position, findings } = await findTarget(store, { ...options, until, head })
    const to = options.to ?? position
    const from = await positionFrom(chain, to, options)
    return ReplayedStates.replayChain(store, app, { ...options, chain, from, to, findings })
}

async function replayedStretch(
    store: ListedStore,
    app: LoadedElmApp,
    { chain, from, to, findings: known = [], outlivesThrow, signal, onProgress }: ChainStretch,
): Promise<Stretch> {
    const findings = [...known]
    const start = await chooseStart(store, chain, { target: from, findings })
    const instance = await app.start({ outlivesThrow }).catch(rethrowAppError)
    const kept = new KeptStates(store.limits)
    const work = { signal, onProgress }
    try {
        const unread = await enterStart(instance, start)
        if (unread !== undefined) findings.push(unread)
        await replayToFrom(chain, instance, { start, from, options: work })
        await kept.keep(instance, from)
        const wanted = { from: from + 1, to, kept, outlivesThrow }
        const replayed = await replay(chain, instance, { ...work, ...wanted })
        return { chain, instance, kept, from, to, replayed, findings, options: work }
    } catch (error) {
        await instance.close()
        throw error
    }
}

/** No state before the first one is wanted, so none is kept on the way to it. */
async function replayToFrom(
    chain: Chain,
    instance: ElmAppInstance,
    { start, from, options }: { start: RestoreStart; from: number; options: WorkOptions },
): Promise<void> {
    if (start.position >= from) return
    const before = { ...options, from: start.position + 1, to: from }
    await replay(chain, instance, before).catch((error: unknown) => {
        if (!(error instanceof FailedOnRecord)) throw error
        const { code, message, place } = error
        const hint = 'The app fails before the record to begin with: name an older one.'
        throw new ComplogError(code, message, { place, hint, cause: error })
    })
}

/** An empty log was not replayed, so that nothing was kept. */
async function begun(stretch: Stretch): Promise<ReplayedStates> {
    const { kept, instance, from } = stretch
    if (kept.size === 0) await kept.keep(instance, from)
    return new ReplayedStates(stretch)
}

/** Position of the first record of which the state is wanted; 0 for the app's initial state. */
async function positionFrom(
    chain: Chain,
    to: number,
    { from: ref, ...options }: StretchOptions,
): Promise<number> {
    if (ref === undefined) {
        // Of a truncated log, there is no older state than that of its oldest reduction.
        return chain.oldestParent === genesis ? 0 : Math.min(to, ...chain.reduced.values())
    }
    const from = await positionOf({ chain, head: chain.length }, ref, options)
    if (from <= to) return from
    throw new ComplogError(
        'usage',
        `The record #${from} to begin with comes behind #${to}, the one to end with.`,
        {
            hint: 'Name an older record to begin with, or a newer one to end with.',
        },
    )
}
