// Texts that are no JSON are compared line by line, and a stretch of lines that changed is cut to what is
// different in it.
import type { TextChange } from './change.js'
import { commonSequence } from './common-sequence.js'

/** @param changesMax how many changes are kept; the others are counted */
export function textChanges(
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
    for (let index = 0; index <= others.length;) {
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
