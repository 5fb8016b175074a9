import { shortHash } from '../../core/composition/hash.js'
import { restoredText } from '../flags/process-flags.js'
import type { ResultOf } from '../json/results.js'
import type { Style } from '../text/terminal.js'
import { countOf } from '../text/units.js'

export function renderAppend({ records, head, restored }: ResultOf<'append'>, { chalk }: Style): string {
    return `${restoredText(restored)}\n${chalk.green('Appended')} ${countOf(records, 'record')}; the head is ${shortHash(head)}.\n`
}
