// The same with an app: each event is fed to it, and what it answered and made of its state goes with the
// event.
import type { Chain, CompositionRecord } from '../check/chain.js'
import type { ConditionName } from '../condition/condition.js'
import { type ElmAppInstance, eventKind, type LoadedElmApp, setStateKind } from '../elm-app/elm-app.js'
import { AppFailure } from '../elm-app/elm-app.js'
import type { WorkOptions } from '../progress.js'
import { appError, rethrowAppError } from '../restore/app-errors.js'
import { replay } from '../restore/replay.js'
import { chooseStart, enterStart } from '../restore/start.js'
import type { ProcessStore } from '../store/process-store.js'
import { inputsIn } from './packed-events.js'
import type { Place, PlaceInChain } from './places.js'

interface Stretch extends WorkOptions {
    readonly chain: Chain
    readonly from: number
    readonly to: number
    /** What of it is wanted: states are serialised for each event, which takes its time. */
    readonly needs: ReadonlySet<ConditionName>
}

/** Restores the app to the record before the stretch, and feeds it from there. */
export async function* placesWithStates(
    store: ProcessStore,
    app: LoadedElmApp,
    { chain, from, to, needs, signal, onProgress }: Stretch,
): AsyncGenerator<Place | 'pause'> {
    if (from > to) return
    const start = await chooseStart(store, chain, { target: from - 1, onFinding: () => undefined })
    const instance = await app.start().catch(rethrowAppError)
    try {
        await enterStart(instance, start)
        await replay(chain, instance, { from: start.position + 1, to: from - 1, signal, onProgress })
        const needsStates = needs.has('state') || needs.has('before')
        let before = needsStates ? await instance.serializeState().catch(rethrowAppError) : undefined
        for await (const records of chain.read(from, to, { signal })) {
            // Of states, one is as much as there may be room for.
            for (const batch of needsStates ? records.flatMap(oneByOne) : [inputsIn(records)]) {
                const responses = await fed(instance, batch)
                const state = needsStates ? await instance.serializeState().catch(rethrowAppError) : undefined
                for (const [index, place] of batch.entries())
                    yield { ...place, response: responses[index], before, state }
                before = state
            }
            const done = (records.at(-1)?.position ?? from) - from + 1
            onProgress?.({ activity: 'search', done, total: to - from + 1, unit: 'records' })
            yield 'pause'
        }
    } finally {
        await instance.close()
    }
}

function oneByOne(record: CompositionRecord): readonly (readonly PlaceInChain[])[] {
    return inputsIn([record]).map((place) => [place])
}

/** The response to each, undefined where a state was set. */
async function fed(
    instance: ElmAppInstance,
    places: readonly PlaceInChain[],
): Promise<readonly (string | undefined)[]> {
    try {
        const { responses = [] } = await instance.apply({
            inputs: places.map(({ text, record }) => text ?? record.setState ?? ''),
            kinds: Uint8Array.from(places, ({ text }) => (text === undefined ? setStateKind : eventKind)),
            collectResponses: true,
        })
        let next = 0
        return places.map(({ text }) => (text === undefined ? undefined : responses[next++]))
    } catch (error) {
        const place = error instanceof AppFailure ? places[error.inputIndex] : undefined
        throw place === undefined ? appError(error) : appError(error, place)
    }
}
