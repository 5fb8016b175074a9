// How files of a log are called: which one a new record goes to, and which names a host gives at all.
import { hourlyFileAt } from '../../generations/kalmit.js'
import type { FileList } from './list-files.js'

/**
 * The file to append to. A new one only where its path sorts behind all that are there: files are read in the
 * order of their paths, so a clock that jumped back must not put a record before older ones.
 * @param last path of the last file that a host may append to; undefined where there is none
 */
export function logFileToAppendTo(last: string | undefined, time: Date): string {
    const now = hourlyFileAt(time)
    return last === undefined || now > last ? now : last
}

const dailyName = /^\d{4}-\d\d-\d\d\.composition\.jsonl$/
const hourlyName = /^(\d{4}-\d\d-\d\d)\/\1T\d\d\.composition\.jsonl$/

/** The clock of no time zone is further from UTC. */
const zoneMillisecondsMax = 14 * 60 * 60 * 1000

/** Whether a name that hosts give is one of an hour that no clock has reached yet. */
export function isLaterThan(path: string, now: Date): boolean {
    return (
        isNameOfHost(path) &&
        path !== clockBackName &&
        path > hourlyFileAt(new Date(now.getTime() + zoneMillisecondsMax))
    )
}

/** Hosts since March 2020 write to it once the clock has gone back, at the top of the log. It sorts last. */
const clockBackName = 'composition'

/**
 * Whether a host writes to files of this name. Only to these may anybody append: what else lies in the log is
 * a copy that a person or a program has put there, and may remove again.
 * @param path relative to the composition folder
 */
export function isNameOfHost(path: string): boolean {
    return dailyName.test(path) || hourlyName.test(path) || path === clockBackName
}

/** The last file that a host may append to; undefined where there is none. */
export function lastFileOfHost<F extends { readonly path: string }>(
    files: Pick<FileList<F>, 'at' | 'findLastIndex'>,
): F | undefined {
    const at = files.findLastIndex(({ path }) => isNameOfHost(path))
    return at < 0 ? undefined : files.at(at)
}

/** How the archived beginning of a log file is called; see `archivedName`. */
const archivedPart =
    /(^|\/)(?:\d{4}-\d\d-\d\d(?:T\d\d)?\.archived\.composition\.jsonl|archived\.composition)$/

/**
 * The name for the beginning of a log file, in an archive, while the rest stays in the store: another one, so
 * that the two can be put into one folder, and one that sorts directly before it.
 * @param path relative to the composition folder
 */
export function archivedName(path: string): string {
    if (path === clockBackName) return `archived.${clockBackName}`
    if (isNameOfHost(path)) return path.replace('.composition.', '.archived.composition.')
    // A hyphen sorts before the dot.
    return path.replace(/(?<=^|\/)([^/.]+)\.([^/]*)$/, '$1-archived.$2')
}

const daysAndHours = /(?:^|\/)(\d{4}-\d\d-\d\d)(?:T(\d\d))?(?:\.archived)?\.composition\.jsonl$/
/** Of hosts since 2021-07. */
const minutes = /(?:^|\/)(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)$/

/**
 * The minute, the hour or the day, in UTC, that a log file is named after, as milliseconds since 1970, the
 * last one included. Undefined for a name that names none.
 */
export function spanOfLogFile(path: string): { readonly first: number; readonly last: number } | undefined {
    const [, day = '', hour, minute] = daysAndHours.exec(path) ?? minutes.exec(path) ?? []
    const first = Date.parse(`${day}T${hour ?? '00'}:${minute ?? '00'}:00Z`)
    const minutesLong = minute ? 1 : hour ? 60 : 24 * 60
    return Number.isNaN(first) ? undefined : { first, last: first + minutesLong * 60_000 - 1 }
}

/** Whether an archive has given this name. */
export function isNameOfArchive(path: string): boolean {
    return archivedPart.test(path)
}
