// Feeds the records of a chain to a running app. Reading ahead and applying overlap: the app has a thread of its own.
import type { Chain, CompositionRecord } from '../check/chain.js'
import type { BatchResult, ElmAppInstance, InputBatch } from '../elm-app/elm-app.js'
import type { Activity, WorkOptions } from '../progress.js'
import { appError } from './app-errors.js'

export interface ReplayOptions extends WorkOptions {
    /** Takes the responses of each batch, in order, one an event. */
    readonly onResponses?: ((responses: readonly string[]) => void | Promise<void>) | undefined
    /** Positions, ascending, after which `onStop` is called while the app is in that very state. */
    readonly stops?: readonly number[] | undefined
    readonly onStop?: ((record: CompositionRecord) => Promise<void>) | undefined
    /** Takes how long each input took; asks the app to measure. */
    readonly onMeasured?: ((inputs: readonly MeasuredInput[]) => void) | undefined
    /** What to call it in the progress; default: replay. */
    readonly activity?: Activity | undefined
}

export interface MeasuredInput {
    readonly record: CompositionRecord
    /** Index into the record's events; -1 for the state that it sets. */
    readonly eventIndex: number
    readonly milliseconds: number
}

export interface Replayed {
    readonly records: number
    readonly events: number
    readonly setStates: number
    /** Responses that are `{"decodeError": …}`: the app did not understand the event. */
    readonly decodeErrors: number
    readonly firstDecodeError?: { readonly record: CompositionRecord; readonly eventIndex: number }
}

/** Replays the records from one position to another, both included. */
export async function replay(
    chain: Chain,
    instance: ElmAppInstance,
    from: number,
    to: number,
    options: ReplayOptions = {},
): Promise<Replayed> {
    const run = new ReplayRun(instance, options)
    const total = to - from + 1
    const stops = [...(options.stops ?? [])]
    for await (const batch of chain.read(from, to, options)) {
        let rest: readonly CompositionRecord[] = batch
        const last = batch.at(-1)
        while (last !== undefined && stops[0] !== undefined && stops[0] <= last.position) {
            const stop = stops.shift() as number
            const until = rest.findIndex(({ position }) => position === stop)
            if (until < 0) continue
            await run.apply(rest.slice(0, until + 1))
            await run.settle()
            await options.onStop?.(rest[until] as CompositionRecord)
            rest = rest.slice(until + 1)
        }
        await run.apply(rest)
        options.onProgress?.({
            activity: options.activity ?? 'replay',
            done: run.records,
            total,
            unit: 'records',
        })
    }
    await run.settle()
    return run.result
}

class ReplayRun {
    readonly #instance: ElmAppInstance
    readonly #options: ReplayOptions
    /** The batch that the app works on while the next one is being read. */
    #underWay: Promise<void> = Promise.resolve()
    #events = 0
    #setStates = 0
    #decodeErrors = 0
    #firstDecodeError: Replayed['firstDecodeError']
    records = 0

    constructor(instance: ElmAppInstance, options: ReplayOptions) {
        this.#instance = instance
        this.#options = options
    }

    async apply(records: readonly CompositionRecord[]): Promise<void> {
        if (records.length === 0) return
        const inputs = new Inputs(records)
        await this.#underWay
        this.records += records.length
        this.#underWay = this.#applyInputs(inputs)
        // Whoever awaits it next sees the failure; until then it is not an unhandled one.
        this.#underWay.catch(() => undefined)
    }

    settle(): Promise<void> {
        return this.#underWay
    }

    get result(): Replayed {
        const counts = {
            records: this.records,
            events: this.#events,
            setStates: this.#setStates,
            decodeErrors: this.#decodeErrors,
        }
        return this.#firstDecodeError === undefined
            ? counts
            : { ...counts, firstDecodeError: this.#firstDecodeError }
    }

    async #applyInputs(inputs: Inputs): Promise<void> {
        const { onResponses, onMeasured } = this.#options
        let result: BatchResult
        try {
            result = await this.#instance.apply(
                inputs.batch({
                    collectResponses: onResponses !== undefined,
                    measure: onMeasured !== undefined,
                }),
            )
        } catch (error) {
            const inputIndex =
                error instanceof Error && 'inputIndex' in error ? (error.inputIndex as number) : -1
            throw appError(error, inputIndex < 0 ? undefined : inputs.at(inputIndex))
        }
        this.#events += result.events
        this.#setStates += inputs.length - result.events
        this.#decodeErrors += result.decodeErrors
        if (result.firstDecodeErrorIndex >= 0)
            this.#firstDecodeError ??= inputs.at(result.firstDecodeErrorIndex)
        if (result.responses) await onResponses?.(result.responses)
        const times = result.inputMilliseconds
        if (times) onMeasured?.(inputs.all().map((input, i) => ({ ...input, milliseconds: times[i] ?? 0 })))
    }
}

/** The inputs of some records, flat, with the way back from an input to its record. */
class Inputs {
    readonly #records: readonly CompositionRecord[]
    readonly #texts: string[] = []
    readonly #kinds: number[] = []

    constructor(records: readonly CompositionRecord[]) {
        this.#records = records
        for (const { setState, events } of records) {
            // Where a record does both, the state is set first.
            if (setState !== undefined) {
                this.#texts.push(setState)
                this.#kinds.push(1)
            }
            for (const event of events) {
                this.#texts.push(event)
                this.#kinds.push(0)
            }
        }
    }

    get length(): number {
        return this.#texts.length
    }

    batch(options: Pick<InputBatch, 'collectResponses' | 'measure'>): InputBatch {
        return { inputs: this.#texts, kinds: Uint8Array.from(this.#kinds), ...options }
    }

    at(inputIndex: number): { record: CompositionRecord; eventIndex: number } {
        return this.all()[inputIndex] as { record: CompositionRecord; eventIndex: number }
    }

    all(): { record: CompositionRecord; eventIndex: number }[] {
        return this.#records.flatMap((record) => {
            const inputs = record.events.map((_, eventIndex) => ({ record, eventIndex }))
            return record.setState === undefined ? inputs : [{ record, eventIndex: -1 }, ...inputs]
        })
    }
}
