// How a person names a record: a hash or the beginning of one, the head, the first, a number, or a time, and
// so many records before that one.
import { ComplogError } from '../errors.js'
import { hashFromHex } from './hash.js'

/** What names a record: `HASH`, `head`, `first`, `#12`, `@2019-04-28T13:05`; `~3`: the third before it. */
export type Ref = (
    | { readonly kind: 'hash'; readonly prefix: string }
    | { readonly kind: 'head' }
    | { readonly kind: 'number'; readonly position: number }
    /** The last record at or before a time, in milliseconds since 1970. */
    | { readonly kind: 'time'; readonly posixMilliseconds: number }
) & {
    /** How many records before the one of that name; absent: none. */
    readonly back?: number
}

/** The records behind the first name, up to the second one; in git's words, `FROM..TO`. */
export interface RefRange {
    /** Absent: from the oldest record on. */
    readonly after?: Ref
    /** Absent: up to the head. */
    readonly until?: Ref
}

const prefixDigitsMin = 6

/**
 * Reads `HASH`, `ABC123` (6 digits or more), `head`, `first`, `#12` or `@2019-04-28T13:05`, and `~3` behind
 * it.
 * @throws ComplogError `usage`
 */
export function parseRef(text: string): Ref {
    const [, name = '', back] = /^(.*?)(?:~(\d{1,15}))?$/s.exec(text.trim()) ?? []
    const named = parseName(name)
    if (named !== undefined) return Number(back ?? 0) > 0 ? { ...named, back: Number(back) } : named
    throw new ComplogError('usage', `"${text}" does not name a record.`, {
        hint: `Use a hash or at least ${prefixDigitsMin} of its first digits, head, head~3, first, #12 (the twelfth record), or @2019-04-28T13:05 (the last one at that time, in UTC).`,
    })
}

/**
 * Reads `REF..REF`, of which either side may be left out; undefined for a text without two dots.
 * @throws ComplogError `usage`
 */
export function parseRefRange(text: string): RefRange | undefined {
    const dots = text.indexOf('..')
    if (dots < 0) return undefined
    const [after, until] = [text.slice(0, dots), text.slice(dots + 2)]
    return {
        ...(after.trim() !== '' && { after: parseRef(after) }),
        ...(until.trim() !== '' && { until: parseRef(until) }),
    }
}

/** A reference as a person writes it. */
export function refText(ref: Ref): string {
    return `${nameText(ref)}${ref.back === undefined ? '' : `~${ref.back}`}`
}

function nameText(ref: Ref): string {
    switch (ref.kind) {
        case 'hash':
            return ref.prefix
        case 'head':
            return 'head'
        case 'number':
            return `#${ref.position}`
        case 'time':
            return `@${new Date(ref.posixMilliseconds).toISOString()}`
    }
}

type Named<R> = R extends Ref ? Omit<R, 'back'> : never

function parseName(name: string): Named<Ref> | undefined {
    if (name === 'head') return { kind: 'head' }
    if (name === 'first') return { kind: 'number', position: 1 }
    const number = /^#(\d{1,15})$/.exec(name)
    if (number && Number(number[1]) > 0) return { kind: 'number', position: Number(number[1]) }
    if (name.startsWith('@')) {
        const posixMilliseconds = parseTime(name.slice(1))
        return posixMilliseconds === undefined ? undefined : { kind: 'time', posixMilliseconds }
    }
    if (/^[0-9A-Fa-f]+$/.test(name) && name.length >= prefixDigitsMin && name.length <= 64) {
        return { kind: 'hash', prefix: hashFromHex(name) ?? name.toUpperCase() }
    }
    return undefined
}

const time =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,3})\d*)?)?)?)?(Z|[+-]\d\d:?\d\d)?$/

/**
 * Reads `2019-04-28`, `2019-04-28T13`, `2019-04-28T13:05`, and so on, in UTC where it names no zone, as hosts
 * name their files. What is left out is zero. Undefined for anything else.
 */
export function parseTime(text: string): number | undefined {
    const match = time.exec(text.trim())
    if (match === null) return undefined
    const [, date = '', hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = match
    const colon = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone
    const at = Date.parse(`${date}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}${colon}`)
    // Of a day that no month has, Date.parse makes one of the next month.
    const midnight = Date.parse(date)
    const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date)
    return isDay && !Number.isNaN(at) ? at : undefined
}
