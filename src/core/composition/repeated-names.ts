// JSON.parse keeps the last of two fields of one name, in silence: what the first one said would be dropped.
import { movedOn } from '../errors.js'

/** What ends a run of text that opens or closes nothing and names nothing. */
const structure = /["{}[\]]/g
const blank = /\s*/y
const backslash = 0x5c

/** The first of some names that one object of a text holds twice; undefined where none is. The text must be JSON. */
export function repeatedName(json: string, names: ReadonlySet<string>): string | undefined {
    /** Of each object that is open, innermost last: which of the names it has so far. An array has none. */
    const open: Set<string>[] = []
    for (let at = 0; ;) {
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

/** Behind the quote that ends a string. */
function endOfString(json: string, begin: number): number {
    for (let quote = begin; ;) {
        quote = movedOn(quote, json.indexOf('"', quote + 1))
        let escapes = 0
        while (json.charCodeAt(quote - 1 - escapes) === backslash) escapes++
        if (escapes % 2 === 0) return quote + 1
    }
}
