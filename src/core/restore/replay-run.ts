// Hands the records of a chain to a running app, sums up what comes back, and finds the way from an input to
// its record.
import type { Chain, CompositionRecord } from '../check/chain.js'
import {
    AppFailure,
    type BatchResult,
    type BehindSetState,
    type ElmAppInstance,
    type InputBatch,
} from '../elm-app/elm-app.js'
import { forEachPacked, type PackedRecords } from '../packed-inputs.js'
import { appError, FailedOnRecord } from './app-errors.js'
import type { KeptStates } from './kept-states.js'

/** One thing that a record does to the app. */
export interface RecordInput {
    readonly record: CompositionRecord
    /** Index into the record's events; -1 for the state that it sets. */
    readonly eventIndex: number
}

/** What one event, or a state that was set, took the app. */
export interface MeasuredInput {
    /** The event, or the state. */
    readonly text: string
    readonly isSetState: boolean
    readonly milliseconds: number
    readonly place: InputPlace
}

export interface Replayed {
    readonly records: number
    readonly events: number
    readonly setStates: number
    /** Responses that are a decodeError: the app did not understand the event. */
    readonly decodeErrors: number
    readonly firstDecodeError?: RecordInput
    /** The state that the result goes back to, whatever was before; absent where none was set. */
    readonly lastSetState?: RecordInput
    /** What came behind that state: all of it, where none was set. */
    readonly behindSetState: ReplayedBehindSetState
    /** How the replay ended before its end, where that was to be told. */
    readonly failed?: FailedOnRecord
}

/** What was replayed behind the newest state that the log sets, or all of it where none is set. */
export interface ReplayedBehindSetState
    extends Pick<BehindSetState, 'events' | 'decodeErrors' | 'lastDecodeErrors'> {
    readonly firstDecodeError?: RecordInput
}

export interface ReplayRunOptions {
    /** Takes the responses of each batch, in order, one an event. */
    readonly onResponses?: ((responses: readonly string[]) => void | Promise<void>) | undefined
    /** Takes how long each input took; asks the app to measure. */
    readonly onMeasured?: ((inputs: readonly MeasuredInput[]) => void) | undefined
    /** Called once all was measured, with what gives the record of an input by its place. */
    readonly onAllMeasured?:
        | ((find: (place: InputPlace) => Promise<RecordInput>) => Promise<void>)
        | undefined
    /** Has the app keep states at the ends of batches, and the one before the first. */
    readonly kept?: KeptStates | undefined
    /** Where the app throws on an input, that ends the replay and is told in `Replayed`. */
    readonly outlivesThrow?: boolean | undefined
}

/** An input, by its index among those of the records from a position on. */
export interface InputPlace {
    /** Position in the chain of the first of these records. */
    readonly firstPosition: number
    readonly inputIndex: number
}

export class ReplayRun {
    readonly #instance: Promise<ElmAppInstance>
    readonly #options: ReplayRunOptions
    /** All that was handed over; it has been applied once this settles. */
    #underWay: Promise<void> = Promise.resolve()
    #records = 0
    #events = 0
    #setStates = 0
    #decodeErrors = 0
    #firstDecodeError: InputPlace | undefined
    #lastSetState: InputPlace | undefined
    #behind: Omit<ReplayedBehindSetState, 'firstDecodeError'> = nothingBehind
    #firstDecodeErrorBehind: InputPlace | undefined
    #failure: { readonly error: unknown; readonly at: InputPlace | undefined } | undefined

    /** @param instance the app, which may still be starting */
    constructor(instance: ElmAppInstance | Promise<ElmAppInstance>, options: ReplayRunOptions) {
        this.#instance = Promise.resolve(instance)
        this.#options = options
    }

    /** Records that were handed over. */
    get records(): number {
        return this.#records
    }

    /** Whether something went wrong, so that nothing more needs to be handed over. */
    get hasFailed(): boolean {
        return this.#failure !== undefined
    }

    /** Hands records over once the app has taken those before: they are being read meanwhile. */
    async apply(records: readonly CompositionRecord[]): Promise<void> {
        const [first] = records
        if (first === undefined) return
        const inputs = inputsOf(records)
        await this.#underWay
        const { onResponses, onMeasured } = this.#options
        const instance = await this.#instance
        await this.#keepStart(first.position)
        const batch = batchOf(inputs)
        const answer = instance.apply({
            ...batch,
            collectResponses: onResponses !== undefined,
            measure: onMeasured !== undefined,
        } satisfies InputBatch)
        const handed = { records: records.length, firstPosition: first.position }
        this.#handOver(answer, handed, (result) => {
            this.#tellMeasured(result, first.position, (tell) => {
                for (const [i, text] of batch.inputs.entries()) tell(text, (inputs[i]?.eventIndex ?? 0) < 0)
            })
        })
    }

    /** Hands packed records over at once: how many are under way is bounded by the memory for them. */
    applyPacked({ inputs, records, firstPosition, release }: PackedRecords): void {
        const collectResponses = this.#options.onResponses !== undefined
        const measure = this.#options.onMeasured !== undefined
        void this.#keepStart(firstPosition)
        const answer = this.#instance.then((app) => app.apply({ packed: inputs, collectResponses, measure }))
        this.#handOver(answer, { records, firstPosition }, (result) => {
            this.#tellMeasured(result, firstPosition, (tell) => forEachPacked(inputs, tell))
        })
        this.#underWay.then(release, release)
    }

    /** Waits until all that was handed over is applied; rejects without a place where that went wrong. */
    settle(): Promise<void> {
        return this.#underWay
    }

    /** What came of it. Throws what went wrong; a failure of the app with its place in the log. */
    async end(chain: Chain): Promise<Replayed> {
        await this.#underWay.catch(() => undefined)
        let failed: unknown
        if (this.#failure !== undefined) {
            const { error, at } = this.#failure
            failed = appError(error, at && (await findInput(chain, at)))
            const isOutlived = failed instanceof FailedOnRecord && failed.failure.kind === 'threw'
            if (!isOutlived || this.#options.outlivesThrow !== true) throw failed
        }
        await this.#options.onAllMeasured?.((place) => findInput(chain, place))
        const first = this.#firstDecodeError && (await findInput(chain, this.#firstDecodeError))
        const firstBehind =
            this.#firstDecodeErrorBehind === this.#firstDecodeError
                ? first
                : this.#firstDecodeErrorBehind && (await findInput(chain, this.#firstDecodeErrorBehind))
        const lastSetState = await this.lastSetState(chain)
        return {
            records: this.#records,
            events: this.#events,
            setStates: this.#setStates,
            decodeErrors: this.#decodeErrors,
            ...(first && { firstDecodeError: first }),
            ...(lastSetState && { lastSetState }),
            behindSetState: { ...this.#behind, ...(firstBehind && { firstDecodeError: firstBehind }) },
            ...(failed instanceof FailedOnRecord && { failed }),
        }
    }

    /** The last state that was set by what has been applied. */
    async lastSetState(chain: Chain): Promise<RecordInput | undefined> {
        return this.#lastSetState && findInput(chain, this.#lastSetState)
    }

    /** @param forEachInput goes through the inputs that were applied, in their order */
    #tellMeasured(
        { inputMilliseconds }: BatchResult,
        firstPosition: number,
        forEachInput: (tell: (text: string, isSetState: boolean) => void) => void,
    ): void {
        if (inputMilliseconds === undefined) return
        const measured: MeasuredInput[] = []
        forEachInput((text, isSetState) => {
            const inputIndex = measured.length
            const milliseconds = inputMilliseconds[inputIndex] ?? 0
            measured.push({ text, isSetState, milliseconds, place: { firstPosition, inputIndex } })
        })
        this.#options.onMeasured?.(measured)
    }

    #handOver(
        answer: Promise<BatchResult>,
        { records, firstPosition }: Pick<PackedRecords, 'records' | 'firstPosition'>,
        onApplied: (result: BatchResult) => void,
    ): void {
        const before = this.#underWay
        const kept = this.#keepEnd(firstPosition + records - 1)
        this.#records += records
        this.#underWay = (async () => {
            try {
                await before
                const result = await answer
                await kept
                this.#add(result, firstPosition)
                if (result.responses) await this.#options.onResponses?.(result.responses)
                onApplied(result)
            } catch (error) {
                const isOfInput = error instanceof AppFailure && error.inputIndex >= 0
                const at = isOfInput ? { firstPosition, inputIndex: error.inputIndex } : undefined
                this.#failure ??= { error, at }
                throw error
            }
        })()
        // Whoever awaits it next sees the failure; until then it is not an unhandled one.
        this.#underWay.catch(() => undefined)
        answer.catch(() => undefined)
        kept.catch(() => undefined)
    }

    /** All others can be had from the one that came before all. */
    async #keepStart(firstPosition: number): Promise<void> {
        const { kept } = this.#options
        if (kept === undefined || this.#records > 0 || kept.size > 0) return
        await this.#instance.then((app) => kept.keep(app, firstPosition - 1)).catch(() => undefined)
    }

    async #keepEnd(position: number): Promise<void> {
        const { kept } = this.#options
        if (kept !== undefined) await this.#instance.then((app) => kept.keepEnd(app, position))
    }

    #add(result: BatchResult, firstPosition: number): void {
        this.#events += result.events
        this.#setStates += result.setStates
        this.#decodeErrors += result.decodeErrors
        const placeOf = (inputIndex: number) => (inputIndex < 0 ? undefined : { firstPosition, inputIndex })
        const first = placeOf(result.firstDecodeErrorIndex)
        this.#firstDecodeError ??= first
        const { setStateIndex, firstDecodeErrorIndex, ...counts } = result.behindSetState
        const firstBehind =
            firstDecodeErrorIndex === result.firstDecodeErrorIndex ? first : placeOf(firstDecodeErrorIndex)
        if (setStateIndex >= 0) {
            this.#lastSetState = placeOf(setStateIndex)
            this.#behind = counts
            this.#firstDecodeErrorBehind = firstBehind
            return
        }
        const before = this.#behind
        this.#behind = {
            events: before.events + counts.events,
            decodeErrors: before.decodeErrors + counts.decodeErrors,
            lastDecodeErrors:
                counts.lastDecodeErrors +
                (counts.lastDecodeErrors === counts.events ? before.lastDecodeErrors : 0),
        }
        this.#firstDecodeErrorBehind ??= firstBehind
    }
}

const nothingBehind = { events: 0, decodeErrors: 0, lastDecodeErrors: 0 }

/** What some records do to the app, in order. */
export function inputsOf(records: readonly CompositionRecord[]): readonly RecordInput[] {
    return records.flatMap((record) => {
        if (record.givenState !== undefined) return [{ record, eventIndex: -1 }]
        const inputs = record.events.map((_, eventIndex) => ({ record, eventIndex }))
        // Where a record does both, the state is set first.
        return record.setState === undefined ? inputs : [{ record, eventIndex: -1 }, ...inputs]
    })
}

/** The event, or the state that is set. */
export function textOf(record: CompositionRecord, eventIndex: number): string {
    const { events, setState, givenState = setState } = record
    return (eventIndex < 0 ? givenState : events[eventIndex]) as string
}

/** The same as a batch for the app. */
export function batchOf(inputs: readonly RecordInput[]): InputBatch {
    return {
        inputs: inputs.map(({ record, eventIndex }) => textOf(record, eventIndex)),
        kinds: Uint8Array.from(inputs, ({ eventIndex }) => (eventIndex < 0 ? 1 : 0)),
    }
}

/** The record of an input, and which of its events that is. */
export async function findInput(
    chain: Chain,
    { firstPosition, inputIndex }: InputPlace,
): Promise<RecordInput> {
    let before = 0
    for await (const records of chain.read(firstPosition, chain.length)) {
        const inputs = inputsOf(records)
        const found = inputs[inputIndex - before]
        if (found !== undefined) return found
        before += inputs.length
    }
    throw new Error('The app answered to an input that no record holds.')
}
