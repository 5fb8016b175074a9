// A comparison as a file for other people: Markdown for a pull request, HTML for a browser, JUnit's XML for
// CI. What strangers sent is in all of them, so each text is escaped for where it stands.
import { extname } from 'node:path'

import { Chalk } from 'chalk'

import { ComplogError } from '../../core/errors.js'
import type { ResultOf } from '../json/results.js'
import { printable } from '../text/printable.js'
import type { Style } from '../text/terminal.js'
import { changeText, firstText, firstValues, lastText, verdictOf } from './compare.js'
import { renderDifference } from './difference.js'

type Result = ResultOf<'compare'>
type Comparison = NonNullable<Result['comparison']>

/** One kind of difference: what a row says, or a test case. */
interface Row {
    readonly times: number
    readonly what: string
    readonly kind: string
    readonly part: string
    readonly first: number
    /** Whether it makes the answer no. */
    readonly counts: boolean
}

/** What of a report is text, whatever its form. */
interface Report {
    readonly title: string
    readonly verdict: string
    readonly equal: boolean
    readonly rows: readonly Row[]
    /** Headings, and what stands below, a line each. */
    readonly details: readonly (readonly [string, string])[]
}

const plain: Style = { chalk: new Chalk({ level: 0 }), columns: 100 }
const headings = ['times', 'what', 'kind of event', 'part', 'first record'] as const

const writers: Readonly<Record<string, (report: Report) => string>> = {
    '.md': markdown,
    '.html': html,
    '.htm': html,
    '.xml': junit,
}

/**
 * What writes a report of the form that a file's name asks for.
 * @throws ComplogError `usage`
 */
export function reportOf(path: string): (result: Result) => string {
    const write = writers[extname(path).toLowerCase()]
    if (write !== undefined) return (result) => write(contentsOf(result))
    throw new ComplogError('usage', `In which form? The name ${path} does not say it.`, {
        hint: 'Let it end with .md, .html, or .xml (JUnit).',
    })
}

function contentsOf(result: Result): Report {
    const { comparison, upgrade, equal } = result
    const details = upgrade === null ? detailsOfComparison(comparison) : detailsOfUpgrade(upgrade)
    if (upgrade !== null && comparison !== null) details.push(['The last events', lastText(comparison)])
    return {
        title: 'Comparison of two versions',
        verdict: verdictOf(result),
        equal,
        rows: rowsOf(result),
        details,
    }
}

function detailsOfComparison(comparison: Result['comparison']): [string, string][] {
    if (comparison === null) return []
    const { first, atEnd } = comparison
    const details: [string, string][] = []
    if (first !== null) details.push([firstText(comparison), detailsOf(first)])
    if (atEnd !== null) details.push(['States in the end', renderDifference(atEnd, plain)])
    return details
}

function detailsOfUpgrade({ changes, unread }: NonNullable<Result['upgrade']>): [string, string][] {
    const signs = { lost: '-', added: '+', reset: '~' }
    const lines = changes.map(
        ({ change, path, before, after }) =>
            `${signs[change]} ${printable(path === '' ? 'all of it' : path)}  ${changeText(before, after)}`,
    )
    const details: [string, string][] = []
    if (lines.length > 0) details.push(['What NEW makes of the states of OLD', lines.join('\n')])
    for (const { position, failure } of unread)
        details.push([`NEW fails on the state after #${position}`, printable(failure)])
    return details
}

function detailsOf(first: NonNullable<Comparison['first']>): string {
    const rows = Object.entries(firstValues(first)).map(([name, text]) => `${name}: ${text}`)
    if (first.difference !== null) rows.push(renderDifference(first.difference, plain))
    return rows.join('\n')
}

function rowsOf({ comparison, upgrade }: Result): readonly Row[] {
    const changes = (upgrade?.changes ?? []).map(({ change, path, states, first }) => ({
        times: states,
        what: `state: ${change}`,
        kind: '(upgrade)',
        part: path === '' ? 'all of it' : path,
        first: first.position,
        counts: change !== 'added',
    }))
    // Behind an upgrade, other responses and states are mostly a consequence of what was lost.
    const told = (comparison?.groups ?? []).filter(({ what }) => upgrade === null || what === 'failure')
    const groups = told.map(({ what, kind, path, count, first }) => ({
        times: count,
        what,
        kind,
        part: path === '' ? 'all of it' : path,
        first: first.position,
        counts: true,
    }))
    return [...changes, ...groups]
}

function cellsOf({ times, what, kind, part, first }: Row): readonly string[] {
    return [String(times), what, kind, part, first === 0 ? 'start' : `#${first}`]
}

function markdown({ title, verdict, rows, details }: Report): string {
    const line = (cells: readonly string[]) => `| ${cells.map(escapedMarkdown).join(' | ')} |`
    const table =
        rows.length === 0
            ? []
            : [
                  line(headings),
                  '| ---: | --- | --- | --- | ---: |',
                  ...rows.map((row) => line(cellsOf(row))),
                  '',
              ]
    const parts = details.flatMap(([heading, text]) => [
        `#### ${escapedMarkdown(heading)}`,
        '',
        fenced(text),
        '',
    ])
    return [`### ${title}`, '', `**${escapedMarkdown(verdict)}**`, '', ...table, ...parts].join('\n')
}

/** As entities, which mean the letter alone, wherever it stands. */
function escapedMarkdown(text: string): string {
    return wellFormed(text)
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/[&<>|`*_[\]\\~@!]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

/** Behind a fence that is longer than any within. */
function fenced(text: string): string {
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
    const fence = '`'.repeat(longest + 1)
    return `${fence}text\n${wellFormed(text)}\n${fence}`
}

const style = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}
h1{font-size:1.5em}h2{font-size:1.1em;margin-top:2em}
table{border-collapse:collapse}
td,th{border:1px solid #8886;padding:.2em .6em;text-align:left;vertical-align:top;white-space:nowrap}
th{background:#8882}
td:first-child,td:last-child{text-align:right}
td:nth-child(3),td:nth-child(4){white-space:normal;overflow-wrap:anywhere;min-width:8em}
pre{background:#8882;padding:1em;white-space:pre-wrap;overflow-wrap:anywhere}
.added{color:light-dark(#116329,#7ee787)}.removed{color:light-dark(#a40e26,#ff9a92)}
.yes{color:light-dark(#116329,#7ee787)}.no{color:light-dark(#8a4600,#f0a95f)}
`

function html({ title, verdict, equal, rows, details }: Report): string {
    // Isolated, so that letters that run from right to left move nothing around them.
    const cellOf = (cell: string, tag: string) => `<${tag}><bdi>${escapedMarkup(cell)}</bdi></${tag}>`
    const row = (cells: readonly string[], tag: string) =>
        `<tr>${cells.map((cell) => cellOf(cell, tag)).join('')}</tr>`
    const table =
        rows.length === 0
            ? ''
            : `<table>\n${row(headings, 'th')}\n${rows.map((each) => row(cellsOf(each), 'td')).join('\n')}\n</table>`
    const parts = details.map(
        ([heading, text]) =>
            `<h2>${escapedMarkup(heading)}</h2>\n<pre>${text.split('\n').map(lineOfHtml).join('\n')}</pre>`,
    )
    return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
<h1>${title}</h1>
<p class="${equal ? 'yes' : 'no'}"><strong>${escapedMarkup(verdict)}</strong></p>
${[table, ...parts].filter((part) => part !== '').join('\n')}
</html>
`
}

/** In the colour of what was added or removed. */
function lineOfHtml(line: string): string {
    const sign = /^ *([+-]) /.exec(line)?.[1]
    const text = escapedMarkup(line)
    return sign === undefined ? text : `<span class="${sign === '+' ? 'added' : 'removed'}">${text}</span>`
}

/** A test case for each kind of difference; one that passes where there is none. */
function junit({ title, verdict, equal, rows, details }: Report): string {
    const failures = rows.filter(({ counts }) => counts)
    const text = [verdict, ...details.flatMap(([heading, lines]) => [heading, lines])].join('\n')
    const one = (name: string, failure: string | undefined) =>
        failure === undefined
            ? `    <testcase classname="complog" name="${escapedMarkup(name)}"/>`
            : `    <testcase classname="complog" name="${escapedMarkup(name)}"><failure message="${escapedMarkup(verdict)}">${escapedMarkup(failure)}</failure></testcase>`
    const cases = equal
        ? [one(title, undefined)]
        : failures.length === 0
          ? [one(title, text)]
          : failures.map((row, at) => {
                const [times, what, kind, part, first] = cellsOf(row)
                return one(
                    `${what ?? ''} ${kind ?? ''} ${part ?? ''}`,
                    `${times === '1' ? 'once' : `${times ?? ''} times`}, first ${first === 'start' ? 'at the start' : `in record ${first ?? ''}`}${at === 0 ? `\n${text}` : ''}`,
                )
            })
    const failed = equal ? 0 : cases.length
    return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="${cases.length}" failures="${failed}">
  <testsuite name="complog compare" tests="${cases.length}" failures="${failed}">
${cases.join('\n')}
  </testsuite>
</testsuites>
`
}

const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
}

/** For HTML and XML, within an element or an attribute. */
function escapedMarkup(text: string): string {
    return wellFormed(text).replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? '')
}

/** Without what no file of text may hold: control characters, halves of a pair, and what XML has none of. */
function wellFormed(text: string): string {
    return printable(text.toWellFormed()).replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
}
