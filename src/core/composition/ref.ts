// How a person names a record: a hash or the beginning of one, the head or so many before it, the first, a
// number.
import { ComplogError } from '../errors.js'
import { hashFromHex } from './hash.js'

/** What names a record: `HASH`, `head~3`, `first` or `#12`. */
export type Ref =
    | { readonly kind: 'hash'; readonly prefix: string }
    | { readonly kind: 'head'; readonly back: number }
    | { readonly kind: 'number'; readonly position: number }

const prefixDigitsMin = 6

/**
 * Reads `HASH`, `ABC123` (6 digits or more), `head`, `head~3`, `first` or `#12`.
 * @throws ComplogError `usage`
 */
export function parseRef(text: string): Ref {
    const trimmed = text.trim()
    if (trimmed === 'first') return { kind: 'number', position: 1 }
    const head = /^head(?:~(\d{1,15}))?$/.exec(trimmed)
    if (head) return { kind: 'head', back: Number(head[1] ?? 0) }
    const number = /^#(\d{1,15})$/.exec(trimmed)
    if (number && Number(number[1]) > 0) return { kind: 'number', position: Number(number[1]) }
    if (/^[0-9A-Fa-f]+$/.test(trimmed) && trimmed.length >= prefixDigitsMin && trimmed.length <= 64) {
        return { kind: 'hash', prefix: hashFromHex(trimmed) ?? trimmed.toUpperCase() }
    }
    throw new ComplogError('usage', `"${text}" does not name a record.`, {
        hint: `Use a hash or at least ${prefixDigitsMin} of its first digits, head, head~3, first, or #12 (the twelfth record).`,
    })
}
