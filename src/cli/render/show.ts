import { requestInEvent } from '../../core/composition/event-kind.js'
import { indexJson } from '../../core/difference/difference.js'
import type { ResultOf } from '../json/results.js'
import { prettyJson } from '../text/pretty-json.js'
import { excerpt, placeText, printable } from '../text/printable.js'
import { keyValues } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes } from '../text/units.js'
import { renderDifferenceBelow } from './difference.js'

type Shown = ResultOf<'show'>
type ShownRecord = Shown['records'][number]

const linesMax = 100
const kindsMax = 3
const kindCharactersMax = 60

/** One record with all that is known of it. */
export function renderRecord(record: ShownRecord, style: Style): string {
    const { chalk } = style
    const { effect } = record
    const parts = [renderHead(record, style)]
    if (record.setState !== null) parts.push(`${chalk.bold('sets the state')}\n${pretty(record.setState)}`)
    for (const [index, { text, kind, problem }] of record.events.entries()) {
        const which = record.events.length === 1 ? 'event' : `event ${index + 1} of ${record.events.length}`
        const said = text === null ? `  ${chalk.yellow(printable(problem ?? ''))}` : renderEvent(text, style)
        parts.push(`${chalk.bold(which)}  ${excerpt(kind, kindCharactersMax)}\n${said}`)
        const response = effect?.responses?.[index]
        if (response !== undefined) parts.push(`${chalk.bold('response')}\n${pretty(response)}`)
    }
    if (effect?.difference) {
        parts.push(`${chalk.bold('change of the state')}\n${renderDifferenceBelow(effect.difference, style)}`)
    } else if (effect !== null) {
        parts.push(chalk.dim('Nothing in the log says what the state was before this record.'))
    }
    return `${parts.join('\n\n')}\n`
}

/** What stands above a record, and beside a state that goes to stdout alone. */
export function renderHead(record: ShownRecord, style: Style): string {
    const { hash, parentHash, position, generation, place, time } = record
    const values = {
        hash,
        parent: parentHash ?? 'none',
        time: time === null ? 'unknown' : timeText(time),
        place: placeText(place),
        size: formatBytes(place.sizeBytes),
        form: generation,
    }
    const isVoid =
        record.void === true ? style.chalk.dim('  void: a later revert went back to before it') : ''
    return `${style.chalk.bold(`record #${position}`)}${isVoid}\n${keyValues(values, style)}`
}

/** A record a line, as in a list, and below it what changed in the state. */
export function renderLine(record: ShownRecord, style: Style): string {
    const { chalk } = style
    const { hash, position, time, events, setState, effect } = record
    const isVoid = record.void === true ? chalk.dim('  (void)') : ''
    const change = effect?.difference ? `\n${renderDifferenceBelow(effect.difference, style)}` : ''
    const kinds = [...new Set(events.map(({ kind }) => kind))]
    const shown = kinds.slice(0, kindsMax).map((kind) => excerpt(kind, kindCharactersMax))
    const count =
        events.length === 1 ? '' : `${countOf(events.length, 'event')}${kinds.length > 0 ? ': ' : ''}`
    const more = kinds.length > kindsMax ? ', …' : ''
    const set = setState === null ? '' : 'sets the state; '
    const when = time === null ? '-' : dayAndTime(time.first) + (time.first === time.last ? '' : ' (file)')
    return `#${position}  ${chalk.yellow(hash.slice(0, 12))}  ${chalk.dim(when)}  ${set}${count}${shown.join(', ')}${more}${isVoid}${change}`
}

/** `2019-04-28 13:05:12.123` */
export function dayAndTime(iso: string): string {
    return iso.replace('T', ' ').replace(/(?:\.000)?Z$/, '')
}

function timeText({ first, last, source }: NonNullable<ShownRecord['time']>): string {
    if (source === 'event') return `${dayAndTime(first)} UTC, as an event says`
    return `from ${dayAndTime(first)} to ${dayAndTime(last)} UTC, as the name of the file says`
}

function renderEvent(text: string, { chalk }: Style): string {
    const request = requestInEvent(text)
    if (request === undefined) return pretty(text)
    const { method, uri, headers, body } = request
    const lines = [`  ${chalk.cyan(printable(method))} ${excerpt(uri, 1000)}`]
    for (const { name, values } of headers)
        lines.push(chalk.dim(`  ${excerpt(name, 100)}: ${excerpt(values.join(', '), 300)}`))
    if (body !== undefined) lines.push('', pretty(body))
    return lines.join('\n')
}

function pretty(text: string): string {
    return prettyJson(text, indexJson(text) !== undefined, { indent: '  ', linesMax })
}
