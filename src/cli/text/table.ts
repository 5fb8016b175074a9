// Tables that fit the terminal. cli-table3 colours its borders and headings unless both styles are emptied.
import Table from 'cli-table3'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

import type { Style } from './terminal.js'

const noBorder = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
}

const plain = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 }

/** Two columns without borders: what it is, and what it says. */
export function keyValues(values: Readonly<Record<string, string>>, { chalk, columns }: Style): string {
    const rows = Object.entries(values)
    const keyWidth = Math.max(...rows.map(([key]) => key.length))
    // What is to be copied, such as a hash, must be there in full: a terminal that is too narrow breaks the
    // line itself.
    const longestWord = Math.max(
        0,
        ...rows.flatMap(([, value]) => value.split(/\s/).map((word) => stringWidth(word))),
    )
    const table = new Table({
        chars: noBorder,
        style: plain,
        colWidths: [keyWidth, Math.max(20, longestWord, columns - keyWidth - 4)],
        wordWrap: true,
    })
    for (const [key, value] of rows) table.push([chalk.dim(key), value])
    return indent(table.toString())
}

/**
 * A table with headings and no borders, as wide as the terminal at most: what is too long goes on below.
 * @param columns where the cells below each heading stand in it
 */
export function table(
    columns: Readonly<Record<string, 'left' | 'right'>>,
    rows: readonly (readonly string[])[],
    { chalk, columns: columnsOfTerminal }: Style,
): string {
    const heads = Object.keys(columns)
    const all = [heads, ...rows]
    const widths = heads.map((_, at) => Math.max(...all.map((cells) => stringWidth(cells[at] ?? ''))))
    const room = columnsOfTerminal - 2 - 2 * (heads.length - 1)
    narrow(widths, room)
    const fold = (cells: readonly string[]) => cells.map((text, at) => folded(text, widths[at] ?? columnsMin))
    const drawn = new Table({
        chars: noBorder,
        style: plain,
        head: fold(heads).map((head) => chalk.dim(head)),
        colAligns: Object.values(columns),
        colWidths: widths,
    })
    for (const row of rows) drawn.push(fold(row))
    return indent(drawn.toString())
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

function indent(text: string): string {
    return text
        .split('\n')
        .map((line) => `  ${line}`.trimEnd())
        .join('\n')
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
