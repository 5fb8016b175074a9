// Whether two serialised states say the same. Most apps write JSON, in which the order of keys, white space
// and the form of numbers and strings say nothing; what is no JSON is compared as text.
import { isSameText } from '../difference/difference.js'

export function isSameState(one: string, other: string): boolean {
    return isSameText(one, other)
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

/** elm/json's words, then V8's, each form of which ends like one of these; longer ones quote the input. */
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
