// Numbers as people write and read them.
import { ComplogError } from '../../core/errors.js'

export { countOf, formatCount } from '../../core/counts.js'

const sizeUnits: Readonly<Record<string, number>> = {
    '': 1,
    b: 1,
    k: 1e3,
    kb: 1e3,
    kib: 1024,
    m: 1e6,
    mb: 1e6,
    mib: 1024 ** 2,
    g: 1e9,
    gb: 1e9,
    gib: 1024 ** 3,
}

const timeUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** `64MiB`, `1.5GB`, `1000` in bytes. */
export function parseSize(text: string): number {
    return parseWithUnit(text, sizeUnits, 'a size, such as 1000, 64MiB or 2GB')
}

/** `500ms`, `30s`, `2m` in milliseconds. */
export function parseDuration(text: string): number {
    return parseWithUnit(text, timeUnits, 'a duration, such as 500ms, 30s or 2m')
}

/** Node's timers go off at once where they are set for longer. */
const timerMillisecondsMax = 2 ** 31 - 1

/** As `parseDuration`, for what a timer measures. */
export function parseTimeout(text: string): number {
    const milliseconds = parseDuration(text)
    if (milliseconds > timerMillisecondsMax)
        throw new ComplogError('usage', `"${text}" is too long a time to wait: it goes up to 596h.`)
    return milliseconds
}

/** `10%` or `0.1` as a fraction. */
export function parseFraction(text: string): number {
    const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim())
    if (!match) throw new ComplogError('usage', `"${text}" is not a percentage, such as 10%.`)
    return Number(match[1]) / (match[2] === '%' ? 100 : 1)
}

function parseWithUnit(text: string, units: Readonly<Record<string, number>>, what: string): number {
    const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text.trim())
    const unit = units[(match?.[2] ?? '').toLowerCase()]
    const value = Math.round(Number(match?.[1]) * (unit ?? NaN))
    if (!Number.isSafeInteger(value) || value < 1)
        throw new ComplogError('usage', `"${text}" is not ${what}.`)
    return value
}

export function formatBytes(bytes: number): string {
    if (bytes < 1000) return `${Math.round(bytes)} B`
    const units = ['kB', 'MB', 'GB', 'TB']
    let value = bytes
    let unit = -1
    while (value >= 999.5 && unit < units.length - 1) {
        value /= 1000
        unit++
    }
    return `${value.toPrecision(3)} ${units[unit] ?? 'B'}`
}

export function formatMilliseconds(milliseconds: number): string {
    // Each bound is where the number, rounded, would no longer fit its unit.
    if (milliseconds < 0.9995) return `${(milliseconds * 1000).toFixed(0)} µs`
    if (milliseconds < 999.5) return `${milliseconds.toPrecision(3)} ms`
    if (milliseconds < 119_500) return `${(milliseconds / 1000).toPrecision(3)} s`
    const seconds = Math.round(milliseconds / 1000)
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** For what is still to come: whole seconds, nobody knows better. */
export function formatSeconds(seconds: number): string {
    const whole = Math.ceil(seconds)
    return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

export function formatPercent(fraction: number): string {
    return `${fraction >= 0 ? '+' : ''}${(fraction * 100).toFixed(1)} %`
}
