// Entrance of core/compare/: whether two versions of an app do the same with a history. In come a store and
// both apps; out come the first divergence, and how many there are of which kind. `upgrade.ts` asks whether
// the new one would go on from what the old one stored. `comparison.ts` has both apps do it.
import type { Chain } from '../check/chain.js'
import { positionOf } from '../check/choose-chain.js'
import { genesis } from '../composition/hash.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'
import { appError } from '../restore/app-errors.js'
import { replay } from '../restore/replay.js'
import type { StretchOptions } from '../restore/replayed-states.js'
import { findTarget } from '../restore/restore-target.js'
import { readInOnePass, soundChain, suitsOnePass } from '../restore/run-in-one-pass.js'
import { chooseStart, enterStart } from '../restore/start.js'
import type { ListedStore } from '../store/process-store.js'
import { AppPair, NewFailed } from './app-pair.js'
import { type Compared, Comparison, type ComparisonOptions, FailedOnInput } from './comparison.js'

export type { Compared } from './comparison.js'
export type { Divergence, DivergenceGroup, DivergenceKind, DivergenceTotals } from './divergences.js'

/** What to compare, and how. */
export interface CompareOptions extends Omit<StretchOptions, 'to'>, Omit<ComparisonOptions, 'givesState'> {}

/** Both versions of the app. */
export interface ComparedApps {
    readonly before: LoadedElmApp
    readonly after: LoadedElmApp
}

/**
 * Has both apps process the same history, and says where they differ.
 * @throws ComplogError as `restore` does; for an app that fails, only where OLD fails at its start, or both
 * fail on the same record
 */
export async function compare(
    store: ListedStore,
    apps: ComparedApps,
    options: CompareOptions = {},
): Promise<Compared> {
    return (await compareInOnePass(store, apps, options)) ?? (await compareWhenChecked(store, apps, options))
}

/**
 * While the log is being checked, as `run-in-one-pass.ts` has it. Undefined where that cannot be, or the log
 * turned out to be none for it.
 */
async function compareInOnePass(
    store: ListedStore,
    apps: ComparedApps,
    options: CompareOptions,
): Promise<Compared | undefined> {
    const both = [apps.before, apps.after]
    if (options.from !== undefined || !suitsOnePass(store, both, options)) return undefined
    const starting = AppPair.start(apps.before, apps.after)
    const comparing = starting.then((pair) => Comparison.begin(pair, { ...options, givesState: false }))
    // Told below, and only where the log is sound.
    comparing.catch(() => undefined)
    let failure: { readonly error: unknown } | undefined
    const take = async (batch: PackedRecords) => {
        try {
            if (failure === undefined) await (await comparing).take(batch)
        } catch (error) {
            failure = { error }
        } finally {
            batch.release()
        }
    }
    try {
        const checked = await readInOnePass(store, take, { ...options, activity: 'compare' })
        if (checked === undefined) return undefined
        const { chain, position: to, findings } = (await soundChain(checked)).target
        const comparison = await comparing
        if (failure !== undefined) throw await placed(failure.error, chain)
        const compared = await comparison.result(chain).catch(async (error: unknown) => {
            throw await placed(error, chain)
        })
        return { ...compared, from: 0, to, findings }
    } catch (error) {
        throw appError(error)
    } finally {
        await starting.then((pair) => pair.close()).catch(() => undefined)
    }
}

async function compareWhenChecked(
    store: ListedStore,
    apps: ComparedApps,
    options: CompareOptions,
): Promise<Compared> {
    const { chain, position: to, findings: found } = await findTarget(store, options)
    const findings = [...found]
    const from = await positionFrom(chain, to, options)
    const start = await chooseStart(store, chain, { target: from, findings })
    const pair = await AppPair.start(apps.before, apps.after)
    try {
        const unread = await enterStart(pair.before, start)
        if (unread !== undefined) findings.push(unread)
        if (start.position < from)
            await replay(chain, pair.before, { ...options, from: start.position + 1, to: from })
        const comparison = await Comparison.begin(pair, { ...options, givesState: from > 0 })
        const work = { signal: options.signal, onProgress: options.onProgress }
        await compareStretch(chain, comparison, { ...work, from, to })
        return { ...(await comparison.result(chain)), from, to, findings }
    } catch (error) {
        throw appError(await placed(error, chain))
    } finally {
        await pair.close()
    }
}

async function compareStretch(
    chain: Chain,
    comparison: Comparison,
    { from, to, ...options }: WorkOptions & Pick<Compared, 'from' | 'to'>,
): Promise<void> {
    let done = 0
    for await (const batch of chain.readPacked(from + 1, to, options)) {
        try {
            await comparison.take(batch)
        } finally {
            if ('release' in batch) batch.release()
        }
        if (comparison.isOver) return
        done += 'release' in batch ? batch.records : batch.length
        options.onProgress?.({ activity: 'compare', done, total: to - from, unit: 'records' })
    }
}

/** What an app failed on, as far as that is known. */
async function placed(error: unknown, chain: Chain): Promise<unknown> {
    return error instanceof FailedOnInput
        ? await error.placed(chain)
        : error instanceof NewFailed
          ? error.failure
          : error
}

async function positionFrom(chain: Chain, to: number, { from, ...options }: CompareOptions): Promise<number> {
    if (from !== undefined) return positionOf({ chain, head: to }, from, options)
    return chain.oldestParent === genesis ? 0 : Math.min(to, ...chain.reduced.values())
}
