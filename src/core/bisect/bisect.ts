// Entrance of core/bisect/: which record it was. In come a store, an app and what to look for; out comes the
// first record that made it so, with what it did. `first-bad.ts` is the search alone.
//
// Finds the first record that made a condition true, in one replay: states are kept on the way, and tested
// afterwards.
import type { Finding } from '../composition/finding.js'
import type { CompositionHash } from '../composition/hash.js'
import type { AppFailure, LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import { throwIfInterrupted } from '../interruption.js'
import { FailedOnRecord } from '../restore/app-errors.js'
import { type RecordEffect, ReplayedStates, type StretchOptions } from '../restore/replayed-states.js'
import type { ListedStore } from '../store/process-store.js'
import { firstBad, type Sought, type Verdict } from './first-bad.js'

export type { Verdict } from './first-bad.js'

/** A state that is to be tested. */
export interface StateToTest {
    /** Of the record after which the app had it; 0 for the app's initial state. */
    readonly position: number
    /** As the app's serializeState gives it. */
    readonly state: string
    /** What the record did that led to it; undefined for the state that the search begins with. */
    readonly effect: () => Promise<RecordEffect | undefined>
}

/** What to look for. */
export type Wanted =
    | {
          readonly kind: 'state'
          /** Whether the condition holds in a state (`bad`), or not yet (`good`). */
          readonly test: (state: StateToTest) => Promise<Verdict>
          /** States at equal distances that are tested before the search by halves. */
          readonly probes: number
          /** Test every state from the first one on, until the condition holds. */
          readonly exact?: boolean | undefined
      }
    /** An event that the app answered with a decodeError. */
    | { readonly kind: 'decode-error' }
    /** An event or a state on which the app fails: it throws, or runs out of time or memory. */
    | { readonly kind: 'fails' }

/** Where to look. */
export interface BisectOptions extends Omit<StretchOptions, 'from' | 'until'> {
    /** A record after which the condition does not hold yet; default: the oldest state that can be had. */
    readonly good?: StretchOptions['from']
    /** A record after which it holds; default: the head. */
    readonly bad?: StretchOptions['until']
}

/** A record by its name and its number in the chain. */
export interface NamedRecord {
    readonly hash: CompositionHash
    readonly position: number
}

/** What came of it. */
export interface Bisected extends Pick<Sought, 'outcome' | 'tested' | 'skipped' | 'monotonic'> {
    /** Positions of the states that it looked between; `from` may be 0, the app's initial state. */
    readonly from: number
    readonly to: number
    /** The record that made it so; absent unless it was found. */
    readonly found?: FoundRecord
    /** Where only skipped states are left: the records of which one made it so, the oldest first. */
    readonly candidates: readonly NamedRecord[]
    /** Candidates that are not listed, because they are too many. */
    readonly candidatesOmitted: number
    /** Whether its state and the one before, tested again, said the same; null where nothing is tested. */
    readonly confirmed: boolean | null
    readonly findings: readonly Finding[]
}

/** The record that made it so, and what it did. */
export interface FoundRecord extends Pick<RecordEffect, 'record' | 'before' | 'responses'> {
    /** The state after it; undefined where the app failed. */
    readonly after?: string
    /** Index of the event that it was, where that is known; -1 for the state that the record sets. */
    readonly eventIndex?: number
    readonly failure?: AppFailure
}

const candidatesListedMax = 100

/**
 * Finds the first record that made a condition true.
 * @throws ComplogError as `restore` does, `usage` where `good` does not come before `bad`; and whatever the
 * test throws
 */
export async function bisect(
    store: ListedStore,
    app: LoadedElmApp,
    wanted: Wanted & BisectOptions,
): Promise<Bisected> {
    const { good: from, bad: until, ...options } = wanted
    const stretch = { ...options, from, until }
    if (wanted.kind === 'fails') return firstFailure(store, app, stretch)
    await using states = await ReplayedStates.replay(store, app, stretch)
    refuseNothingBetween(states, stretch)
    return await (wanted.kind === 'decode-error' ? firstDecodeError(states) : firstState(states, wanted))
}

function refuseNothingBetween({ from, to }: ReplayedStates, { from: ref }: StretchOptions): void {
    if (from < to || ref === undefined) return
    throw new ComplogError('usage', `The good record and the bad one are the same, #${to}.`, {
        hint: 'Name an older record as the good one.',
    })
}

async function firstState(
    states: ReplayedStates,
    wanted: Wanted & BisectOptions & { readonly kind: 'state' },
): Promise<Bisected> {
    const { test, probes, exact = false, signal, onProgress } = wanted
    const { from, to, findings } = states
    const atHand = (position: number) => states.atHand(position)
    let done = 0
    const look = async (position: number): Promise<Verdict> => {
        throwIfInterrupted(signal)
        onProgress?.({ activity: 'test', done: ++done, total: 0, unit: 'states' })
        const effect = () => (position > from ? states.effectOf(position) : Promise.resolve(undefined))
        return test({ position, state: await states.at(position), effect })
    }
    const { first, last, ...sought } = await firstBad(look, { from, to, probes, exact, atHand })
    const some = { from, to, findings, ...sought, ...noCandidates, confirmed: null }
    if (sought.outcome === 'one-of') return { ...some, ...(await candidates(states, first, last)) }
    if (sought.outcome !== 'found') return some
    // A test that does not always say the same would name a record that has nothing to do with it.
    const confirmed = (await look(last)) === 'bad' && (await look(last - 1)) === 'good'
    return { ...some, found: await states.effectOf(last), confirmed }
}

const noCandidates = { candidates: [], candidatesOmitted: 0 }

async function candidates(
    { chain }: ReplayedStates,
    first: number,
    last: number,
): Promise<Pick<Bisected, 'candidates' | 'candidatesOmitted'>> {
    const listedTo = Math.min(last, first + candidatesListedMax - 1)
    const listed: NamedRecord[] = []
    for await (const records of chain.read(first, listedTo))
        for (const { hash, position } of records) listed.push({ hash, position })
    return { candidates: listed, candidatesOmitted: last - listedTo }
}

async function firstDecodeError(states: ReplayedStates): Promise<Bisected> {
    const { from, to, findings, replayed } = states
    const { firstDecodeError: first } = replayed
    const some = { from, to, findings, ...untested }
    if (first === undefined) return { ...some, outcome: 'never' }
    const effect = await states.effectOf(first.record.position)
    return { ...some, outcome: 'found', found: { ...effect, eventIndex: first.eventIndex } }
}

const untested = { tested: 0, skipped: 0, monotonic: true, confirmed: null, ...noCandidates }

async function firstFailure(
    store: ListedStore,
    app: LoadedElmApp,
    stretch: StretchOptions,
): Promise<Bisected> {
    const replayed = await ReplayedStates.replay(store, app, { ...stretch, outlivesThrow: true }).catch(
        (error: unknown) => {
            if (error instanceof FailedOnRecord) return error
            throw error
        },
    )
    if (!(replayed instanceof FailedOnRecord)) {
        await using states = replayed
        return await firstThrow(states)
    }
    // One that ran out of time or memory is gone, with all of its states.
    const before = { ...stretch, until: undefined, to: replayed.record.position - 1 }
    await using states = await ReplayedStates.replay(store, app, before)
    return await foundFailure(states, replayed)
}

async function firstThrow(states: ReplayedStates): Promise<Bisected> {
    const { from, to, findings, replayed } = states
    if (replayed.failed !== undefined) return foundFailure(states, replayed.failed)
    return { from, to, findings, ...untested, outcome: 'never' }
}

async function foundFailure(
    states: ReplayedStates,
    { record, eventIndex, failure }: FailedOnRecord,
): Promise<Bisected> {
    const before = await states.at(record.position - 1)
    const found: FoundRecord = { record, before, responses: [], eventIndex, failure }
    const { from, findings } = states
    return { from, to: record.position, findings, ...untested, outcome: 'found', found }
}
