// The same with an app: each event is fed to it, and what it answered and made of its state goes with the
// event.
import type { Chain } from '../check/chain.js'
import type { ConditionName } from '../condition/condition.js'
import {
    AppFailure,
    type ElmAppInstance,
    eventKind,
    type LoadedElmApp,
    setStateKind,
} from '../elm-app/elm-app.js'
import type { WorkOptions } from '../progress.js'
import { appError, rethrowAppError } from '../restore/app-errors.js'
import { replay } from '../restore/replay.js'
import { chooseStart, enterStart } from '../restore/start.js'
import type { ProcessStore } from '../store/process-store.js'
import type { EventInChain, EventToTest } from './events-to-test.js'
import { inputsIn } from './packed-events.js'

interface Stretch extends WorkOptions {
    readonly chain: Chain
    readonly from: number
    readonly to: number
    /** What of it is wanted: states are serialised for each event, which takes its time. */
    readonly needs: ReadonlySet<ConditionName>
}

/** Inputs that are given to the app at a time: at first, and at most. */
const inputsAtFirst = 16
const inputsMax = 4096
/** States that the app hands out at a time; of long ones, one is as much as there may be room for. */
const charactersOfStatesMax = 4 * 1024 * 1024

/** Restores the app to the record before the stretch, and feeds it from there. */
export async function* eventsWithStates(
    store: ProcessStore,
    app: LoadedElmApp,
    { chain, from, to, needs, signal, onProgress }: Stretch,
): AsyncGenerator<EventToTest | 'pause'> {
    if (from > to) return
    const start = await chooseStart(store, chain, { target: from - 1 })
    const instance = await app.start().catch(rethrowAppError)
    try {
        await enterStart(instance, start)
        await replay(chain, instance, { from: start.position + 1, to: from - 1, signal, onProgress })
        const needsStates = needs.has('state') || needs.has('before')
        let before = needsStates ? await instance.serializeState().catch(rethrowAppError) : undefined
        let size = inputsAtFirst
        for await (const records of chain.read(from, to, { signal })) {
            const events = inputsIn(records)
            for (let begin = 0; begin < events.length; ) {
                const part = events.slice(begin, begin + size)
                const { responses, states } = await fed(instance, part, needsStates)
                const done = states?.length ?? part.length
                for (const [index, event] of part.slice(0, done).entries()) {
                    const state = states === undefined ? undefined : (states[index] ?? before)
                    yield { ...event, response: responses[index], before, state }
                    before = state
                }
                begin += done
                size = done < part.length ? done : Math.min(2 * size, inputsMax)
            }
            const done = (records.at(-1)?.position ?? from) - from + 1
            onProgress?.({ activity: 'search', done, total: to - from + 1, unit: 'records' })
            yield 'pause'
        }
    } finally {
        await instance.close()
    }
}

interface Fed {
    /** One an input, undefined where a state was set. */
    readonly responses: readonly (string | undefined)[]
    /** Of those that were applied; null where it is the one before. */
    readonly states: readonly (string | null)[] | undefined
}

async function fed(
    instance: ElmAppInstance,
    events: readonly EventInChain[],
    needsStates: boolean,
): Promise<Fed> {
    try {
        const set = events.map(
            ({ text, record }) => record.givenState ?? (text === undefined ? record.setState : undefined),
        )
        const { responses = [], states } = await instance.apply({
            inputs: events.map(({ text }, index) => set[index] ?? text ?? ''),
            kinds: Uint8Array.from(set, (state) => (state === undefined ? eventKind : setStateKind)),
            collectResponses: true,
            ...(needsStates && { collectStatesUpTo: charactersOfStatesMax }),
        })
        let next = 0
        return {
            responses: set.map((state) => (state === undefined ? responses[next++] : undefined)),
            states,
        }
    } catch (error) {
        const event = error instanceof AppFailure ? events[error.inputIndex] : undefined
        throw event === undefined ? appError(error) : appError(error, event)
    }
}
