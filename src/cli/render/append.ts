import { shortHash } from '../../core/composition/hash.js'
import type { ResultOf } from '../json/results.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatMilliseconds } from '../text/units.js'

export function renderAppend({ records, head, restored }: ResultOf<'append'>, { chalk }: Style): string {
    const start = `Restored in ${formatMilliseconds(restored.milliseconds)}, ${countOf(restored.records, 'record')} replayed.`
    return `${start}\n${chalk.green('Appended')} ${countOf(records, 'record')}; the head is ${shortHash(head)}.\n`
}
