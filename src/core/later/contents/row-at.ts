// Which record of a store of 2020-05 or later a person means.
import type { FindingId } from '../../composition/finding.js'
import type { Ref } from '../../composition/ref.js'
import { refText } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { spanOfLogFile } from '../../store/listing/log-file-name.js'
import type { LaterStore } from '../../store/recognise.js'
import { lostLog, type ReadLater, readLater } from '../reading/read-later.js'
import { LaterRecords } from './read-records.js'

const besideHead: ReadonlySet<FindingId> = new Set(['fork', 'head-not-last'])

/** How much of a store is read. */
export interface ReadUpToOptions extends WorkOptions {
    /**
     * Which record counts as the head, and must be there; default: the newest. In stores with a head file
     * also one that this does not lead to, by its hash.
     */
    readonly head?: Ref | undefined
}

/**
 * Reads a store, up to a record.
 * @throws ComplogError `unknown-ref`, `ambiguous-ref`, `file-system`, `limit-exceeded`
 */
export async function readLaterUpTo(
    store: LaterStore,
    { head, ...options }: ReadUpToOptions,
): Promise<ReadLater> {
    const read = await readLater(store, { ...options, leaf: leafOf(head) })
    return head === undefined ? read : { ...read, headRow: rowAt(read, head) }
}

/** How the hash of the record that counts as the head begins, where that is how it is named. */
export function leafOf(head: Ref | undefined): string | undefined {
    return head?.kind === 'hash' ? head.prefix.toLowerCase() : undefined
}

/**
 * The row of a record.
 * @throws ComplogError `unknown-ref`, `ambiguous-ref`; `error-findings` where all records are lost
 */
export function rowAt(read: ReadLater, ref: Ref): number {
    const row = namedRow(read, ref) - (ref.back ?? 0)
    if (row >= 0 && row <= read.headRow) return row
    for (const { message, help } of lostLog(read))
        throw new ComplogError('error-findings', message, { hint: help })
    const isLost = ref.kind === 'hash' && row < 0 && ref.back === undefined
    const upTo = read.headRow < 0 ? 'the log has none' : `the head is #${read.headRow + 1}`
    throw new ComplogError('unknown-ref', `No record is named ${refText(ref)}: ${upTo}.`, {
        hint: isLost || read.headRow < 0 ? hintOnLost(read) : undefined,
    })
}

/** Where a head file names the newest record, there may be others, to which it does not lead. */
function hintOnLost({ store: { generation }, log }: ReadLater): string {
    const isBeside =
        generation.order === 'head-file' && log.findings.list.some(({ id }) => besideHead.has(id))
    return isBeside
        ? 'There are records that the head does not lead to: `--head HASH` reads up to one of them, `complog verify-chain` names them.'
        : 'If the log had it once, it was lost or altered: see `complog verify-chain`.'
}

function namedRow(read: ReadLater, ref: Ref): number {
    if (ref.kind === 'head') return read.headRow
    if (ref.kind === 'number') return ref.position - 1
    if (ref.kind === 'time') return rowAtTime(read, ref.posixMilliseconds)
    const { table } = read.log
    const rows = table.rowsWith(ref.prefix.toLowerCase())
    const last = rows.at(-1) ?? -1
    // Of copies of one record, the last is the one that leaves the state.
    if (rows.some((row) => table.hashAt(row) !== table.hashAt(last))) {
        throw new ComplogError('ambiguous-ref', `${rows.length} records begin with ${refText(ref)}.`, {
            hint: 'Write more digits of the hash.',
        })
    }
    return last
}

/**
 * An event may be older than the file that it is written to, by as long as the app took for it. What is
 * further from a time than this by its file is not read.
 */
const slackMilliseconds = 3_600_000

/**
 * The last record that may be from a time or before it: as its event says, or the minute or the hour that its
 * file is named after.
 */
function rowAtTime(read: ReadLater, posixMilliseconds: number): number {
    const records = new LaterRecords(read)
    for (let row = read.headRow; row >= 0; row--) {
        const { first = 0 } = spanOfLogFile(read.log.table.placeAt(row).file) ?? {}
        const time = first - slackMilliseconds > posixMilliseconds ? undefined : records.timeAt(row)
        if (time !== undefined && time.first <= posixMilliseconds) return row
    }
    const asked = new Date(posixMilliseconds).toISOString()
    throw new ComplogError('unknown-ref', `No record says that it is from ${asked} or before.`, {
        hint: 'Name it by its hash, by #12, or by head~3.',
    })
}

/** The first record that may be from a time or after it; one behind the head where there is none. */
export function rowFromTime(read: ReadLater, posixMilliseconds: number): number {
    const records = new LaterRecords(read)
    for (let row = 0; row <= read.headRow; row++) {
        const { last = Infinity } = spanOfLogFile(read.log.table.placeAt(row).file) ?? {}
        const time = last + slackMilliseconds < posixMilliseconds ? undefined : records.timeAt(row)
        if (time !== undefined && time.last >= posixMilliseconds) return row
    }
    return read.headRow + 1
}
