// Whether a process may go on from what its app made of the log; and where a change of that was accepted,
// what stays in the store for the app of before.
import type { Chain } from '../check/chain.js'
import { shortHash } from '../composition/hash.js'
import { ComplogError, type Place } from '../errors.js'
import { newestAccepted } from '../restore/accepted-changes.js'
import {
    decodeErrorsText,
    eventsNotUnderstood,
    hintToAcceptState,
    stateNotUnderstood,
    type Understanding,
} from '../restore/understanding.js'
import type { PersistentProcessOptions } from './process-options.js'

/**
 * Whether the state differs from the one that the log stands for, and whoever started the process has
 * accepted that.
 * @throws ComplogError `state-not-understood` or `events-not-understood` where nobody has
 */
export function isChangeAccepted(
    { unreadState, events }: Understanding,
    { acceptStateChange, acceptDecodeErrors }: PersistentProcessOptions,
): boolean {
    if (unreadState !== undefined && acceptStateChange !== true)
        throw stateNotUnderstood(unreadState, hintToAcceptState)
    const tooMany = eventsNotUnderstood(events)
    if (tooMany !== undefined && acceptDecodeErrors !== true) throw tooMany
    return unreadState !== undefined || tooMany !== undefined
}

/** Replayed events that the app answered with a decodeError. */
export interface NotUnderstood {
    /** How many, of how many, as a sentence. */
    readonly message: string
    readonly events: number
    readonly decodeErrors: number
    /** Of the record that holds the first. */
    readonly place: Place | undefined
}

/** What can be told of them; undefined where there are none. */
export function notUnderstood({ events: behind }: Understanding): NotUnderstood | undefined {
    const { events, decodeErrors, firstDecodeError } = behind
    if (decodeErrors === 0) return undefined
    return { message: decodeErrorsText(behind), events, decodeErrors, place: firstDecodeError?.record.place }
}

/**
 * @param position of the record that would be the oldest one
 * @throws ComplogError `state-not-understood` where what goes may be needed by the app of before
 */
export async function refuseBehindAccepted(root: string, chain: Chain, position: number): Promise<void> {
    const accepted = await newestAccepted(root, chain)
    if (accepted === undefined || position < accepted.position) return
    const { hash } = accepted
    throw new ComplogError(
        'state-not-understood',
        `The log is not truncated any more: what stands before the record ${shortHash(hash)}…, with which a change of the state was accepted, may be readable by the app of before alone.`,
        { hint: 'When nobody needs it any more, stop this process, and remove it by `complog truncate`.' },
    )
}
