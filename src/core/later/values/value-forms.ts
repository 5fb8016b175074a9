// The forms in which values lie in files, as values. In come bytes that anybody may have written; out come
// values, each known by its hash, or a sentence that says what is wrong. Nothing here follows an item: a
// value that holds others many times is as large as its distinct parts.
import { whyNoJson } from '../../json.js'
import { hashOfValue, type Value, type ValueHash } from './value.js'

/** A value, with all values in it that lie in the same file. */
export interface DecodedValue {
    readonly hash: ValueHash
    readonly values: ReadonlyMap<ValueHash, Value>
}

/** Why bytes are no value. */
export interface ValueProblem {
    readonly problem: string
}

export type Decoded = DecodedValue | ValueProblem

const hashSizeBytes = 32
/** Longer ones are not read: the number would not fit. */
const headerSizeBytesMax = 24

/** How long the hash form is that begins with these bytes; undefined where that is no beginning of one. */
export function sizeOfHashForm(beginning: Buffer): number | undefined {
    const end = beginning.subarray(0, headerSizeBytesMax).indexOf(0)
    const match = /^(blob|list) (0|[1-9]\d{0,15})$/.exec(beginning.toString('latin1', 0, Math.max(0, end)))
    if (match === null) return undefined
    return end + 1 + Number(match[2]) * (match[1] === 'list' ? hashSizeBytes : 1)
}

/** `blob N`, NUL and the bytes, or `list N`, NUL and the hashes of the items. */
export function decodeHashForm(bytes: Buffer): Decoded {
    const sizeBytes = sizeOfHashForm(bytes)
    if (sizeBytes === undefined)
        return { problem: 'It begins neither with `blob` nor with `list`, a length and NUL.' }
    if (sizeBytes !== bytes.length) {
        return { problem: `It has ${bytes.length} bytes, where its beginning says ${sizeBytes}.` }
    }
    const content = bytes.subarray(bytes.indexOf(0) + 1)
    const value: Value =
        bytes[0] === 'b'.charCodeAt(0)
            ? { kind: 'blob', bytes: content }
            : { kind: 'list', items: hashesIn(content) }
    const hash = hashOfValue(value)
    return { hash, values: new Map([[hash, value]]) }
}

/** @param content 32 bytes of each */
export function hashesIn(content: Buffer): readonly ValueHash[] {
    const hex = content.toString('hex')
    return Array.from(
        { length: content.length / hashSizeBytes },
        (_, i) => hex.slice(i * 2 * hashSizeBytes, (i + 1) * 2 * hashSizeBytes) as ValueHash,
    )
}

/** An array of entries with a key, each of which may name earlier ones; the value is the last. */
export function decodeJsonForm(bytes: Buffer): Decoded {
    const text = bytes.toString('utf8')
    let json: unknown
    try {
        json = JSON.parse(text)
    } catch (error) {
        return { problem: whyNoJson(text, error) }
    }
    if (!Array.isArray(json) || json.length === 0) return { problem: 'It is JSON, but no array of values.' }
    const collected = new Collected()
    const byKey = new Map<string, ValueHash>()
    let last: ValueHash | undefined
    for (const entry of json as readonly unknown[]) {
        const { Key: key, Value: value } = (entry ?? {}) as { Key?: unknown; Value?: unknown }
        const { BlobBytesBase64: base64, ListItemsKeys: keys } = (value ?? {}) as Record<string, unknown>
        if (typeof key !== 'string' || byKey.has(key)) return { problem: 'An entry has no key of its own.' }
        if (typeof base64 === 'string')
            last = collected.add({ kind: 'blob', bytes: Buffer.from(base64, 'base64') })
        else if (Array.isArray(keys)) {
            const items = keys.map((item) => byKey.get(item as string))
            if (!items.every((item) => item !== undefined))
                return { problem: `The entry ${key} names no earlier one.` }
            last = collected.add({ kind: 'list', items })
        } else return { problem: `The entry ${key} has neither bytes nor items.` }
        byKey.set(key, last)
    }
    return collected.endingWith(last as ValueHash)
}

/** Values in order, the same ones once. */
export class Collected {
    readonly #values = new Map<ValueHash, Value>()

    add(value: Value): ValueHash {
        const hash = hashOfValue(value)
        this.#values.set(hash, value)
        return hash
    }

    get all(): Iterable<Value> {
        return this.#values.values()
    }

    endingWith(hash: ValueHash): DecodedValue {
        return { hash, values: this.#values }
    }
}

/** Values that hold each other in one expression: far deeper than any state that hosts wrote. */
const expressionDepthMax = 2000

/** A row of declarations of values, in big-endian numbers of 32 or 64 bits; the value is the last one. */
export function decodeBinaryForm(bytes: Buffer, numberSizeBytes: 4 | 8): Decoded {
    try {
        return new BinaryReader(bytes, numberSizeBytes).read()
    } catch (error) {
        if (error instanceof NotBinaryForm) return { problem: error.message }
        throw error
    }
}

/** Hosts do not say which one they wrote: the one that is right in itself; of two, that with the hash. */
export function decodeEitherBinaryForm(bytes: Buffer, expected: ValueHash): Decoded {
    const narrow = decodeBinaryForm(bytes, 4)
    if (!('problem' in narrow) && narrow.hash === expected) return narrow
    const wide = decodeBinaryForm(bytes, 8)
    return 'problem' in wide ? narrow : wide
}

class NotBinaryForm extends Error {}

const blobTag = 1
const listTag = 3
const referenceTag = 4

class BinaryReader {
    readonly #bytes: Buffer
    readonly #numberSizeBytes: 4 | 8
    readonly #collected = new Collected()
    readonly #declared = new Map<number, ValueHash>()
    #at = 0

    constructor(bytes: Buffer, numberSizeBytes: 4 | 8) {
        this.#bytes = bytes
        this.#numberSizeBytes = numberSizeBytes
    }

    read(): DecodedValue {
        let last: ValueHash | undefined
        while (this.#at < this.#bytes.length) {
            const id = this.#number(this.#numberSizeBytes)
            if (this.#declared.has(id)) throw new NotBinaryForm(`Two declarations have the number ${id}.`)
            last = this.#expression(0)
            this.#declared.set(id, last)
        }
        if (last === undefined) throw new NotBinaryForm('It is empty.')
        return this.#collected.endingWith(last)
    }

    #expression(depth: number): ValueHash {
        if (depth > expressionDepthMax)
            throw new NotBinaryForm(`Values are nested more than ${expressionDepthMax} deep.`)
        const tag = this.#number(4)
        const size = this.#number(this.#numberSizeBytes)
        if (tag === referenceTag) {
            const hash = this.#declared.get(size)
            if (hash === undefined)
                throw new NotBinaryForm(`It refers to ${size}, which is not declared before.`)
            return hash
        }
        const rest = this.#bytes.length - this.#at
        if (tag === blobTag) {
            if (size > rest) throw new NotBinaryForm(`A blob has ${size} bytes, and ${rest} are there.`)
            const blob = this.#bytes.subarray(this.#at, this.#at + size)
            this.#at += Math.min(rest, Math.ceil(size / 4) * 4)
            return this.#collected.add({ kind: 'blob', bytes: blob })
        }
        if (tag !== listTag) throw new NotBinaryForm(`There is no kind ${tag} of values.`)
        // An item has a tag and a number at least.
        if (size > rest / (4 + this.#numberSizeBytes))
            throw new NotBinaryForm(`A list has ${size} items, more than the ${rest} bytes behind it hold.`)
        const items: ValueHash[] = []
        for (let i = 0; i < size; i++) items.push(this.#expression(depth + 1))
        return this.#collected.add({ kind: 'list', items })
    }

    #number(sizeBytes: 4 | 8): number {
        if (this.#at + sizeBytes > this.#bytes.length) throw new NotBinaryForm('It ends within a number.')
        const number =
            sizeBytes === 4 ? this.#bytes.readInt32BE(this.#at) : Number(this.#bytes.readBigInt64BE(this.#at))
        this.#at += sizeBytes
        if (number < 0) throw new NotBinaryForm('It has a number below zero.')
        return number
    }
}
