// An app without compiler and thread, for tests in which not the app but what is done with it matters.
import {
    AppFailure,
    type AppPhase,
    type BatchResult,
    type ElmAppInstance,
    eventKind,
    type InputBatch,
    type LoadedElmApp,
    type PackedBatch,
    setStateKind,
} from '../../src/core/elm-app/elm-app.js'
import { unpackInputs } from './unpack-inputs.js'

export interface InProcessApp<State> {
    readonly initialState: State
    process(event: string, state: State): readonly [State, string]
    serialize(state: State): string
    deserialize(text: string): State
}

/** Also counts what is done with it. */
export interface CountingApp extends LoadedElmApp {
    readonly started: number
    readonly closed: number
    readonly eventsProcessed: number
}

export function inProcess<State>(app: InProcessApp<State>): CountingApp {
    const counts = { started: 0, closed: 0, eventsProcessed: 0 }
    const start = ({ outlivesThrow = false } = {}): Promise<ElmAppInstance> => {
        counts.started++
        let state = app.initialState
        const kept = new Map<number, State>()
        const keptUnder = (name: number): State => {
            if (!kept.has(name)) throw new Error(`no state was kept under ${name}`)
            return kept.get(name) as State
        }
        // As in the thread of an app: what fails once is of no use any more, but for states that it kept.
        let failure: AppFailure | undefined
        const once = async <T>(during: AppPhase, work: () => T): Promise<T> => {
            await Promise.resolve()
            try {
                if (failure === undefined) return work()
            } catch (error) {
                failure = asFailure(error, during)
            }
            throw failure
        }
        const step = (text: string, kind: number): string | undefined => {
            if (kind !== eventKind) {
                state = app.deserialize(text)
                return undefined
            }
            counts.eventsProcessed++
            const [next, response] = app.process(text, state)
            state = next
            return response
        }
        return Promise.resolve({
            apply: (batch) => once('event', () => applyBatch(unpacked(batch), step)),
            serializeState: () => once('serialize', () => app.serialize(state)),
            roundTrip: (text) => once('serialize', () => app.serialize(app.deserialize(text))),
            keep: (name) =>
                once('serialize', () => {
                    kept.set(name, state)
                    return 1
                }),
            forget: (names) => once('serialize', () => names.forEach((name) => kept.delete(name))),
            serializeKept: (name) => {
                if (outlivesThrow) return Promise.resolve(app.serialize(keptUnder(name)))
                return once('serialize', () => app.serialize(keptUnder(name)))
            },
            goOnFromKept: (name) => {
                if (outlivesThrow) failure = undefined
                return once('serialize', () => {
                    state = keptUnder(name)
                })
            },
            peakHeapBytes: 1,
            close: () => {
                counts.closed++
                return Promise.resolve()
            },
        })
    }
    const loaded: LoadedElmApp = {
        scriptHash: '0'.repeat(64),
        source: 'script',
        optimized: null,
        notes: [],
        start,
    }
    return Object.defineProperties(loaded, {
        started: { get: () => counts.started },
        closed: { get: () => counts.closed },
        eventsProcessed: { get: () => counts.eventsProcessed },
    }) as CountingApp
}

/** As the fixture app of this name; the event `{"crash":…}` makes it throw, `{"unknown":…}` answers a decodeError. */
export function inProcessCounter(): CountingApp {
    return inProcess<number>({
        initialState: 0,
        process: (event, state) => {
            const json = JSON.parse(event) as { addition?: number; crash?: unknown; unknown?: unknown }
            if ('crash' in json) throw new Error('the app had enough')
            if ('unknown' in json) return [state, '{"decodeError":"no such event"}']
            const sum = state + (json.addition ?? 0)
            return [sum, String(sum)]
        },
        serialize: String,
        deserialize: (text) => (/^-?\d+$/.test(text) ? Number(text) : 0),
    })
}

function unpacked(batch: InputBatch | PackedBatch): InputBatch {
    if (!('packed' in batch)) return batch
    const { packed, collectResponses = false, measure = false } = batch
    return { ...unpackInputs(packed), collectResponses, measure }
}

function asFailure(error: unknown, during: AppPhase): AppFailure {
    if (error instanceof AppFailure) return error
    return new AppFailure({ kind: 'threw', during, inputIndex: -1, reason: (error as Error).message })
}

function applyBatch(
    { inputs, kinds, collectResponses, measure }: InputBatch,
    step: (text: string, kind: number) => string | undefined,
): BatchResult {
    const responses: string[] = []
    const decodeErrors: number[] = []
    let setStateIndex = -1
    for (const [i, text] of inputs.entries()) {
        try {
            const response = step(text, kinds[i] ?? eventKind)
            if (response === undefined) {
                setStateIndex = i
                continue
            }
            responses.push(response)
            if (response.startsWith('{"decodeError":')) decodeErrors.push(i)
        } catch (error) {
            const during = kinds[i] === setStateKind ? 'set-state' : 'event'
            const kind = error instanceof AppFailure ? error.kind : 'threw'
            throw new AppFailure({ kind, during, inputIndex: i, reason: (error as Error).message })
        }
    }
    const behind = decodeErrors.filter((i) => i > setStateIndex)
    const understood = inputs.findLastIndex((_, i) => !decodeErrors.includes(i))
    return {
        events: responses.length,
        setStates: inputs.length - responses.length,
        ...(collectResponses === true && { responses }),
        decodeErrors: decodeErrors.length,
        firstDecodeErrorIndex: decodeErrors[0] ?? -1,
        behindSetState: {
            setStateIndex,
            events: inputs.length - 1 - setStateIndex,
            decodeErrors: behind.length,
            firstDecodeErrorIndex: behind[0] ?? -1,
            lastDecodeErrors: behind.filter((i) => i > understood).length,
        },
        ...(measure === true && { inputMilliseconds: new Float64Array(inputs.length) }),
    }
}
