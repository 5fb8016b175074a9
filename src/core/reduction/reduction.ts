// Entrance of core/reduction/: the bytes of one reduction file, both ways, without files.
//
// A reduction file is one JSON object. Three forms of it were written; complog writes the last, because every
// host of this line since April 2019 reads it, and the first where the record itself is one that only older
// hosts read. Hosts until 2020-03-07 begin the file with a byte order mark; complog does not, because hosts
// of 2020-03-08 to 2020-04-19 do not start on a reduction with one, and all others read it without.
import { isDeepStrictEqual } from 'node:util'

import { type CompositionHash, hashFromBase64, hashFromHex } from '../composition/hash.js'
import { byteOrderMark } from '../composition/lines.js'
import type { Generation } from '../composition/record.js'
import { isObject, readJson } from '../json.js'

/** The state of the app after one record, as it is stored. */
export interface Reduction {
    /** The record whose state this is. */
    readonly hash: CompositionHash
    /** The state after that record, as the app's own serializeState gave it. */
    readonly value: string
}

/** How a reduction is written down: what hosts read differently, or not at all. */
export interface ReductionForm {
    /**
     * `2018-11`: base64 hash or plain `ReducedValue`. `2019-03`: `ReducedValueLiteralString`, until
     * 2019-09-29. `2019-09`: `ReducedValue: {LiteralString}`.
     */
    readonly written: '2018-11' | '2019-03' | '2019-09'
    readonly byteOrderMark: boolean
    /** The hash inside has lower-case digits. */
    readonly lowerCaseHash: boolean
    /** What `ReducedValueLiteralString` says, where `ReducedValue`, which counts, says something else. */
    readonly passedOver?: string
}

/** A reduction as it was found. */
export interface StoredReduction extends Reduction {
    readonly form: ReductionForm
}

/** Why a file is no reduction. */
export interface ReductionProblem {
    readonly problem: string
    /** What a host does with it, where that is not to refuse. */
    readonly host?: string
}

/** Reads the bytes of a reduction file, in any of the three forms. Gives the reason where it is none. */
export function parseReduction(bytes: Buffer): StoredReduction | ReductionProblem {
    const hasMark = bytes.subarray(0, 3).equals(byteOrderMark)
    const read = readJson(hasMark ? bytes.subarray(3) : bytes)
    if ('problem' in read) return read
    const { json } = read
    if (!isObject(json)) return { problem: 'This is JSON, but not an object.' }
    const hash = hashFrom(json)
    if (hash === undefined) {
        return {
            problem:
                'It names no reduced record: neither ReducedCompositionHashBase16 nor ReducedCompositionHash is a hash.',
        }
    }
    const found = valueFrom(json)
    if ('problem' in found) return found
    const hex = json['ReducedCompositionHashBase16']
    const { value, written, passedOver } = found
    const form = {
        written: typeof hex === 'string' ? written : '2018-11',
        byteOrderMark: hasMark,
        lowerCaseHash: typeof hex === 'string' && hex !== hash,
        ...(passedOver !== undefined && { passedOver }),
    } as const
    return { hash, value, form }
}

/**
 * The bytes of a reduction file, without a byte order mark.
 * @param generation of the record that is reduced. Hosts since 2019-04-09 read no record of 2018-11, so the
 * reduction of one has the form that was written with it; any other has `ReducedValue: {LiteralString}`.
 */
export function serializeReduction({ hash, value }: Reduction, generation?: Generation): Buffer {
    return Buffer.from(
        JSON.stringify(
            generation === '2018-11'
                ? { ReducedCompositionHash: Buffer.from(hash, 'hex').toString('base64'), ReducedValue: value }
                : { ReducedCompositionHashBase16: hash, ReducedValue: { LiteralString: value } },
        ),
    )
}

/** The form in which the reduction of a record of this generation is written today. */
export function formWritten(generation: Generation): ReductionForm {
    const written = generation === '2018-11' ? '2018-11' : '2019-09'
    return { written, byteOrderMark: false, lowerCaseHash: false }
}

/** Whether a reduction was found in the form in which it is written today. */
export function isWrittenForm({ form }: StoredReduction, generation: Generation): boolean {
    return isDeepStrictEqual(form, formWritten(generation))
}

function hashFrom(json: Readonly<Record<string, unknown>>): CompositionHash | undefined {
    const hex = json['ReducedCompositionHashBase16']
    if (typeof hex === 'string') return hashFromHex(hex)
    const base64 = json['ReducedCompositionHash']
    return typeof base64 === 'string' ? hashFromBase64(base64) : undefined
}

const hostTakesNull =
    'Takes the value for null when its walk reaches the reduced record: an app that falls back starts anew there, in silence; a strict one does not start.'

interface FoundValue {
    readonly value: string
    readonly written: ReductionForm['written']
    readonly passedOver?: string
}

function valueFrom(json: Readonly<Record<string, unknown>>): FoundValue | ReductionProblem {
    const reduced = json['ReducedValue']
    const literal = json['ReducedValueLiteralString']
    const value = isObject(reduced) ? reduced['LiteralString'] : undefined
    if (typeof value === 'string') {
        const isOther = typeof literal === 'string' && literal !== value
        return { value, written: '2019-09', ...(isOther && { passedOver: literal }) }
    }
    if (typeof reduced === 'string') {
        return typeof literal === 'string'
            ? { problem: 'It holds two values: ReducedValue, as a string, and ReducedValueLiteralString.' }
            : { value: reduced, written: '2018-11' }
    }
    if (typeof literal === 'string') return { value: literal, written: '2019-03' }
    const nothing = (isObject(reduced) ? value : reduced) ?? literal ?? null
    return {
        problem: 'It holds no value: it needs ReducedValue or ReducedValueLiteralString.',
        ...(nothing === null && { host: hostTakesNull }),
    }
}
