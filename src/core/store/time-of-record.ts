// When a record was made. The log does not say it: of most events the app was told the time, and the names of
// the files say the minute, the hour or the day in which hosts wrote to them.
import { spanOfLogFile } from './listing/log-file-name.js'

/** Milliseconds since 1970, both included: the same where the time is known exactly. */
export interface RecordTime {
    readonly first: number
    readonly last: number
    /** Whether an event says so, as `posixTimeMilli`, or the name of the file. */
    readonly source: 'event' | 'file'
}

/**
 * In the interfaces of hosts since 2019, the time of a web request, that of a point in time that has come,
 * and that of any event that an app asks the time of.
 */
const told = /"posixTimeMilli"\s*:\s*(\d{1,16})(?!\d)/
/** As far as a Date goes. */
const posixMillisecondsMax = 8.64e15

/** What the events of a record say of its time, or else the path of its log file; undefined for nothing. */
export function timeOf(events: Iterable<string>, file: string): RecordTime | undefined {
    for (const event of events) {
        const at = exactTime(told.exec(event)?.[1])
        if (at !== undefined) return at
    }
    const span = spanOfLogFile(file)
    return span && { ...span, source: 'file' }
}

export function exactTime(digits: string | undefined): RecordTime | undefined {
    const at = Number(digits ?? NaN)
    return at <= posixMillisecondsMax ? { first: at, last: at, source: 'event' } : undefined
}
