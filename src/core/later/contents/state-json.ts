// A state of hosts since 0.4.0 as JSON. Such a state is a value of the engine that ran the app (Pine), which
// has bytes and lists alone: what is a number, a text, a record or a choice is told by how the lists look.
// Written out it can be far longer than its files, since values hold others many times: so there is a limit.
import { isUtf8 } from 'node:buffer'

import { ComplogError } from '../../errors.js'
import { appTextCharactersMax } from '../../limits.js'
import type { ReadLater } from '../reading/read-later.js'
import type { Value, ValueHash } from '../values/value.js'
import { codePointsIn, type GetValue, minimalCodePoint, textIn, valuesFrom } from './value-text.js'

/** A state as JSON, and what in it could mean something else too. */
export interface RenderedState {
    readonly json: string
    /** What reads as JSON in another way than the app may have meant it, as sentences. */
    readonly ambiguous: readonly string[]
}

/** Deeper than any state that a host could hold, and no deeper than the stack here. */
const depthMax = 1500
const partCharactersMin = 65_536

/**
 * Renders a value as JSON: records as objects with their fields in the order of their names, `T a` as
 * `{"T":[a]}`, a Dict as pairs, and numbers with all their digits.
 * @throws ComplogError `limit-exceeded` for one that is longer or deeper than can be shown
 */
export function stateAsJson(
    root: ValueHash,
    get: GetValue,
    charactersMax = appTextCharactersMax,
): RenderedState {
    const writer = new StateWriter(get, charactersMax)
    writer.write(root, 0)
    return { json: writer.text(), ambiguous: [...writer.ambiguous] }
}

/** A state in either of its forms. */
export interface ReadState {
    /** The text that the app gave, byte for byte, or JSON made of the value that hosts since 0.4.0 keep. */
    readonly state: string
    readonly format: 'text' | 'json'
    /** As of `RenderedState`. */
    readonly ambiguous: readonly string[]
}

/** The text that a state is, unless it is a value of the engine, or no sound file holds it. */
export function stateTextFrom(
    { values, store }: Pick<ReadLater, 'values' | 'store'>,
    hash: ValueHash,
): string | undefined {
    const value = values.load(hash)
    return value && stateTextIn(value, store)
}

/** No host of the two generations before the last kept anything else. */
function stateTextIn(value: Value, { generation }: ReadLater['store']): string | undefined {
    if (value.kind !== 'blob' || !(generation.order !== 'files' || isStateText(value))) return undefined
    return value.bytes.toString('utf8')
}

/** Reads a state from its files. @throws ComplogError `error-findings`, `limit-exceeded` */
export function stateFrom(
    { values, store }: Pick<ReadLater, 'values' | 'store'>,
    hash: ValueHash,
): ReadState {
    const get = valuesFrom(values, 'the state')
    const text = stateTextIn(get(hash), store)
    if (text !== undefined) return { state: text, format: 'text', ambiguous: [] }
    const { json, ambiguous } = stateAsJson(hash, get)
    return { state: json, format: 'json', ambiguous }
}

/**
 * Whether a value is the text that an app has given, as until 0.3.x, and no value of the engine: of those
 * that are bytes, numbers begin with 4 or 2, and characters since 2025-06 with 0; those before have at most 3
 * bytes.
 */
export function isStateText(value: Value): value is Value & { kind: 'blob' } {
    if (value.kind !== 'blob' || !isUtf8(value.bytes)) return false
    const [first] = value.bytes
    if (first === undefined || /^[{["tfn\-0-9 ]/.test(String.fromCharCode(first))) return true
    return value.bytes.length > 3 && ![0, 2, 4].includes(first)
}

const nameOfTag = /^[A-Z][A-Za-z0-9_]*$/

const oldForm =
    'The state is in the form of 0.4.0 to 0.4.3, in which a character and a number of few digits can be the same bytes, and a list of characters beside a list the same as a choice type: they are shown as numbers and as choice types.'
const oneLetter =
    'A character from A to Z beside a list is the same as a choice type of that name: it is shown as a choice type.'

class StateWriter {
    readonly ambiguous = new Set<string>()
    readonly #get: GetValue
    readonly #charactersMax: number
    readonly #parts: string[] = []
    /** The last part: a list of every word would be longer than V8 lets a list be. */
    #part = ''
    #length = 0

    constructor(get: GetValue, charactersMax: number) {
        this.#get = get
        this.#charactersMax = charactersMax
    }

    text(): string {
        return this.#parts.join('') + this.#part
    }

    write(hash: ValueHash, depth: number): void {
        if (depth > depthMax)
            throw new ComplogError(
                'limit-exceeded',
                `The state holds values nested more than ${depthMax} deep.`,
            )
        const value = this.#get(hash)
        if (value.kind === 'blob') this.#put(this.#blob(value.bytes))
        else if (!this.#flatRecord(value.items, depth) && !this.#tagged(value.items, depth))
            this.#list(value.items, depth)
    }

    #put(text: string): void {
        this.#length += text.length
        if (this.#length > this.#charactersMax) {
            const message = `The state is longer than ${this.#charactersMax} characters when it is written out.`
            throw new ComplogError('limit-exceeded', message)
        }
        this.#part += text
        if (this.#part.length < partCharactersMin) return
        this.#parts.push(this.#part)
        this.#part = ''
    }

    #blob(bytes: Buffer): string {
        const [first] = bytes
        if (bytes.length === 1 && first === 4) return 'true'
        if (bytes.length === 1 && first === 2) return 'false'
        const number = integerIn(bytes)
        if (number !== undefined) return number.toString()
        const character = bytes.length === 4 && first === 0 ? codePointsIn(bytes) : minimalCodePoint(bytes)
        if (character !== undefined) return JSON.stringify(character)
        return JSON.stringify({ AsBase64: bytes.toString('base64') })
    }

    #list(items: readonly ValueHash[], depth: number): void {
        this.#between('[]', items, (item) => {
            this.write(item, depth + 1)
        })
    }

    #between<T>(brackets: '[]' | '{}', all: readonly T[], each: (one: T) => void): void {
        this.#put(brackets.charAt(0))
        for (const [i, one] of all.entries()) {
            if (i > 0) this.#put(',')
            each(one)
        }
        this.#put(brackets.charAt(1))
    }

    /** Since 2026-05: the tag, then names and values in turn. */
    #flatRecord(items: readonly ValueHash[], depth: number): boolean {
        const [tag, ...rest] = items
        if (tag === undefined || rest.length % 2 !== 0 || textIn(this.#get, tag) !== '<Record_Type>')
            return false
        const fields: [ValueHash, ValueHash][] = []
        for (let i = 0; i < rest.length; i += 2) fields.push([rest[i] as ValueHash, rest[i + 1] as ValueHash])
        return this.#fields(fields, depth)
    }

    #fields(fields: readonly (readonly [ValueHash, ValueHash])[], depth: number): boolean {
        const named = fields.map(([name, value]) => [textIn(this.#get, name), value] as const)
        if (named.some(([name]) => name === undefined)) return false
        this.#between('{}', named, ([name, value]) => {
            this.#put(`${JSON.stringify(name)}:`)
            this.write(value, depth + 1)
        })
        return true
    }

    /** A list of a name and a list: what the engine itself calls so, or else a choice type. */
    #tagged(items: readonly ValueHash[], depth: number): boolean {
        const [tag, content, ...others] = items
        if (tag === undefined || content === undefined || others.length > 0) return false
        const name = textIn(this.#get, tag)
        const inner = this.#get(content)
        if (name === undefined || !nameOfTag.test(name) || inner.kind !== 'list') return false
        if (this.#builtIn(name, inner.items, depth)) return true
        if (name.length === 1) this.ambiguous.add(oneLetter)
        if (this.#get(tag).kind === 'list') this.ambiguous.add(oldForm)
        this.#put(`{${JSON.stringify(name)}:`)
        this.#list(inner.items, depth)
        this.#put('}')
        return true
    }

    #builtIn(name: string, given: readonly ValueHash[], depth: number): boolean {
        const [first, second] = given
        if (name === 'RBEmpty_elm_builtin' && first === undefined) {
            this.#put('[]')
            return true
        }
        if (name === 'RBNode_elm_builtin' && given.length === 5) return this.#dict(given, depth, false)
        if (first === undefined) return false
        if (name === 'Elm_Float' && second !== undefined) return this.#float(first, second)
        if (name === 'Function') {
            this.#put('{"Function":"opaque"}')
            return true
        }
        if (given.length > 1) return false
        const value = this.#get(first)
        if (name === 'String') return this.#string(first)
        if (name === 'Elm_Bytes' && value.kind === 'blob') {
            this.#put(JSON.stringify({ AsBase64: value.bytes.toString('base64') }))
            return true
        }
        if (name === 'Elm_Record' && value.kind === 'list') return this.#pairs(value.items, depth)
        if (name === 'Set_elm_builtin') return this.#set(first, depth)
        return false
    }

    #string(hash: ValueHash): boolean {
        const text = textIn(this.#get, hash)
        if (text === undefined) return false
        this.#put(JSON.stringify(text))
        return true
    }

    #pairs(items: readonly ValueHash[], depth: number): boolean {
        const fields: [ValueHash, ValueHash][] = []
        for (const item of items) {
            const pair = this.#get(item)
            if (pair.kind !== 'list' || pair.items.length !== 2) return false
            fields.push(pair.items as [ValueHash, ValueHash])
        }
        return this.#fields(fields, depth)
    }

    #float(numerator: ValueHash, denominator: ValueHash): boolean {
        const [above, below] = [numerator, denominator].map((hash) => {
            const value = this.#get(hash)
            return value.kind === 'blob' ? integerIn(value.bytes) : undefined
        })
        if (above === undefined || below === undefined || below === 0n) return false
        this.#put(JSON.stringify(Number(above) / Number(below)))
        return true
    }

    #set(hash: ValueHash, depth: number): boolean {
        const node = this.#nodeOf(hash)
        return node !== undefined && this.#dict(node, depth, true)
    }

    /** The entries of a red-black tree in the order of their keys: what the app would list. */
    #dict(root: readonly ValueHash[], depth: number, keysAlone: boolean): boolean {
        const entries: (readonly ValueHash[])[] = []
        const open: (readonly ValueHash[])[] = []
        for (let node: readonly ValueHash[] | undefined = root; node !== undefined || open.length > 0; ) {
            while (node !== undefined && node.length === 5) {
                open.push(node)
                if (entries.length + open.length > this.#charactersMax / 4)
                    throw new ComplogError('limit-exceeded', 'A Dict in the state has too many entries.')
                node = this.#nodeOf(node[3] as ValueHash)
            }
            const at = open.pop()
            if (at === undefined) break
            entries.push(at.slice(1, 3))
            node = this.#nodeOf(at[4] as ValueHash)
        }
        this.#between('[]', entries, (entry) => {
            if (keysAlone) this.write(entry[0] as ValueHash, depth + 1)
            else this.#list(entry, depth)
        })
        return true
    }

    /** What a node of a Dict holds: five values, or none where it is empty; undefined for anything else. */
    #nodeOf(hash: ValueHash): readonly ValueHash[] | undefined {
        const value = this.#get(hash)
        const [tag, content] = value.kind === 'list' ? value.items : []
        if (tag === undefined || content === undefined) return undefined
        const name = textIn(this.#get, tag)
        const inner = this.#get(content)
        if (inner.kind !== 'list') return undefined
        return name === 'RBNode_elm_builtin' || name === 'RBEmpty_elm_builtin' ? inner.items : undefined
    }
}

/** A sign, 4 or 2, and the digits of the number to the base 256. */
function integerIn(bytes: Buffer): bigint | undefined {
    const [sign] = bytes
    if (bytes.length < 2 || (sign !== 4 && sign !== 2)) return undefined
    const magnitude = BigInt(`0x${bytes.toString('hex', 1)}`)
    return sign === 4 ? magnitude : -magnitude
}
