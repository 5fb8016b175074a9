// What a check reports is data with a stable id, so that scripts and tests can name it. Everything that is the same
// for all findings of one id (how bad it is, what a Kalmit host would do, what helps) stands here once.
import type { Place } from '../errors.js'
import type { CompositionHash } from './hash.js'

export type Severity = 'error' | 'warning' | 'note'

interface FindingKind {
    readonly severity: Severity
    /** What a host of April 2019 does with such a log, as far as it is known. */
    readonly host: string
    /** What a person does about it, by name of the command where one helps. */
    readonly help: string
}

const fromBackup = 'Restore this file from a backup.'
const seeBreak =
    'Restore the missing records from a backup; `complog replay --head` restores up to the break.'

export const findingKinds = {
    'malformed-record': {
        severity: 'error',
        host: 'Refuses to start when its walk from the head reaches the line; ignores it otherwise.',
        help: `${fromBackup} \`complog reorder --head\` sets the line aside when the chain is whole without it.`,
    },
    'invalid-utf8': {
        severity: 'error',
        host: 'Reads replacement characters in place of the bytes, so the hash differs and the chain ends here.',
        help: `${fromBackup} \`complog reorder --head\` sets the line aside when the chain is whole without it.`,
    },
    'oversized-line': {
        severity: 'error',
        host: 'Reads it, if its memory allows.',
        help: 'Raise --max-line-size if a record may be this long.',
    },
    'torn-tail': {
        severity: 'error',
        host: 'Refuses to start: it reads the torn line as the head.',
        help: 'The event was never acknowledged. `complog replay --head` restores without it; `complog reorder --head` sets it aside.',
    },
    'altered-record': {
        severity: 'error',
        host: 'Its walk from the head ends behind this line: refuses to start, or starts from a later reduction.',
        help: seeBreak,
    },
    'missing-parent': {
        severity: 'error',
        host: 'Its walk from the head ends here: refuses to start, or starts from a later reduction.',
        help: seeBreak,
    },
    fork: {
        severity: 'error',
        host: 'Follows the branch of the last line of the last file and silently ignores the other.',
        help: 'Choose a branch: `complog replay --head` restores it, `complog reorder --head` keeps it and sets the other aside.',
    },
    'unlinked-record': {
        severity: 'error',
        host: 'Silently ignores it.',
        help: '`complog reorder` sets records outside the chain aside in a file; with two heads, --head chooses.',
    },
    'duplicate-record': {
        severity: 'warning',
        host: 'Ignores the copy, unless it is the last line: then it starts in that older state.',
        help: '`complog reorder` keeps one and sets the copy aside.',
    },
    'out-of-order': {
        severity: 'warning',
        host: 'Finds the order by the parents, as long as the last line is the head.',
        help: '`complog reorder` writes the lines in chain order.',
    },
    'head-not-last': {
        severity: 'error',
        host: 'Takes the last line for the head: silently starts in an older state, and appends to that.',
        help: '`complog reorder` writes the lines in chain order.',
    },
    'head-differs': {
        severity: 'error',
        host: 'Starts from the head that the log has.',
        help: 'The end of the log was changed or cut, or it has grown since: compare with a backup.',
    },
    'unrestorable-chain': {
        severity: 'error',
        host: 'Refuses to start: it finds neither the first record nor a reduction.',
        help: 'Restore the older records or a reduction from a backup or an archive.',
    },
    'records-missing': {
        severity: 'error',
        host: 'Starts from the initial state and ignores every reduction.',
        help: 'Restore the composition log from a backup before a host starts on this store.',
    },
    'unreplayable-records': {
        severity: 'warning',
        host: 'Does not need them: it starts from the reduction.',
        help: '`complog truncate` removes them.',
    },
    'line-end-missing': {
        severity: 'warning',
        host: 'Reads the record, but joins the next record it appends to this file to the same line.',
        help: '`complog reorder` ends every line.',
    },
    'blank-line': {
        severity: 'warning',
        host: 'Depends on its version: some skip it, others refuse to start when their walk reaches it.',
        help: '`complog reorder` leaves blank lines out.',
    },
    'byte-order-mark': {
        severity: 'note',
        host: 'Reads the file as if the mark were not there.',
        help: '`complog reorder` leaves it out.',
    },
    'set-state-ignored-by-host': {
        severity: 'warning',
        host: 'Hosts since 2019-04-09 do not know SetStateLiteralString: they silently skip setting the state, and restore another state.',
        help: 'Store a reduction behind it: `complog reduce`.',
    },
    'generation-refused-by-host': {
        severity: 'note',
        host: 'Hosts since 2019-03-10 refuse to start when their walk reaches a record of 2018-11.',
        help: 'For an upgraded host, store a reduction behind it: `complog reduce`.',
    },
    'irregular-file': {
        severity: 'error',
        host: 'Depends on what it is; it may wait forever.',
        help: 'Only regular files belong in a process store: move it away.',
    },
    'reduction-malformed': {
        severity: 'error',
        host: 'Refuses to start when its walk reaches the reduced record.',
        help: 'Delete it, or write it anew: `complog reduce --replace`.',
    },
    'reduction-hash-mismatch': {
        severity: 'error',
        host: 'Refuses to start when its walk reaches the reduced record.',
        help: 'Delete it, or write it anew: `complog reduce --replace`.',
    },
    'reduction-misnamed': {
        severity: 'error',
        host: 'Takes every name in reduction/ for a hash; it never finds this one.',
        help: 'Move it out of reduction/.',
    },
    'reduction-without-record': {
        severity: 'warning',
        host: 'Ignores it.',
        help: 'If the log was truncated, delete it. If not, records are missing: compare with a backup.',
    },
    'reduction-differs': {
        severity: 'error',
        host: 'Starts from it all the same.',
        help: 'If the app is the one that wrote the log, write it anew: `complog reduce --replace`.',
    },
    'reduction-not-round-trip': {
        severity: 'warning',
        host: 'Starts from what the app makes of it.',
        help: 'Check that this is the right app, and that its serializeState and deserializeState agree.',
    },
} as const satisfies Record<string, FindingKind>

/** Stable name of a kind of finding. */
export type FindingId = keyof typeof findingKinds

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
    readonly hash?: CompositionHash
    /** What a Kalmit host would do. */
    readonly host: string
    /** What to do next. */
    readonly help: string
}

export interface FindingDetails {
    readonly place?: Place | undefined
    readonly lastPlace?: Place | undefined
    readonly lines?: number | undefined
    readonly hash?: CompositionHash | undefined
    /** Where the case at hand is worse or better than its kind usually is. */
    readonly severity?: Severity | undefined
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
        host: kind.host,
        help: kind.help,
    }
}
