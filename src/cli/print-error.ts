// An error as text on stderr. Apart from what describes it, since most commands end well, and what wraps text
// takes a while to load.
import wrapAnsi from 'wrap-ansi'

import type { ReportedError } from './report-error.js'
import { placeText, printable } from './text/printable.js'
import type { Style } from './text/terminal.js'

export function printError({ json }: ReportedError, style: Style): void {
    const { chalk, columns } = style
    const parts = [
        ...(json.output === null ? [] : [printable(json.output.trimEnd()), '']),
        wrapAnsi(`${chalk.red('Error:')} ${printable(json.message)}`, columns),
        ...(json.place === null ? [] : [`  at ${placeText(json.place)}`]),
        ...(json.hint === null ? [] : [wrapAnsi(printable(json.hint), columns)]),
    ]
    process.stderr.write(`${parts.join('\n')}\n`)
}
