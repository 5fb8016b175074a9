// Tables that fit the terminal. cli-table3 colours its borders and headings unless both styles are emptied.
import { stripVTControlCharacters } from 'node:util'

import Table from 'cli-table3'

import type { Style } from '../terminal.js'

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

function widthOf(text: string): number {
    return stripVTControlCharacters(text).length
}

/** Two columns without borders: what it is, and what it says. */
export function keyValues(rows: readonly (readonly [string, string])[], { chalk, columns }: Style): string {
    const keyWidth = Math.max(...rows.map(([key]) => key.length))
    // What is to be copied, such as a hash, must be there in full: a terminal that is too narrow breaks the line itself.
    const longestWord = Math.max(0, ...rows.flatMap(([, value]) => value.split(/\s/).map(widthOf)))
    const table = new Table({
        chars: noBorder,
        style: plain,
        colWidths: [keyWidth, Math.max(20, longestWord, columns - keyWidth - 4)],
        wordWrap: true,
    })
    for (const [key, value] of rows) table.push([chalk.dim(key), value])
    return indent(table.toString())
}

export interface Column {
    readonly head: string
    readonly align?: 'left' | 'right'
    /** Width in columns; default: as wide as its content. */
    readonly width?: number
}

/** A table with headings and no borders. */
export function table(
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    { chalk }: Style,
): string {
    const drawn = new Table({
        chars: noBorder,
        style: plain,
        head: columns.map(({ head }) => chalk.dim(head)),
        colAligns: columns.map(({ align }) => align ?? 'left'),
        colWidths: columns.map(({ width }) => width ?? null),
        wordWrap: true,
        wrapOnWordBoundary: false,
    })
    for (const row of rows) drawn.push([...row])
    return indent(drawn.toString())
}

function indent(text: string): string {
    return text
        .split('\n')
        .map((line) => `  ${line}`.trimEnd())
        .join('\n')
}

/** A path that keeps its end, where the name is, when it is too long. */
export function shortenPath(path: string, columns: number): string {
    return path.length <= columns ? path : `…${path.slice(path.length - columns + 1)}`
}
