// What callers ask of a persistent process, each to become one record, in the order in which they came.
import { eventKind, type InputBatch, setStateKind } from '../elm-app/elm-app.js'
import { asError, ComplogError } from '../errors.js'
import { changeText } from '../restore/start.js'

/** Events to feed, or a state to set. */
export interface CallContent {
    readonly events: readonly string[]
    readonly setState?: string
    /** Whether that is what the app has as its state. */
    readonly isOwnState?: boolean
    readonly place?: SeriesPlace | undefined
}

/** One record to be. */
export interface Call extends CallContent {
    readonly resolve: (responses: readonly string[]) => void
    readonly reject: (error: unknown) => void
}

/** All calls that have no answer yet. */
export class OpenCalls {
    readonly #calls = new Set<Call>()

    get size(): number {
        return this.#calls.size
    }

    /** @param take gets the call, which is open until it is resolved or rejected */
    add(content: CallContent, take: (call: Call) => void): Promise<readonly string[]> {
        return new Promise((resolve, reject) => {
            const call: Call = {
                ...content,
                resolve: (responses) => {
                    this.#calls.delete(call)
                    resolve(responses)
                },
                reject: (error) => {
                    this.#calls.delete(call)
                    reject(asError(error))
                },
            }
            this.#calls.add(call)
            take(call)
        })
    }

    rejectAll(error: unknown): void {
        for (const call of this.#calls) call.reject(error)
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

/** Refuses the calls that are behind a failure in their series, and gives the others. */
export function withoutUnwanted(calls: readonly Call[]): readonly Call[] {
    return calls.filter((call) => {
        if (call.place?.isBehindFailure() !== true) return true
        const message = 'A call before this one in its series failed, so this one was not recorded.'
        call.reject(new RefusedCall(new ComplogError('interrupted', message)))
        return false
    })
}

/** The inputs of some calls, flat. */
export function batchOfCalls(calls: readonly Call[]): InputBatch {
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

// Calls of which one builds on the other: behind one that came to nothing, the later ones are not wanted any
// more. They are made ahead of the answers, so only the process can keep them from the log.

/** Given to `PersistentProcess.processEvents` with each call: once one fails, all later are refused. */
export class CallSeries {
    #length = 0
    #failedAt = Infinity

    next(): SeriesPlace {
        const at = this.#length++
        return {
            isBehindFailure: () => this.#failedAt < at,
            noteFailure: () => (this.#failedAt = Math.min(this.#failedAt, at)),
        }
    }
}

/** Where in its series a call stands. */
export interface SeriesPlace {
    /** Whether an earlier call failed or was refused. */
    isBehindFailure(): boolean
    noteFailure(): void
}

// What whoever made a call hears when nothing came of it.

/** A call that was refused: nothing came of it, and nothing was recorded. The process goes on. */
export class RefusedCall extends ComplogError {
    constructor({ code, message, hint, cause }: ComplogError) {
        super(code, message, { hint, cause })
    }
}

/** Refuses a state that the app does not read as it is given. */
export function refusedState(state: string, written: string): RefusedCall {
    const message = `The app does not read this state as it is given: ${changeText(state, written)} Nothing was recorded.`
    return new RefusedCall(new ComplogError('state-not-understood', message))
}
