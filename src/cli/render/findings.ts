// Entrance of cli/render/: results as text, one file a command.
//
// A finding as a paragraph: what is wrong and where, and where it was not said before, what a host would do
// and what helps.
import wrapAnsi from 'wrap-ansi'

import type { Finding } from '../../core/composition/finding.js'
import { placeText, printable } from '../text/printable.js'
import type { Style } from '../text/terminal.js'

const shownMax = 25

export function renderFindings(findings: readonly Finding[], omitted: number, style: Style): string {
    const shown = findings.slice(0, shownMax)
    const rest = findings.length - shown.length + omitted
    const said = new Set<string>()
    return [
        ...shown.map((finding) => renderFinding(finding, said, style)),
        ...(rest > 0 ? [`… and ${rest} more; --json lists up to 1,000 of each kind.`] : []),
    ].join('\n\n')
}

/** @param said what was said of findings of an id already, and need not be said again */
function renderFinding(finding: Finding, said: Set<string>, { chalk, columns }: Style): string {
    const { id, severity, message, place, lastPlace, lines, host, help } = finding
    const colour = { error: chalk.red, warning: chalk.yellow, note: chalk.blue }[severity]
    const run = lastPlace === undefined ? '' : ` to ${placeText(lastPlace)}, ${lines} lines`
    const explain = (label: string, text: string) => {
        const key = `${id} ${label} ${text}`
        if (said.has(key)) return []
        said.add(key)
        return [paragraph(`${chalk.dim(label)} ${text}`, columns)]
    }
    return [
        `${colour(severity)} ${chalk.bold(id)}`,
        ...(place === undefined ? [] : [paragraph(`at ${placeText(place)}${run}`, columns)]),
        paragraph(printable(message), columns),
        ...explain('Host:', host),
        ...explain('Help:', help),
    ].join('\n')
}

function paragraph(text: string, columns: number): string {
    return wrapAnsi(text, columns - 2)
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n')
}
