// Whether two serialised states say the same. Most apps write JSON, in which the order of keys, white space
// and the form of numbers and strings say nothing; what is no JSON is compared as text.

/** Compares as text first, so that states of any size which are equal cost next to nothing. */
export function isSameState(one: string, other: string): boolean {
    if (one === other) return true
    const values = [one, other].map(parsedExactly)
    return values.every((parsed) => parsed !== undefined) && areEqual(values[0]?.value, values[1]?.value)
}

/**
 * Whether two states are the same but for what JSON.parse said of bad input. Its words differ from one
 * release of Node to another, and elm/json hands them to the app behind words of its own, so they get into
 * states.
 */
export function differsInJsonErrorsOnly(one: string, other: string): boolean {
    const [a, b] = [one, other].map((text) => text.replaceAll(jsonError, '$1')) as [string, string]
    return (a !== one || b !== other) && isSameState(a, b)
}

/** A sentence on why two states differ, for behind one that says so; empty where that cannot be told. */
export function causeOfDifference(one: string, other: string): string {
    if (!differsInJsonErrorsOnly(one, other)) return ''
    return ` They differ only in what JSON.parse said of bad input, which each release of Node words differently: this is Node ${process.version}, and the other was written under another one. Neither is wrong.`
}

/**
 * elm/json's words, then V8's, of which each form ends in one of these ways; longer ones quote a part of the
 * input.
 */
const jsonError =
    /(This is not valid JSON! )[^]{0,400}?(?: (?:in|after) JSON at position \d+(?: \(line \d+ column \d+\))?|Unexpected end of JSON input| is not valid JSON)/g

/** Where two texts begin to differ, and an excerpt of each from shortly before there on. */
export function firstDifference(one: string, other: string): readonly [string, string] {
    let at = 0
    while (at < one.length && one[at] === other[at]) at += 1
    const from = Math.max(0, at - charactersBefore)
    return [excerpt(one, from), excerpt(other, from)]
}

const charactersBefore = 20
const charactersShown = 60

/** The beginning of a text, or what stands in its middle, as it is shown to people. */
export function excerpt(text: string, from = 0, characters = charactersShown): string {
    const to = from + characters
    const shown = JSON.stringify(text.slice(from, to))
    const rest = from > 0 || text.length > to ? ` (of ${text.length} characters)` : ''
    return `${from > 0 ? '…' : ''}${shown}${text.length > to ? '…' : ''}${rest}`
}

/** A number that a double may not hold exactly, or that is written in more than one way. */
const doubtfulNumber = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const hasDoubtful = /[\d.]{16}|\d[eE]/

/**
 * The value of a JSON text in which numbers beyond what a double holds keep all of their digits: they become
 * texts, and other texts get a mark, so that none of them looks like a number. Undefined where it is no JSON.
 */
function parsedExactly(json: string): { readonly value: unknown } | undefined {
    const parts: string[] = []
    for (let at = 0; at < json.length;) {
        const quote = json.indexOf('"', at)
        const outside = json.slice(at, quote < 0 ? undefined : quote)
        parts.push(hasDoubtful.test(outside) ? outside.replace(doubtfulNumber, exactNumber) : outside)
        if (quote < 0) break
        const end = endOfString(json, quote)
        parts.push('"s', json.slice(quote + 1, end))
        at = end
    }
    try {
        return { value: JSON.parse(parts.join('')) as unknown }
    } catch {
        return undefined
    }
}

/** Behind the closing quote; where there is none, the end of the text, which is no JSON then. */
function endOfString(json: string, openingQuote: number): number {
    let quote = openingQuote
    let escapes: number
    do {
        quote = json.indexOf('"', quote + 1)
        if (quote < 0) return json.length
        escapes = 0
        while (json[quote - 1 - escapes] === '\\') escapes += 1
    } while (escapes % 2 === 1)
    return quote + 1
}

/** Any two decimals of so many digits are different doubles. */
const digitsOfDouble = 15

/** A number as JSON, the same for all ways to write it. */
function exactNumber(number: string): string {
    const [, sign = '', whole = '', fraction = '', exponent = '0'] =
        /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
    const significant = `${whole}${fraction}`.replace(/^0+/, '')
    const digits = significant.replace(/0+$/, '')
    if (digits === '') return '0'
    const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(significant.length - digits.length)
    const isDouble = digits.length <= digitsOfDouble && power > -290n && power < 290n
    return isDouble ? `${sign}${digits}e${power}` : `"n${sign}${digits}e${power}"`
}

/** Of values that JSON.parse gave; without recursion, since states may be nested deeply. */
function areEqual(one: unknown, other: unknown): boolean {
    const pairs: [unknown, unknown][] = [[one, other]]
    for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
        const [a, b] = pair
        if (a === b) continue
        if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
        if (Array.isArray(a) !== Array.isArray(b)) return false
        const keys = Object.keys(a)
        if (keys.length !== Object.keys(b).length) return false
        for (const key of keys) {
            if (!Object.hasOwn(b, key)) return false
            pairs.push([a[key as keyof typeof a], b[key as keyof typeof b]])
        }
    }
    return true
}
