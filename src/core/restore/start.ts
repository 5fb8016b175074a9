// Where a restore starts: from the newest reduction at or before the target, or from the app's initial state.
import type { Chain, CompositionRecord } from '../check/chain.js'
import { type Finding, finding } from '../composition/finding.js'
import { type CompositionHash, genesis, shortHash, type ValueHash } from '../composition/hash.js'
import type { ElmAppInstance } from '../elm-app/elm-app.js'
import { ComplogError, type Place } from '../errors.js'
import type { Reduction } from '../reduction/reduction.js'
import { isFinding, type ListedStore, tryReduction } from '../store/process-store.js'
import { appError } from './app-errors.js'
import { causeOfDifference, firstDifference, isSameState } from './same-state.js'

export type RestoreStart =
    | { readonly kind: 'initial-state'; readonly position: 0 }
    | { readonly kind: 'reduction'; readonly position: number; readonly reduction: Reduction }

export interface StartChoice {
    /** Position of the record to restore; only reductions at or before it can help. */
    readonly target: number
    /** Ignore reductions. */
    readonly fromGenesis?: boolean | undefined
    /** Ignore reductions from this position on: they are what is to be proven. */
    readonly before?: number | undefined
    /** Gets what is wrong with reductions that were passed over. */
    readonly findings?: Finding[]
}

/** @throws ComplogError `no-reduction` where the log was truncated and no reduction covers the target */
export async function chooseStart(
    store: ListedStore,
    chain: Chain,
    choice: StartChoice,
): Promise<RestoreStart> {
    let unreadable: Finding | undefined
    if (choice.fromGenesis !== true) {
        const candidates = [...chain.reduced]
            .filter(([, position]) => position <= choice.target && position < (choice.before ?? Infinity))
            .sort(([, a], [, b]) => b - a)
        for (const [hash, position] of candidates) {
            const reduction = await tryReduction(store, hash)
            if (reduction === undefined) continue
            if (!isFinding(reduction)) return { kind: 'reduction', position, reduction }
            choice.findings?.push(reduction)
            if (reduction.id === 'unreadable-file') unreadable ??= reduction
        }
    }
    if (chain.oldestParent === genesis) return { kind: 'initial-state', position: 0 }
    if (unreadable !== undefined) {
        const { message, place, help: hint } = unreadable
        throw new ComplogError('file-system', message, { place, hint })
    }
    throw new ComplogError(
        'no-reduction',
        choice.fromGenesis === true
            ? `The log was truncated: its oldest record names the parent ${shortHash(chain.oldestParent)}…, which is not there.`
            : `Nothing to start from: the oldest record names the parent ${shortHash(chain.oldestParent)}…, which is not there, and no reduction at or before the target can be used.`,
        {
            hint:
                choice.fromGenesis === true
                    ? 'Restore without --from-genesis, or use an archive that has the older records.'
                    : 'Restore the older records or a reduction from a backup or an archive.',
        },
    )
}

/**
 * Brings a fresh instance into the state to start from.
 * @returns a warning where the app writes that state as another one
 */
export async function enterStart(
    instance: ElmAppInstance,
    start: RestoreStart,
): Promise<Finding | undefined> {
    if (start.kind === 'initial-state') return undefined
    try {
        await instance.apply({ inputs: [start.reduction.value], kinds: Uint8Array.of(1) })
        return unreadReduction(start.reduction, await instance.serializeState())
    } catch (error) {
        throw appError(error)
    }
}

/** A reduction of a store of any generation. */
export interface AnyReduction {
    /** The record whose state this is. */
    readonly hash: CompositionHash | ValueHash
    readonly value: string
    /** Where it stands, and what helps, where `complog reduce` does not write such ones. */
    readonly later?: { readonly place: Place; readonly help: string } | undefined
}

/** How a reduction is judged. */
export interface JudgeOptions {
    /** Whether a host would start from it. */
    readonly isStart: boolean
    /** Whether replay can begin with the first record. */
    readonly reachesGenesis: boolean
}

/** Compares a reduction with the state that a replay up to its record has left. */
export async function judgeReduction(
    instance: ElmAppInstance,
    reduction: AnyReduction,
    { isStart, reachesGenesis }: JudgeOptions,
): Promise<{ readonly isProven: boolean; readonly findings: readonly Finding[] }> {
    const state = await instance.serializeState()
    const isProven = isSameState(state, reduction.value)
    if (isProven && !isStart) return { isProven, findings: [] }
    const written = await instance.roundTrip(reduction.value)
    const isRead = isProven || isSameState(written, state)
    const unread = isRead || isStart ? unreadReduction(reduction, written, isStart) : undefined
    const different = isRead ? undefined : differentReduction(reduction, state, reachesGenesis)
    return { isProven, findings: [unread, different].filter((found) => found !== undefined) }
}

/**
 * The warning that a reduction does not survive being read and written by the app; undefined where it does.
 * @param written what the app writes of it @param isStart whether a host would start from it: an error then
 */
export function unreadReduction(
    { hash, value, later }: AnyReduction,
    written: string,
    isStart = false,
): Finding | undefined {
    if (isSameState(value, written)) return undefined
    const message = `The app does not read the reduction of ${shortHash(hash)}… as it was written: ${changeText(value, written)}`
    const moreHelp = `\`complog reduce --replace --at ${shortHash(hash)}\` does.`
    return finding('reduction-not-round-trip', message, {
        hash,
        severity: isStart ? 'error' : undefined,
        ...(later ?? { place: placeOf(hash), moreHelp }),
    })
}

function placeOf(hash: string): Place {
    return { file: `reduction/${hash}`, offsetBytes: 0, sizeBytes: 0 }
}

/** The same for the state that a record sets, without touching that of the app. */
export async function unreadSetState(
    instance: ElmAppInstance,
    record: CompositionRecord,
): Promise<Finding | undefined> {
    const { hash, place, setState = '', givenState = setState } = record
    const written = await instance.roundTrip(givenState).catch((error: unknown) => {
        throw appError(error, { record, eventIndex: -1 })
    })
    if (isSameState(givenState, written)) return undefined
    const message = `The app does not read the state that the record ${shortHash(hash)}… sets as it was written: ${changeText(givenState, written)}`
    return finding('set-state-not-round-trip', message, { hash, place })
}

/** The error that a reduction is not what replay gives. */
export function differentReduction(
    { hash, value, later }: AnyReduction,
    replayed: string,
    reachesGenesis: boolean,
): Finding {
    // Not from an older reduction, where that can be: it may be as wrong as this one.
    const from = reachesGenesis ? ' --from-genesis' : ''
    const [stored, given] = firstDifference(value, replayed)
    const message = `The reduction of ${shortHash(hash)}… is ${stored}; replay gives ${given}.${causeOfDifference(value, replayed)}`
    const moreHelp = `\`complog reduce --replace --at ${shortHash(hash)}${from}\` does.`
    return finding('reduction-differs', message, { hash, ...(later ?? { place: placeOf(hash), moreHelp }) })
}

/** What becomes of a state when the app reads it and writes it again, as the end of a sentence. */
export function changeText(stored: string, written: string): string {
    const [before, after] = firstDifference(stored, written)
    return `of ${before} it makes ${after}.${causeOfDifference(stored, written)}`
}
