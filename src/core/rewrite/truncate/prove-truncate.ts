// Before anything older is removed, the reduction is proven by replay from something older, and the store as
// it will be is restored and compared with the store as it is.
import { checkStore } from '../../check/check-store.js'
import { shortHash } from '../../composition/hash.js'
import type { LoadedElmApp } from '../../elm-app/elm-app.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { withInstance } from '../../restore/app-errors.js'
import { replay } from '../../restore/replay.js'
import { restore } from '../../restore/restore.js'
import { isSameState } from '../../restore/same-state.js'
import { chooseStart, enterStart, unreadReduction } from '../../restore/start.js'
import { assertEventsUnderstood, hintToTakeOther, stateNotUnderstood } from '../../restore/understanding.js'
import { isFinding, readReduction } from '../../store/process-store.js'
import { rootOf } from '../outside-store.js'
import { isProven } from './begun-truncation.js'
import { storeAfter } from './plan-truncate.js'
import { type ProvablePlan, unsoundAfter } from './truncate-plan.js'

/**
 * @throws ComplogError `reduction-differs` where the reduction is wrong; `no-reduction` where nothing older
 * can prove it; `state-not-understood` where the app does not read it as it was written,
 * `events-not-understood` where it answered too many events with a decodeError; `broken-chain` where the
 * store would not restore to the same state
 */
export async function proveTruncate(
    plan: ProvablePlan,
    app: LoadedElmApp,
    options: WorkOptions = {},
): Promise<void> {
    const after = await restore(storeAfter(plan), app, { ...options, activity: 'prove' })
    if (after.unreadState !== null) throw stateNotUnderstood(after.unreadState, hintToTakeOther)
    const isContinued = await isProven(rootOf(plan.store, 'truncate'), plan, app)
    const before = isContinued ? after.state : await stateByReplay(plan, app, options)
    if (isSameState(after.state, before) && after.hash === plan.checked.longest.head) return
    throw new ComplogError(
        'reduction-differs',
        'The cut store would restore to another state. Nothing was removed.',
        { hint: 'The app does not read the reduction as it wrote it. Check that this is the right app.' },
    )
}

/** Whatever the app says, the cut store must be sound and have the same head. */
export async function proveChainAfter(plan: ProvablePlan, options: WorkOptions = {}): Promise<void> {
    const after = await checkStore(storeAfter(plan), options)
    if (after.findings.counts.error === 0 && after.longest.head === plan.checked.longest.head) return
    throw unsoundAfter(after.findings.list[0]?.place)
}

async function stateByReplay(plan: ProvablePlan, app: LoadedElmApp, options: WorkOptions): Promise<string> {
    const { store, checked, target } = plan
    const chain = checked.longest
    const { position } = target
    const start = await chooseStart(store, chain, { target: position, before: position }).catch(
        (error: unknown) => {
            if (!(error instanceof ComplogError) || error.code !== 'no-reduction') throw error
            throw new ComplogError(
                'no-reduction',
                'Nothing older than the reduction can prove it by replay.',
                { hint: 'If you trust it all the same, run with --unproven.', cause: error },
            )
        },
    )
    return withInstance(app, async (instance) => {
        await enterStart(instance, start)
        const replayed = await replay(chain, instance, {
            from: start.position + 1,
            to: chain.length,
            ...options,
            activity: 'prove',
            stops: [target.position],
            onStop: async () => {
                const reduction = await readReduction(store, target.hash)
                const state = await instance.serializeState()
                if (reduction !== undefined && !isFinding(reduction) && isSameState(reduction.value, state)) {
                    // All that is left will go back to this one, whatever stands behind it now.
                    const unread = unreadReduction(reduction, await instance.roundTrip(reduction.value))
                    if (unread === undefined) return
                    throw stateNotUnderstood(unread, hintToTakeOther)
                }
                throw new ComplogError(
                    'reduction-differs',
                    `The reduction of ${shortHash(target.hash)}… is not what replay gives. Nothing was removed.`,
                    {
                        place: target.place,
                        hint: `If the app is the one that wrote the log, write it anew: \`complog reduce --replace --at ${shortHash(target.hash)}\`.`,
                    },
                )
            },
        })
        assertEventsUnderstood(replayed)
        return await instance.serializeState()
    })
}
