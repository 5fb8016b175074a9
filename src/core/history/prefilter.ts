// What a line must hold to be worth reading as a record. A text stands in a line as a string of JSON, in a
// string of JSON, so only runs of letters that no writer escapes can be looked for there, and a line that
// escapes any is read in any case.

/** Bytes that a line must hold, each of them. None where all lines must be read. */
export type Needles = readonly Buffer[]

/** Letters that JSON writers write as they are. Others, such as < and +, some of them escape. */
const plainRun = /[A-Za-z0-9 _.,:;#*@!?()=-]+/g
/** Shorter ones stand in most lines anyway. */
const lettersMin = 2
/** More of them pass over few lines more. */
const needlesMax = 3

/** @param texts each of which an event must hold, letter by letter */
export function needlesFor(texts: readonly string[]): Needles {
    const runs = texts
        .flatMap((text) => text.match(plainRun) ?? [])
        .filter(({ length }) => length >= lettersMin)
    const longest = runs.sort((one, other) => other.length - one.length).slice(0, needlesMax)
    return longest.map((run) => Buffer.from(run))
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
    readonly #needles: Needles
    /** Where each of them stands next, and the escape behind them. */
    readonly #next: number[]

    constructor(bytes: Buffer, needles: Needles) {
        this.#bytes = bytes
        this.#needles = needles
        this.#next = Array<number>(needles.length + 1).fill(-1)
    }

    /** Lines in the order in which they stand. */
    mayHold(begin: number, end: number): boolean {
        const holds = (wanted: Buffer, at: number) => this.#nextFrom(begin, wanted, at) + wanted.length <= end
        return this.#needles.every(holds) || holds(escape, this.#needles.length)
    }

    #nextFrom(begin: number, wanted: Buffer, at: number): number {
        const known = this.#next[at] as number
        if (known >= begin) return known
        const found = this.#bytes.indexOf(wanted, begin)
        return (this.#next[at] = found < 0 ? Infinity : found)
    }
}
