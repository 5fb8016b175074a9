// A finding as a paragraph: what is wrong and where, and once an id, what a host would do and what helps.
import wrapAnsi from 'wrap-ansi'

import type { Finding } from '../../core/composition/finding.js'
import { printable } from '../printable.js'
import { placeText } from '../place-text.js'
import type { Style } from '../terminal.js'

const shownMax = 25

export function renderFindings(findings: readonly Finding[], omitted: number, style: Style): string {
    const shown = findings.slice(0, shownMax)
    const rest = findings.length - shown.length + omitted
    const explained = new Set<string>()
    return [
        ...shown.map((finding) => {
            const isNew = !explained.has(finding.id)
            explained.add(finding.id)
            return renderFinding(finding, isNew, style)
        }),
        ...(rest > 0 ? [`… and ${rest} more; --json lists up to 1,000 of each kind.`] : []),
    ].join('\n\n')
}

/** @param explain whether to say what is the same for all findings of its id */
function renderFinding(finding: Finding, explain: boolean, { chalk, columns }: Style): string {
    const { id, severity, message, place, lastPlace, lines, host, help } = finding
    const colour = { error: chalk.red, warning: chalk.yellow, note: chalk.blue }[severity]
    const run = lastPlace === undefined ? '' : ` to ${placeText(lastPlace)}, ${lines} lines`
    return [
        `${colour(severity)} ${chalk.bold(id)}`,
        ...(place === undefined ? [] : [paragraph(`at ${placeText(place)}${run}`, columns)]),
        paragraph(printable(message), columns),
        ...(explain ? [paragraph(`${chalk.dim('Host:')} ${host}`, columns)] : []),
        ...(explain ? [paragraph(`${chalk.dim('Help:')} ${help}`, columns)] : []),
    ].join('\n')
}

function paragraph(text: string, columns: number): string {
    return wrapAnsi(text, columns - 2)
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n')
}
