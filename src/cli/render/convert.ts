import wrapAnsi from 'wrap-ansi'

import type { ResultOf } from '../json/results.js'
import { printable } from '../text/printable.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes, formatMilliseconds } from '../text/units.js'

const origins = {
    reduction: 'from a reduction',
    'set-state': 'as a record has set it',
    replay: 'by replay',
    file: 'from the file given',
} as const

export function renderConvert(result: ResultOf<'convert'>, { chalk, columns }: Style): string {
    const { output, hosts, given, hash, stateSizeBytes, appFiles, head, left, milliseconds } = result
    const after = hash === null ? '' : ` after record ${hash.slice(0, 12)}…`
    const app = appFiles === null ? 'The app is not kept there.' : `The app has ${countOf(appFiles, 'file')}.`
    const records = left.records === null ? 'its records' : countOf(left.records, 'record')
    const lines = [
        `${chalk.green('Written')} for hosts ${hosts}: ${printable(output)}, with the head ${head.slice(0, 12)}….`,
        `The state${after}, ${origins[given]}: ${formatBytes(stateSizeBytes)}. ${app}`,
        `Not brought along, but still in the old store: ${records} and ${countOf(left.reductions, 'reduction')}.`,
        `Time: ${formatMilliseconds(milliseconds)}.`,
    ]
    return lines.map((line) => `${wrapAnsi(line, columns)}\n`).join('')
}
