import wrapAnsi from 'wrap-ansi'

import { shortHash } from '../../core/composition/hash.js'
import type { TruncatePlan } from '../../core/rewrite/truncate/truncate-plan.js'
import type { ResultOf } from '../json/results.js'
import { printable } from '../text/printable.js'
import { table } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes, formatCount, formatMilliseconds } from '../text/units.js'

/** What would go and what would stay. */
export function renderPlan(plan: TruncatePlan, archive: string | undefined, style: Style): string {
    const { target, records, bytes, removedFiles, cutFile, keptFiles, removedReductions } = plan
    const { oldest, removedValues, reductionFiles } = plan
    const kept = keptFiles.length + (cutFile ? 1 : 0)
    const rows = [
        ['records', formatCount(records.removed), formatCount(records.kept)],
        [
            'log files',
            formatCount(removedFiles.length),
            `${formatCount(kept)}${cutFile ? ', 1 of them cut' : ''}`,
        ],
        [
            'reductions',
            formatCount(removedReductions.length),
            formatCount(reductionFiles - removedReductions.length),
        ],
        ...(removedValues === undefined
            ? []
            : [['values', formatCount(removedValues.length), 'all that are named']]),
        ['size', formatBytes(bytes.removed), formatBytes(bytes.kept)],
    ]
    const gone = archive === undefined ? 'removed' : 'archived'
    const columns = { '': 'left', [gone]: 'left', kept: 'left' } as const
    const begins =
        oldest.hash === target.hash
            ? `The oldest record will be #${target.position}, ${shortHash(target.hash)}…, which has a reduction.`
            : `The oldest record will be #${oldest.position}, ${shortHash(oldest.hash)}…, in the file of #${target.position}, ${shortHash(target.hash)}…, which has a reduction.`
    return `${table(columns, rows, style)}\n\n${wrapAnsi(begins, style.columns)}\n`
}

export function renderTruncated(result: ResultOf<'truncate'>, { chalk }: Style): string {
    const { records, sizeBytes, archive, milliseconds, proven, dryRun } = result
    const proof = proven
        ? 'Proven by replay: the cut store restores to the same state.'
        : 'Not proven by replay.'
    if (dryRun) return `${proof}\nDry run: nothing was removed.\n`
    const phases = [
        'check',
        ...(proven ? ['prove' as const] : []),
        ...(archive === null ? [] : ['archive' as const]),
        'cut',
    ] as const
    const times = phases.map((phase) => `${phase} ${formatMilliseconds(milliseconds[phase])}`)
    // A run that was killed has copied a part of it before, or all.
    const before = archive === null ? 0 : sizeBytes.removed - archive.sizeBytes
    const already = before > 0 ? `, of which ${formatBytes(before)} stood there already` : ''
    const kept =
        archive === null
            ? ''
            : `\nKept in ${printable(archive.path)}: ${formatBytes(sizeBytes.removed)}${already}.`
    return `${proof}\n${chalk.green('Removed')} ${countOf(records.removed, 'record')}, ${formatBytes(sizeBytes.removed)} freed.${kept}\nTime: ${times.join(', ')}.\n`
}
