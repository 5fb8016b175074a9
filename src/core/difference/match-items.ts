// Which item of a list became which. What tells items apart, where they have such a thing, decides; else
// where they stand in what both lists have in common.
import { commonSequence, increasing } from './common-sequence.js'
import type { JsonIndex } from './json-index.js'
import { canonicalNumber } from './json-number.js'

/** Values of one list in the text before and after. */
export interface Lists {
    readonly before: JsonIndex
    readonly after: JsonIndex
    readonly items: readonly number[]
    readonly others: readonly number[]
}

/** One item of the list after, or one that is gone: indices into both lists, -1 where it is not there. */
export interface ItemMatch {
    readonly before: number
    readonly after: number
    readonly isMoved?: boolean
    /** What tells it apart, as JSON. */
    readonly item?: string | undefined
}

/** All items of both lists, those of the list after in their order. */
export function* matchItems(lists: Lists): Generator<ItemMatch> {
    const { before, after, items, others } = lists
    const isAlike = (index: number, other: number) =>
        before.hash(items[index] as number) === after.hash(others[other] as number)
    // What both begin and end with need not be looked up.
    const least = Math.min(items.length, others.length)
    let first = 0
    while (first < least && isAlike(first, first)) first++
    let [end, otherEnd] = [items.length, others.length]
    while (end > first && otherEnd > first && isAlike(end - 1, otherEnd - 1)) {
        end--
        otherEnd--
    }
    for (let index = 0; index < first; index++) yield { before: index, after: index }
    const between = {
        before,
        after,
        items: items.slice(first, end),
        others: others.slice(first, otherEnd),
    }
    for (const match of matchBetween(between)) {
        const { before: index, after: other } = match
        yield { ...match, before: index < 0 ? -1 : index + first, after: other < 0 ? -1 : other + first }
    }
    for (let index = otherEnd; index < others.length; index++)
        yield { before: index - otherEnd + end, after: index }
}

function matchBetween(lists: Lists): readonly ItemMatch[] {
    const { before, after, items, others } = lists
    for (const keyOf of ways) {
        const keys = keysOf(before, items, keyOf)
        const otherKeys = keys && keysOf(after, others, keyOf)
        if (keys !== undefined && otherKeys !== undefined) return matchByKey(keys, otherKeys)
    }
    return matchBySequence(lists)
}

type KeyOf = (json: JsonIndex, node: number) => number | undefined

/** Objects with an `id` or a `key`, and pairs, which is how Elm's Dict is written. */
const ways: readonly KeyOf[] = [
    (json, node) => (json.isObject(node) ? json.member(node, 'id') : undefined),
    (json, node) => (json.isObject(node) ? json.member(node, 'key') : undefined),
    (json, node) => {
        if (!json.isArray(node)) return undefined
        const [first, second, third] = json.inside(node)
        return second !== undefined && third === undefined ? first : undefined
    },
]

interface Keys {
    /** By what is the same for all spellings of a key. */
    readonly indices: ReadonlyMap<string, number>
    readonly texts: readonly string[]
}

/** Undefined where an item has no key, or two have the same. */
function keysOf(json: JsonIndex, items: readonly number[], keyOf: KeyOf): Keys | undefined {
    const indices = new Map<string, number>()
    const texts: string[] = []
    for (const item of items) {
        const key = keyOf(json, item)
        if (key === undefined || json.isObject(key) || json.isArray(key)) return undefined
        const text = json.textOf(key)
        indices.set(json.isNumber(key) ? canonicalNumber(text) : `"${json.stringOf(key)}`, texts.length)
        texts.push(text)
        if (indices.size < texts.length) return undefined
    }
    return { indices, texts }
}

function matchByKey(keys: Keys, others: Keys): readonly ItemMatch[] {
    const found = [...others.indices].map(([key, after]) => ({
        after,
        before: keys.indices.get(key) ?? -1,
        item: others.texts[after],
    }))
    const both = found.filter(({ before }) => before >= 0)
    const inOrder = new Set(increasing(both.map(({ before }) => before)).map((at) => both[at]?.after))
    const gone = [...keys.indices]
        .filter(([key]) => !others.indices.has(key))
        .map(([, before]) => ({ before, after: -1, item: keys.texts[before] }))
    return [
        ...gone,
        ...found.map((match) => ({ ...match, isMoved: match.before >= 0 && !inOrder.has(match.after) })),
    ]
}

function matchBySequence({ before, after, items, others }: Lists): readonly ItemMatch[] {
    if (items.length === 1 && others.length === 1) return [{ before: 0, after: 0 }]
    const kept = commonSequence(
        Int32Array.from(items, (node) => before.hash(node)),
        Int32Array.from(others, (node) => after.hash(node)),
    )
    const gone: ItemMatch[] = []
    const there: ItemMatch[] = []
    let from = 0
    for (let index = 0; index <= others.length; ) {
        let end = index
        while (end < others.length && kept[end] === -1) end++
        // Between two that stay: as many as can be became each other, in their order.
        const to = end < others.length ? (kept[end] as number) : items.length
        for (; index < end; index++) there.push({ before: from < to ? from++ : -1, after: index })
        for (; from < to; from++) gone.push({ before: from, after: -1 })
        if (end < others.length) there.push({ before: from++, after: end })
        index = end + 1
    }
    return [...gone, ...there]
}
