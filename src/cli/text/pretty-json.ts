// JSON for people: a value a line, everything as it was written.
import { printable } from './printable.js'
import { formatCount } from './units.js'

export interface PrettyOptions {
    /** Put in front of each line. */
    readonly indent: string
    /** Lines of the result. */
    readonly linesMax: number
}

/** Deeper than this, everything stands on one line: who reads so far to the right? */
const depthMax = 40
/** Objects and lists that are no longer than this stay on one line. */
const shortCharactersMax = 60
const lineCharactersMax = 1000
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\],:]|[^\s"{}[\],:]+/s

/** A text, indented where it is JSON, else as it is; without control characters, cut to fit a screen. */
export function prettyJson(text: string, isJson: boolean, options: PrettyOptions): string {
    const { indent, linesMax } = options
    const lines = isJson ? jsonLines(text, linesMax) : text.split('\n', linesMax + 1)
    const shown = lines
        .slice(0, linesMax)
        .map((line) => indent + printable(line.slice(0, lineCharactersMax).toWellFormed()) + beyond(line))
    if (lines.length > linesMax) shown.push(`${indent}… (${formatCount(text.length)} characters in all)`)
    return shown.join('\n')
}

function beyond({ length }: string): string {
    return length > lineCharactersMax ? `… (${formatCount(length)} characters)` : ''
}

function jsonLines(text: string, linesMax: number): readonly string[] {
    const lines: string[] = []
    let line = ''
    let depth = 0
    const end = () => {
        lines.push(line)
        line = '  '.repeat(Math.min(depth, depthMax))
    }
    const token = new RegExp(tokens, 'gs')
    for (let found = token.exec(text); found !== null && lines.length <= linesMax; found = token.exec(text)) {
        const [part] = found
        // Far to the right of what is shown there may be a million brackets more.
        if (line.length > 2 * lineCharactersMax && depth > depthMax) return [...lines, line]
        const isOpening = part === '{' || part === '['
        const short = isOpening ? shortFrom(text, found.index) : undefined
        if (short !== undefined) {
            line += short.line
            token.lastIndex = short.end
        } else if (isOpening) {
            line += part
            depth += 1
            if (depth <= depthMax) end()
        } else if (part === '}' || part === ']') {
            depth -= 1
            if (depth < depthMax) end()
            line += part
        } else if (part === ',') {
            line += part
            if (depth <= depthMax) end()
            else line += ' '
        } else line += part === ':' ? ': ' : part
    }
    if (line.trim() !== '') lines.push(line)
    return lines
}

/** What stands within short brackets, on one line; undefined where it is too long for that. */
function shortFrom(text: string, begin: number): { readonly line: string; readonly end: number } | undefined {
    const window = text.slice(begin, begin + 2 * shortCharactersMax)
    let line = ''
    let depth = 0
    for (const { 0: part, index } of window.matchAll(new RegExp(tokens, 'gs'))) {
        if (part === '{' || part === '[') depth += 1
        if (part === '}' || part === ']') depth -= 1
        line += part === ',' || part === ':' ? `${part} ` : part
        if (line.length > shortCharactersMax) return undefined
        if (depth === 0) return { line, end: begin + index + part.length }
    }
    return undefined
}
