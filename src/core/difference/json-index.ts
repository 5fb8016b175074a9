// A JSON text with an index of its values, instead of the values themselves: a text is held once, numbers and
// strings stay as they were written, and nothing here recurses, so that a million brackets are as good as
// one. Of a long text, what is in short values is indexed only once somebody asks for it: nearly all of them
// are the same in the text that it is compared with, and an index of them all takes more memory than the
// text.
import { canonicalNumber } from './json-number.js'

/** What an index says of a value, side by side: where its text begins and ends, what follows, its hash. */
const fields = 4
const endField = 1
const nextField = 2
const hashField = 3

/** Of a text of so many characters, values of no more than so many are left closed. */
const longText = 1 << 20
const closedCharactersMax = 1 << 10
/** What follows a closed value; below it, negated, stands the number of its copy that was opened. */
const isClosed = 0

const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const literals = ['true', 'false', 'null']
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/**
 * Values of a JSON text, by their numbers: the whole is 0, and each one stands before those in it. In an
 * object, names and values take turns. A hash says that two values may be equal, whatever their spelling and
 * the order of names; other hashes, that they are not.
 */
export class JsonIndex {
    readonly text: string
    #rows: Int32Array
    #nodes: number

    constructor(text: string, { rows, nodes }: Rows) {
        this.text = text
        this.#rows = rows
        this.#nodes = nodes
    }

    hash(node: number): number {
        return this.#rows[node * fields + hashField] as number
    }

    /** The number behind all that is in this one. */
    #next(node: number): number {
        return nextIn(this.#rows, node)
    }

    /** Whether no number stands for anything in it: nothing is there, or it is short. */
    isLeaf(node: number): boolean {
        return this.#next(node) === node + 1
    }

    /** The first character of its text, which tells its kind. */
    first(node: number): number {
        return this.text.charCodeAt(this.#rows[node * fields] as number)
    }

    isObject(node: number): boolean {
        return this.first(node) === openBrace
    }

    isArray(node: number): boolean {
        return this.first(node) === openBracket
    }

    isString(node: number): boolean {
        return this.first(node) === quote
    }

    isNumber(node: number): boolean {
        const code = this.first(node)
        return code === minus || (code >= zero && code <= nine)
    }

    /** Its text, as it was written. */
    textOf(node: number): string {
        return this.text.slice(this.#rows[node * fields], this.#rows[node * fields + endField])
    }

    /** What a string says. */
    stringOf(node: number): string {
        const text = this.textOf(node)
        return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
    }

    /** The values in an array, or the names in an object, each with its value behind it. */
    *inside(node: number): Generator<number> {
        const from = this.#opened(node)
        const end = this.#next(from)
        for (let inner = from + 1; inner < end; ) {
            yield inner
            inner = this.#next(this.isObject(from) ? inner + 1 : inner)
        }
    }

    /** The value of a name in an object; of two, the last, as JSON.parse has it. */
    member(node: number, name: string): number | undefined {
        let found: number | undefined
        for (const key of this.inside(node)) if (this.stringOf(key) === name) found = key + 1
        return found
    }

    /** The number that what is in a value stands behind: its own, or that of its copy behind all others. */
    #opened(node: number): number {
        const row = node * fields
        const next = this.#rows[row + nextField] as number
        if (next > isClosed) return node
        if (next < isClosed) return -next
        const copy = this.#nodes
        const known = { rows: this.#rows, nodes: copy }
        const { rows, nodes } = new Indexer(this.text, 0, known).indexAt(this.#rows[row] as number)
        rows[row + nextField] = -copy
        this.#rows = rows
        this.#nodes = nodes
        return copy
    }
}

/** The rows of an index, and how many of them are in use. */
interface Rows {
    readonly rows: Int32Array
    readonly nodes: number
}

/**
 * Indexes a text; undefined where it is no JSON.
 * @param closedMax characters of arrays and objects of which the inside is not indexed before it is asked for
 */
export function indexJson(
    text: string,
    closedMax = text.length < longText ? 0 : closedCharactersMax,
): JsonIndex | undefined {
    try {
        return new JsonIndex(text, new Indexer(text, closedMax).index())
    } catch (error) {
        if (error instanceof NotJson) return undefined
        throw error
    }
}

function nextIn(rows: Int32Array, node: number): number {
    const next = rows[node * fields + nextField] as number
    return next > isClosed ? next : node + 1
}

class NotJson extends Error {}

class Indexer {
    readonly #text: string
    readonly #closedMax: number
    #at = 0
    #nodes: number
    #rows: Int32Array
    readonly #open: number[] = []

    constructor(text: string, closedMax: number, known?: Rows) {
        this.#text = text
        this.#closedMax = closedMax
        this.#nodes = known?.nodes ?? 0
        this.#rows = known?.rows ?? new Int32Array(fields * (16 + (text.length >> 6)))
    }

    /** @throws NotJson */
    index(): Rows {
        const rows = this.indexAt(0)
        if (this.#peek() >= 0) throw new NotJson()
        return rows
    }

    /** Adds the rows of the value that begins there. */
    indexAt(at: number): Rows {
        this.#at = at
        do this.#value()
        while (this.#goOn())
        return { rows: this.#rows, nodes: this.#nodes }
    }

    /** The next character that is not white space, or -1. */
    #peek(): number {
        for (;;) {
            const code = this.#at < this.#text.length ? this.#text.charCodeAt(this.#at) : -1
            if (code !== space && code !== lineFeed && code !== tab && code !== carriageReturn) return code
            this.#at += 1
        }
    }

    /** Up to the first value that holds no other. */
    #value(): void {
        for (;;) {
            const code = this.#peek()
            if (code === openBrace || code === openBracket) {
                const node = this.#add(this.#at)
                this.#at += 1
                this.#open.push(node)
                if (this.#peek() === (code === openBrace ? closeBrace : closeBracket)) return
                if (code === openBrace) this.#name()
                continue
            }
            if (code === quote) this.#string()
            else this.#scalar(code)
            return
        }
    }

    /** Behind a value: whether another one follows in what is open. */
    #goOn(): boolean {
        for (let node = this.#open.at(-1); node !== undefined; node = this.#open.at(-1)) {
            const isObject = this.#text.charCodeAt(this.#rows[node * fields] as number) === openBrace
            const code = this.#peek()
            this.#at += 1
            if (code === comma) {
                if (isObject) this.#name()
                return true
            }
            if (code !== (isObject ? closeBrace : closeBracket)) throw new NotJson()
            this.#open.pop()
            this.#end(node, isObject ? this.#hashOfObject(node) : this.#hashOfArray(node))
            this.#close(node)
        }
        return false
    }

    /** Forgets what is in a short value. */
    #close(node: number): void {
        const row = node * fields
        if (this.#at - (this.#rows[row] as number) > this.#closedMax) return
        this.#rows[row + nextField] = isClosed
        this.#nodes = node + 1
    }

    #name(): void {
        if (this.#peek() !== quote) throw new NotJson()
        this.#string()
        if (this.#peek() !== colon) throw new NotJson()
        this.#at += 1
    }

    #string(): void {
        const text = this.#text
        const node = this.#add(this.#at)
        let at = this.#at + 1
        let hash = quote
        let hasEscapes = false
        for (;;) {
            const code = at < text.length ? text.charCodeAt(at) : 0
            if (code === quote) break
            if (code < space) throw new NotJson()
            hash = step(hash, code)
            if (code === backslash) {
                hasEscapes = true
                escaped.lastIndex = at
                if (!escaped.test(text)) throw new NotJson()
                at = escaped.lastIndex
            } else at += 1
        }
        const begin = this.#at
        this.#at = at + 1
        this.#end(node, hasEscapes ? hashOf(quote, JSON.parse(text.slice(begin, at + 1)) as string) : hash)
    }

    #scalar(code: number): void {
        const text = this.#text
        const node = this.#add(this.#at)
        number.lastIndex = this.#at
        const found = number.exec(text)?.[0] ?? literals.find((literal) => text.startsWith(literal, this.#at))
        if (found === undefined) throw new NotJson()
        this.#at += found.length
        const isNumber = code <= nine
        this.#end(node, hashOf(comma, isNumber ? canonicalNumber(found) : found))
    }

    #add(at: number): number {
        const node = this.#nodes++
        if (this.#rows.length < this.#nodes * fields) {
            // As many as the rest holds if it goes on like this.
            const expected = 1.1 * (node / Math.max(at, 1)) * this.#text.length
            const size = Math.max(1.1 * this.#nodes, Math.min(expected, 2 * this.#nodes))
            const rows = new Int32Array(fields * Math.ceil(size))
            rows.set(this.#rows)
            this.#rows = rows
        }
        this.#rows[node * fields] = at
        return node
    }

    #end(node: number, hash: number): void {
        const row = node * fields
        this.#rows[row + endField] = this.#at
        this.#rows[row + nextField] = this.#nodes
        this.#rows[row + hashField] = hash
    }

    #hashOfArray(node: number): number {
        let hash = openBracket
        for (let inner = node + 1; inner < this.#nodes; ) {
            hash = step(hash, this.#rows[inner * fields + hashField] as number)
            inner = nextIn(this.#rows, inner)
        }
        return hash
    }

    /** The same in whatever order the names stand. */
    #hashOfObject(node: number): number {
        let sum = openBrace
        for (let name = node + 1; name < this.#nodes; ) {
            const value = (name + 1) * fields
            const hashOfName = this.#rows[name * fields + hashField] as number
            sum = (sum + step(step(hashOfName, colon), this.#rows[value + hashField] as number)) | 0
            name = nextIn(this.#rows, name + 1)
        }
        return sum
    }
}

function hashOf(start: number, text: string): number {
    let hash = start
    for (let at = 0; at < text.length; at++) hash = step(hash, text.charCodeAt(at))
    return hash
}

function step(hash: number, value: number): number {
    const mixed = Math.imul(hash ^ value, 0x9e3779b1)
    return mixed ^ (mixed >>> 15)
}
