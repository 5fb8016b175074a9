// Entrance of core/restore/: from records to a state. In come a checked store, an app and how far to go; out
// come the state, the responses where they are asked for, and what the app did not understand
// (`understanding.ts`).
//
// The main job: from a process store to the state that the app last had.
import { hashAt } from '../check/chain.js'
import type { Finding } from '../composition/finding.js'
import type { CompositionHash } from '../composition/hash.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import type { Place } from '../errors.js'
import type { ListedStore } from '../store/process-store.js'
import { rethrowAppError } from './app-errors.js'
import { runInOnePass } from './run-in-one-pass.js'
import { Clock, type RestoreOptions, type RestoreTimes, runWhenChecked } from './run-when-checked.js'
import { understandingOf } from './understanding.js'

export type { RestoreOptions, RestoreTimes } from './run-when-checked.js'

/** A restored state, and how it came about. */
export interface Restored {
    /** The state, as the app's serializeState gives it. */
    readonly state: string
    readonly start:
        | { readonly kind: 'initial-state' }
        | { readonly kind: 'reduction'; readonly hash: CompositionHash; readonly position: number | null }
    /** The record whose state this is; genesis in an empty log. */
    readonly hash: CompositionHash
    /** Number of that record in the chain; null where the log was read from its end and nobody counted. */
    readonly position: number | null
    /** What was replayed. */
    readonly records: number
    readonly events: number
    readonly setStates: number
    readonly decodeErrors: number
    readonly firstDecodeError: {
        readonly place: Place
        readonly hash: CompositionHash
        readonly eventIndex: number
    } | null
    /** Whether the whole log was read backwards only as far as needed. */
    readonly fromEnd: boolean
    /** Records met from the end on that are no ancestors of the last line; above 0, all was read. */
    readonly strangers: number
    /**
     * What says that the state is probably not the one that the log stands for: the state that it goes back
     * to, a reduction or one that a record set, does not survive being read and written by the app. Null
     * where it does.
     */
    readonly unreadState: Finding | null
    /** What was noticed on the way, none of it in the way of the state, but for `unreadState`. */
    readonly findings: readonly Finding[]
    readonly milliseconds: RestoreTimes
    /** Heap of the app's thread at its highest, bytes. */
    readonly peakHeapBytes: number
}

/**
 * Restores the state of a process store.
 * @throws ComplogError where the log leaves a choice (`two-heads`), is broken (`broken-chain`, `torn-tail`,
 * `no-reduction`), or the app fails (`app-threw`, `app-timed-out`, `app-out-of-memory`); `usage` where
 * options contradict each other
 */
export async function restore(
    store: ListedStore,
    app: LoadedElmApp,
    options: RestoreOptions = {},
): Promise<Restored> {
    const clock = new Clock()
    const ran = (await runInOnePass(store, app, options)) ?? (await runWhenChecked(store, app, options))
    const { target, start, instance, replayed, milliseconds } = ran
    const { chain, position, fromEnd, strangers } = target
    try {
        clock.lap()
        const state = await instance.serializeState().catch(rethrowAppError)
        const serializing = clock.lap()
        const total = clock.total()
        const { unreadState = null } = await understandingOf(instance, ran.unreadStart, replayed)
        const first = replayed.firstDecodeError
        return {
            state,
            start:
                start.kind === 'initial-state'
                    ? { kind: start.kind }
                    : {
                          kind: start.kind,
                          hash: start.reduction.hash,
                          position: fromEnd ? null : start.position,
                      },
            hash: await hashAt(chain, position),
            position: fromEnd ? null : position,
            records: replayed.records,
            events: replayed.events,
            setStates: replayed.setStates,
            decodeErrors: replayed.decodeErrors,
            firstDecodeError: first
                ? { place: first.record.place, hash: first.record.hash, eventIndex: first.eventIndex }
                : null,
            fromEnd,
            strangers,
            unreadState,
            findings: unreadState === null ? ran.findings : [...ran.findings, unreadState],
            milliseconds: { ...milliseconds, serialize: serializing, total },
            peakHeapBytes: instance.peakHeapBytes,
        }
    } finally {
        await instance.close()
    }
}
