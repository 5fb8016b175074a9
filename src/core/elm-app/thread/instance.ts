// What can be done with a running app. The batch is flat, strings and a byte each, or packed in shared
// memory, so that handing thousands of events to another thread costs one message.
import type { PackedInputs } from '../../packed-inputs.js'

/** What to do to the state, in order. */
export interface InputBatch {
    readonly inputs: readonly string[]
    /** Per input: 0 = an event to process, 1 = a serialised state to set. */
    readonly kinds: Uint8Array
    readonly collectResponses?: boolean
    /** Hand out the state after each input, and end, before the next, once these are so many characters. */
    readonly collectStatesUpTo?: number
    /** Also measure each input's time. */
    readonly measure?: boolean
    /** Hash the responses and states. */
    readonly digest?: DigestWanted
}

/** The same with inputs that are packed. Their memory must stay as it is until they are applied. */
export interface PackedBatch extends Pick<InputBatch, 'collectResponses' | 'measure' | 'digest'> {
    readonly packed: PackedInputs
}

/** Which states of a batch to hash. */
export interface DigestWanted {
    /** The state after every so many inputs, and after the last one. */
    readonly everyNth: number
    /** Each by itself as well. */
    readonly each?: boolean
}

/** Values of InputBatch.kinds. */
export const eventKind = 0
export const setStateKind = 1

/** What an app made of a batch of inputs. */
export interface BatchResult {
    /** Inputs that were events. */
    readonly events: number
    /** Inputs that were states to set. */
    readonly setStates: number
    /** One response an event, only when asked for. */
    readonly responses?: readonly string[]
    /** One state an input that was applied, only when asked for; null where it left the very same one. */
    readonly states?: readonly (string | null)[]
    /** Responses that are a JSON object with the single key decodeError, or decodeEventError. */
    readonly decodeErrors: number
    /** Index into inputs of the first event answered by a decodeError, or -1. */
    readonly firstDecodeErrorIndex: number
    /** What came behind the last state that was set: all of it, where none was. */
    readonly behindSetState: BehindSetState
    /** Hashes of responses and states, only when asked for. */
    readonly digest?: BatchDigest
    /** Milliseconds an input took, only when asked for. */
    readonly inputMilliseconds?: Float64Array
}

/** Hashes of what came of a batch. */
export interface BatchDigest {
    /** Of all responses in their order. */
    readonly responses: string
    /** Of the states that were looked at, in their order. */
    readonly states: string
    /** Of the last state, and, where that is wanted, of each. */
    readonly lastState: string
    readonly eachState?: readonly string[]
    readonly statesLooked: number
    /** In all of these states, and in all events with their responses. */
    readonly stateCharacters: number
    readonly eventCharacters: number
}

/** Events behind the last state that was set, and how the app understood them. */
export interface BehindSetState {
    /** Index into inputs of that state, or -1. */
    readonly setStateIndex: number
    readonly events: number
    readonly decodeErrors: number
    /** Index into inputs of the first event answered by a decodeError, or -1. */
    readonly firstDecodeErrorIndex: number
    /** How many of the last events, one behind the other, were answered by a decodeError. */
    readonly lastDecodeErrors: number
}

/**
 * A running app with its state. Calls are worked on in the order they were made, one at a time; a second may
 * be made while the first is under way. Any of them rejects with an AppFailure where the app failed, with
 * ComplogError `interrupted` where the signal was given; from then on every call rejects with that same
 * error.
 */
export interface ElmAppInstance {
    apply(batch: InputBatch | PackedBatch): Promise<BatchResult>
    serializeState(): Promise<string>
    /** serialise(deserialise(state)), without touching the app's current state. */
    roundTrip(state: string): Promise<string>
    /**
     * Keeps the current state under a name, as it is: it is not copied, and shares with other states what is
     * the same in them. Resolves to the bytes of heap that are in use then.
     */
    keep(name: number): Promise<number>
    /** Lets go of states that were kept. */
    forget(names: readonly number[]): Promise<void>
    /** As `serializeState`, of a state that was kept, without touching the current one. */
    serializeKept(name: number): Promise<string>
    /** Makes a state that was kept the current one. */
    goOnFromKept(name: number): Promise<void>
    /** Bytes of heap at its highest, as sampled after each batch and call. */
    readonly peakHeapBytes: number
    /** Ends the thread. Calls still under way reject. */
    close(): Promise<void>
}
