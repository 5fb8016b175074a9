import type { ResultOf } from '../json/results.js'
import { table } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes } from '../text/units.js'

const shownMax = 40

export function renderReduce({ reductions, dryRun }: ResultOf<'reduce'>, style: Style): string {
    if (reductions.length === 0) return 'Nothing to reduce: the chain is too short.\n'
    const rows = reductions
        .slice(0, shownMax)
        .map(({ position, hash, outcome, written, sizeBytes }) => [
            `#${position}`,
            hash.slice(0, 40) + '…',
            outcomeText(outcome, written, dryRun),
            formatBytes(sizeBytes),
        ])
    const columns = { record: 'right', hash: 'left', reduction: 'left', size: 'right' } as const
    const rest = reductions.length - rows.length
    const more = rest > 0 ? `\n  … and ${rest} more; --json lists all.` : ''
    return `${table(columns, rows, style)}${more}\n\n${verdict(reductions, dryRun, style)}\n`
}

function outcomeText(outcome: string, written: boolean, dryRun: boolean): string {
    if (outcome === 'equal') return written ? 'equal, written anew' : 'was there, equal'
    if (outcome === 'differs') return written ? 'replaced' : 'DIFFERS'
    return written ? 'written' : dryRun ? 'would be written' : 'not written'
}

function verdict(reductions: ResultOf<'reduce'>['reductions'], dryRun: boolean, { chalk }: Style): string {
    const differing = reductions.filter(({ outcome, written }) => outcome === 'differs' && !written).length
    if (differing > 0) {
        return `${chalk.red('Nothing was written')}: ${countOf(differing, 'reduction')} on disk differ${differing === 1 ? 's' : ''} from what replay gives.\nIf the app is the one that wrote the log, overwrite with --replace.`
    }
    if (dryRun) return 'Dry run: nothing was written.'
    return `${countOf(reductions.filter(({ written }) => written).length, 'reduction')} written.`
}
