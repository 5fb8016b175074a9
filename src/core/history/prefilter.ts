// What a line must hold to be worth reading as a record. A text stands in a line as a string of JSON, in a
// string of JSON, so only runs of letters that no writer escapes can be looked for there, and a line that
// escapes any is read in any case.

/** Bytes that a line must hold. Undefined where all lines must be read. */
export type Needle = Buffer | undefined

/** Letters that JSON writers write as they are. Others, such as < and +, some of them escape. */
const plainRun = /[A-Za-z0-9 _.,:;#*@!?()=-]+/g
/** Shorter ones stand in most lines anyway. */
const lettersMin = 2

/** @param texts each of which an event must hold, letter by letter */
export function needleFor(texts: readonly string[]): Needle {
    const runs = texts.flatMap((text) => text.match(plainRun) ?? [])
    const longest = runs.sort((one, other) => other.length - one.length)[0] ?? ''
    return longest.length >= lettersMin ? Buffer.from(longest) : undefined
}

const specials = /[\\^$.*+?()[\]{}|]/

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
    for (let before = ''; before !== rest;) {
        before = rest
        rest = rest.replaceAll(/\([^()]*\)(?:[*+?]|\{\d*,?\d*\})?\??/g, '\n')
    }
    return /[()]/.test(rest) ? undefined : rest
}

const escape = Buffer.from('\\u')

/** Goes through a part of a log once, and says of each of its lines whether it must be read. */
export class Prefilter {
    readonly #bytes: Buffer
    readonly #needle: Needle
    #nextNeedle = -1
    #nextEscape = -1

    constructor(bytes: Buffer, needle: Needle) {
        this.#bytes = bytes
        this.#needle = needle
    }

    /** Lines in the order in which they stand. */
    mayHold(begin: number, end: number): boolean {
        if (this.#needle === undefined) return true
        if (this.#nextNeedle < begin) this.#nextNeedle = this.#find(this.#needle, begin)
        if (this.#nextNeedle + this.#needle.length <= end) return true
        if (this.#nextEscape < begin) this.#nextEscape = this.#find(escape, begin)
        return this.#nextEscape < end
    }

    #find(wanted: Buffer, from: number): number {
        const at = this.#bytes.indexOf(wanted, from)
        return at < 0 ? Infinity : at
    }
}
