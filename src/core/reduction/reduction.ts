// A reduction file is one JSON object. Three forms of it were written; complog writes the last, because every host of
// this line since April 2019 reads it. Hosts until 2020-03-07 begin the file with a byte order mark; complog does not,
// because hosts of 2020-03-08 to 2020-04-19 do not start on a reduction with one, and all others read it without.
import { isUtf8 } from 'node:buffer'

import { type CompositionHash, hashFromBase64, hashFromHex } from '../composition/hash.js'
import { byteOrderMark } from '../composition/lines.js'

/** The state of the app after one record, as it is stored. */
export interface Reduction {
    /** The record whose state this is. */
    readonly hash: CompositionHash
    /** The state after that record, as the app's own serializeState gave it. */
    readonly value: string
}

/** Reads the bytes of a reduction file, in any of the three forms. Gives the reason where it is none. */
export function parseReduction(bytes: Buffer): Reduction | { readonly problem: string } {
    const withoutMark = bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes
    if (!isUtf8(withoutMark)) return { problem: 'The bytes are not UTF-8.' }
    let json: unknown
    try {
        json = JSON.parse(withoutMark.toString('utf8'))
    } catch (error) {
        return { problem: `This is not JSON: ${(error as Error).message}.` }
    }
    if (!isObject(json)) return { problem: 'This is JSON, but not an object.' }
    const hash = hashFrom(json)
    if (hash === undefined) {
        return {
            problem:
                'It names no reduced record: neither ReducedCompositionHashBase16 nor ReducedCompositionHash is a hash.',
        }
    }
    const values = [json['ReducedValueLiteralString'], valueFrom(json['ReducedValue'])].filter(
        (value) => typeof value === 'string',
    )
    const [value] = values
    if (value === undefined || values.length > 1) {
        return {
            problem:
                'It holds no value, or more than one: it needs one of ReducedValueLiteralString and ReducedValue.',
        }
    }
    return { hash, value }
}

/** The bytes of a reduction file, with `ReducedValue: {LiteralString}` and without a byte order mark. */
export function serializeReduction({ hash, value }: Reduction): Buffer {
    return Buffer.from(
        JSON.stringify({
            ReducedCompositionHashBase16: hash,
            ReducedValue: { LiteralString: value },
        }),
    )
}

function hashFrom(json: Readonly<Record<string, unknown>>): CompositionHash | undefined {
    const hex = json['ReducedCompositionHashBase16']
    if (typeof hex === 'string') return hashFromHex(hex)
    const base64 = json['ReducedCompositionHash']
    return typeof base64 === 'string' ? hashFromBase64(base64) : undefined
}

function valueFrom(json: unknown): string | undefined {
    if (typeof json === 'string') return json
    if (!isObject(json)) return undefined
    const literal = json['LiteralString']
    return typeof literal === 'string' ? literal : undefined
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
    return typeof json === 'object' && json !== null && !Array.isArray(json)
}
