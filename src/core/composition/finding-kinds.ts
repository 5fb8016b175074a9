// Everything that is the same for all findings of one id: what it means, how bad it is, what a Kalmit host
// would do, and what helps. docs/findings.md is this table in print.

/** How bad a finding is. Only an error makes a store unsound. */
export type Severity = 'error' | 'warning' | 'note'

interface FindingKind {
    /** What was found, in general. */
    readonly meaning: string
    readonly severity: Severity
    /** What a host of April 2019 does with such a log, as far as it is known. */
    readonly host: string
    /**
     * What a person does about it, by name of the command where one helps. Where the command needs to know a
     * record, the finding itself says the rest.
     */
    readonly help: string
}

const fromBackup = 'Restore this file from a backup.'
const missingFromBackup = 'Restore the missing records from a backup.'
const writeAnew = 'Write it anew with the app that wrote the log, or move it out of `reduction/`.'

/** Every kind of finding, by its stable id. */
export const findingKinds = {
    'malformed-record': {
        meaning: 'A line that is no composition record: not JSON, no parent, or a field of another type.',
        severity: 'error',
        host: 'Refuses to start when it meets the line on its way back from the end of the log to the nearest reduction; does not see it otherwise. But it reads more than JSON: comments, raw tabs, names in any case or without quotes, numbers as texts, a carriage return alone as a line end, two parents (ParentHashBase16 counts), both fields of events (AppendedEvents counts). A line that is wrong in nothing else is a record to it.',
        help: `${fromBackup} \`complog repair --quarantine\` moves the line out when the chain is whole without it.`,
    },
    'invalid-utf8': {
        meaning: 'A line whose bytes are not UTF-8.',
        severity: 'error',
        host: 'Reads replacement characters in place of the bytes, so the hash differs and the chain ends here; where it is the last record, the host starts with the altered record as its head.',
        help: `${fromBackup} \`complog repair --quarantine\` moves the line out when the chain is whole without it.`,
    },
    'oversized-line': {
        meaning: 'A line longer than the bound, so that it was not read.',
        severity: 'error',
        host: 'Reads it, if its memory allows, and the records before it as well.',
        help: 'Raise --max-line-size if a record may be this long.',
    },
    'torn-tail': {
        meaning:
            'The last line of the last file is the beginning of a record, or filled up with zeros: a crash interrupted the append.',
        severity: 'error',
        host: 'Refuses to start: it reads the torn line as the head.',
        help: 'The event was never acknowledged. `complog repair` cuts the tail off and keeps it.',
    },
    'altered-record': {
        meaning:
            'A line was changed: the record behind it names a hash that no record has. Where nothing bears witness for the line, lines behind it may have been removed instead, or never written: see missing-parent.',
        severity: 'error',
        host: 'Its walk from the head ends behind this line: refuses to start, or starts from a later reduction.',
        help: missingFromBackup,
    },
    'missing-parent': {
        meaning:
            'A record names a parent that no record is, and what stands before it is as it was: records are gone, or were never written. A host of 2018 to 2020-02 that is started while its clock stands before the newest log file takes events that it cannot write, and names them as parents; one of 2020-04 never writes the record of a migration.',
        severity: 'error',
        host: 'Its walk from the head ends here: refuses to start, or starts from a later reduction.',
        help: missingFromBackup,
    },
    'never-written': {
        meaning:
            'A record names a parent that no record is, and what it says shows that a host left this hole: it is reduced, and the number of its request has begun anew, so it is the first one that a started host wrote. A host of 2018 to 2020-02 that is started while its clock stands before the newest log file takes events that it cannot write; one of 2020-04 never writes the record of a migration. Of the record before the hole, nothing shows whether it was altered or whether others stood behind it.',
        severity: 'warning',
        host: 'Starts from the reduction behind the hole, or a later one; without any, it refuses to start.',
        help: 'Keep the reduction: nothing else gives the state from there on.',
    },
    fork: {
        meaning:
            'Two records name the same parent. A warning in a store since 2021-07 where the newer log goes on behind one of two lines of before.',
        severity: 'error',
        host: 'Starts from the branch of the last line of the last file and silently ignores the other.',
        help: 'Choose a branch by its newest record: `complog replay --head HASH` restores it, `complog repair --quarantine --head HASH` keeps it, moves the other out of the log, and keeps that in quarantine/.',
    },
    'unlinked-record': {
        meaning: 'One or more lines, one behind the other, that do not belong to the chain, with the reason.',
        severity: 'error',
        host: 'Silently ignores it, unless the last line of the log belongs to it: that is the head of a host.',
        help: '`complog repair --quarantine` moves records outside the chain out of the log; with two heads, --head chooses.',
    },
    'duplicate-record': {
        meaning: 'The same record stands in the log twice.',
        severity: 'warning',
        host: 'Ignores the copy, unless it is the last line: then it starts in that older state.',
        help: '`complog repair --quarantine` keeps one and moves the copy out.',
    },
    'out-of-order': {
        meaning: 'Records stand before their parent. The chain is whole all the same.',
        severity: 'warning',
        host: 'Finds the order by the parents, as long as the last line is the head.',
        help: '`complog reorder --in-place` writes the lines in chain order.',
    },
    'head-not-last': {
        meaning: 'The newest record of the chain is not the last line of the last file.',
        severity: 'error',
        host: 'Takes the last line for the head: silently starts in an older state, and appends to that.',
        help: '`complog reorder --in-place` writes the lines in chain order. Where the lines behind it are copies in a file that `foreign-file` names, `complog repair --quarantine` takes those out instead.',
    },
    'head-differs': {
        meaning: 'The head is not the one that `--expect-head` names.',
        severity: 'error',
        host: 'Starts from the head that the log has.',
        help: 'The end of the log was changed or cut, or it has grown since: compare with a backup.',
    },
    'unrestorable-chain': {
        meaning:
            'The oldest record names a parent that is not there, and no usable reduction covers the chain.',
        severity: 'error',
        host: 'Refuses to start: it finds neither the first record nor a reduction.',
        help: 'Restore the older records or a reduction from a backup or an archive.',
    },
    'records-missing': {
        meaning: 'The log holds no record at all, but there are reductions.',
        severity: 'error',
        host: 'Starts from the initial state and ignores every reduction.',
        help: 'Restore the composition log from a backup before a host starts on this store.',
    },
    'unreplayable-records': {
        meaning: 'Records of a truncated log that stand before its oldest reduction.',
        severity: 'warning',
        host: 'Does not need them: it starts from the reduction.',
        help: 'If the log was not truncated, restore the files before them from a backup. If it was, they may stay.',
    },
    'line-end-missing': {
        meaning: 'The last record of a file has no line end behind it.',
        severity: 'warning',
        host: 'Reads the record, but appends the next one to the same line, and refuses to start from the next time on.',
        help: '`complog reorder --in-place` ends every line.',
    },
    'blank-line': {
        meaning: 'Empty lines between records.',
        severity: 'warning',
        host: 'Refuses to start when its walk reaches the line; hosts since 2020-03-08 skip it.',
        help: '`complog reorder --in-place` leaves blank lines out.',
    },
    'byte-order-mark': {
        meaning: 'A log file begins with a byte order mark.',
        severity: 'note',
        host: 'Reads the file as if the mark were not there.',
        help: '`complog reorder --in-place` leaves it out.',
    },
    'set-state-ignored-by-host': {
        meaning: 'A record of generation 2019-03 sets the state.',
        severity: 'warning',
        host: 'Hosts since 2019-04-09 do not know SetStateLiteralString: they silently skip setting the state, and restore another state.',
        help: 'Store a reduction behind it: `complog reduce`.',
    },
    'events-ignored-by-host': {
        meaning: 'Records of generation 2019-03.',
        severity: 'note',
        host: 'Hosts until 2019-09-29 read their events. Hosts since 2019-09-30 pass over AppendedEventsLiteralString without a word: where no reduction stands for these records, they restore another state.',
        help: 'For a host of 2019-09-30 or later, the newest record must have a reduction: `complog reduce` stores it.',
    },
    'lone-surrogate': {
        meaning:
            'An event or a state, of a record or of a reduction, holds half of a surrogate pair, written as an escape such as `\\ud800`. It is no character, and UTF-8 has no bytes for it.',
        severity: 'warning',
        host: 'Reads U+FFFD in its place, so the app gets another text than with complog, and the state may differ.',
        help: 'Hosts and complog agree again from a reduction on that holds none: have the host store one, or `complog reduce`. complog writes no such record any more.',
    },
    'generation-refused-by-host': {
        meaning: 'Records of generation 2018-11.',
        severity: 'note',
        host: 'Hosts until 2019-04-08 read them. Hosts since 2019-04-09 refuse to start when their walk comes to one, even where a reduction stands for it: they read the record first.',
        help: 'For an upgraded host, the newest record must be of a later generation and have a reduction: `complog append` adds one where there is none, `complog reduce` stores the reduction.',
    },
    'reference-in-record': {
        meaning:
            'A record, its state or one of its events begins with `$ref`, which is a reference to hosts.',
        severity: 'warning',
        host: 'Refuses to start when its walk reaches the line.',
        help: 'No host wrote this line; compare with a backup. For a host, store a reduction behind it: `complog reduce`.',
    },
    'irregular-file': {
        meaning:
            'Something in the store that is no regular file: a dangling link, a pipe, a socket, a link in a circle, a name that is not UTF-8, a folder by the name of a file.',
        severity: 'error',
        host: 'Depends on what it is; it may wait forever.',
        help: 'Only regular files belong in a process store: move it away.',
    },
    'second-path': {
        meaning:
            'A second path to a file or folder of the store: a link, a second hard link, or a folder that is mounted twice. It is read once.',
        severity: 'error',
        host: 'Reads the same records by each path, as copies; where a copy is the last line, it starts in that older state.',
        help: 'Remove the second path: the link, the hard link, or the mount. What it leads to stays where it is.',
    },
    'unreadable-file': {
        meaning:
            'A log file or a reduction that the system does not let be read, with the error that it gives.',
        severity: 'error',
        host: 'Does not start, or only when its walk reaches the file.',
        help: 'See that whoever runs complog and the host may read it, and check the disk; else restore it from a backup.',
    },
    'foreign-file': {
        meaning:
            'A file in the log whose name no host gives: a backup, a copy of a sync program or an editor, or a file that is no log at all. In a store since 2020-05-06 also what else lies in its folder, which hosts remove when they truncate it.',
        severity: 'warning',
        host: 'Reads it as a part of the log, in its place among all paths, which hosts sort by culture (`a` before `Z`, `_` before digits) and complog by code unit: for the names that hosts give this is the same, for others it may not be. Where it is the last one, its last line counts as the head.',
        help: 'Where nothing is in it, or each record in it stands in another file too, which `duplicate-record` tells, stop the host and move it out of the log. If it holds records that stand nowhere else, give it the name that a host would give.',
    },
    'store-within': {
        meaning: 'A folder of the store that holds a store itself, as `cp -r` leaves it where there was one.',
        severity: 'warning',
        host: 'Does not look at it. When a host of 2020-05-09 to 0.3.34 truncates its store, it removes it.',
        help: 'If that was to replace this one, it did not: `complog verify-chain` of that folder tells which one goes further. Else move it elsewhere.',
    },
    'later-log-file': {
        meaning:
            'The newest log file is named after an hour that the clock of this machine has not reached, in any time zone.',
        severity: 'warning',
        host: 'Starts, and until its clock has come that far answers every event with 500: the app has processed it, but it is not in the log. Hosts since 2020-03-08 write it to a file `composition` at the top of the log folder instead, for good.',
        help: 'Where the clock is wrong, set it right. Where the name is wrong, stop the host, and remove the file if it is empty; else give it the name of an hour that lies between the file before it and now.',
    },
    'reduction-malformed': {
        meaning: 'A reduction file that cannot be read.',
        severity: 'error',
        host: 'Refuses to start when its walk reaches the reduced record.',
        help: writeAnew,
    },
    'reduction-hash-mismatch': {
        meaning: 'A reduction file that says that it reduces another record than its name does.',
        severity: 'error',
        host: 'Refuses to start when its walk reaches the reduced record.',
        help: writeAnew,
    },
    'reduction-form': {
        meaning:
            'A reduction in a form that not every host reads as complog does: of a later or an earlier time, with the hash in lower case, or with two values. What depends on the time of the host is said of the newest reduction alone, since that is the one it comes to.',
        severity: 'warning',
        host: 'Depends on the form and on the time of the host: reads another value, null in place of the value (hosts since 2019-09-30, of ReducedValueLiteralString), or refuses to start.',
        help: '`complog reduce --replace` writes it in the form that all hosts since 2019-04-09 read.',
    },
    'reduction-misnamed': {
        meaning:
            'A file in `reduction/` whose name is not a hash, or names a record that another file reduces already. A warning where it is a hash in lower case: complog reads it, a host does not.',
        severity: 'error',
        host: 'Looks for a reduction by the hash in upper case; it never finds this one where the file system tells case apart.',
        help: 'Move it out of reduction/.',
    },
    'reduction-without-record': {
        meaning:
            'A reduction of a record that is not in the log. An error where the log reaches back to genesis: then the record was lost.',
        severity: 'warning',
        host: 'Ignores it.',
        help: 'If the log was truncated, move it out of `reduction/`. If not, records are missing: compare with a backup.',
    },
    'reduction-differs': {
        meaning:
            'With `--app`: the reduction is not what replay gives. A note where it is from before an accepted change of the app: then it is the one that the app of before reads. Without an app in a store since 2025-03: the record itself sets another state.',
        severity: 'error',
        host: 'Starts from it all the same.',
        help: 'If the app is the one that wrote the log, write it anew.',
    },
    'reduction-not-round-trip': {
        meaning:
            'With `--app`: the value of a reduction changes when the app reads it and writes it again, more than JSON can be written in several ways. An error where a restore starts from it.',
        severity: 'warning',
        host: 'Starts from what the app makes of it.',
        help: 'Take the version of the app that wrote it. If the wrong one wrote it, write it anew with the right one.',
    },
    'set-state-not-round-trip': {
        meaning:
            'With `--app`: the state that a record sets, and that a restore goes back to, changes when the app reads it and writes it again.',
        severity: 'error',
        host: 'Goes on from what the app makes of it.',
        help: 'Take the version of the app that wrote it. If this is the one, its serializeState and deserializeState do not agree.',
    },
    'interleaved-record': {
        meaning:
            'In a store since 2021-07: a record names a parent that is not the one before it, but an older one. Two hosts have written to the store at once, each on its own chain.',
        severity: 'warning',
        host: 'Each of the two did not see what the other wrote. Started again, it takes all lines in the order of the files; what one wrote in front of the newest reduction of the other is gone.',
        help: 'See that only one host runs on a store. What the state lacks must be done again.',
    },
    'merged-line': {
        meaning:
            'In a store since 2020-05: a line holds a record beside the bytes of one that was torn, or beside a whole one. A warning since 2021-07 where the line itself has no end: to hosts, nothing stands on it.',
        severity: 'error',
        host: 'Does not start where it stands behind the newest usable reduction; else never reads it.',
        help: 'Stop the host. `complog repair` takes out the torn bytes, or puts a line end (LF) between the records, where hashes show that this is right.',
    },
    'carriage-return': {
        meaning:
            'In a store since 2021-07: lines end with CR LF. To hosts since 2021-08-17 the CR is a part of the record, which then has another hash.',
        severity: 'warning',
        host: 'Finds no reduction for such a record: replays from an older one or from the first record, and does not start where the log was truncated.',
        help: 'Stop the host. `complog repair` writes the file with LF again where hashes show that this is right.',
    },
    'empty-log-file': {
        meaning:
            'In a store since 2020-05: a log file without a byte, or before the last one with none but zeros. A host leaves the first where it is stopped, or the disk is full, between creating the file and writing to it, a power failure the second; an error where the first record behind it shows that others stood in it.',
        severity: 'warning',
        host: 'Reads nothing there, and goes on with the other files.',
        help: 'Compare with a backup: restore the file where it has records there. Where none ever stood in it, stop the host and remove it.',
    },
    'unknown-event': {
        meaning:
            'In a store since 2020-05: a record of an event that no host has written, or that the host which wrote the records before it does not know.',
        severity: 'error',
        host: 'Does not start where it stands behind the newest usable reduction.',
        help: 'Compare with a backup. Where an older host has written it behind a newer one, go on with the older one.',
    },
    'head-file': {
        meaning:
            'In a store of 2020-05 to 2021-07: the file with the hash of the newest record is missing, has another length than 32 bytes, or names no record. A warning where a newer log goes on behind another record than it names.',
        severity: 'error',
        host: 'Where it is missing, starts as on an empty store, in silence; else it does not start.',
        help: 'Stop the host. `complog repair` writes it where the records show which one is the newest.',
    },
    'value-missing': {
        meaning:
            'In a store since 2020-05: a value is not there that a record names, or a reduction, or another value that they name. A warning where hosts no longer read it, because a reduction stands behind it.',
        severity: 'error',
        host: 'Does not start where it is named behind the newest usable reduction.',
        help: 'Restore the file that is named after the hash from a backup: it lies in a folder named after the first two digits.',
    },
    'value-differs': {
        meaning:
            'In a store since 2020-05: a file of a value holds something else than its name says, or cannot be read as a value. A warning where nothing names it, or another file with the same value comes first.',
        severity: 'error',
        host: 'Does not start where it comes to it; of files below `value/` it never compares the hash.',
        help: 'Restore this file from a backup.',
    },
    'revert-target': {
        meaning:
            'In a store since 2020-05: a record goes back to one that is not there, that stands behind it, or that an earlier such step has made void. A warning in a truncated log, where a reduction stands behind it.',
        severity: 'error',
        host: 'Does not start where it comes to it ("Failed to get sufficient history").',
        help: 'Restore the missing records from a backup.',
    },
    'reduction-without-state': {
        meaning:
            'In a store since 2020-05: the state or the app that a reduction names is not there, or it names none. An error where hosts do not pass over that.',
        severity: 'warning',
        host: 'Passes over it, to the next older one; since 0.4.0 it does not start.',
        help: 'Restore the file that is named after the hash from a backup, or move the reduction out of `provisional-reduction/` where the log before it is whole.',
    },
    'older-generation': {
        meaning:
            'In a store since 2020-05: an older generation of hosts has left its log beside. Where the newer host went on in place, both are one history. A warning where the newer log begins with a parent that is not there.',
        severity: 'note',
        host: 'Does not see it. When a host of 2020-05-09 to 0.3.34 truncates its store, it removes every file that it has not read.',
        help: 'Keep a copy elsewhere if you need it.',
    },
} as const satisfies Record<string, FindingKind>

/** Stable name of a kind of finding. */
export type FindingId = keyof typeof findingKinds
