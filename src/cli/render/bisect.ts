import wrapAnsi from 'wrap-ansi'

import { kindOfEvent } from '../../core/composition/event-kind.js'
import { shortHash } from '../../core/composition/hash.js'
import type { ResultOf } from '../json/results.js'
import { placeText, printable } from '../text/printable.js'
import { keyValues, shortenText } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatCount, formatMilliseconds } from '../text/units.js'
import { renderDifferenceBelow } from './difference.js'

type Result = ResultOf<'bisect'>

const candidatesShownMax = 10
const eventsShownMax = 5
const textCharactersMax = 400

export function renderBisect(result: Result, style: Style): string {
    const { record, difference } = result
    const parts = [wrapAnsi(verdict(result, style), style.columns)]
    if (record !== null) parts.push(renderRecord(result, record, style))
    if (result.outcome === 'one-of') parts.push(candidates(result))
    if (difference !== null) parts.push(`State:\n${renderDifferenceBelow(difference, style)}`)
    const notes = remarks(result)
    if (notes.length > 0) parts.push(notes.map((note) => wrapAnsi(note, style.columns)).join('\n'))
    parts.push(style.chalk.dim(effort(result)))
    return `${parts.join('\n\n')}\n`
}

function verdict(result: Result, { chalk }: Style): string {
    const { outcome, record, condition, from, to, candidates: few, candidatesOmitted } = result
    const name = record && `#${record.position}, ${shortHash(record.hash)}…`
    switch (outcome) {
        case 'found':
            return `${chalk.green(`Record ${name ?? ''}`)} ${madeSo[condition.kind]}.`
        case 'one-of':
            return `${chalk.yellow('One of these')} ${countOf(few.length + candidatesOmitted, 'record')} ${madeSo.run}: the states between were all skipped.`
        case 'never':
            return `${chalk.yellow('Never')}: ${never(result)}, from ${stateText(from)} to ${stateText(to)}.`
        case 'already':
            return `${chalk.yellow('Already')}: ${stateText(from)} is bad, before any record that was looked at. ${alreadyHelp(from)}`
        case 'untestable':
            return `${chalk.yellow('Nothing could be told')}: each of ${countOf(result.tested, 'tested state')} was skipped.`
    }
}

const madeSo = {
    where: 'is the first after which the state is bad',
    run: 'is the first after which the state is bad',
    'decode-error': 'holds the first event that the app does not understand',
    fails: 'is the first on which the app fails',
} as const

function never({ condition, exact, tested }: Result): string {
    switch (condition.kind) {
        case 'decode-error':
            return 'the app understands every event'
        case 'fails':
            return 'the app fails on no record'
        case 'where':
        case 'run':
            return exact ? 'every state is good' : `${countOf(tested, 'tested state')} are good`
    }
}

function alreadyHelp(from: number): string {
    const script = 'See whether the test fails everywhere, for a reason of its own.'
    return from === 0 ? script : `Name an older record with --good. ${script}`
}

function stateText(position: number): string {
    return position === 0 ? 'the initial state' : `the state after #${formatCount(position)}`
}

function renderRecord(result: Result, record: NonNullable<Result['record']>, style: Style): string {
    const { eventIndex, responses, failure } = result
    const said: Record<string, string> = { hash: record.hash, place: placeText(record.place) }
    if (record.setState !== null) said['sets the state'] = shortened(record.setState)
    const firstShown = Math.max(0, (eventIndex ?? 0) - eventsShownMax + 1)
    const shown = record.events.slice(firstShown, firstShown + eventsShownMax)
    for (const [i, event] of shown.entries()) {
        const index = firstShown + i
        const mark = index === eventIndex && record.events.length > 1 ? ' ←' : ''
        const number = record.events.length === 1 ? '' : ` ${index + 1}`
        said[`event${number}${mark}`] = `${printable(kindOfEvent(event))}  ${shortened(event)}`
        const response = responses?.[index]
        if (response !== undefined) said[`response${number}`] = shortened(response)
    }
    const rest = record.events.length - shown.length
    if (rest > 0) said[''] = `and ${countOf(rest, 'more event')}`
    if (failure !== null) said['failure'] = shortened(failure)
    return keyValues(said, style)
}

function shortened(text: string): string {
    return shortenText(printable(text.slice(0, textCharactersMax + 1)), textCharactersMax)
}

function candidates({ candidates: few, candidatesOmitted }: Result): string {
    const shown = few.slice(0, candidatesShownMax)
    const rest = few.length - shown.length + candidatesOmitted
    const lines = shown.map(({ hash, position }) => `  #${position}  ${hash}`)
    return [...lines, ...(rest > 0 ? [`  and ${formatCount(rest)} more`] : [])].join('\n')
}

/** What makes the answer less certain than it looks. */
function remarks({ outcome, monotonic, confirmed, exact, condition }: Result): readonly string[] {
    const notes: string[] = []
    if (!monotonic)
        notes.push(
            'Among the tested states there are good ones behind bad ones: it was made so more than once. --exact finds the very first time.',
        )
    if (confirmed === false)
        notes.push(
            'Tested again, this record and the one before it were not told apart: the test does not always say the same.',
        )
    const isTested = condition.kind === 'where' || condition.kind === 'run'
    if (outcome === 'never' && isTested && !exact)
        notes.push('A state between them may be bad nevertheless: --exact tests every one.')
    return notes
}

function effort({ tested, skipped, from, to, milliseconds, confirmed }: Result): string {
    const time = formatMilliseconds(milliseconds)
    const replayed = `Replayed ${countOf(to - from, 'record')}`
    if (tested === 0) return `${replayed}, in ${time}.`
    const left = skipped === 0 ? '' : `, ${formatCount(skipped)} of them skipped`
    const again = confirmed === null ? '' : ', and two of them again'
    return `${replayed}, tested ${countOf(tested, 'state')}${left}${again}, in ${time}.`
}
