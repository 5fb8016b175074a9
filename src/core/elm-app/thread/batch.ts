// The inner loop: everything here is paid once an event, so it does no more than it must.

import { type PackedInputs, PackedReader, packedSetState, packedSizeMask } from '../../packed-inputs.js'
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
    const { digest, separateStrings = false } = batch
    const { length } = 'packed' in batch ? batch.packed : batch.inputs
    const digesting = digest && new Digesting(app, progress, { ...digest, inputs: length })
    const run = new BatchRun(app, progress, { collect: batch.collectResponses === true, digesting })
    const measures = batch.measure === true
    if ('packed' in batch) return run.applyPacked(batch.packed, separateStrings, measures)
    const { inputs, kinds } = batch
    if (measures) return run.applyMeasured(inputs, kinds)
    if (batch.collectStatesUpTo !== undefined)
        return run.applyWithStates(inputs, kinds, batch.collectStatesUpTo)
    return run.apply(inputs, kinds)
}

class BatchRun {
    readonly #app: AppCalls
    readonly #progress: SharedProgress
    readonly #responses: string[] | undefined
    readonly #digesting: Digesting | undefined
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

    constructor(
        app: AppCalls,
        progress: SharedProgress,
        { collect, digesting }: { readonly collect: boolean; readonly digesting: Digesting | undefined },
    ) {
        this.#app = app
        this.#progress = progress
        this.#responses = collect ? [] : undefined
        this.#digesting = digesting
    }

    apply(inputs: readonly string[], kinds: Uint8Array): BatchResult {
        let index = 0
        for (const input of inputs) {
            if (kinds[index] === setStateKind) this.#setState(input, index)
            else this.#processEvent(input, index)
            index += 1
        }
        return this.#result()
    }

    applyWithStates(inputs: readonly string[], kinds: Uint8Array, charactersMax: number): BatchResult {
        const states: (string | null)[] = []
        let before = this.#app.state()
        let characters = 0
        for (const [index, input] of inputs.entries()) {
            if (characters >= charactersMax) break
            if (kinds[index] === setStateKind) this.#setState(input, index)
            else this.#processEvent(input, index)
            const state = this.#app.state()
            this.#progress.enter('serialize', index)
            const text = state === before ? null : this.#app.serializeState()
            states.push(text)
            characters += text?.length ?? 0
            before = state
        }
        return { ...this.#result(), states }
    }

    applyMeasured(inputs: readonly string[], kinds: Uint8Array): BatchResult {
        const inputMilliseconds = new Float64Array(inputs.length)
        for (const [index, input] of inputs.entries()) {
            const before = performance.now()
            if (kinds[index] === setStateKind) this.#setState(input, index)
            else this.#processEvent(input, index)
            inputMilliseconds[index] = performance.now() - before
        }
        return { ...this.#result(), inputMilliseconds }
    }

    applyPacked(packed: PackedInputs, separateStrings: boolean, measures: boolean): BatchResult {
        const inputMilliseconds = measures ? new Float64Array(packed.length) : undefined
        const reader = new PackedReader(packed, separateStrings)
        const { table } = reader
        for (let index = 0; index < packed.length;) {
            reader.nextGroup()
            const { text, groupEnd } = reader
            const isAlone = groupEnd === index + 1
            for (let at = 0; index < groupEnd; index++) {
                const entry = table[index] as number
                const end = at + (entry & packedSizeMask)
                const input = isAlone ? text : text.slice(at, end)
                const before = inputMilliseconds === undefined ? 0 : performance.now()
                if ((entry & packedSetState) !== 0) this.#setState(input, index)
                else this.#processEvent(input, index)
                if (inputMilliseconds !== undefined) inputMilliseconds[index] = performance.now() - before
                at = end
            }
        }
        return { ...this.#result(), ...(inputMilliseconds && { inputMilliseconds }) }
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

    #result(): BatchResult {
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
