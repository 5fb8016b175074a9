// What callers ask of a persistent process, each to become one record, in the order in which they came.
import type { InputBatch } from '../elm-app/elm-app.js'
import { eventKind, setStateKind } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'

/** One record to be: events to feed, or a state to set. */
export interface Call {
    readonly events: readonly string[]
    readonly setState?: string
    readonly resolve: (responses: readonly string[]) => void
    readonly reject: (error: unknown) => void
}

/** A call that was refused before anything came of it; the process goes on. */
export class RefusedCall extends ComplogError {
    constructor({ code, message, hint }: ComplogError) {
        super(code, message, { hint })
    }
}

export const inputsPerBatchMax = 4096
const charactersPerBatchMax = 4 * 1024 * 1024

/**
 * Takes as many of the calls as may be fed to the app at once: at least one.
 * @param inputsMax events and states together
 */
export function takeBatch(calls: Call[], inputsMax = inputsPerBatchMax): readonly Call[] {
    let inputs = 0
    let characters = 0
    let count = 0
    for (const call of calls) {
        const ofCall = inputsOf(call)
        inputs += ofCall.length
        for (const input of ofCall) characters += input.length
        if (count > 0 && (inputs > inputsMax || characters > charactersPerBatchMax)) break
        count += 1
    }
    return calls.splice(0, count)
}

/** The inputs of some calls, flat. */
export function batchOf(calls: readonly Call[]): InputBatch {
    const kinds = calls.flatMap((call) => [
        ...(call.setState === undefined ? [] : [setStateKind]),
        ...call.events.map(() => eventKind),
    ])
    return { inputs: calls.flatMap(inputsOf), kinds: Uint8Array.from(kinds), collectResponses: true }
}

/** Gives each call its own of the responses, one an event. */
export function responsesOf(
    calls: readonly Call[],
    responses: readonly string[],
): readonly (readonly string[])[] {
    let next = 0
    return calls.map(({ events }) => responses.slice(next, (next += events.length)))
}

/** Index of the call that an input belongs to; -1 where the input is unknown. */
export function callOfInput(calls: readonly Call[], inputIndex: number): number {
    let inputs = 0
    return inputIndex < 0 ? -1 : calls.findIndex((call) => inputIndex < (inputs += inputsOf(call).length))
}

function inputsOf({ setState, events }: Call): readonly string[] {
    return setState === undefined ? events : [setState, ...events]
}
