// Whether the app understands the history that it goes on from. deserializeState gives a state for any text,
// so an app of another version that cannot read what is stored falls back to its initial state, in silence;
// and an event that it cannot read, it answers with a decodeError and leaves out.
import type { Finding } from '../composition/finding.js'
import type { ElmAppInstance } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { Replayed, ReplayedBehindSetState } from './replay-run.js'
import { unreadSetState } from './start.js'

/** What can be told of it from a replay. */
export interface Understanding {
    /**
     * The state that all goes back to, where it does not survive being read and written by the app: the last
     * one that a record set, else the reduction that was started from.
     */
    readonly unreadState: Finding | undefined
    /** The events behind that state. */
    readonly events: ReplayedBehindSetState
}

/** @param unreadStart what is wrong with the reduction that the replay started from */
export async function understandingOf(
    instance: ElmAppInstance,
    unreadStart: Finding | undefined,
    { lastSetState, behindSetState }: Replayed,
): Promise<Understanding> {
    if (lastSetState !== undefined)
        return { unreadState: await unreadSetState(instance, lastSetState.record), events: behindSetState }
    // Elsewhere it is a warning.
    return { unreadState: unreadStart && { ...unreadStart, severity: 'error' }, events: behindSetState }
}

const likelyCause =
    'This is probably another version of the app than the one that wrote the store: take that one.'

/** How to go on nevertheless. */
export const hintToAcceptState = `${likelyCause} \`complog compare --upgrade\` shows what this one would lose of the state. If the change is meant, start with --accept-state-change: the new state becomes a record of the log, and nothing before it is removed.`

const hintToAcceptDecodeErrors = `${likelyCause} \`complog compare\` shows what this one does otherwise. If it is meant, start with --accept-decode-errors: the state that this one has then becomes a record of the log, and nothing before it is removed.`

/** For commands that store or remove by what the app says. */
export const hintToTakeOther = `${likelyCause} If the change is meant, let \`complog append\` or \`complog host\` record it first, with --accept-state-change.`

const hintToTakeOtherForEvents = `${likelyCause} If it is meant, let \`complog append\` or \`complog host\` record the state first, with --accept-decode-errors.`

/** The error where the state does not survive. */
export function stateNotUnderstood({ message, place }: Finding, hint: string): ComplogError {
    return new ComplogError('state-not-understood', message, { place, hint })
}

/** One in so many events that the app does not understand is too many. */
const eventsPerDecodeErrorMin = 10
/** So many of them at the end, one behind the other, are too many, whatever came before. */
const decodeErrorsInARowMax = 10

/** The error where the app did not understand too many of the events; undefined where it did. */
export function eventsNotUnderstood(
    behind: ReplayedBehindSetState,
    hint = hintToAcceptDecodeErrors,
): ComplogError | undefined {
    const { events, decodeErrors, lastDecodeErrors } = behind
    const isTooMany =
        (decodeErrors > 0 && decodeErrors * eventsPerDecodeErrorMin >= events) ||
        lastDecodeErrors >= decodeErrorsInARowMax
    if (!isTooMany) return undefined
    return new ComplogError('events-not-understood', decodeErrorsText(behind), {
        place: behind.firstDecodeError?.record.place,
        hint,
    })
}

/** For commands that store or remove by what the app says. */
export function assertEventsUnderstood({ behindSetState }: Replayed): void {
    const error = eventsNotUnderstood(behindSetState, hintToTakeOtherForEvents)
    if (error !== undefined) throw error
}

/** Says how many events the app did not understand, for beside the place of the first. */
export function decodeErrorsText({
    events,
    decodeErrors,
    lastDecodeErrors,
    firstDecodeError,
}: ReplayedBehindSetState): string {
    const { record, eventIndex = 0 } = firstDecodeError ?? {}
    const event = record === undefined || record.events.length < 2 ? '' : `, as event ${eventIndex + 1} of it`
    const last =
        lastDecodeErrors > 1 && lastDecodeErrors < decodeErrors
            ? `, the last ${lastDecodeErrors} of them`
            : ''
    return `The app did not understand ${decodeErrors} of ${events} replayed events${last} (it answered decodeError). The record here holds the first${event}.`
}

/** The same of a store of 2020-05 or later, or where no more is known. */
export function notUnderstood(events: number): string {
    return `The app did not understand ${events} of its own events (it answered decodeError); this record holds the first.`
}
