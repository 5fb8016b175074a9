// What records did to the app, as far as the log still has what they were done to.
import type { Chain } from '../check/chain.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import type { ListedStore } from '../store/process-store.js'
import { type RecordEffect, ReplayedStates } from './replayed-states.js'

/**
 * What a record did. Of the oldest one of a truncated log, and of one behind what was never written, only the
 * state after it is there: `before` and `responses` are absent.
 */
export type KnownEffect =
    | RecordEffect
    | (Pick<RecordEffect, 'record' | 'after'> & { readonly before?: never })

/** Records of a chain: the positions of the first and the last one. */
export interface ChainRecords extends WorkOptions {
    readonly chain: Chain
    readonly from: number
    readonly to: number
}

/**
 * Replays what is needed to say of some records what they did. Whoever takes it must close it.
 * @throws ComplogError as `restore` does
 */
export async function statesAround(
    store: ListedStore,
    app: LoadedElmApp,
    { from, to, ...options }: ChainRecords,
): Promise<ReplayedStates> {
    const { chain } = options
    const reduced = [...chain.reduced.values()].filter((position) => position >= from && position <= to)
    for (const oldest of [from - 1, ...reduced.sort((a, b) => a - b)]) {
        try {
            const stretch = { ...options, from: oldest, to: Math.max(oldest, to - 1) }
            return await ReplayedStates.replayChain(store, app, stretch)
        } catch (error) {
            // Of a truncated log, the states begin with the oldest reduction that can be read.
            const isLast = oldest === (reduced.at(-1) ?? from - 1)
            if (isLast || !(error instanceof ComplogError) || error.code !== 'no-reduction') throw error
        }
    }
    throw new RangeError(`There are no records from #${from} to #${to}.`)
}

/** What one of these records did; undefined where it is older than any state that is there. */
export async function effectIn(states: ReplayedStates, position: number): Promise<KnownEffect | undefined> {
    if (position > states.from) {
        const effect = await states.effectOf(position)
        const { record, after } = effect
        return record.givenState === undefined ? effect : { record, after }
    }
    if (position < states.from) return undefined
    return { record: await states.record(position), after: await states.at(position) }
}
