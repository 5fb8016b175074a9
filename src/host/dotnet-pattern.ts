// Regular expressions as .NET has them, which Kalmit's hosts looked for in addresses, as ones of JavaScript
// that find the same. What JavaScript cannot do the same is refused, rather than matched otherwise in
// silence.
//
// The result has no `u` flag: like .NET, it then looks at UTF-16 code units.

/** Says what of a pattern cannot be had, as the end of a sentence about it. */
export class UnusablePattern extends Error {
    override readonly name = 'UnusablePattern'
}

/** @throws UnusablePattern */
export function dotnetPattern(pattern: string): RegExp {
    const translation = new Translation(pattern)
    const source = translation.whole()
    try {
        return new RegExp(source, translation.flags)
    } catch (error) {
        // Its message begins with our translation, which nobody has written.
        const [reason] = /[^:]*$/.exec((error as Error).message) ?? []
        throw new UnusablePattern(`is no regular expression: ${reason?.trim()}`)
    }
}

const endOfText = '(?![\\s\\S])'
const startOfText = '(?<![\\s\\S])'

const anchors: Readonly<Record<string, string>> = {
    A: startOfText,
    G: startOfText,
    z: endOfText,
    Z: `(?=\\n?${endOfText})`,
}

const controls: Readonly<Record<string, string>> = {
    a: '\\x07',
    e: '\\x1b',
    f: '\\f',
    n: '\\n',
    r: '\\r',
    t: '\\t',
    v: '\\v',
}

/** General categories of Unicode that .NET knows by these names. */
const category = /^(?:C[cfnos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/

/** The code units of which one of these categories of Unicode is, as ranges for a class of JavaScript. */
const rangesOf = new Map<string, string>()

function ranges(categories: readonly string[], others = ''): string {
    const key = `${categories.join(' ')}|${others}`
    const known = rangesOf.get(key)
    if (known !== undefined) return known
    const member = new RegExp(`^[${categories.map((name) => `\\p{${name}}`).join('')}${others}]$`, 'u')
    const text = unitsThat((unit) => member.test(unit))
    rangesOf.set(key, text)
    return text
}

/** The code units that fulfil something, as ranges for a class of JavaScript. */
function unitsThat(fulfil: (unit: string) => boolean): string {
    let text = ''
    let first = -1
    for (let unit = 0; unit <= 0x10000; unit++) {
        const isIn = unit < 0x10000 && fulfil(String.fromCharCode(unit))
        if (isIn && first < 0) first = unit
        if (isIn || first < 0) continue
        text += first === unit - 1 ? escaped(first) : `${escaped(first)}-${escaped(unit - 1)}`
        first = -1
    }
    return text
}

/** What stands within a class, and what stands in one of all others. */
const classes: Readonly<Record<string, () => string>> = {
    d: () => ranges(['Nd']),
    w: () => ranges(['L', 'Mn', 'Nd', 'Pc']),
    s: () => ranges(['Z'], '\\f\\n\\r\\t\\v\\x85'),
}

function escaped(unit: number): string {
    return `\\u${unit.toString(16).padStart(4, '0')}`
}

const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/

interface Group {
    /** The captures within. */
    readonly captures: number[]
    hasAlternatives: boolean
}

class Translation {
    readonly #pattern: string
    #at = 0
    #dot = '[^\\n]'
    #lineStart = startOfText
    #lineEnd = anchors['Z'] as string
    #isExplicit = false
    #isSpaced = false
    #hasNames = false
    #captured = 0
    /** Captures that the pattern cannot do without: only those mean the same when they are referred to. */
    readonly #sure = new Set<number>()
    flags = ''

    constructor(pattern: string) {
        this.#pattern = pattern
    }

    whole(): string {
        this.#options()
        const source = this.#alternatives({ captures: [], hasAlternatives: false })
        if (this.#at < this.#pattern.length) throw new UnusablePattern('has a ")" without a "("')
        return source
    }

    /** Options for the whole pattern, such as `(?i)`. */
    #options(): void {
        const found = /^\(\?([imnsx]+)\)/.exec(this.#pattern)
        if (found === null) return
        this.#at = found[0].length
        const options = found[1] ?? ''
        if (options.includes('i')) this.flags = 'i'
        if (options.includes('s')) this.#dot = '[\\s\\S]'
        if (options.includes('m')) {
            this.#lineStart = '(?<![^\\n])'
            this.#lineEnd = '(?![^\\n])'
        }
        this.#isExplicit = options.includes('n')
        this.#isSpaced = options.includes('x')
    }

    /** To the end of a group, whose bracket stays. */
    #alternatives(group: Group): string {
        let source = ''
        while (this.#at < this.#pattern.length && this.#here !== ')') {
            if (this.#here === '|') {
                group.hasAlternatives = true
                for (const capture of group.captures) this.#sure.delete(capture)
                this.#at += 1
                source += '|'
            } else source += this.#quantified(group)
        }
        return source
    }

    get #here(): string {
        return this.#pattern.charAt(this.#at)
    }

    /** Takes what comes next, if it is this. */
    #take(what: RegExp): string | undefined {
        const found = what.exec(this.#pattern.slice(this.#at))?.[0]
        if (found !== undefined) this.#at += found.length
        return found
    }

    #quantified(outer: Group): string {
        if (this.#take(/^\(\?#[^)]*\)/) !== undefined) return ''
        if (this.#isSpaced && this.#take(/^(?:[\s]+|#[^\n]*)/) !== undefined) return ''
        const inner: number[] = []
        const source = this.#atom(inner)
        if (this.#isSpaced) this.#take(/^(?:\s+|#[^\n]*)+/)
        const times = this.#take(quantifier) ?? ''
        // What may be left out, or comes again, may have captured otherwise.
        if (times === '') outer.captures.push(...inner)
        else for (const capture of inner) this.#sure.delete(capture)
        return source + times
    }

    /** One thing that can be quantified. `captures` takes what is captured within. */
    #atom(captures: number[]): string {
        const character = this.#here
        if (character === '(') return this.#group(captures)
        if (quantifier.test(this.#pattern.slice(this.#at))) {
            throw new UnusablePattern(`repeats nothing at "${character}"`)
        }
        if (character === '[') return this.#class()
        this.#at += 1
        switch (character) {
            case '.':
                return this.#dot
            case '^':
                return this.#lineStart
            case '$':
                return this.#lineEnd
            case '\\':
                return this.#escape()
            default:
                // Among these, brackets that close nothing, and those that hold no numbers.
                return escaped(character.charCodeAt(0))
        }
    }

    #group(captures: number[]): string {
        const [opening, isCapturing] = this.#opening()
        if (isCapturing) this.#captured += 1
        const number = this.#captured
        const group: Group = { captures: [], hasAlternatives: false }
        const content = this.#alternatives(group)
        if (this.#here !== ')') throw new UnusablePattern('has a "(" without a ")"')
        this.#at += 1
        if (group.hasAlternatives || /^\(\?<?!/.test(opening)) {
            for (const capture of group.captures) this.#sure.delete(capture)
        } else captures.push(...group.captures)
        if (isCapturing) {
            this.#sure.add(number)
            captures.push(number)
        }
        return `${opening}${content})`
    }

    #opening(): readonly [text: string, isCapturing: boolean] {
        const simple = this.#take(/^\((?:\?(?::|=|!|<=|<!)|(?!\?))/)
        if (simple !== undefined) {
            const isCapturing = simple === '(' && !this.#isExplicit
            return [simple === '(' && !isCapturing ? '(?:' : simple, isCapturing]
        }
        const name = this.#take(/^\(\?(?:<[a-z_]\w*>|'[a-z_]\w*')/i)
        if (name === undefined) {
            const start = this.#pattern.slice(this.#at, this.#at + 6)
            throw new UnusablePattern(`has "${start}", a group that JavaScript does not have`)
        }
        this.#hasNames = true
        return [`(?<${name.slice(3, -1)}>`, true]
    }

    /** Behind a backslash, outside of a class. */
    #escape(): string {
        const letter = this.#here
        if (letter in anchors) {
            this.#at += 1
            return anchors[letter] as string
        }
        if (letter === 'b' || letter === 'B') {
            this.#at += 1
            const word = `[${classes['w']?.()}\\u200c\\u200d]`
            const isEdge = `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
            return letter === 'b' ? isEdge : `(?!${isEdge})`
        }
        if (/[1-9]/.test(letter)) return this.#reference()
        if (letter === 'k') throw new UnusablePattern('refers to a group by its name, which is not done here')
        const [text, isNegated] = this.#escapedClass() ?? []
        if (text !== undefined) return `[${isNegated ? '^' : ''}${text}]`
        return this.#escapedCharacter()
    }

    #reference(): string {
        const digits = this.#take(/^\d+/) as string
        if (this.#hasNames || !this.#sure.has(Number(digits))) {
            throw new UnusablePattern(`refers to what was found before (\\${digits}) as JavaScript does not`)
        }
        return `(?:\\${digits})`
    }

    /** Behind a backslash: what stands within a class, and whether all others are meant. */
    #escapedClass(): readonly [text: string, isNegated: boolean] | undefined {
        const letter = this.#here
        const simple = classes[letter.toLowerCase()]
        if (simple !== undefined) {
            this.#at += 1
            return [simple(), letter !== letter.toLowerCase()]
        }
        if (letter !== 'p' && letter !== 'P') return undefined
        const named = this.#take(/^[pP]\{[^}]*\}/)
        const name = named?.slice(2, -1) ?? ''
        if (!category.test(name))
            throw new UnusablePattern(`names a set of characters, "${name}", that is not known here`)
        return [ranges([name]), letter === 'P']
    }

    /** Behind a backslash: one character. */
    #escapedCharacter(): string {
        const hex = this.#take(/^(?:x[\da-f]{2}|u[\da-f]{4})/i)
        if (hex !== undefined) return escaped(parseInt(hex.slice(1), 16))
        const octal = this.#take(/^0[0-7]{0,2}/)
        if (octal !== undefined) return escaped(parseInt(octal, 8))
        const control = this.#take(/^c[a-z]/i)
        if (control !== undefined) return escaped(control.toUpperCase().charCodeAt(1) - 64)
        const character = this.#here
        this.#at += 1
        if (character in controls) return controls[character] as string
        if (character === '' || /\w/.test(character)) {
            throw new UnusablePattern(`has "\\${character}", which means nothing`)
        }
        return escaped(character.charCodeAt(0))
    }

    #class(): string {
        this.#at += 1
        const isNegated = this.#take(/^\^/) !== undefined
        let included = ''
        let excluded = ''
        // A class that is closed at once holds the bracket.
        for (let isFirst = true; isFirst || this.#here !== ']'; isFirst = false) {
            if (this.#at >= this.#pattern.length) throw new UnusablePattern('has a "[" without a "]"')
            if (!isFirst && this.#take(/^-(?=\[)/) !== undefined) {
                excluded = `(?!${this.#class()})`
                if (this.#here !== ']') throw new UnusablePattern('goes on behind what it takes out of a set')
                break
            }
            included += this.#member()
        }
        this.#at += 1
        const set = included === '' ? '' : `[${isNegated ? '^' : ''}${included}]`
        return excluded === '' ? set : `(?:${excluded}${set})`
    }

    /** A character, a range or a set within a class. */
    #member(): string {
        const first = this.#classCharacter()
        if (typeof first !== 'string') return first.set
        if (this.#take(/^-(?![\][])/) === undefined) return first
        const last = this.#classCharacter()
        if (typeof last !== 'string') throw new UnusablePattern('has a range that ends in a set')
        return `${first}-${last}`
    }

    #classCharacter(): string | { readonly set: string } {
        const character = this.#here
        this.#at += 1
        if (character !== '\\') return escaped(character.charCodeAt(0))
        if (this.#take(/^b/) !== undefined) return '\\b'
        const [text, isNegated] = this.#escapedClass() ?? []
        if (text === undefined) return this.#escapedCharacter()
        if (!isNegated) return { set: text }
        const member = new RegExp(`[${text}]`)
        return { set: unitsThat((unit) => !member.test(unit)) }
    }
}
