import { basename } from 'node:path'

import { shortHash } from '../../core/composition/hash.js'
import { headFileName } from '../../core/later/reading/list-later.js'
import { isLineEnd, type RemovedPart } from '../../core/rewrite/repair/removed-lines.js'
import type { RepairPlan } from '../../core/rewrite/repair/repair-plan.js'
import { quarantineFolder } from '../../core/store/recognise.js'
import type { ResultOf } from '../json/results.js'
import { printable } from '../text/printable.js'
import { shortenPath, table } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes, formatCount, formatMilliseconds } from '../text/units.js'

const shownMax = 25
const fileWidth = 42

/** What would leave the log. */
export function renderRepairPlan(plan: RepairPlan, style: Style): string {
    const parts = plan.parts.filter(({ lines }) => lines.length > 0)
    const rows = parts
        .slice(0, shownMax)
        .map((part) => [
            `${shortenPath(printable(part.file.path), fileWidth)}:${formatCount(part.lines[0]?.line ?? 1)}`,
            formatCount(part.lines.length),
            formatBytes(part.sizeBytes),
            kindsOf(part),
        ])
    const columns = { from: 'left', lines: 'right', size: 'right', finding: 'left' } as const
    const rest = parts.length - rows.length
    const more = rest > 0 ? `  … and ${countOf(rest, 'file')} more; --json lists all.\n` : ''
    const [file, ...others] = plan.movedFiles
    const andMore = others.length > 0 ? ` and ${countOf(others.length, 'file')} more` : ''
    const moved = file ? `Moved aside as a whole: ${printable(file.path)}${andMore}.\n` : ''
    const shown = rows.length > 0 ? `${table(columns, rows, style)}\n${more}\n` : ''
    const named = plan.headFile ? `${headFileName} will name the newest record.\n` : ''
    return `${shown}${splitText(plan)}${putBackText(plan)}${moved}${named}${headText(plan)}\n`
}

export function renderRepaired(result: ResultOf<'repair'>, { chalk }: Style): string {
    const { dryRun, lines, sizeBytes, parts, lineEndsAdded, putBack, filesMoved, headFile } = result
    if (dryRun) return 'Dry run: nothing was moved.\n'
    const [first, ...others] = parts
    const more = others.length > 0 ? ` and ${countOf(others.length, 'file')} more` : ''
    const done = [
        ...(lineEndsAdded > 0 ? [`put ${countOf(lineEndsAdded, 'line end')} behind records`] : []),
        ...(putBack.length > 0 ? [`put ${countOf(putBack.length, 'record')} back`] : []),
        ...(lines > 0 ? [`moved ${countOf(lines, 'line')}, ${formatBytes(sizeBytes)}, out of the log`] : []),
        ...(filesMoved > 0 ? [`moved ${countOf(filesMoved, 'file')} aside`] : []),
        ...(headFile === null ? [] : [`wrote ${headFileName}`]),
    ]
    const kept =
        lines > 0
            ? `Kept in ${quarantineFolder}/${printable(basename(first?.keptIn ?? ''))}${more}.\n`
            : filesMoved > 0
              ? `Kept in ${quarantineFolder}/.\n`
              : ''
    return `${chalk.green('Repaired')}: ${done.join(', ')}.\n${kept}Time: ${formatMilliseconds(result.milliseconds)}.\n`
}

/** Where records share a line, and how many line ends it takes. */
function splitText({ parts }: RepairPlan): string {
    const split = parts.filter(({ added }) => added.some(isLineEnd))
    const [first, ...others] = split
    if (first === undefined) return ''
    const lineEnds = split.flatMap(({ added }) => added).filter(isLineEnd).length
    const more = others.length > 0 ? ` and ${countOf(others.length, 'file')} more` : ''
    return `Records that share a line get one each: ${countOf(lineEnds, 'line end')} in ${printable(first.file.path)}${more}.\n`
}

/** Each record that was never written, and in front of what it goes. */
function putBackText({ putBack = [] }: RepairPlan): string {
    return putBack
        .map(
            ({ hash, file, line }) =>
                `Put back before ${printable(file)}:${line}: ${shortHash(hash)}…, which that record names as its parent.\n`,
        )
        .join('')
}

function headText({ head, records }: RepairPlan): string {
    if (records === 0) return 'The log will be empty.'
    return `The head will be #${records}, ${shortHash(head)}….`
}

function kindsOf({ lines }: RemovedPart): string {
    return [...new Set(lines.map(({ finding }) => finding))].join(', ')
}
