// What two sequences have in common, in order: the longest common subsequence where they differ in few
// places, and a good one, in bounded time, where they differ in many.
import { countWhile } from '../count-while.js'

/** Differences that are looked for exactly. The time grows with their square. */
const editsMax = 1000

/** For each item of `after`, the index of the item of `before` that stays; -1: none. */
export type Kept = Int32Array

interface Stretch {
    readonly from: number
    readonly to: number
    readonly afterFrom: number
    readonly afterTo: number
}

interface Sequences {
    readonly before: Int32Array
    readonly after: Int32Array
}

/** Items are the same where their numbers are. */
export function commonSequence(before: Int32Array, after: Int32Array): Kept {
    const sequences = { before, after }
    const kept: Kept = new Int32Array(after.length).fill(-1)
    const open: Stretch[] = [{ from: 0, to: before.length, afterFrom: 0, afterTo: after.length }]
    for (let stretch = open.pop(); stretch !== undefined; stretch = open.pop()) {
        const inner = withoutEnds(sequences, stretch, kept)
        if (inner.from === inner.to || inner.afterFrom === inner.afterTo) continue
        if (!keepExactly(sequences, inner, kept)) open.push(...betweenAnchors(sequences, inner, kept))
    }
    return kept
}

/** Keeps what both begin and end with, and gives what is left. */
function withoutEnds({ before, after }: Sequences, stretch: Stretch, kept: Kept): Stretch {
    let { from, to, afterFrom, afterTo } = stretch
    while (from < to && afterFrom < afterTo && before[from] === after[afterFrom]) kept[afterFrom++] = from++
    while (from < to && afterFrom < afterTo && before[to - 1] === after[afterTo - 1]) kept[--afterTo] = --to
    return { from, to, afterFrom, afterTo }
}

/** The algorithm of Myers (1986). False where there are too many differences for it. */
function keepExactly({ before, after }: Sequences, stretch: Stretch, kept: Kept): boolean {
    const { from, afterFrom } = stretch
    const [width, height] = [stretch.to - from, stretch.afterTo - afterFrom]
    if (Math.abs(width - height) > editsMax) return false
    const max = Math.min(editsMax, width + height)
    /** How far each diagonal was followed, by the number of edits. */
    const reached: Int32Array[] = []
    let last = new Int32Array(3)
    for (let edits = 0; edits <= max; edits++) {
        const now = new Int32Array(2 * edits + 3)
        for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
            let x = stepTo(last, edits, diagonal)
            let y = x - diagonal
            while (x < width && y < height && before[from + x] === after[afterFrom + y]) {
                x++
                y++
            }
            now[diagonal + edits + 1] = x
            if (x !== width || y !== height) continue
            reached.push(now)
            walkBack(reached, { from, to: from + x, afterFrom, afterTo: afterFrom + y }, kept)
            return true
        }
        reached.push(now)
        last = now
    }
    return false
}

/** Where the next edit begins on a diagonal. `last` holds those of one edit less, one to the side each. */
function stepTo(last: Int32Array, edits: number, diagonal: number): number {
    if (edits === 0) return 0
    const below = diagonal + edits
    const [down, right] = [last[below + 1] ?? 0, (last[below - 1] ?? 0) + 1]
    if (diagonal === -edits) return down
    if (diagonal === edits) return right
    return Math.max(down, right)
}

function walkBack(reached: readonly Int32Array[], stretch: Stretch, kept: Kept): void {
    const { from, afterFrom } = stretch
    let [x, y] = [stretch.to - from, stretch.afterTo - afterFrom]
    for (let edits = reached.length - 1; edits >= 0; edits--) {
        const diagonal = x - y
        const begin = edits === 0 ? 0 : stepTo(reached[edits - 1] as Int32Array, edits, diagonal)
        while (x > begin) kept[afterFrom + --y] = from + --x
        if (edits === 0) return
        // The step down is the one that is taken where both lead as far.
        const down = reached[edits - 1]?.[diagonal + edits + 1] ?? 0
        if (diagonal !== edits && begin === down) y--
        else x--
    }
}

/** Keeps items that stand once on either side, as far as they are in order. Gives what lies between. */
function betweenAnchors({ before, after }: Sequences, stretch: Stretch, kept: Kept): readonly Stretch[] {
    const here = onlyOnce(before, stretch.from, stretch.to)
    const there = onlyOnce(after, stretch.afterFrom, stretch.afterTo)
    const pairs = [...there]
        .map(([item, index]) => ({ index, before: index < 0 ? -1 : (here.get(item) ?? -1) }))
        .filter((pair) => pair.before >= 0)
    const inOrder = increasing(pairs.map((pair) => pair.before))
    const stretches: Stretch[] = []
    let { from, afterFrom } = stretch
    for (const at of inOrder) {
        const pair = pairs[at] as (typeof pairs)[number]
        kept[pair.index] = pair.before
        stretches.push({ from, to: pair.before, afterFrom, afterTo: pair.index })
        from = pair.before + 1
        afterFrom = pair.index + 1
    }
    if (inOrder.length > 0) stretches.push({ ...stretch, from, afterFrom })
    return stretches
}

/** Where each item stands that stands once; -1 for the others. In the order of the items. */
function onlyOnce(items: Int32Array, from: number, to: number): ReadonlyMap<number, number> {
    const found = new Map<number, number>()
    for (let at = from; at < to; at++) {
        const item = items[at] as number
        found.set(item, found.has(item) ? -1 : at)
    }
    return found
}

/** The longest increasing subsequence of different numbers, as indices. */
export function increasing(values: readonly number[]): readonly number[] {
    /** Index of the smallest value that ends a subsequence of each length. */
    const ends: number[] = []
    const previous = new Int32Array(values.length)
    for (const [index, value] of values.entries()) {
        const length = countWhile(ends.length, (i) => (values[ends[i] as number] as number) < value)
        previous[index] = ends[length - 1] ?? -1
        ends[length] = index
    }
    const found: number[] = []
    for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] as number) found.push(at)
    return found.reverse()
}
