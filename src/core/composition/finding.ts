// What a check reports is data with a stable id, so that scripts and tests can name it.
import type { Place } from '../errors.js'
import { type FindingId, findingKinds, type Severity } from './finding-kinds.js'
import type { CompositionHash, ValueHash } from './hash.js'

export { type FindingId, findingKinds, type Severity } from './finding-kinds.js'

/** Something that a check reports. Data, never an exception. */
export interface Finding {
    readonly id: FindingId
    readonly severity: Severity
    readonly message: string
    /** Where it is; absent for what concerns the whole store. */
    readonly place?: Place
    /** With `lines` above 1: where the last line of the run is. */
    readonly lastPlace?: Place
    /** How many lines of the log, one directly behind the other, this finding covers. */
    readonly lines: number
    readonly hash?: CompositionHash | ValueHash
    /** What a Kalmit host would do. */
    readonly host: string
    /** What to do next. */
    readonly help: string
}

export interface FindingDetails {
    readonly place?: Place | undefined
    readonly lastPlace?: Place | undefined
    readonly lines?: number | undefined
    readonly hash?: CompositionHash | ValueHash | undefined
    /** Where the case at hand is worse or better than its kind usually is. */
    readonly severity?: Severity | undefined
    /** Where a host does something else in the case at hand than its kind says. */
    readonly host?: string | undefined
    /** Where something else helps in the case at hand than its kind says. */
    readonly help?: string | undefined
    /** What helps in the case at hand beside that, such as a command that needs to name a record. */
    readonly moreHelp?: string | undefined
}

export function finding(id: FindingId, message: string, details: FindingDetails = {}): Finding {
    const kind = findingKinds[id]
    return {
        id,
        severity: details.severity ?? kind.severity,
        message,
        ...(details.place && { place: details.place }),
        ...(details.lastPlace && { lastPlace: details.lastPlace }),
        lines: details.lines ?? 1,
        ...(details.hash && { hash: details.hash }),
        host: details.host ?? kind.host,
        help: [details.help ?? kind.help, ...(details.moreHelp === undefined ? [] : [details.moreHelp])].join(
            ' ',
        ),
    }
}

/** A place within the text of a message. */
export function describePlace(place: Place): string {
    return place.line === undefined
        ? `${place.file} at byte ${place.offsetBytes}`
        : `${place.file}:${place.line}`
}
