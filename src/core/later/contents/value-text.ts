// Texts as values, in the two forms that hosts since 2020-12 have given to strings and to names of files.
import { ComplogError } from '../../errors.js'
import type { CheckedValues } from '../reading/check-values.js'
import type { Value, ValueHash } from '../values/value.js'

/** Gives the value of a hash. @throws ComplogError `error-findings` where it is not there */
export type GetValue = (hash: ValueHash) => Value

/** Values from their files, each read once. @param of what they are a part of, such as `the state` */
export function valuesFrom(values: Pick<CheckedValues, 'loadWhole'>, of: string): GetValue {
    const known = new Map<ValueHash, Value>()
    return (hash) => {
        const found = known.get(hash)
        if (found !== undefined) return found
        for (const [name, value] of values.loadWhole(hash) ?? []) known.set(name, value)
        const loaded = known.get(hash)
        if (loaded !== undefined) return loaded
        const message = `The value ${hash} of ${of} is missing, or is not what its name says.`
        throw new ComplogError('error-findings', message, {
            hint: 'Run `complog verify-chain` for all findings.',
        })
    }
}

/** A text: one blob of 4 bytes a character, or a list of a blob a character; undefined for all else. */
export function textIn(get: GetValue, hash: ValueHash): string | undefined {
    const value = get(hash)
    if (value.kind === 'blob') return value.bytes.length % 4 === 0 ? codePointsIn(value.bytes) : undefined
    const characters: string[] = []
    for (const item of value.items) {
        const one = get(item)
        const character = one.kind === 'blob' ? minimalCodePoint(one.bytes) : undefined
        if (character === undefined) return undefined
        characters.push(character)
    }
    return characters.join('')
}

const codePointMax = 0x10ffff

/** The one character of which the number stands there without zeros before it. */
export function minimalCodePoint(bytes: Buffer): string | undefined {
    if (bytes.length === 0 || bytes.length > 3) return undefined
    const codePoint = bytes.readUIntBE(0, bytes.length)
    return codePoint > codePointMax ? undefined : String.fromCodePoint(codePoint)
}

/** UTF-32, big endian. */
export function codePointsIn(bytes: Buffer): string | undefined {
    const characters: string[] = []
    for (let at = 0; at < bytes.length; at += 4) {
        const codePoint = bytes.readUInt32BE(at)
        if (codePoint > codePointMax) return undefined
        characters.push(String.fromCodePoint(codePoint))
    }
    return characters.join('')
}
