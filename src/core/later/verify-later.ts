// Entrance of core/later/: stores of hosts since 2020-05, which `generations/` describes. In comes such a
// store; out come findings and counts.
//
// Everything that can be said about such a store without its app: records and their parents, reverts, the
// values that records and reductions name, and what lies there beside.
import { type Finding, finding } from '../composition/finding.js'
import { Findings } from '../composition/findings.js'
import { tornAndReduced } from '../composition/torn.js'
import type { WorkOptions } from '../progress.js'
import { findingsBeside, type LaterStore } from '../store/recognise.js'
import { isStateText } from './contents/state-json.js'
import { findingsOfValues } from './needed-values.js'
import { headFileName, reductionFolder } from './reading/list-later.js'
import { lostLog, type ReadLater, readLaterByNames } from './reading/read-later.js'
import type { LaterReduction } from './reading/reductions.js'
import { fromBackup, type RecordForm } from './records/log.js'
import type { EventKind } from './records/record.js'
import type { ValueHash } from './values/value.js'

/** What a check of a store of 2020-05 or later found. */
export interface VerifiedLater extends ReadLater {
    readonly isSound: boolean
    readonly findings: Findings
    readonly head: ValueHash | undefined
    readonly records: number
    readonly kinds: ReadonlyMap<EventKind, number>
    readonly form: RecordForm | undefined
    readonly orphans: { readonly files: number; readonly sizeBytes: number }
}

/** What such a store is checked against. */
export interface VerifyLaterOptions extends WorkOptions {
    /** The hash that the newest record must have. */
    readonly expectHead?: ValueHash | undefined
    /** For who only looks: past files of the log that cannot be read, with a finding for each. */
    readonly goesOn?: boolean
}

/** Checks all of a store, and goes on past errors. @throws ComplogError as `readLater` does */
export async function verifyLater(
    store: LaterStore,
    options: VerifyLaterOptions = {},
): Promise<VerifiedLater> {
    const verified = checkRead(await readLaterByNames(store, options), options.expectHead)
    // Hosts of 2020-05-01 truncate nothing.
    const beside = findingsBeside(store.root, store.generation.order !== 'parents')
    return { ...verified, findings: verified.findings.plus(beside) }
}

/** What is to be said of a store that was read, or of what it would be. */
export function checkRead(read: ReadLater, expectHead?: ValueHash): VerifiedLater {
    const { log, values, reductions } = read
    const ofValues = findingsOfValues(read)
    const head = log.table.length === 0 ? undefined : log.table.hashAt(log.table.length - 1)
    const lost = head !== undefined && log.isRead ? [...witnesses(read)] : []
    const help =
        lost.length > 0
            ? tornAndReduced(`${reductionFolder}/`)
            : read.isTruncated
              ? givenForTorn(read)
              : undefined
    const ofLog = new Findings()
    ofLog.addPacked(log.findings.packed, (found) =>
        help !== undefined && found.id === 'torn-tail' ? { ...found, help } : found,
    )
    const findings = ofLog
        .plus(revertsIn(read))
        .plus(reductions.findings)
        .plus(values.findings)
        .plus(ofValues.findings)
        .plus(lost)
        .plus(ofTheWhole(read, { head, expectHead }))
    return {
        ...read,
        isSound: findings.counts.error === 0,
        findings,
        head,
        records: log.table.length,
        kinds: log.counts,
        form: log.form,
        orphans: ofValues.orphans,
    }
}

/**
 * In a truncated log, what a revert goes back to may have gone. No host follows the record that it starts
 * from, and a truncation may stand right behind a revert.
 */
function* revertsIn({ live, log, isTruncated, newestUsable }: ReadLater): Generator<Finding> {
    for (const found of live.findings) {
        const row = isTruncated ? log.table.find(found.hash as ValueHash) : Infinity
        if (row < newestUsable)
            yield {
                ...found,
                severity: 'warning',
                host: 'Does not read it: a reduction stands behind it.',
                help: 'If the log was truncated, it may stay. If not, restore the missing records from a backup.',
            }
        else if (row !== newestUsable) yield found
    }
}

interface Heads {
    readonly head: ValueHash | undefined
    readonly expectHead: ValueHash | undefined
}

function* ofTheWhole(read: ReadLater, { head, expectHead }: Heads): Generator<Finding> {
    const { log, usable, newestUsable, store, continued } = read
    const host = store.generation.hosts?.chain
    for (const row of log.unknownToHost) {
        if (row <= newestUsable) continue
        const message = 'The host that wrote the records before it does not know this event.'
        yield finding('unknown-event', message, {
            place: log.table.placeAt(row),
            hash: log.table.hashAt(row),
        })
    }
    yield* lostLog(read)
    if (head !== undefined && log.isRead && usable.size === 0) yield* withoutReduction(read)
    yield* emptyFiles(read)
    if (head !== undefined) yield* setOtherwise(read)
    if (expectHead !== undefined && head !== expectHead) {
        const message = `The head is ${head ?? 'none'}, not the expected ${expectHead}.`
        yield finding('head-differs', message, {
            ...(head && { hash: head }),
            ...(host !== undefined && { host }),
        })
    }
    for (const { id, logFolder } of store.older) {
        const where = logFolder === undefined ? headFileName : `${logFolder}/`
        if (continued.includes(id)) {
            const message = `The records of generation ${id} are the beginning of this history: the first line names one of them as its parent.`
            yield finding('older-generation', message)
        } else yield besideIt(read, `Beside it lies a store of generation ${id}, in ${where}`, where)
    }
}

/** What an older store is to the newer one, as far as the files show it. */
function besideIt({ log, isTruncated }: ReadLater, what: string, where: string): Finding {
    const isOther = 'another history, on which the newer host did not go on'
    if (!isTruncated || where !== headFileName) {
        const moreHelp =
            where === 'composition/' ? '`complog verify-chain STORE/composition` checks it.' : undefined
        return finding('older-generation', `${what}: ${isOther}.`, { moreHelp })
    }
    // Hosts that truncate such a log remove what lies beside, and so does complog where it is the beginning.
    const message = `${what}: the first line of the newer log names the parent ${log.oldestParent?.slice(0, 12) ?? ''}…, which is not there, so either it is ${isOther}, or it is the beginning of this one and lines between them were lost.`
    return finding('older-generation', message, {
        place: log.table.placeAt(0),
        severity: 'warning',
        help: 'Where it is the beginning, restore the lines between them from a backup.',
    })
}

/** All must come from replay, so the beginning must be there. */
function* withoutReduction({ log, isTruncated, live, store }: ReadLater): Generator<Finding> {
    const place = log.table.placeAt(0)
    const kind = log.table.kindAt(0)
    const host = withoutBeginning(store)
    if (isTruncated) {
        const message = `The oldest record names the parent ${log.oldestParent?.slice(0, 12) ?? ''}…, which is not there, and no reduction can be used.`
        yield finding('unrestorable-chain', message, { place, host, help: fromBackup })
    } else if (live.isLive(0) && kind !== 'deploy-init') {
        const message =
            'The first record deploys no app, and no reduction can be used: the records before it may be lost.'
        yield finding('unrestorable-chain', message, { place, severity: 'warning', host, help: fromBackup })
    }
}

/** What a host does where there is neither a first record nor a reduction. */
function withoutBeginning({ generation }: LaterStore): string {
    return generation.order === 'files' ? 'Does not start, or starts without an app.' : 'Does not start.'
}

/** Since 0.4.0, records set states as values, which no app reads in another way than a reduction's. */
function* setOtherwise({ log, usable, values }: ReadLater): Generator<Finding> {
    for (const [row, { state = '', place, hash }] of usable) {
        const set = log.table.kindAt(row) === 'set-state' ? log.namedBy(row) : undefined
        if (set === undefined || set === state) continue
        const value = values.load(set)
        if (value === undefined || isStateText(value)) continue
        const message = `It names the state ${state.slice(0, 12)}…, but the record that it reduces sets ${set.slice(0, 12)}….`
        const help = `Stop the host, and move it out of \`${reductionFolder}/\` where the log before it is whole; else restore it from a backup.`
        yield finding('reduction-differs', message, { place, hash, help, host: startsFromIt })
    }
}

const startsFromIt = 'Starts from it all the same, or does not start where the app cannot read it.'

/** Nobody cuts a log in front of a file without a record, so what such a one held there is lost. */
function* emptyFiles({ listed, log, isTruncated, continued, store, usable }: ReadLater): Generator<Finding> {
    const { table, oldestParent, zeroed } = log
    const firstFile = table.length === 0 ? undefined : table.placeAt(0).file
    let isFirst = continued.length === 0
    for (const file of listed.logFiles) {
        const { path, isUnseen } = file
        isFirst &&= path !== firstFile
        const isZeroed = zeroed.has(path)
        // To ask for the size of a file is to look at it, where nobody has.
        if (!isZeroed && (firstFile === undefined || isUnseen || file.sizeBytes > 0)) continue
        const place = { file: path, offsetBytes: 0, sizeBytes: isZeroed ? file.sizeBytes : 0 }
        const what = isZeroed ? 'Nothing but zero bytes is in it' : 'Nothing is in it'
        if (!isFirst || (!isTruncated && firstFile !== undefined && table.kindAt(0) === 'deploy-init')) {
            const why = isZeroed
                ? 'what stood there was not on the disk yet when the power failed, or is gone'
                : 'a host was stopped before it wrote there, or what stood there is gone'
            const message = `${what}: ${why}. Of events between others, the parents would show that; of the newest records, and of those of an administrator, only a reduction or a backup.`
            yield finding('empty-log-file', message, { place })
            continue
        }
        const begins = isTruncated
            ? `names the parent ${oldestParent?.slice(0, 12) ?? ''}…, which is not there`
            : 'deploys no app, as the first one of a log does'
        const behind = firstFile === undefined ? '' : `, and the first record behind it ${begins}`
        const message = `${what}${behind}: the records that stood here are gone.`
        const host = usable.size === 0 ? withoutBeginning(store) : fromReduction
        yield finding('empty-log-file', message, { place, severity: 'error', host, help: fileFromBackup })
    }
}

const fromReduction = 'Starts from its newest reduction, and never reads what stood here.'
const fileFromBackup =
    'Restore this file from a backup. Without one, what stood here is lost, and this file alone shows it: make a note of that, then stop the host and remove it, and the rest reads as a log that was truncated.'

/**
 * Reductions of records that are not there. In a log that reaches back to its beginning, each is the only
 * witness of a record that was lost: the last ones of a log, and those of an administrator, leave a chain
 * that looks whole.
 */
export function* witnesses(read: ReadLater): Generator<Finding> {
    const { log, isTruncated, store, continued } = read
    const isShared = store.older.some(
        ({ id, logFolder }) => logFolder !== 'composition' && !continued.includes(id),
    )
    if (isTruncated || isShared) return
    const help = log.findings.count('torn-tail') > 0 ? tornAndReduced(`${reductionFolder}/`) : fromBackup
    for (const { hash, place } of withoutRecord(read)) {
        const message =
            'No record has this hash, though the log reaches back to its first record: the reduced record was lost or altered, or the reduction is of another store.'
        yield finding('reduction-without-record', message, {
            place,
            hash,
            severity: 'error',
            host: store.generation.hosts?.chain,
            help,
        })
    }
}

function* withoutRecord({ log, reductions, values }: ReadLater): Generator<LaterReduction> {
    for (const reduction of reductions.byHash.values()) {
        const { hash } = reduction
        if (!log.reduced.has(hash) && !log.uncounted.has(hash) && !values.records.has(hash)) yield reduction
    }
}

/** What helps with torn bytes of a truncated log, where one of the reductions may be of what was torn. */
function givenForTorn(read: ReadLater): string | undefined {
    const [first] = withoutRecord(read)
    if (first === undefined) return undefined
    return `No record has the hash of the reduction ${first.place.file}: what was torn may be that record, which was whole then, and the reduction gives the state after it. Restore the log file from a backup. Without one, stop the host, and keep a copy of the reduction and of the values that it names: then \`complog repair\` cuts the torn bytes off and keeps them.`
}
