// The inner loop: everything here is paid once an event, so it does no more than it must.

import { forEachPacked } from '../../packed-inputs.js'
import type { AppCalls } from './app-calls.js'
import { Digesting } from './digest.js'
import { type BatchResult, type InputBatch, type PackedBatch, setStateKind } from './instance.js'
import type { SharedProgress } from './worker-protocol.js'

interface GivenStrings {
    /** Give the app nothing that keeps more memory alive than itself. */
    readonly separateStrings?: boolean
}

/** Applies a batch, marking each input's beginning in `progress`. Throws what the app throws. */
export function applyBatch(
    app: AppCalls,
    batch: (InputBatch | PackedBatch) & GivenStrings,
    progress: SharedProgress,
): BatchResult {
    const { digest, collectResponses: collect = false, measure = false, separateStrings } = batch
    const { length } = 'packed' in batch ? batch.packed : batch.inputs
    const digesting = digest && new Digesting(app, progress, { ...digest, inputs: length })
    const milliseconds = measure ? new Float64Array(length) : undefined
    const run = new BatchRun(app, progress, { collect, digesting, milliseconds })
    if ('packed' in batch) {
        const { packed } = batch
        forEachPacked(packed, (text, isSetState, index) => run.take(text, isSetState, index), separateStrings)
        return run.result()
    }
    const { inputs, kinds, collectStatesUpTo } = batch
    if (collectStatesUpTo !== undefined) return run.applyWithStates(inputs, kinds, collectStatesUpTo)
    for (let index = 0; index < length; index++)
        run.take(inputs[index] as string, kinds[index] === setStateKind, index)
    return run.result()
}

/** What is wanted beside the counts. */
interface Wanted {
    readonly collect: boolean
    readonly digesting: Digesting | undefined
    readonly milliseconds: Float64Array | undefined
}

class BatchRun {
    readonly #app: AppCalls
    readonly #progress: SharedProgress
    readonly #responses: string[] | undefined
    readonly #digesting: Digesting | undefined
    /** Of each input, where that is wanted. */
    readonly #milliseconds: Float64Array | undefined
    #events = 0
    #setStates = 0
    #decodeErrors = 0
    #firstDecodeErrorIndex = -1
    #setStateIndex = -1
    /** What there was when that state was set. */
    #eventsBefore = 0
    #decodeErrorsBefore = 0
    #firstDecodeErrorIndexBehind = -1
    /** Events up to the last one that the app understood, or to the last state that was set. */
    #eventsUntilUnderstood = 0

    constructor(app: AppCalls, progress: SharedProgress, { collect, digesting, milliseconds }: Wanted) {
        this.#app = app
        this.#progress = progress
        this.#responses = collect ? [] : undefined
        this.#digesting = digesting
        this.#milliseconds = milliseconds
    }

    take(input: string, isSetState: boolean, index: number): void {
        const before = this.#milliseconds === undefined ? 0 : performance.now()
        if (isSetState) this.#setState(input, index)
        else this.#processEvent(input, index)
        if (this.#milliseconds !== undefined) this.#milliseconds[index] = performance.now() - before
    }

    applyWithStates(inputs: readonly string[], kinds: Uint8Array, charactersMax: number): BatchResult {
        const states: (string | null)[] = []
        let before = this.#app.state()
        let characters = 0
        for (const [index, input] of inputs.entries()) {
            if (characters >= charactersMax) break
            this.take(input, kinds[index] === setStateKind, index)
            const state = this.#app.state()
            this.#progress.enter('serialize', index)
            const text = state === before ? null : this.#app.serializeState()
            states.push(text)
            characters += text?.length ?? 0
            before = state
        }
        return { ...this.result(), states }
    }

    #setState(state: string, index: number): void {
        this.#progress.enter('set-state', index)
        this.#app.setState(state)
        this.#setStates += 1
        this.#setStateIndex = index
        this.#eventsBefore = this.#eventsUntilUnderstood = this.#events
        this.#decodeErrorsBefore = this.#decodeErrors
        this.#firstDecodeErrorIndexBehind = -1
        this.#digesting?.input(index)
    }

    #processEvent(event: string, index: number): void {
        this.#progress.enter('event', index)
        const response = this.#app.processEvent(event)
        this.#events += 1
        this.#responses?.push(response)
        if (this.#digesting !== undefined) {
            this.#digesting.event(event, response)
            this.#digesting.input(index)
        }
        if (!isDecodeError(response)) {
            this.#eventsUntilUnderstood = this.#events
            return
        }
        this.#decodeErrors += 1
        if (this.#firstDecodeErrorIndex < 0) this.#firstDecodeErrorIndex = index
        if (this.#firstDecodeErrorIndexBehind < 0) this.#firstDecodeErrorIndexBehind = index
    }

    result(): BatchResult {
        return {
            events: this.#events,
            setStates: this.#setStates,
            decodeErrors: this.#decodeErrors,
            firstDecodeErrorIndex: this.#firstDecodeErrorIndex,
            behindSetState: {
                setStateIndex: this.#setStateIndex,
                events: this.#events - this.#eventsBefore,
                decodeErrors: this.#decodeErrors - this.#decodeErrorsBefore,
                firstDecodeErrorIndex: this.#firstDecodeErrorIndexBehind,
                lastDecodeErrors: this.#events - this.#eventsUntilUnderstood,
            },
            ...(this.#responses && { responses: this.#responses }),
            ...(this.#digesting && { digest: this.#digesting.end() }),
            ...(this.#milliseconds && { inputMilliseconds: this.#milliseconds }),
        }
    }
}

/** The second name is that of the hosts since 2019-05-28. */
const decodeErrorStart = /^\s*\{\s*"decode(?:Event)?Error"\s*:/i
const space = 0x20
const brace = 0x7b
const firstBeyondAscii = 0x80

/**
 * Whether a response is a JSON object with the single key decodeError, or decodeEventError. Parses only what
 * starts like one.
 */
export function isDecodeError(response: string): boolean {
    // Most answers of most apps are told apart by this alone, in a tenth of the time.
    const first = response.charCodeAt(0)
    if (first !== brace && first > space && first < firstBeyondAscii) return false
    if (!decodeErrorStart.test(response)) return false
    try {
        return Object.keys(JSON.parse(response) as object).length === 1
    } catch {
        return false
    }
}
