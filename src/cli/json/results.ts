// Entrance of cli/json/: results as JSON, and the schemas that they obey.
//
// What each command answers, as the schema that its JSON obeys.
import { z } from 'zod'

import { generations } from '../../core/composition/record.js'
import {
    anyHash,
    checked,
    count,
    difference,
    eventKind,
    hash,
    laterGeneration,
    milliseconds,
    place,
    valueHash,
} from './common.js'
import { givenState, profileLater, verifyLater } from './later-results.js'
import type { CommandName } from './versions.js'

/** Of a store of Kalmit's generations. */
export const verifyChain = z.strictObject({
    sound: z.boolean(),
    files: count,
    records: count,
    events: count,
    setStates: count,
    sizeBytes: count,
    generations: z.strictObject({ '2018-11': count, '2019-03': count, '2019-04': count }),
    /** The hash that the oldest record names as its parent; genesis unless the log was truncated. */
    oldestParent: hash,
    /** Null where the log has no one head. */
    head: hash.nullable(),
    heads: z.array(hash),
    inOrder: z.boolean(),
    /** Whether the fast reader read the log, or the reference that it must agree with. */
    reader: z.enum(['fast', 'reference']),
    ...checked,
})

const start = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('initial-state') }),
    z.strictObject({ kind: z.literal('reduction'), hash, position: count.nullable() }),
])

const times = z.strictObject({
    read: milliseconds,
    order: milliseconds,
    load: milliseconds,
    replay: milliseconds,
    serialize: milliseconds,
    total: milliseconds,
})

export const replay = z.strictObject({
    state: z.string(),
    hash,
    /** Null with --from-end, where nobody counted. */
    position: count.nullable(),
    start,
    records: count,
    events: count,
    setStates: count,
    decodeErrors: count,
    fromEnd: z.boolean(),
    responsesFile: z.string().nullable(),
    peakHeapBytes: count,
    milliseconds: times,
})

export const reduce = z.strictObject({
    dryRun: z.boolean(),
    records: count,
    events: count,
    reductions: z.array(
        z.strictObject({
            hash,
            position: count,
            outcome: z.enum(['new', 'equal', 'differs']),
            written: z.boolean(),
            sizeBytes: count,
        }),
    ),
})

export const truncate = z.strictObject({
    dryRun: z.boolean(),
    proven: z.boolean(),
    oldest: z.strictObject({ hash: z.union([hash, valueHash]), position: count }),
    records: z.strictObject({ removed: count, kept: count }),
    sizeBytes: z.strictObject({ removed: count, kept: count }),
    files: z.strictObject({ removed: count, cut: count, kept: count }),
    reductionsRemoved: count,
    /** Files of values, in a store since 2020-05. */
    valuesRemoved: count.exactOptional(),
    archive: z.strictObject({ path: z.string(), sizeBytes: count }).nullable(),
    milliseconds: z.strictObject({
        check: milliseconds,
        prove: milliseconds,
        archive: milliseconds,
        cut: milliseconds,
    }),
})

export const reorder = z.strictObject({
    output: z.string(),
    head: z.union([hash, valueHash]),
    records: count,
    moved: count,
    filesWritten: count,
    filesRemoved: count,
    outside: z.strictObject({ lines: count, file: z.string().nullable(), places: z.array(place) }),
})

export const repair = z.strictObject({
    dryRun: z.boolean(),
    /** The head that the log has then, and how many records; genesis and 0 where it is empty. */
    head: z.union([hash, valueHash]),
    records: count,
    /** What leaves the log. Nothing, and no line end to be added: there was nothing to repair. */
    lines: count,
    sizeBytes: count,
    parts: z.array(
        z.strictObject({
            file: z.string(),
            lines: count,
            sizeBytes: count,
            /** The first of the lines, and what it leaves for. */
            first: z.strictObject({ finding: z.string(), line: z.int().min(1), offsetBytes: count }),
            /** The file with the bytes, and the one that says where they stood; null in a dry run. */
            keptIn: z.string().nullable(),
            index: z.string().nullable(),
        }),
    ),
    /** Line ends that are put behind records. */
    lineEndsAdded: count,
    /** Records that were never written and are put in, each in front of the one that stands there. */
    putBack: z.array(z.strictObject({ hash, file: z.string(), line: z.int().min(1) })),
    filesMoved: count,
    /** In a store of 2020-05 to 2021-07: the hash that the head file is written anew with. */
    headFile: valueHash.nullable(),
    milliseconds,
})

const interval = z.strictObject({ median: z.number(), low: z.number(), high: z.number() })

export const profile = z.strictObject({
    mode: z.enum(['default', 'from-genesis', 'from-end']),
    head: hash,
    runs: count,
    records: count,
    events: count,
    logSizeBytes: count,
    milliseconds: z.strictObject({
        load: interval,
        read: interval,
        order: interval,
        replay: interval,
        serialize: interval,
        total: interval,
    }),
    eventsPerSecond: z.number().nullable(),
    bytesPerSecond: z.number().nullable(),
    peakHeapBytes: count,
    slowest: z.array(
        z.strictObject({
            milliseconds,
            hash,
            position: count,
            eventIndex: count,
            place,
            kind: z.string(),
        }),
    ),
    kinds: z.array(z.strictObject({ kind: z.string(), events: count, milliseconds })),
    comparison: z
        .strictObject({
            answer: z.enum(['slower', 'faster', 'cannot-tell']),
            regressed: z.boolean(),
            ratio: interval,
            maxSlowdown: z.number(),
        })
        .nullable(),
    saved: z.string().nullable(),
})

const recordName = z.strictObject({ hash, position: count })

/** A record in full. */
const record = z.strictObject({
    hash,
    position: count,
    place,
    setState: z.string().nullable(),
    events: z.array(z.string()),
})

export const bisect = z.strictObject({
    outcome: z.enum(['found', 'one-of', 'never', 'already', 'untestable']),
    condition: z.strictObject({
        kind: z.enum(['where', 'run', 'decode-error', 'fails']),
        text: z.string().nullable(),
    }),
    /** Numbers of the records between whose states it looked; 0 for the app's initial state. */
    from: count,
    to: count,
    tested: count,
    skipped: count,
    exact: z.boolean(),
    /** False where among the tested states the condition ceased to hold again. */
    monotonic: z.boolean(),
    /** Whether both states, tested again, said the same; null where nothing is tested. */
    confirmed: z.boolean().nullable(),
    /** Null unless it was found, as the fields that follow. */
    record: record.nullable(),
    /** Of the event that it was, where that is known; -1 for the state that the record sets. */
    eventIndex: z.int().min(-1).nullable(),
    responses: z.array(z.string()).nullable(),
    /** How the app failed. */
    failure: z.string().nullable(),
    /** Of the states before and after; null where the app failed as well. */
    difference: difference.nullable(),
    /** Where only skipped states are left: the records of which one made it so. */
    candidates: z.array(recordName),
    candidatesOmitted: count,
    milliseconds,
})

const divergenceKind = z.enum(['response', 'state', 'failure'])

const comparison = z.strictObject({
    /** Numbers of the records between whose states it went; 0 for the app's initial state. */
    from: count,
    to: count,
    /** What both apps processed. */
    records: count,
    events: count,
    /** Inputs from one state that was compared to the next, at most; 1: all were compared. */
    statesEvery: z.int().min(1),
    totals: z.strictObject({ responses: count, states: count, failures: count }),
    first: z
        .strictObject({
            what: divergenceKind,
            /** Null for the state that the comparison begins with. */
            record: record.nullable(),
            eventIndex: z.int().min(-1),
            /** Responses, or how the apps failed; null for states, of which there is the difference. */
            before: z.string().nullable(),
            after: z.string().nullable(),
            difference: difference.nullable(),
        })
        .nullable(),
    groups: z.array(
        z.strictObject({
            what: divergenceKind,
            kind: z.string(),
            /** JSON pointer, with `*` for the items of lists. */
            path: z.string(),
            count,
            first: z.strictObject({ hash: hash.nullable(), position: count }),
        }),
    ),
    /** Of the states in the end; null where nothing is different, or an app failed. */
    atEnd: difference.nullable(),
})

export const compare = z.strictObject({
    /** Whether the answer is yes: no difference, or with --upgrade nothing lost. */
    equal: z.boolean(),
    resync: z.boolean(),
    ignored: z.array(z.string()),
    /** With --upgrade of the last events; null where there are none. */
    comparison: comparison.nullable(),
    /** Null without --upgrade. */
    upgrade: z
        .strictObject({
            states: count,
            changes: z.array(
                z.strictObject({
                    change: z.enum(['lost', 'reset', 'added']),
                    path: z.string(),
                    states: count,
                    first: recordName,
                    before: z.string().nullable(),
                    after: z.string().nullable(),
                }),
            ),
            unread: z.array(z.strictObject({ hash, position: count, failure: z.string() })),
        })
        .nullable(),
    report: z.string().nullable(),
    milliseconds,
})

const restored = z.strictObject({ records: count, events: count, milliseconds })

export const append = z.strictObject({
    /** Records that were appended, one an event. */
    records: count,
    head: hash,
    /** What was replayed at the start. */
    restored,
    /** Null without --json, where they are on stdout. */
    responses: z.array(z.string()).nullable(),
})

export const host = z.strictObject({
    url: z.string(),
    adminUrl: z.string().nullable(),
    head: hash,
    restored,
})

/** In ISO 8601, both included: the same where the time is known exactly. */
const time = z.strictObject({ first: z.string(), last: z.string(), source: z.enum(['event', 'file']) })

const shownRecord = z.strictObject({
    hash: anyHash,
    position: count,
    /** Null where it names none, as some do in stores since 2020-05. */
    parentHash: anyHash.nullable(),
    /** Of the record; in stores since 2020-05 of the store. */
    generation: z.union([z.enum(generations), laterGeneration]),
    place,
    /** Null where neither an event nor the name of the file says it. */
    time: time.nullable(),
    /** In stores since 2020-05, where set states are events: whether a later revert has made it void. */
    void: z.boolean().exactOptional(),
    setState: z.string().nullable(),
    events: z.array(
        z.strictObject({
            kind: z.string(),
            /** In stores since 2020-05, where the text of what is no event of the app is JSON by complog. */
            does: eventKind.exactOptional(),
            /** Null where it is not there any more. */
            text: z.string().nullable(),
            /** Why not. */
            problem: z.string().exactOptional(),
        }),
    ),
    /**
     * What it did to the app; null without --app, and where no state is left that it could be known from. In
     * stores since 2020-05 null without --state and --diff, and where the states are not given.
     */
    effect: z
        .strictObject({
            /** One an event; null where the log no longer has the state before. */
            responses: z.array(z.string()).nullable(),
            /** After it, all or the part at --path. Null without --state, and where there is no such part. */
            state: z.string().nullable(),
            /** Of the state, or its part at --path. Null with --state, and without the state before. */
            difference: difference.nullable(),
        })
        .nullable(),
})

export const show = z.strictObject({
    /** The newest first. */
    records: z.array(shownRecord),
    /** Records of the range that are older than those. */
    more: count,
})

export const search = z.strictObject({
    /** The oldest first. Empty with --count. */
    hits: z.array(
        z.strictObject({
            hash: anyHash,
            /** Null where the log is not one chain. */
            position: z.int().min(1).nullable(),
            place,
            time: time.nullable(),
            /** Null for a state that the record sets. */
            eventIndex: count.nullable(),
            kind: z.string(),
            /** The event; null for a state that is set, and since 2020-05 where it is gone. */
            text: z.string().nullable(),
            /** Null where no expression looks at it. */
            response: z.string().nullable(),
            /** With --changed: JSON, null where nothing stood there. */
            before: z.string().nullable(),
            after: z.string().nullable(),
        }),
    ),
    count,
    /** Where to go on, for --since, because of --limit; null where all was searched. */
    next: z.string().nullable(),
})

export const convert = z.strictObject({
    output: z.string(),
    /** Of the new store, and the first day on which hosts wrote its form. */
    generation: z.string(),
    form: z.string(),
    hosts: z.string(),
    head: z.union([hash, valueHash]),
    records: count,
    files: count,
    /** How many files the app has; null where such a store keeps none. */
    appFiles: count.nullable(),
    stateSizeBytes: count,
    /** What gave the state, and the record of the old store after which it was; null for a file. */
    given: z.enum(['reduction', 'set-state', 'replay', 'file']),
    hash: z.union([hash, valueHash]).nullable(),
    /** What the old store has and the new one has not; null where nobody counted. */
    left: z.strictObject({ records: count.nullable(), reductions: count }),
    milliseconds,
})

export const files = z.strictObject({
    output: z.string(),
    /** The value that holds the app. Null, as is the record, where it lies in a zip beside the store. */
    app: valueHash.nullable(),
    /** The record that deployed it, or whose reduction names it. */
    record: z.strictObject({ hash: valueHash, position: count }).nullable(),
    saidBy: z.enum(['deployment', 'reduction', 'zip']),
    files: z.array(z.strictObject({ path: z.string(), sizeBytes: count })),
    milliseconds,
})

/** By the name of the command, as the versions are. */
export const results = {
    'verify-chain': z.union([verifyChain, verifyLater]),
    replay: z.union([replay, givenState]),
    reduce,
    truncate,
    reorder,
    repair,
    profile: z.union([profile, profileLater]),
    bisect,
    compare,
    convert,
    files,
    append,
    host,
    show,
    search,
    complog: z.null(),
} as const satisfies Readonly<Record<CommandName, z.ZodType>>

/** As it is handed out: nobody changes it. */
type Given<T> = T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Given<Item>[]
      : { readonly [Name in keyof T]: Given<T[Name]> }

export type ResultOf<Name extends CommandName> = Given<z.infer<(typeof results)[Name]>>
export type VerifiedChain = Given<z.infer<typeof verifyChain>>
export type Profiled = Given<z.infer<typeof profile>>
export type Replayed = Given<z.infer<typeof replay>>
