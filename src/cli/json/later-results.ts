// What commands answer of stores of 2020-05 or later, where that is not what they answer of Kalmit's own.
import { z } from 'zod'

import { recordForms } from '../../core/later/records/log.js'
import { checked, count, eventKind, laterGeneration, milliseconds, valueHash } from './common.js'

const filesWithSize = { files: count, sizeBytes: count }

/** What `verify-chain` answers: told from its other form by `generation`. */
export const verifyLater = z.strictObject({
    sound: z.boolean(),
    generation: laterGeneration,
    /** The newest form of records, by the month in which hosts began to write it; null: all are alike. */
    form: z.enum(recordForms).nullable(),
    /** What older hosts have left beside, and whether this history goes on behind it. */
    older: z.array(z.strictObject({ generation: z.string(), continued: z.boolean() })),
    files: count,
    records: count,
    /** How many events of each kind. */
    events: z.partialRecord(eventKind, count),
    /** Records that a later revert has made void. */
    void: count,
    sizeBytes: count,
    /** Null where the oldest record names none. */
    oldestParent: valueHash.nullable(),
    /** Null where the log has no record. */
    head: valueHash.nullable(),
    /** Files that hold values, and those of them that nothing names. */
    values: z.strictObject({ ...filesWithSize, orphans: z.strictObject(filesWithSize) }),
    ...checked,
})

/** What `profile` answers of such a store: what a start of its host reads. */
export const profileLater = z.strictObject({
    generation: laterGeneration,
    /** The reduced record that it starts from; null where it replays from the first one. */
    start: z.strictObject({ hash: valueHash, position: count }).nullable(),
    /** Behind that one. */
    records: count,
    log: z.strictObject(filesWithSize),
    values: z.strictObject(filesWithSize),
})

/** What `replay` answers: told from its other form by `generation`. */
export const givenState = z.strictObject({
    generation: laterGeneration,
    /** The text that the app gave, or JSON made of the value that hosts since 0.4.0 keep. */
    state: z.string(),
    format: z.enum(['text', 'json']),
    hash: valueHash,
    /** From 1, all records counted. */
    position: count,
    /** What gives the state, or that with which the replay began, and of which record. */
    given: z.strictObject({
        kind: z.enum(['reduction', 'set-state', 'deployment']),
        hash: valueHash,
        position: count,
    }),
    /** What was replayed. */
    records: count,
    events: count,
    decodeErrors: count,
    milliseconds,
})

export type GivenStateResult = z.infer<typeof givenState>

export type ProfiledLater = z.infer<typeof profileLater>

export type VerifiedLaterStore = z.infer<typeof verifyLater>
