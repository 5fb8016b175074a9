import { shortHash } from '../../core/composition/hash.js'
import type { ResultOf } from '../json/results.js'
import type { Style } from '../text/terminal.js'

export function renderHost({ head }: ResultOf<'host'>, { chalk }: Style): string {
    return `${chalk.green('Stopped.')} The head is ${shortHash(head)}.\n`
}
