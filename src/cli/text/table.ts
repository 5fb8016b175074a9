// Tables that fit the terminal: cells stand below each other, and nothing is drawn around them.
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

import type { Style } from './terminal.js'

/** Two columns without headings: what it is, and what it says. */
export function keyValues(rows: readonly (readonly [string, string])[], { chalk, columns }: Style): string {
    const keyWidth = Math.max(...rows.map(([key]) => key.length))
    // What is to be copied, such as a hash, must be there in full: a terminal that is too narrow breaks the
    // line itself.
    const words = rows.flatMap(([, value]) => value.split(/\s/))
    const width = Math.max(20, columns - keyWidth - 4, ...words.map((word) => stringWidth(word)))
    const cells = rows.map(([key, value]) => [chalk.dim(key), folded(value, width)])
    return drawn(cells, [{ width: keyWidth }, { width }])
}

export interface Column {
    readonly head: string
    readonly align?: 'left' | 'right'
}

/** A table with headings and no borders, as wide as the terminal at most: what is too long goes on below. */
export function table(
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    { chalk, columns: columnsOfTerminal }: Style,
): string {
    const heads = columns.map(({ head }) => head)
    const all = [heads, ...rows]
    const widths = columns.map((_, at) => Math.max(...all.map((cells) => stringWidth(cells[at] ?? ''))))
    narrow(widths, columnsOfTerminal - 2 - 2 * (columns.length - 1))
    const fold = (cells: readonly string[]) => cells.map((text, at) => folded(text, widths[at] ?? columnsMin))
    const dimmed = fold(heads).map((head) => head.replaceAll(/.+/g, (line) => chalk.dim(line)))
    return drawn(
        [dimmed, ...rows.map(fold)],
        columns.map(({ align }, at) => ({ align, width: widths[at] ?? columnsMin })),
    )
}

interface Place {
    readonly width: number
    readonly align?: Column['align'] | undefined
}

/** Rows of cells, of which each may have several lines. */
function drawn(rows: readonly (readonly string[])[], places: readonly Place[]): string {
    const lines = rows.flatMap((cells) => {
        const linesOf = cells.map((cell) => cell.split('\n'))
        const height = Math.max(...linesOf.map(({ length }) => length))
        return Array.from({ length: height }, (_, line) =>
            places.map((place, at) => padded(linesOf[at]?.[line] ?? '', place)).join('  '),
        )
    })
    return lines.map((line) => `  ${line}`.trimEnd()).join('\n')
}

function padded(text: string, { width, align }: Place): string {
    const room = ' '.repeat(Math.max(0, width - stringWidth(text)))
    return align === 'right' ? room + text : text + room
}

/** Narrower, a column is hard to read: then the terminal breaks the lines itself. */
const columnsMin = 6

/** Takes from the widest column what there is no room for. */
function narrow(widths: number[], room: number): void {
    for (let excess = widths.reduce((sum, width) => sum + width, 0) - room; excess > 0; excess--) {
        const widest = Math.max(...widths)
        if (widest <= columnsMin) return
        widths[widths.indexOf(widest)] = widest - 1
    }
}

/** Lines of a width in columns at most, broken between words where there are some. */
function folded(text: string, width: number): string {
    return stringWidth(text) <= width ? text : wrapAnsi(text, width, { hard: true })
}

/** A path that keeps its end, where the name is, when it is too long. */
export function shortenPath(path: string, columns: number): string {
    if (stringWidth(path) <= columns) return path
    const characters = Array.from(path)
    while (stringWidth(characters.join('')) > columns - 1) characters.shift()
    return `…${characters.join('')}`
}

/** The beginning of a text that is too long, by whole characters. */
export function shortenText(text: string, columns: number): string {
    if (stringWidth(text) <= columns) return text
    const characters = Array.from(text).slice(0, columns)
    while (stringWidth(characters.join('')) > columns - 1) characters.pop()
    return `${characters.join('')}…`
}
