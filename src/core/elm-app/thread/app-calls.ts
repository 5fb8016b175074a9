// The script hands out functions of unknown worth. Here they become calls with types, or a reason why they
// cannot.

import { appTextCharactersMax } from '../../limits.js'
import type { PublishedApp } from './app-context.js'

/** The app, in the app's own thread. Each call throws whatever the app throws. */
export interface AppCalls {
    processEvent(event: string): string
    setState(serialized: string): void
    serializeState(): string
    /** The state as it is: nothing changes it, since Elm's values never change. */
    state(): unknown
    /** @param state that `state` gave */
    goOnFrom(state: unknown): void
    /** Without touching the state. */
    deserialize(serialized: string): unknown
    serialize(state: unknown): string
}

export type UnusableApp =
    | { readonly kind: 'lacks-functions'; readonly keys: readonly string[] }
    | { readonly kind: 'malformed'; readonly message: string }

type Callable = (...values: readonly unknown[]) => unknown

const callableKeys = ['applyTwo', 'processSerializedEvent', 'serializeState', 'deserializeState'] as const
const functionKeys = ['initState', 'processSerializedEvent', 'serializeState', 'deserializeState'] as const

/** Makes calls of what a script handed out, in the app's initial state. */
export function appCalls(published: PublishedApp | undefined): AppCalls | UnusableApp {
    if (published === undefined)
        return { kind: 'malformed', message: 'the script ends before it reaches its export' }
    const missing = functionKeys.filter((key) => published[key] === undefined)
    if (missing.length > 0) return { kind: 'lacks-functions', keys: missing }
    if (published.applyTwo === undefined)
        return { kind: 'malformed', message: 'the script has no function A2' }
    const uncallable = callableKeys.find((key) => typeof published[key] !== 'function')
    if (uncallable !== undefined) return { kind: 'malformed', message: `its ${uncallable} is not a function` }
    if (typeof published.initState === 'function')
        return { kind: 'malformed', message: 'its initState is a function, not a state' }
    return callsOf(published)
}

function callsOf(published: PublishedApp): AppCalls {
    const applyTwo = published.applyTwo as (f: unknown, a: unknown, b: unknown) => unknown
    const processSerializedEvent = published.processSerializedEvent
    const serializeState = published.serializeState as Callable
    const deserializeState = published.deserializeState as Callable
    let state = published.initState
    return {
        processEvent(event) {
            // A tuple of Elm: the new state as a, the response as b.
            const result = applyTwo(processSerializedEvent, event, state) as
                | { a?: unknown; b?: unknown }
                | undefined
            const response = result?.b
            if (typeof response !== 'string') {
                throw new TypeError(
                    'its response is not a string: processSerializedEvent must be String -> State -> ( State, String )',
                )
            }
            refuseTooLong('its response', response)
            state = result?.a
            return response
        },
        setState(serialized) {
            state = deserializeState(serialized)
        },
        serializeState: () => serialized(serializeState(state)),
        state: () => state,
        goOnFrom(other) {
            state = other
        },
        deserialize: deserializeState,
        serialize: (other) => serialized(serializeState(other)),
    }
}

function serialized(value: unknown): string {
    if (typeof value === 'string') {
        refuseTooLong('its serialised state', value)
        return value
    }
    throw new TypeError('its serialised state is not a string: serializeState must be State -> String')
}

/** Before anything looks into the text: V8 may hold it as parts that it has not put together yet. */
function refuseTooLong(what: string, { length }: string): void {
    if (length > appTextCharactersMax)
        throw new RangeError(
            `${what} has ${length} characters, and no more than ${appTextCharactersMax} are taken`,
        )
}
