// Two apps that process the same inputs. Both are given the same batches at the same time, and hash what they
// answer. Only where the hashes differ, a batch is looked at closely. It knows inputs, and no log: which
// records they are of is asked at the end.
import type { Chain, CompositionRecord } from '../check/chain.js'
import type { Finding } from '../composition/finding.js'
import type { Difference } from '../difference/difference.js'
import {
    type AppFailure,
    type BatchResult,
    eventKind,
    type InputBatch,
    setStateKind,
} from '../elm-app/elm-app.js'
import { forEachPacked, type PackedRecords } from '../packed-inputs.js'
import { appError } from '../restore/app-errors.js'
import { findInput, type InputPlace, inputsOf, textOf } from '../restore/replay-run.js'
import { type AppPair, NewFailed, type PairResult } from './app-pair.js'
import {
    type Divergence,
    type DivergenceGroup,
    Divergences,
    type DivergenceTotals,
    type GivenInput,
} from './divergences.js'

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
    /** Inputs from one compared state to the next, at most; 1: all were compared. Responses always are. */
    readonly statesEvery: number
    /** What is different in the end; null where that is nothing, or one of them failed. */
    readonly atEnd: Difference | null
    readonly findings: readonly Finding[]
}

export interface ComparisonOptions {
    /** JSON pointers of what is not compared; `*` stands for any part. */
    readonly ignored?: readonly string[] | undefined
    /** Compare the states after every event, and not only as many as cost little. */
    readonly exact?: boolean | undefined
    /** Give NEW the state of OLD where they differ, so that each divergence counts by itself. */
    readonly resync?: boolean | undefined
    /** Whether NEW begins with the state of OLD, not with its own initial one. */
    readonly givesState: boolean
}

export type Batch = PackedRecords | readonly CompositionRecord[]

/** Both apps failed on the same input, or OLD did where it must not. */
export class FailedOnInput extends Error {
    readonly #failure: AppFailure
    readonly #place: InputPlace

    constructor(failure: AppFailure, { place }: GivenInput) {
        super(failure.message, { cause: failure })
        this.#failure = failure
        this.#place = place
    }

    /** The same with the record that it was. */
    async placed(chain: Chain): Promise<unknown> {
        return appError(this.#failure, await findInput(chain, this.#place))
    }
}

/** Names of states that are kept: of the beginning of a batch, and of a part of it. */
const atBatch = 1
const atPart = 2
const atPartEnd = 3

/** Inputs that are looked at in one go behind a divergence that was set right; more where nothing comes. */
const partAtFirst = 16
const partGrowth = 4

/**
 * How the states are to each other: the same; not the same, but without a difference that counts; or NEW
 * goes on with a state of its own.
 */
type Relation = 'same' | 'alike' | 'apart'

export class Comparison {
    readonly #pair: AppPair
    readonly #resync: boolean
    readonly #exact: boolean
    readonly #divergences: Divergences
    #relation: Relation = 'same'
    #everyNth = 1
    /** The greatest one from one state that was compared to the next, in inputs. */
    #distance = 1
    /** Of whole batches, and, where one of them was the last, of what came in it before the end. */
    #records = 0
    #events = 0
    /** What a failure of NEW on no input is told of; undefined: the last input. */
    #at: GivenInput | undefined
    /** The input at which it ended, because an app failed; `start`: before any. */
    #end: GivenInput | 'start' | undefined

    /** Compares the states that both begin with. */
    static async begin(pair: AppPair, options: ComparisonOptions): Promise<Comparison> {
        const comparison = new Comparison(pair, options)
        try {
            if (options.givesState) await pair.giveState()
            await comparison.#compareBegin()
        } catch (error) {
            comparison.#failedOutside(error, undefined)
        }
        return comparison
    }

    private constructor(pair: AppPair, { ignored = [], resync = false, exact = false }: ComparisonOptions) {
        this.#pair = pair
        this.#resync = resync
        this.#exact = exact
        this.#divergences = new Divergences(ignored)
    }

    /** Whether there is nothing left to compare, because an app failed. */
    get isOver(): boolean {
        return this.#end !== undefined
    }

    /**
     * Has both process what some records hold, each behind those before.
     * @throws FailedOnInput
     */
    async take(batch: Batch): Promise<void> {
        if (this.isOver) return
        let known: readonly GivenInput[] | undefined
        const inputs = () => (known ??= inputsIn(batch))
        const [records, length] =
            'release' in batch ? [batch.records, batch.inputs.length] : [batch.length, inputs().length]
        try {
            // Where no record of it holds anything, nothing can have changed.
            if (length > 0) await this.#compareBatch(batch, inputs)
        } catch (error) {
            this.#failedOutside(error, this.#at ?? inputs().at(-1))
        }
        const end = this.#end
        if (typeof end === 'object') this.#events += eventsIn(inputs().slice(0, end.place.inputIndex))
        else {
            this.#records += records
            this.#events +=
                length - ('release' in batch ? batch.inputs.setStates : length - eventsIn(inputs()))
        }
    }

    /** What came of it. */
    async result(chain: Chain): Promise<Omit<Compared, 'from' | 'to' | 'findings'>> {
        const atEnd = this.isOver ? null : await this.#compareEnd()
        const end = typeof this.#end === 'object' ? await findInput(chain, this.#end.place) : undefined
        const before =
            end === undefined ? 0 : end.record.position - (this.#end as GivenInput).place.firstPosition
        return {
            ...(await this.#divergences.placed(chain)),
            totals: this.#divergences.totals,
            records: this.#records + before,
            events: this.#events - Math.max(0, end?.eventIndex ?? 0),
            statesEvery: this.#distance,
            atEnd,
        }
    }

    async #compareBegin(): Promise<void> {
        const { before, after } = await this.#pair.texts()
        const difference = this.#divergences.between(before, after)
        if (difference === undefined) this.#relation = before === after ? 'same' : 'alike'
        else await this.#stateDiffers(undefined, { before, after, difference })
    }

    async #compareEnd(): Promise<Difference | null> {
        const { before, after } = await this.#pair.texts()
        return this.#divergences.between(before, after) ?? null
    }

    /** NEW failed on what is no input. There it ends: it cannot go on by itself. */
    #failedOutside(error: unknown, at: GivenInput | undefined): void {
        if (!(error instanceof NewFailed)) throw error
        this.#divergences.add('failure', at, {
            before: undefined,
            after: error.failure.message,
            difference: null,
        })
        this.#end = at ?? 'start'
    }

    async #compareBatch(batch: Batch, inputs: () => readonly GivenInput[]): Promise<void> {
        this.#at = undefined
        await this.#pair.keep(atBatch)
        const done = await this.#pair.apply({
            ...('release' in batch ? { packed: batch.inputs } : asBatch(inputs())),
            // Once they are apart, all that could be seen is that they are the same again.
            digest: { everyNth: this.#relation === 'same' ? this.#everyNth : Number.MAX_SAFE_INTEGER },
        })
        if (!('failures' in done)) {
            const length = done.before.events + done.before.setStates
            if (await this.#isQuiet(done)) {
                this.#passedOver(this.#relation === 'same' ? Math.min(this.#everyNth, length) : length)
                this.#adapt(done.before)
                return
            }
            await this.#pair.goOnFromKept(atBatch)
        } else {
            this.#at = inputs()[done.index]
            await this.#goBackWithoutFailed(done)
        }
        await this.#lookAt(inputs(), done)
    }

    #passedOver(distance: number): void {
        if (this.#relation !== 'apart') this.#distance = Math.max(this.#distance, distance)
    }

    /** All, or as many as say no more than the events and responses do: then they take no longer. */
    #adapt({ digest, events }: BatchResult): void {
        if (digest === undefined || this.#relation !== 'same' || this.#exact) return
        const { statesLooked, stateCharacters, eventCharacters } = digest
        if (events > 0)
            this.#everyNth = Math.max(
                1,
                Math.round(stateCharacters / statesLooked / (eventCharacters / events)),
            )
    }

    /** Whether there is nothing to look at more closely. */
    async #isQuiet({ before: { digest: one }, after: { digest: other } }: Both): Promise<boolean> {
        if (one?.responses !== other?.responses) return false
        if (this.#relation === 'same') return one?.states === other?.states
        const isSame = one?.lastState === other?.lastState
        if (this.#relation === 'apart') {
            if (isSame) this.#relation = 'same'
            return true
        }
        // Each may differ in what does not count.
        if (this.#exact) return false
        if (isSame) {
            this.#relation = 'same'
            return true
        }
        const { before, after } = await this.#pair.texts()
        return this.#divergences.between(before, after) === undefined
    }

    /**
     * The app that failed has no states any more. OLD is needed to go on at all; NEW gets OLD's state, unless
     * it had one of its own.
     */
    async #goBackWithoutFailed({ hasOld }: Failed): Promise<void> {
        if (!hasOld) return
        await this.#pair.before.goOnFromKept(atBatch)
        if (this.#relation !== 'apart') await this.#pair.giveState(false)
    }

    /** The inputs of a batch, from its begin; `done` is what came of them already. */
    async #lookAt(inputs: readonly GivenInput[], done: PairResult): Promise<void> {
        if (!('failures' in done)) return this.#lookAtParts(inputs)
        const { hasOld, index } = done
        const isLost = !hasOld || this.#relation === 'apart'
        if (!isLost) await this.#lookAtParts(inputs.slice(0, index))
        await this.#failed(done, inputs[index] as GivenInput)
        await this.#lookAtParts(inputs.slice(index + 1))
    }

    /** NEW failed on an input before which OLD stands, or OLD did. */
    async #failed({ failures, hasOld }: Failed, at: GivenInput): Promise<void> {
        if (failures.before !== undefined && failures.after !== undefined)
            throw new FailedOnInput(failures.before, at)
        const [before, after] = [failures.before?.message, failures.after?.message]
        this.#divergences.add('failure', at, { before, after, difference: null })
        if (!this.#resync || !hasOld) {
            this.#end = at
            return
        }
        await this.#pair.before.apply(asBatch([at]))
        this.#at = at
        await this.#pair.giveState(false)
        this.#relation = 'same'
    }

    async #lookAtParts(inputs: readonly GivenInput[]): Promise<void> {
        let size = inputs.length
        for (let begin = 0; begin < inputs.length && !this.isOver; ) {
            if (this.#exact && this.#relation === 'alike') size = 1
            const part = inputs.slice(begin, begin + size)
            const looked = await this.#lookAtPart(part)
            begin += looked
            size = looked < part.length ? partAtFirst : size * partGrowth
        }
    }

    /** @returns how many of the inputs are done with */
    async #lookAtPart(part: readonly GivenInput[]): Promise<number> {
        await this.#pair.keep(atPart)
        const everyNth = this.#relation === 'same' ? 1 : Number.MAX_SAFE_INTEGER
        const done = await this.#pair.apply({
            ...asBatch(part),
            collectResponses: true,
            digest: { everyNth, each: true },
        })
        if ('failures' in done) return this.#partFailed(part, done)
        const { looked, apart } = await this.#firstStateApart(part, done)
        if (apart === undefined) {
            this.#compareResponses(part.slice(0, looked), done)
            return looked
        }
        const next = apart.index + 1
        this.#compareResponses(part.slice(0, next), done)
        await this.#stateDiffers(part[apart.index], apart)
        if (this.#resync) return next
        // What comes behind is a consequence, mostly, but counts.
        this.#compareResponses(part.slice(next), done, eventsIn(part.slice(0, next)))
        await this.#pair.goOnFromKept(atPartEnd)
        return part.length
    }

    /** Only where NEW was given a state: what it does with its own was seen before. */
    async #partFailed(part: readonly GivenInput[], failed: Failed): Promise<number> {
        const { failures, hasOld, index } = failed
        const at = part[index] as GivenInput
        const failure = failures.before ?? failures.after
        if (failure !== undefined && (failures.before !== undefined || !hasOld))
            throw new FailedOnInput(failure, at)
        this.#at = at
        await this.#pair.before.goOnFromKept(atPart)
        await this.#pair.giveState(false)
        if (index > 0) return this.#lookAtPart(part.slice(0, index))
        await this.#failed(failed, at)
        return 1
    }

    /**
     * The first input after which the states differ in what counts, as far as they were looked at. Both apps
     * then have that state, and what they had at the end is kept.
     */
    async #firstStateApart(
        part: readonly GivenInput[],
        done: Both,
    ): Promise<{ readonly looked: number; readonly apart?: Apart }> {
        const [one, other] = [done.before.digest?.eachState ?? [], done.after.digest?.eachState ?? []]
        const looked = part.length
        const isSame = one.at(-1) === other.at(-1)
        if (this.#relation === 'apart') {
            if (isSame) this.#relation = 'same'
            return { looked }
        }
        if (this.#relation === 'alike') this.#passedOver(looked)
        const first = this.#relation === 'same' ? one.findIndex((hash, at) => hash !== other[at]) : looked - 1
        if (first < 0) return { looked }
        await this.#pair.keep(atPartEnd)
        const apart = this.#exact ? await this.#apartAfter(part, first) : await this.#search(part, first)
        if (apart !== undefined) return { looked, apart }
        if (this.#exact) {
            // They go on from here, alike, and are looked at one by one.
            this.#relation = first === looked - 1 && isSame ? 'same' : 'alike'
            return { looked: first + 1 }
        }
        await this.#pair.goOnFromKept(atPartEnd)
        this.#relation = isSame ? 'same' : 'alike'
        return { looked }
    }

    /**
     * Looks at the state that differs first, then, where that is without what counts, at the last one, and
     * halves what is between.
     */
    async #search(part: readonly GivenInput[], first: number): Promise<Apart | undefined> {
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

    async #apartAfter(part: readonly GivenInput[], index: number): Promise<Apart | undefined> {
        this.#at = part[index]
        await this.#pair.goOnFromKept(atPart)
        await this.#pair.apply(asBatch(part.slice(0, index + 1)))
        const texts = await this.#pair.texts()
        const difference = this.#divergences.between(texts.before, texts.after)
        return difference && { index, ...texts, difference }
    }

    /** @param event number of the first event in `part`, among those of which there are responses */
    #compareResponses(part: readonly GivenInput[], done: Both, event = 0): void {
        for (const at of part) {
            if (at.isSetState) continue
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
        at: GivenInput | undefined,
        { before, after, difference }: Omit<Apart, 'index'>,
    ): Promise<void> {
        this.#divergences.add('state', at, { before, after, difference })
        this.#relation = 'apart'
        if (!this.#resync) return
        this.#at = at
        await this.#pair.giveState()
        const { after: given } = await this.#pair.texts()
        // What NEW cannot have from OLD's state would count again after every event.
        const lasting = this.#divergences.between(before, given)
        if (lasting !== undefined) this.#divergences.ignore(lasting)
        this.#relation = before === given ? 'same' : 'alike'
    }
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

function inputsIn(batch: Batch): readonly GivenInput[] {
    const given: GivenInput[] = []
    const firstPosition = 'release' in batch ? batch.firstPosition : (batch[0]?.position ?? 1)
    const add = (text: string, isSetState: boolean) =>
        given.push({ text, isSetState, place: { firstPosition, inputIndex: given.length } })
    if ('release' in batch) forEachPacked(batch.inputs, add)
    else for (const { record, eventIndex } of inputsOf(batch)) add(textOf(record, eventIndex), eventIndex < 0)
    return given
}

function eventsIn(inputs: readonly GivenInput[]): number {
    return inputs.filter(({ isSetState }) => !isSetState).length
}

function asBatch(inputs: readonly GivenInput[]): InputBatch {
    return {
        inputs: inputs.map(({ text }) => text),
        kinds: Uint8Array.from(inputs, ({ isSetState }) => (isSetState ? setStateKind : eventKind)),
    }
}
