import wrapAnsi from 'wrap-ansi'

import { shortHash } from '../../core/composition/hash.js'
import type { ProfiledLater } from '../json/later-results.js'
import type { Profiled } from '../json/results.js'
import { placeText, printable } from '../text/printable.js'
import { keyValues, shortenPath, shortenText, table } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes, formatCount, formatMilliseconds, formatPercent } from '../text/units.js'

type Result = Profiled

const phases = [
    ['load', 'load the app'],
    ['read', 'read and hash'],
    ['order', 'order'],
    ['replay', 'replay'],
    ['serialize', 'serialise'],
    ['total', 'total'],
] as const

const kindsShownMax = 10

/** Of a store since 2020-05: what a start of its host reads. */
export function renderProfileLater({ start, records, log, values }: ProfiledLater, style: Style): string {
    const from =
        start === null
            ? 'the first record'
            : `the reduction of #${start.position}, ${start.hash.slice(0, 12)}…`
    const filesText = ({ files, sizeBytes }: ProfiledLater['log']) =>
        `${countOf(files, 'file')} (${formatBytes(sizeBytes)})`
    const reads = `${countOf(records, 'record')} behind it, of ${filesText(log)} of the log`
    return `${keyValues({ 'starts from': from, reads, values: filesText(values) }, style)}\n`
}

export function renderProfile(result: Result, style: Style): string {
    const parts = [
        wrapAnsi(heading(result), style.columns),
        table(
            { phase: 'left', median: 'right', interval: 'left' },
            phases.map(([phase, name]) => [name, ...timeCells(result.milliseconds[phase])]),
            style,
        ),
        rates(result).join('\n'),
    ]
    if (result.slowest.length > 0) parts.push(`Slowest events:\n${slowest(result, style)}`)
    if (result.kinds.length > 0) parts.push(`Time by kind of event:\n${kinds(result, style)}`)
    if (result.comparison !== null)
        parts.push(wrapAnsi(colouredVerdict(result.comparison, style), style.columns))
    return `${parts.join('\n\n')}\n`
}

/** The same for the summary of a CI run. */
export function renderProfileMarkdown(result: Result): string {
    const rows = phases.map(
        ([phase, name]) => `| ${[name, ...timeCells(result.milliseconds[phase])].join(' | ')} |`,
    )
    return [
        `### Restore of ${shortHash(result.head)}`,
        '',
        heading(result),
        '',
        '| phase | median | interval |',
        '|---|---:|---|',
        ...rows,
        '',
        ...rates(result).map((line) => `- ${line.trim()}`),
        ...(result.comparison === null ? [] : ['', `**${verdict(result.comparison)}**`]),
        '',
    ].join('\n')
}

function heading({ runs, records, events, logSizeBytes, mode }: Result): string {
    const how = { default: '', 'from-genesis': ' from genesis', 'from-end': ' from the end' }[mode]
    return `${countOf(runs, 'restore')}${how}: each replays ${countOf(records, 'record')}, ${countOf(events, 'event')}, of a log of ${formatBytes(logSizeBytes)}.`
}

function timeCells({ median, low, high }: Result['milliseconds']['total']): [string, string] {
    return [formatMilliseconds(median), `${formatMilliseconds(low)} to ${formatMilliseconds(high)}`]
}

function rates({ eventsPerSecond, bytesPerSecond, peakHeapBytes }: Result): string[] {
    return [
        ...(eventsPerSecond === null ? [] : [`  ${formatCount(eventsPerSecond)} events/s replayed`]),
        ...(bytesPerSecond === null ? [] : [`  ${formatBytes(bytesPerSecond)}/s read and hashed`]),
        `  ${formatBytes(peakHeapBytes)} heap of the app at its highest`,
    ]
}

function slowest(result: Result, style: Style): string {
    const width = style.columns - 50
    return table(
        { time: 'right', record: 'right', event: 'right', kind: 'left', place: 'left' },
        result.slowest.map(({ milliseconds, position, eventIndex, kind, place }) => [
            formatMilliseconds(milliseconds),
            `#${position}`,
            String(eventIndex + 1),
            shortenText(printable(kind), 20),
            shortenPath(placeText(place).replace(/ \(byte.*/, ''), Math.max(20, width)),
        ]),
        style,
    )
}

function kinds({ kinds: costs }: Result, style: Style): string {
    const total = costs.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
    return table(
        { time: 'right', share: 'right', events: 'right', kind: 'left' },
        costs
            .slice(0, kindsShownMax)
            .map(({ kind, events, milliseconds }) => [
                formatMilliseconds(milliseconds),
                total > 0 ? `${((milliseconds / total) * 100).toFixed(0)} %` : '',
                formatCount(events),
                shortenText(printable(kind), 40),
            ]),
        style,
    )
}

function colouredVerdict(comparison: NonNullable<Result['comparison']>, { chalk }: Style): string {
    const colour = comparison.regressed
        ? chalk.red
        : comparison.answer === 'faster'
          ? chalk.green
          : chalk.yellow
    return colour(verdict(comparison))
}

function verdict({ answer, regressed, ratio, maxSlowdown }: NonNullable<Result['comparison']>): string {
    const change = (value: number) => formatPercent(value - 1)
    const range = `${change(ratio.median)}, between ${change(ratio.low)} and ${change(ratio.high)}`
    const allowed = `allowed ${formatPercent(maxSlowdown)}`
    if (regressed) return `Slower than the baseline by more than is allowed: ${range} (${allowed}).`
    if (answer === 'slower')
        return `Slower than the baseline, but not for certain by more than is allowed: ${range} (${allowed}).`
    if (answer === 'faster') return `Faster than the baseline: ${range}.`
    return `Cannot tell whether it is slower or faster than the baseline: ${range} (${allowed}).`
}
