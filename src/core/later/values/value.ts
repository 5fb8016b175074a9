// A value of stores since 2020-05: bytes, or a list of values. It is known by the hash of its hash form, and
// stored in that form, or with all that is in it in one of two others (`value-forms.ts`).
import { hash } from 'node:crypto'

import type { ValueHash } from '../../composition/hash.js'

export type { ValueHash } from '../../composition/hash.js'

/** Bytes, or a list of other values by their hashes. */
export type Value =
    | { readonly kind: 'blob'; readonly bytes: Buffer }
    | { readonly kind: 'list'; readonly items: readonly ValueHash[] }

const hexHash = /^[0-9a-f]{64}$/

/** Reads 64 lower-case hex digits, as hosts write and look for them; undefined for anything else. */
export function valueHashFrom(text: unknown): ValueHash | undefined {
    return typeof text === 'string' && hexHash.test(text) ? (text as ValueHash) : undefined
}

export function sha256(bytes: Uint8Array): ValueHash {
    return hash('sha256', bytes, 'hex') as ValueHash
}

export function hashOfBlob(bytes: Uint8Array): ValueHash {
    const header = `blob ${bytes.length}\0`
    const sizeBytes = header.length + bytes.length
    // Millions of records are short: their hash forms are made in one place.
    const form =
        sizeBytes > shortForms.length ? Buffer.allocUnsafe(sizeBytes) : shortForms.subarray(0, sizeBytes)
    form.write(header, 'latin1')
    form.set(bytes, header.length)
    return sha256(form)
}

const shortForms = Buffer.alloc(4096)

export function hashOfValue(value: Value): ValueHash {
    return value.kind === 'blob' ? hashOfBlob(value.bytes) : sha256(hashFormOf(value))
}

/** What is hashed of a value: its kind, its length and its bytes, or the hashes of its items. */
export function hashFormOf(value: Value): Buffer {
    const [length, content] =
        value.kind === 'blob'
            ? [value.bytes.length, value.bytes]
            : [value.items.length, Buffer.from(value.items.join(''), 'hex')]
    return Buffer.concat([Buffer.from(`${value.kind} ${length}\0`), content])
}
