import wrapAnsi from 'wrap-ansi'

import type { ResultOf } from '../json/results.js'
import { printable } from '../text/printable.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes, formatMilliseconds } from '../text/units.js'

/** Where the files are, and whose they are. */
export function renderFiles(result: ResultOf<'files'>, { chalk, columns }: Style): string {
    const { output, record, saidBy, files, milliseconds } = result
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
    const at = record === null ? '' : `record #${record.position}, ${record.hash.slice(0, 12)}…`
    const whose =
        saidBy === 'zip'
            ? 'the app in the zip beside the store'
            : saidBy === 'deployment'
              ? `the app that ${at}, deployed`
              : `the app that the reduction of ${at}, names`
    const text = `${chalk.green('Written')} into ${printable(output)}: ${countOf(files.length, 'file')} (${formatBytes(sizeBytes)}), ${whose}, in ${formatMilliseconds(milliseconds)}.`
    return `${wrapAnsi(text, columns)}\n`
}
