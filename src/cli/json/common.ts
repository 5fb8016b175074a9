// The parts that the JSON of several commands share. The schemas ship with the package; the types of what
// commands hand out are inferred from them, so that the two cannot differ.
import { z } from 'zod'

import { findingKinds } from '../../core/composition/finding.js'
import type { CompositionHash, ValueHash } from '../../core/composition/hash.js'
import { type EventKind, eventKinds } from '../../core/later/records/record.js'
import { type CommandName, schemaOf } from './versions.js'

export const hash = z.string().regex(/^[0-9A-F]{64}$/) as unknown as z.ZodType<CompositionHash>
/** Of a record or a value of a store of 2020-05 or later. */
export const valueHash = z.string().regex(/^[0-9a-f]{64}$/) as unknown as z.ZodType<ValueHash>
export const anyHash = z.union([hash, valueHash])
/** The day on which hosts began to write stores of this kind. */
export const laterGeneration = z.enum(['2020-05-01', '2020-05-06', '2021-07-14'])
export const eventKind = z.enum(Object.values(eventKinds) as [EventKind])
export const count = z.int().min(0)
export const milliseconds = z.number().min(0)

export const place = z.strictObject({
    file: z.string(),
    line: z.int().min(1).exactOptional(),
    offsetBytes: count,
    sizeBytes: count,
})

/** What is different between two texts. Values are JSON as it was written. */
export const difference = z.discriminatedUnion('form', [
    z.strictObject({
        form: z.literal('json'),
        changes: z.array(
            z.strictObject({
                /** JSON pointer (RFC 6901). */
                pointer: z.string(),
                /** Where a moved item stood before. */
                from: z.string().exactOptional(),
                before: z.string().exactOptional(),
                after: z.string().exactOptional(),
                /** What tells apart the items of the list around it. */
                item: z.string().exactOptional(),
            }),
        ),
        /** Changes that are not listed, because there are too many. */
        more: count,
    }),
    z.strictObject({
        form: z.literal('text'),
        changes: z.array(
            z.strictObject({ line: z.int().min(1), offset: count, before: z.string(), after: z.string() }),
        ),
        more: count,
    }),
])

export const severity = z.enum(['error', 'warning', 'note'])

export const finding = z.strictObject({
    id: z.enum(Object.keys(findingKinds) as [keyof typeof findingKinds]),
    severity,
    message: z.string(),
    place: place.exactOptional(),
    lastPlace: place.exactOptional(),
    lines: z.int().min(1),
    hash: anyHash.exactOptional(),
    host: z.string(),
    help: z.string(),
})

/** What a check says of a store of any generation. */
export const checked = {
    reductions: z.strictObject({
        files: count,
        usable: count,
        /** By replay; null without --app. */
        proven: count.nullable(),
    }),
    counts: z.strictObject({ error: count, warning: count, note: count }),
    findings: z.array(finding),
    /** Findings left out of the list, because there are too many of their kind. */
    findingsOmitted: count,
    milliseconds,
}

/** Something worth knowing that stops nothing. */
export const warning = z.strictObject({
    /** Id of the finding it comes from; null where it comes from none. */
    id: z.string().nullable(),
    message: z.string(),
    place: place.nullable(),
})

export type Warning = z.infer<typeof warning>

export const error = z.strictObject({
    code: z.string(),
    message: z.string(),
    place: place.nullable(),
    hint: z.string().nullable(),
    /** Text of another program, such as the compiler's report; null where there is none. */
    output: z.string().nullable(),
})

/** What every command prints with --json. */
export function envelope(command: CommandName, result: z.ZodType) {
    const schema = z.literal(schemaOf(command))
    const warnings = z.array(warning)
    return z.discriminatedUnion('status', [
        z.strictObject({ schema, status: z.literal('ok'), result, warnings }),
        z.strictObject({ schema, status: z.literal('no'), result, warnings }),
        z.strictObject({ schema, status: z.literal('error'), result: z.null(), error, warnings }),
    ])
}
