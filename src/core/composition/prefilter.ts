// What a line must hold to be worth reading as a record. A text stands in a line as a string of JSON, in a
// string of JSON, so only runs of letters that no writer escapes can be looked for there, and a line that
// escapes any is read in any case.

/** Letters that a line must hold, each of these texts. None where all lines must be read. */
export type Needles = readonly string[]

/** Letters that JSON writers write as they are. Others, such as < and +, some of them escape. */
const plainRun = /[A-Za-z0-9 _.,:;#*@!?()=-]+/g
/** Shorter ones stand in most lines anyway. */
const lettersMin = 2
/** Nor does it help to look at more letters. */
const lettersMax = 64
/** More of them pass over few lines more. */
const needlesMax = 3

/** @param texts each of which an event must hold, letter by letter */
export function needlesFor(texts: readonly string[]): Needles {
    const runs = texts
        .flatMap((text) => text.match(plainRun) ?? [])
        .filter(({ length }) => length >= lettersMin)
    const longest = runs.sort((one, other) => other.length - one.length).slice(0, needlesMax)
    return longest.map((run) => run.slice(0, lettersMax))
}

/** A brace that counts nothing, and brackets that close nothing, stand for themselves. */
const specials = /[\\^$.*+?()[|]|\{\d+(?:,\d*)?\}/

/** The letters that a regular expression consists of; undefined where it is more than that. */
export function literalOf({ source, flags }: RegExp): string | undefined {
    if (flags !== '' || source === '(?:)') return undefined
    const text = source.replaceAll(/\\([^A-Za-z0-9])/g, '')
    return specials.test(text) ? undefined : source.replaceAll(/\\([^A-Za-z0-9])/g, '$1')
}

/** Texts that are in whatever a regular expression matches, as far as that is plain to see. */
export function textsIn({ source, flags }: RegExp): readonly string[] {
    // An alternative, or what may be there or not, is in no match for sure.
    if (flags !== '' || source.includes('|')) return []
    const outside = withoutGroups(source)
    return outside === undefined
        ? []
        : outside
              .replaceAll(/[^](?:[*?]|\{\d*,?\d*\})/g, '\n')
              .split(/[\n^$.+()[\]{}*?\\]+/)
              .filter((text) => text !== '')
}

/** What stands behind a backslash belongs to it. */
const escapes = /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|k<[^>]*>|\d+|[^])/g

/** A source without what stands in parentheses; undefined where they are too odd for it. */
function withoutGroups(source: string): string | undefined {
    let rest = source.replaceAll(escapes, '\n').replaceAll(/\[[^\]]*\]/g, '\n')
    for (let before = ''; before !== rest; ) {
        before = rest
        rest = rest.replaceAll(/\([^()]*\)(?:[*+?]|\{\d*,?\d*\})?\??/g, '\n')
    }
    return /[()]/.test(rest) ? undefined : rest
}

/** How a writer begins an escape. */
export const escapeMark = '\\u'

/** Where a text of ASCII stands first, from a place on; -1: nowhere. */
export type FindText = (text: string, from: number) => number

interface Sought {
    readonly wanted: string
    /** Where it stands next. */
    next: number
}

/** Goes through a part of a log once, and says of each of its lines whether it must be read. */
export class Prefilter {
    readonly #find: FindText
    readonly #needles: Sought[]
    readonly #escape = { wanted: escapeMark, next: -1 }

    constructor(part: Buffer | FindText, needles: Needles) {
        this.#find = typeof part === 'function' ? part : (text, from) => part.indexOf(text, from, 'latin1')
        this.#needles = needles.map((wanted) => ({ wanted, next: -1 }))
    }

    /** Lines in the order in which they stand. */
    mayHold(begin: number, end: number): boolean {
        for (let at = 0; at < this.#needles.length; at++) {
            if (this.#holds(this.#needles[at] as Sought, begin, end)) continue
            // What this line lacks, most others lack as well: it is asked for first.
            if (at > 0) this.#needles.unshift(...this.#needles.splice(at, 1))
            return this.#holds(this.#escape, begin, end)
        }
        return true
    }

    #holds(needle: Sought, begin: number, end: number): boolean {
        if (needle.next < begin) {
            const found = this.#find(needle.wanted, begin)
            needle.next = found < 0 ? Infinity : found
        }
        return needle.next + needle.wanted.length <= end
    }
}
