import { requestInEvent } from '../../core/composition/event-kind.js'
import type { HitResult } from '../json/from-history.js'
import { excerpt, placeText } from '../text/printable.js'
import type { Style } from '../text/terminal.js'
import { dayAndTime } from './show.js'

const kindCharactersMax = 60
const textCharactersMax = 200
const valueCharactersMax = 60

/** A hit on a line. */
export function renderHit(hit: HitResult, isOfChange: boolean, { chalk }: Style): string {
    const { hash, position, place, time, eventIndex, kind, text, before, after } = hit
    const number = position === null ? placeText(place) : `#${position}`
    const which = (eventIndex ?? 0) > 0 ? `+${eventIndex ?? 0}` : ''
    const when = time === null ? '-' : dayAndTime(time.first) + (time.first === time.last ? '' : ' (file)')
    const head = `${number}${which}  ${chalk.yellow(hash.slice(0, 12))}  ${chalk.dim(when)}  ${chalk.bold(excerpt(kind, kindCharactersMax))}`
    // Space at the end of a line is seen by nobody.
    if (!isOfChange) return `${head}  ${excerpt(shortText(text ?? ''), textCharactersMax).trimEnd()}\n`
    const [was, is] = [before, after].map((value) => excerpt(value ?? 'nothing', valueCharactersMax))
    return `${head}  ${chalk.red(was)} → ${chalk.green(is)}\n`
}

/** Of a web request what was sent, without the headers around it. */
function shortText(event: string): string {
    const request = requestInEvent(event)
    return request === undefined ? event : `${request.uri} ${request.body ?? ''}`
}

export const csvHead = 'position,hash,time,event,kind,before,after\n'

/** A hit with the quotes of RFC 4180, and the line ends of everything else in a pipe. */
export function csvLine({ hash, position, time, eventIndex, kind, before, after }: HitResult): string {
    const index = eventIndex === null ? '' : eventIndex + 1
    return `${[position ?? '', hash, time?.first ?? '', index, kind, before ?? '', after ?? ''].map(csvCell).join(',')}\n`
}

function csvCell(value: string | number): string {
    const text = String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const bars = '▁▂▃▄▅▆▇█'
const barsMax = 60

/** The course of a value over time, on a line; undefined for fewer than two numbers. */
export function sparkline(values: readonly number[]): string | undefined {
    const numbers = values.filter(Number.isFinite)
    if (numbers.length < 2) return undefined
    const width = Math.min(barsMax, numbers.length)
    // The last of each stretch: what the value was then.
    const shown = Array.from(
        { length: width },
        (_, i) => numbers[Math.ceil(((i + 1) * numbers.length) / width) - 1] ?? 0,
    )
    const [least, most] = [Math.min(...shown), Math.max(...shown)]
    const bar = (value: number) => {
        const height = most === least ? 0 : ((value - least) / (most - least)) * (bars.length - 1)
        return bars[Math.round(height)] ?? ''
    }
    return `${shown.map(bar).join('')}  ${least} to ${most}`
}
