import type { ResultOf } from '../json/results.js'
import { printable } from '../text/printable.js'
import type { Style } from '../text/terminal.js'
import { countOf } from '../text/units.js'

export function renderReorder(result: ResultOf<'reorder'>, { chalk }: Style): string {
    const { output, records, moved, filesWritten, filesRemoved, outside } = result
    const isNothing = filesWritten + filesRemoved === 0
    const lines = [
        isNothing
            ? `${chalk.green('Nothing to do')}: ${records === 0 ? 'the log is empty' : 'the lines stand in chain order already'}.`
            : `${chalk.green('Reordered')} ${countOf(records, 'record')} in ${printable(output)}: ${countOf(moved, 'record')} moved, ${countOf(filesWritten, 'file')} written${filesRemoved > 0 ? `, ${countOf(filesRemoved, 'file')} without records of the chain removed` : ''}.`,
    ]
    if (outside.file !== null) {
        lines.push(`${countOf(outside.lines, 'line')} outside the chain kept in ${printable(outside.file)}.`)
    }
    return `${lines.join('\n')}\n`
}
