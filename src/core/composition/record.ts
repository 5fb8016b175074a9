// Entrance of core/composition/: the bytes of a log as records, without files. In come bytes; out come lines
// (`lines.ts`), records (here), their hashes (`hash.ts`), how they hang together (`chain/`), and findings:
// values that say what is wrong, where, and what helps (`finding.ts`, the kinds in `finding-kinds.ts`).
//
// One line of a log is one record, in any of the three forms that hosts have written. They are told apart by
// their fields, record by record, because hosts were upgraded in place.
import { isUtf8 } from 'node:buffer'

import { ComplogError, movedOn } from '../errors.js'
import { isObject, type JsonObject, whyNoJson } from '../json.js'
import { type CompositionHash, hashFromBase64, hashFromHex } from './hash.js'

/** The three forms in which hosts wrote records, oldest first, each named after the month it began in. */
export const generations = ['2018-11', '2019-03', '2019-04'] as const
/** The month in which hosts began to write records of this form. */
export type Generation = (typeof generations)[number]

/** What a log holds, in numbers. */
export interface LogCounts {
    readonly files: number
    readonly sizeBytes: number
    readonly records: number
    readonly events: number
    readonly setStates: number
    readonly generations: Readonly<Record<Generation, number>>
    /** Lines that are no record: malformed, not UTF-8, oversized, torn. */
    readonly unreadableLines: number
}

/** What a record says, without where it stands. */
export interface RecordContent {
    readonly parentHash: CompositionHash
    /** The serialised state to set before the events are fed. Absent: none. */
    readonly setState?: string
    readonly events: readonly string[]
    readonly generation: Generation
}

/** Why a line is not a record. */
export interface RecordProblem {
    readonly problem: 'invalid-utf8' | 'malformed-record'
    readonly message: string
}

/** Reads a record from the raw bytes of its line. Never throws. */
export function parseRecord(line: Buffer): RecordContent | RecordProblem {
    if (!isUtf8(line)) {
        return { problem: 'invalid-utf8', message: `The bytes are not UTF-8${firstInvalidByte(line)}.` }
    }
    const text = line.toString('utf8')
    let json: unknown
    try {
        json = JSON.parse(text)
    } catch (error) {
        return malformed(whyNoJson(text, error))
    }
    const repeated = repeatedName(text, fieldNames)
    if (repeated !== undefined) return malformed(`It holds the field ${repeated} twice.`)
    return recordFromJson(json)
}

/** The fields that say something. Of others, nobody reads either. */
const fieldNames: ReadonlySet<string> = new Set([
    'ParentHashBase16',
    'ParentHash',
    'SetState',
    'SetStateLiteralString',
    'AppendedEvents',
    'AppendedEventsLiteralString',
    'LiteralString',
])

/**
 * Whether a text holds half of a surrogate pair. JSON can say that, as the escape `\ud800`, but it is no
 * character, and UTF-8 has no bytes for it: hosts read U+FFFD in its place.
 */
export function hasLoneSurrogate(text: string): boolean {
    return !text.isWellFormed()
}

/**
 * Refuses a state of an app's that no host would read as it is.
 * @throws ComplogError `app-threw`
 */
export function refuseLoneSurrogate(state: string): void {
    if (!hasLoneSurrogate(state)) return
    throw new ComplogError(
        'app-threw',
        "The app's serializeState gave a text with half of a surrogate pair, which is no character: a host would read another state from it. It was not stored.",
        { hint: 'Mend the app so that its state holds whole characters only.' },
    )
}

export function isProblem(parsed: RecordContent | RecordProblem): parsed is RecordProblem {
    return 'problem' in parsed
}

function recordFromJson(json: unknown): RecordContent | RecordProblem {
    if (!isObject(json)) return malformed('This is JSON, but not an object.')

    const parent = parentFrom(json)
    if (isRefusal(parent)) return malformed(parent.refusal)
    const events = eventsFrom(json)
    if (isRefusal(events)) return malformed(events.refusal)
    const setState = setStateFrom(json)
    if (isRefusal(setState)) return malformed(setState.refusal)

    const content = { parentHash: parent, events, generation: generationOf(json) }
    return setState === undefined ? content : { ...content, setState }
}

/** A value that cannot be read, and why: kept apart from strings, which are values. */
interface Refusal {
    readonly refusal: string
}

function parentFrom(json: JsonObject): CompositionHash | Refusal {
    const hex = json['ParentHashBase16'] ?? undefined
    const base64 = json['ParentHash'] ?? undefined
    if (hex === undefined && base64 === undefined) {
        return { refusal: 'It names no parent: neither ParentHashBase16 nor ParentHash.' }
    }
    const fromHex = typeof hex === 'string' ? hashFromHex(hex) : undefined
    if (hex !== undefined && fromHex === undefined) {
        return { refusal: 'ParentHashBase16 is not a hash of 64 hex digits.' }
    }
    const fromBase64 = typeof base64 === 'string' ? hashFromBase64(base64) : undefined
    if (base64 !== undefined && fromBase64 === undefined) {
        return { refusal: 'ParentHash is not the base64 of 32 bytes.' }
    }
    if (fromHex !== undefined && fromBase64 !== undefined && fromHex !== fromBase64) {
        return { refusal: 'ParentHashBase16 and ParentHash name different parents.' }
    }
    return (fromHex ?? fromBase64) as CompositionHash
}

function eventsFrom(json: JsonObject): readonly string[] | Refusal {
    const appended = json['AppendedEvents'] ?? undefined
    const literal = json['AppendedEventsLiteralString'] ?? undefined
    if (appended !== undefined && literal !== undefined) {
        return { refusal: 'It holds both AppendedEvents and AppendedEventsLiteralString.' }
    }
    const events: unknown = appended ?? literal
    if (events === undefined) return []
    if (!Array.isArray(events)) return { refusal: 'Its events are not an array.' }
    if (events.every((event) => typeof event === 'string')) return events
    const literals = events.map(literalString)
    if (appended !== undefined && literals.every((event) => event !== undefined)) return literals
    return { refusal: 'Its events are neither all strings nor all objects with a LiteralString.' }
}

function setStateFrom(json: JsonObject): string | undefined | Refusal {
    const setState = json['SetState'] ?? undefined
    const literal = json['SetStateLiteralString'] ?? undefined
    if (setState !== undefined && literal !== undefined) {
        return { refusal: 'It holds both SetState and SetStateLiteralString.' }
    }
    if (literal !== undefined) {
        return typeof literal === 'string' ? literal : { refusal: 'SetStateLiteralString is not a string.' }
    }
    if (setState === undefined || typeof setState === 'string') return setState
    return (
        literalString(setState) ?? {
            refusal: 'SetState is neither a string nor an object with a LiteralString.',
        }
    )
}

function generationOf(json: JsonObject): Generation {
    if (typeof json['ParentHash'] === 'string' && typeof json['ParentHashBase16'] !== 'string')
        return '2018-11'
    // Hosts of March 2019 wrote these two fields always, as null where they did not apply.
    if ('AppendedEventsLiteralString' in json || 'SetStateLiteralString' in json) return '2019-03'
    return '2019-04'
}

function literalString(json: unknown): string | undefined {
    if (!isObject(json)) return undefined
    const literal = json['LiteralString']
    return typeof literal === 'string' ? literal : undefined
}

function isRefusal(value: unknown): value is Refusal {
    return isObject(value) && 'refusal' in value
}

function malformed(message: string): RecordProblem {
    return { problem: 'malformed-record', message }
}

function firstInvalidByte(line: Buffer): string {
    // Decoding replaces what it cannot read by EF BF BD, so the first difference after encoding again is the
    // place, or lies just behind it where the line happens to have these bytes itself.
    const again = Buffer.from(line.toString('utf8'), 'utf8')
    for (let i = 0; i < again.length; i++) {
        if (line[i] === again[i]) continue
        let start = i
        while (((again[start] as number) & 0xc0) === 0x80) start--
        return ` from byte ${start} of the line on`
    }
    return ''
}

// JSON.parse keeps the last of two fields of one name, in silence: what the first one said would be dropped.

/** What ends a run of text that opens or closes nothing and names nothing. */
const structure = /["{}[\]]/g
const blank = /\s*/y
const backslash = 0x5c

/** The first of some names that an object of a text holds twice; undefined: none. It must be JSON. */
export function repeatedName(json: string, names: ReadonlySet<string>): string | undefined {
    /** Of each object that is open, innermost last: which of the names it has so far. An array has none. */
    const open: Set<string>[] = []
    for (let at = 0; ; ) {
        structure.lastIndex = at
        const found = structure.exec(json)
        if (found === null) return undefined
        const begin = found.index
        if (found[0] !== '"') {
            if (found[0] === '{' || found[0] === '[') open.push(new Set())
            else open.pop()
            at = movedOn(at, begin + 1)
            continue
        }
        const end = endOfString(json, begin)
        at = movedOn(at, end)
        blank.lastIndex = end
        blank.exec(json)
        if (json[blank.lastIndex] !== ':') continue
        const name = JSON.parse(json.slice(begin, end)) as string
        if (!names.has(name)) continue
        const own = open.at(-1)
        if (own?.has(name) === true) return name
        own?.add(name)
    }
}

/** Behind the quote that ends a string; -1 where none does. */
export function endOfString(json: string, begin: number): number {
    for (let quote = begin; ; ) {
        quote = json.indexOf('"', quote + 1)
        if (quote < 0) return quote
        let escapes = 0
        while (json.charCodeAt(quote - 1 - escapes) === backslash) escapes++
        if (escapes % 2 === 0) return quote + 1
    }
}
