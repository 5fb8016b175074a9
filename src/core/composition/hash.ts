// The identity of a record is the SHA-256 of its raw line. Printed upper case as Kalmit does, read in any
// case, because later hosts of the same line write lower case.
import { hash } from 'node:crypto'

declare const brand: unique symbol
declare const brandOfValues: unique symbol

/** SHA-256 of a record's raw line, without its line end: 64 upper-case hex digits. */
export type CompositionHash = string & { readonly [brand]: 'CompositionHash' }

/** SHA-256 of a record or a value of a store of 2020-05 or later: 64 lower-case hex digits. */
export type ValueHash = string & { readonly [brandOfValues]: 'ValueHash' }

/** The hash of zero bytes, parent of the very first record of a log. */
export const genesis = 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855' as CompositionHash

const hexHash = /^[0-9A-Fa-f]{64}$/
const base64Hash = /^[A-Za-z0-9+/]{43}=$/

/** Hash of a line's raw bytes; never of a record that was serialised again. */
export function hashOfLine(line: Uint8Array): CompositionHash {
    return hash('sha256', line, 'hex').toUpperCase() as CompositionHash
}

/** Reads 64 hex digits of either case; undefined for anything else. */
export function hashFromHex(text: string): CompositionHash | undefined {
    return hexHash.test(text) ? (text.toUpperCase() as CompositionHash) : undefined
}

/** Reads the base64 of 32 bytes, as hosts wrote it until March 2019; undefined for anything else. */
export function hashFromBase64(text: string): CompositionHash | undefined {
    if (!base64Hash.test(text)) return undefined
    return Buffer.from(text, 'base64').toString('hex').toUpperCase() as CompositionHash
}

/** How many of the 64 hex digits differ. Unrelated hashes differ in about 60. */
export function differingDigits(a: CompositionHash, b: CompositionHash): number {
    let count = 0
    for (let i = 0; i < a.length; i++) if (a.charCodeAt(i) !== b.charCodeAt(i)) count++
    return count
}

/** The first digits of a hash: enough to name a record to a person and, in nearly every log, to a command. */
export function shortHash(hash: CompositionHash | ValueHash): string {
    return hash.slice(0, 12)
}
