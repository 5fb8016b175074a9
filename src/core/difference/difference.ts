// Entrance of core/difference/: what is different between two texts. In come two texts, such as states or
// responses; out comes a list of changes. Texts are compared as JSON where both are JSON (`json-walk.ts`),
// else as lines.
//
// See docs/decisions/0026-differences-of-json.md.
import type { Change, TextChange } from './change.js'
import { commonSequence } from './common-sequence.js'
import { indexJson } from './json-index.js'
import { jsonChanges } from './json-walk.js'
import { nodeAt, partsOf, pointerTo } from './pointer.js'

/** What is different between two texts. */
export type Difference =
    | {
          readonly form: 'json'
          readonly changes: readonly Change[]
          /** Changes beyond the bound. */
          readonly more: number
      }
    | { readonly form: 'text'; readonly changes: readonly TextChange[]; readonly more: number }

/** How much of a difference to tell. */
export interface DifferenceOptions {
    /** Changes that are kept; the others are counted. Default: 1000. */
    readonly changesMax?: number | undefined
}

/** Compares two texts, as JSON where both are, else as lines. Time and memory grow with their lengths. */
export function differenceOf(before: string, after: string, options: DifferenceOptions = {}): Difference {
    const { changesMax = 1000 } = options
    if (before === after) return { form: 'json', changes: [], more: 0 }
    const one = indexJson(before)
    const other = one && indexJson(after)
    if (one === undefined || other === undefined)
        return { form: 'text', ...textChanges(before, after, changesMax) }
    return { form: 'json', ...jsonChanges(one, other, changesMax) }
}

/**
 * The JSON text that a pointer leads to; the whole text, whatever it is, for the whole. Undefined where
 * nothing stands there, or the text is no JSON.
 * @throws ComplogError `usage` where it is no JSON pointer
 */
export function partAt(text: string, pointer: string): string | undefined {
    const parts = partsOf(pointer)
    if (parts.length === 0) return text
    const json = indexJson(text)
    const node = json && nodeAt(json, parts)
    return node === undefined ? undefined : json?.textOf(node)
}

/**
 * The difference of what a JSON pointer leads to in two texts. Where it leads nowhere in one of them, that is
 * a change; where nowhere in both, there is none.
 * @throws ComplogError `usage` where it is no JSON pointer
 */
export function differenceAt(pointer: string, before: string, after: string): Difference {
    if (partsOf(pointer).length === 0) return differenceOf(before, after)
    const [was, is] = [partAt(before, pointer), partAt(after, pointer)]
    const whole = partsOf(pointer).reduce<string>(pointerTo, '')
    if (was === undefined || is === undefined) {
        const change = {
            pointer: whole,
            ...(was !== undefined && { before: was }),
            ...(is !== undefined && { after: is }),
        }
        return { form: 'json', changes: was === is ? [] : [change], more: 0 }
    }
    const difference = differenceOf(was, is)
    if (difference.form === 'text') return difference
    const changes = difference.changes.map((change) => ({
        ...change,
        pointer: whole + change.pointer,
        ...(change.from !== undefined && { from: whole + change.from }),
    }))
    return { ...difference, changes }
}

/** Whether two texts say the same: as JSON where both are JSON, else to the last character. */
export function isSameText(before: string, after: string): boolean {
    const { changes, more } = differenceOf(before, after, { changesMax: 1 })
    return changes.length + more === 0
}

export type { Change, TextChange } from './change.js'
export { indexJson, type JsonIndex } from './json-index.js'

// Texts that are no JSON are compared line by line, and a stretch of lines that changed is cut to what is
// different in it.

/** @param changesMax how many changes are kept; the others are counted */
function textChanges(
    before: string,
    after: string,
    changesMax: number,
): { readonly changes: readonly TextChange[]; readonly more: number } {
    const lines = before.split(/(?<=\n)/)
    const others = after.split(/(?<=\n)/)
    const numbers = new Map<string, number>()
    const numberOf = (line: string) => {
        const known = numbers.get(line) ?? numbers.size
        numbers.set(line, known)
        return known
    }
    const kept = commonSequence(Int32Array.from(lines, numberOf), Int32Array.from(others, numberOf))
    const changes: TextChange[] = []
    let more = 0
    let offset = 0
    let from = 0
    for (let index = 0; index <= others.length; ) {
        let end = index
        while (end < others.length && kept[end] === -1) end++
        const to = end < others.length ? (kept[end] as number) : lines.length
        const [was, is] = [lines.slice(from, to).join(''), others.slice(index, end).join('')]
        if (was !== is && changes.length === changesMax) more++
        else if (was !== is) changes.push(cut({ line: from + 1, offset, before: was, after: is }))
        offset += was.length + (lines[to]?.length ?? 0)
        from = to + 1
        index = end + 1
    }
    return { changes, more }
}

/** Without what both begin and end with. */
function cut({ line, offset, before, after }: TextChange): TextChange {
    const least = Math.min(before.length, after.length)
    let start = 0
    while (start < least && before[start] === after[start]) start++
    if (isSecondHalf(before, start) || isSecondHalf(after, start)) start--
    let end = 0
    while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) end++
    if (isSecondHalf(before, before.length - end) || isSecondHalf(after, after.length - end)) end--
    const lineStarts = before.slice(0, start).split('\n').length - 1
    return {
        line: line + lineStarts,
        offset: offset + start,
        before: before.slice(start, before.length - end),
        after: after.slice(start, after.length - end),
    }
}

/** Whether a place lies within a character of two UTF-16 code units. */
function isSecondHalf(text: string, at: number): boolean {
    return at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff
}
