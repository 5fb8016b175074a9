// From two indexes to the list of what changed. Equal parts are passed over by their hashes; what is left is
// walked in the order of the text, with a stack of its own, since JSON can be deeper than calls can.
import type { Change } from './change.js'
import type { JsonIndex } from './json-index.js'
import { canonicalNumber } from './json-number.js'
import { matchItems } from './match-items.js'
import { pointerTo } from './pointer.js'

/** Two values, of which the first may have become the second. */
interface Pair {
    readonly before: number
    readonly after: number
    readonly pointer: string
    /** Its pointer before. */
    readonly from: string
    readonly item: string | undefined
    /** Whether both are arguments of the same Elm constructor, which do not move. */
    readonly isFixed: boolean
    /** Whether the hashes say that both are equal, and only that is to be made sure of. */
    readonly isLikelyEqual: boolean
}

/** The changes that are kept, and how many there are beyond. */
export interface Changes {
    readonly changes: readonly Change[]
    readonly more: number
}

export function jsonChanges(before: JsonIndex, after: JsonIndex, changesMax: number): Changes {
    return new Walk(before, after, changesMax).run()
}

class Walk {
    readonly #before: JsonIndex
    readonly #after: JsonIndex
    readonly #changesMax: number
    readonly #changes: Change[] = []
    #more = 0
    /** What is still to be done, the next at the end. */
    readonly #open: (Pair | Change)[] = []
    /** What the pair at hand leads to, in order. */
    readonly #steps: (Pair | Change)[] = []

    constructor(before: JsonIndex, after: JsonIndex, changesMax: number) {
        this.#before = before
        this.#after = after
        this.#changesMax = changesMax
    }

    run(): Changes {
        const isLikelyEqual = this.#before.hash(0) === this.#after.hash(0)
        const whole = { before: 0, after: 0, pointer: '', from: '', item: undefined, isFixed: false }
        this.#open.push({ ...whole, isLikelyEqual })
        for (let step = this.#open.pop(); step !== undefined; step = this.#open.pop()) {
            if ('isLikelyEqual' in step) this.#compare(step)
            else this.#keep(step)
        }
        return { changes: this.#changes, more: this.#more }
    }

    #keep(change: Change): void {
        if (this.#changes.length < this.#changesMax) this.#changes.push(change)
        else this.#more += 1
    }

    #compare(pair: Pair): void {
        const [before, after] = [this.#before, this.#after]
        if (before.isObject(pair.before) && after.isObject(pair.after)) this.#compareObjects(pair)
        else if (before.isArray(pair.before) && after.isArray(pair.after)) this.#compareArrays(pair)
        else if (!this.#isSameScalar(pair)) this.#keep(this.#changed(pair))
        for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) this.#open.push(step)
    }

    #compareObjects(pair: Pair): void {
        const [members, others] = [membersOf(this.#before, pair.before), membersOf(this.#after, pair.after)]
        const isTag = members.size === 1 && others.size === 1
        for (const [part, before] of members) {
            const after = others.get(part)
            if (after !== undefined)
                this.#step(pair, { before, after, part, isFixed: isTag && startsUpper.test(part) })
            else if (!isTag) this.#removed(pair, before, part)
            else this.#keep(this.#changed(pair))
        }
        for (const [part, node] of others) if (!isTag && !members.has(part)) this.#added(pair, node, part)
    }

    #compareArrays(pair: Pair): void {
        const [before, after] = [this.#before, this.#after]
        const [items, others] = [[...before.inside(pair.before)], [...after.inside(pair.after)]]
        if (pair.isFixed && items.length === others.length) {
            for (const [index, node] of others.entries())
                this.#step(pair, { before: items[index] as number, after: node, part: index })
            return
        }
        for (const match of matchItems({ before, after, items, others })) {
            const here = match.item === undefined ? pair : { ...pair, item: match.item }
            const [node, other] = [items[match.before], others[match.after]]
            if (other === undefined) this.#removed(here, node as number, match.before)
            else if (node === undefined) this.#added(here, other, match.after)
            else {
                if (match.isMoved === true) this.#moved(here, match.before, match.after)
                this.#step(here, { before: node, after: other, part: match.after, fromPart: match.before })
            }
        }
    }

    /** Notes two values that belong together, unless they are equal at a glance. */
    #step(around: Pair, values: Values): void {
        const { before, after, part, fromPart = part, isFixed = false } = values
        const isLikelyEqual = this.#before.hash(before) === this.#after.hash(after)
        // In what is to be made sure of, each level would compare all of its text again.
        if (isLikelyEqual && (this.#before.isLeaf(before) || !around.isLikelyEqual)) {
            if (this.#before.textOf(before) === this.#after.textOf(after)) return
        }
        const pointer = pointerTo(around.pointer, part)
        const from = pointerTo(around.from, fromPart)
        this.#steps.push({ before, after, pointer, from, item: around.item, isFixed, isLikelyEqual })
    }

    #removed({ from, item }: Pair, node: number, part: string | number): void {
        const before = this.#before.textOf(node)
        this.#steps.push({ pointer: pointerTo(from, part), before, ...(item !== undefined && { item }) })
    }

    #added({ pointer, item }: Pair, node: number, part: string | number): void {
        const after = this.#after.textOf(node)
        this.#steps.push({ pointer: pointerTo(pointer, part), after, ...(item !== undefined && { item }) })
    }

    #moved({ pointer, from, item }: Pair, before: number, after: number): void {
        const places = { pointer: pointerTo(pointer, after), from: pointerTo(from, before) }
        this.#steps.push({ ...places, ...(item !== undefined && { item }) })
    }

    #changed({ before, after, pointer, item }: Pair): Change {
        return {
            pointer,
            before: this.#before.textOf(before),
            after: this.#after.textOf(after),
            ...(item !== undefined && { item }),
        }
    }

    #isSameName(name: number, other: number): boolean {
        if (this.#before.hash(name) !== this.#after.hash(other)) return false
        return this.#before.stringOf(name) === this.#after.stringOf(other)
    }

    #isSameScalar({ before: node, after: other, isLikelyEqual }: Pair): boolean {
        const [before, after] = [this.#before, this.#after]
        if (!isLikelyEqual) return false
        if (before.isString(node)) return after.isString(other) && this.#isSameName(node, other)
        const [one, two] = [before.textOf(node), after.textOf(other)]
        if (before.isNumber(node) && after.isNumber(other))
            return canonicalNumber(one) === canonicalNumber(two)
        return one === two
    }
}

/** Elm writes constructors with a capital letter, and names of fields without. */
const startsUpper = /^\p{Lu}/u

interface Values {
    readonly before: number
    readonly after: number
    readonly part: string | number
    /** The part before, where that is another one. */
    readonly fromPart?: number
    readonly isFixed?: boolean
}

/** The values of an object by their names; of a name that is there twice the last, as JSON.parse has it. */
function membersOf(json: JsonIndex, node: number): ReadonlyMap<string, number> {
    const members = new Map<string, number>()
    for (const name of json.inside(node)) members.set(json.stringOf(name), name + 1)
    return members
}
