import wrapAnsi from 'wrap-ansi'

import { kindOfEvent } from '../../core/composition/event-kind.js'
import { shortHash } from '../../core/composition/hash.js'
import type { ResultOf } from '../json/results.js'
import { excerpt, placeText, printable } from '../text/printable.js'
import { keyValues, shortenText, table } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatCount, formatMilliseconds } from '../text/units.js'
import { renderDifferenceBelow } from './difference.js'

type Result = ResultOf<'compare'>
type Comparison = NonNullable<Result['comparison']>
type Upgrade = NonNullable<Result['upgrade']>

const groupsShownMax = 20
const textCharactersMax = 400

export function renderCompare(result: Result, style: Style): string {
    const { comparison, upgrade, equal } = result
    const { chalk, columns } = style
    const colour = equal ? chalk.green : chalk.yellow
    const parts = [colour(wrapAnsi(verdictOf(result), columns))]
    if (upgrade !== null) parts.push(...upgradeParts(upgrade, style))
    if (comparison !== null && upgrade !== null) parts.push(wrapAnsi(lastText(comparison), columns))
    else if (comparison !== null) parts.push(...comparisonParts(comparison, style))
    parts.push(chalk.dim(`${effort(result)}, in ${formatMilliseconds(result.milliseconds)}.`))
    return `${parts.join('\n\n')}\n`
}

/** With what may have been missed. */
function equalText(statesEvery: number): string {
    const equal = 'Equal: the same responses and states.'
    return statesEvery === 1
        ? equal
        : `${equal} States were compared at least once in ${countOf(statesEvery, 'event')}; --exact compares all.`
}

/** The answer in a sentence or two. */
export function verdictOf({ comparison, upgrade, equal }: Result): string {
    if (upgrade !== null) {
        if (equal)
            return `NEW goes on from what OLD stored: nothing of ${countOf(upgrade.states, 'state')} is lost.`
        const kept = upgrade.changes.some(({ change }) => change !== 'added') || upgrade.unread.length > 0
        return kept
            ? 'NEW does not go on from what OLD stored: parts of its state would be lost.'
            : 'NEW reads what OLD stored, but fails on one of the last events.'
    }
    if (comparison === null || equal) return equalText(comparison?.statesEvery ?? 1)
    const { responses, states, failures } = comparison.totals
    const counts = [
        responses > 0 ? countOf(responses, 'response') : '',
        states > 0 ? countOf(states, 'state') : '',
        failures > 0 ? countOf(failures, 'failure') : '',
    ].filter((text) => text !== '')
    return `Different: ${counts.length === 0 ? 'the states in the end' : counts.join(', ')}.`
}

/** What came of the last events, which goes without the details that are a consequence of the state. */
export function lastText({ records, events, totals, groups }: Comparison): string {
    const { responses } = totals
    const answers = responses === 0 ? 'answers all' : `answers ${formatCount(responses)}`
    const how = responses === 0 ? 'as OLD does' : 'otherwise'
    const failure = groups.find(({ what }) => what === 'failure')
    const end = failure === undefined ? '' : ` It fails at record #${formatCount(failure.first.position)}.`
    return `Of ${countOf(events, 'event')} in the last ${countOf(records, 'record')}, from OLD's state before them, NEW ${answers} ${how}.${end}`
}

/** Which record it was, for the first divergence. */
export function firstText({ first, from }: Comparison): string {
    if (first === null) return ''
    const { record, what, before } = first
    const how =
        what === 'response'
            ? 'NEW answers otherwise'
            : what === 'state'
              ? 'NEW has another state'
              : before === null
                ? 'NEW fails'
                : 'OLD fails'
    if (record === null)
        return from === 0
            ? `At the beginning, before any record, ${how}`
            : `With the state after #${formatCount(from)}, from which they go on, ${how}`
    return `At record #${formatCount(record.position)}, ${shortHash(record.hash)}…, ${how}`
}

function comparisonParts(comparison: Comparison, style: Style): readonly string[] {
    const { first, groups, atEnd } = comparison
    const parts: string[] = []
    if (first !== null) {
        parts.push(`${firstText(comparison)}:`)
        if (first.record !== null) parts.push(keyValues(firstValues(first), style))
        if (first.difference !== null) parts.push(renderDifferenceBelow(first.difference, style))
    }
    if (groups.length > 0) parts.push(`All differences:\n${groupTable(groups, style)}`)
    if (atEnd !== null) parts.push(`States in the end:\n${renderDifferenceBelow(atEnd, style)}`)
    return parts
}

/** What there is to know of the first divergence, but for the difference itself. */
export function firstValues(first: NonNullable<Comparison['first']>): Readonly<Record<string, string>> {
    const { record, eventIndex, before, after } = first
    if (record === null) return {}
    const event = record.events[eventIndex]
    const number = record.events.length > 1 ? ` ${eventIndex + 1}` : ''
    return {
        place: placeText(record.place),
        ...(event === undefined
            ? { 'sets the state': shortened(record.setState ?? '') }
            : { [`event${number}`]: `${printable(kindOfEvent(event))}  ${shortened(event)}` }),
        ...(before !== null && { OLD: shortened(before) }),
        ...(after !== null && { NEW: shortened(after) }),
    }
}

function groupTable(groups: Comparison['groups'], style: Style): string {
    const shown = groups.slice(0, groupsShownMax)
    const rest = groups.length - shown.length
    const rows = shown.map(({ what, kind, path, count, first }) => [
        formatCount(count),
        what,
        shortenText(printable(kind), 40),
        shortenText(printable(path === '' ? 'all of it' : path), 40),
        first.position === 0 ? 'start' : `#${formatCount(first.position)}`,
    ])
    const drawn = table(
        { times: 'right', what: 'left', 'kind of event': 'left', part: 'left', first: 'right' },
        rows,
        style,
    )
    return rest > 0 ? `${drawn}\n  and ${formatCount(rest)} more` : drawn
}

function upgradeParts({ changes, unread }: Upgrade, style: Style): readonly string[] {
    const parts: string[] = []
    if (changes.length > 0) {
        const rows = changes
            .slice(0, groupsShownMax)
            .map(({ change, path, states, first, before, after }) => [
                change,
                shortenText(printable(path === '' ? 'all of it' : path), 40),
                formatCount(states),
                first.position === 0 ? 'start' : `#${formatCount(first.position)}`,
                changeText(before, after),
            ])
        const drawn = table(
            { '': 'left', 'part of the state': 'left', states: 'right', first: 'right', there: 'left' },
            rows,
            style,
        )
        const rest = changes.length - rows.length
        parts.push(rest > 0 ? `${drawn}\n  and ${formatCount(rest)} more` : drawn)
    }
    for (const { position, failure } of unread.slice(0, groupsShownMax))
        parts.push(
            wrapAnsi(
                `NEW fails on the state after #${formatCount(position)}: ${shortened(failure)}`,
                style.columns,
            ),
        )
    return parts
}

/** What stood there, and what does. */
export function changeText(before: string | null, after: string | null): string {
    return [before, after].map((value) => (value === null ? '–' : excerpt(value, 30))).join(' → ')
}

function effort({ comparison, upgrade }: Result): string {
    const read = upgrade === null ? '' : `NEW read ${countOf(upgrade.states, 'state')}`
    if (comparison === null) return read === '' ? 'Compared nothing' : read
    const { records, events, from, to } = comparison
    const short = records < to - from ? ` of ${formatCount(to - from)}` : ''
    const compared = `ompared ${countOf(records, 'record')}${short} and ${countOf(events, 'event')}`
    return read === '' ? `C${compared}` : `${read}, and c${compared}`
}

function shortened(text: string): string {
    return excerpt(text, textCharactersMax)
}
