// Entrance of core/history/: what happened, as a person asks for it. In comes a chain; out come records with
// what they say (here, and of stores since 2020-05 in `later-records.ts`), and those events that were looked
// for (`search.ts`).
import type { Chain, CompositionRecord, Positions } from '../check/chain.js'
import { timeOfRecord } from '../check/record-time.js'
import { kindOfEvent } from '../composition/event-kind.js'
import type { CompositionHash, ValueHash } from '../composition/hash.js'
import type { Generation } from '../composition/record.js'
import type { Place } from '../errors.js'
import type { StoreGenerationId } from '../generations/generation.js'
import { throwIfInterrupted } from '../interruption.js'
import type { EventKind } from '../later/records/record.js'
import type { WorkOptions } from '../progress.js'
import { effectIn, type KnownEffect } from '../restore/record-effect.js'
import type { ReplayedStates } from '../restore/replayed-states.js'
import type { RecordTime } from '../store/time-of-record.js'

/** An event as it is told. */
export interface ToldEvent {
    /** What it is, such as `POST /api`. */
    readonly kind: string
    /** What it says; undefined where that is not there any more. */
    readonly text: string | undefined
    /** In stores since 2020-05: what a host does with it. */
    readonly does?: EventKind
    /** Why there is no text. */
    readonly problem?: string | undefined
}

/** A record of a store of any generation, with all that can be told of it without its app. */
export interface DescribedRecord {
    readonly hash: CompositionHash | ValueHash
    /** From 1. */
    readonly position: number
    /** Undefined where it names none, as some do since 2020-05. */
    readonly parentHash: CompositionHash | ValueHash | undefined
    /** Of the record, or since 2020-05 of the store. */
    readonly generation: Generation | StoreGenerationId
    readonly place: Place
    /** When it was made; undefined where nothing says so. */
    readonly time: RecordTime | undefined
    readonly setState?: string | undefined
    readonly events: readonly ToldEvent[]
    /** Since 2020-05: a later revert has taken it out of what counts. */
    readonly isVoid?: boolean
}

/** Says of a record what can be told of it without its app. */
export function describeRecord(record: CompositionRecord): DescribedRecord {
    const events = record.events.map((text) => ({ kind: kindOfEvent(text), text }))
    return { ...record, time: timeOfRecord(record), events }
}

const recordsPerLook = 4096

/** The records from one position to another, both included, the newest first. */
export async function* newestFirst(
    chain: Chain,
    { from, to }: Positions,
    options: WorkOptions = {},
): AsyncGenerator<CompositionRecord> {
    // A few are wanted most of the time, and to read a log from its middle takes little.
    let size = 64
    for (let end = to; end >= from; ) {
        const records: CompositionRecord[] = []
        for await (const batch of chain.read(Math.max(from, end - size + 1), end, options))
            records.push(...batch)
        yield* records.reverse()
        end -= size
        size = Math.min(4 * size, recordsPerLook)
    }
}

/** So many are taken forwards, so that each goes on from the one before, and then turned round. */
const effectsPerLook = 64
/** Of longer states, the differences of so many would be too much to hold. */
const charactersOfManyMax = 1_000_000

/**
 * What the records from one position to another did, both included, the newest first, as `describe` puts it:
 * that is held for some records, their states are not.
 */
export async function* effectsNewestFirst<T>(
    states: ReplayedStates,
    { from, to, signal }: Positions & WorkOptions,
    describe: (record: CompositionRecord, effect: KnownEffect | undefined) => T,
): AsyncGenerator<T> {
    let size = 1
    for (let end = to; end >= from; ) {
        const described: T[] = []
        let characters = 0
        for (let position = Math.max(from, end - size + 1); position <= end; position++) {
            throwIfInterrupted(signal)
            const effect = await effectIn(states, position)
            described.push(describe(effect?.record ?? (await states.record(position)), effect))
            characters = Math.max(characters, effect?.after.length ?? 0)
        }
        yield* described.reverse()
        end -= size
        size = characters > charactersOfManyMax ? 1 : effectsPerLook
    }
}
