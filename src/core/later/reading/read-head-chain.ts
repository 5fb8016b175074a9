// The records of 2020-05 to 2021-07, which are values among others: from the one that the head file names,
// along the parents. Each writes one line without branches, of reverts too, so what lies beyond the head
// shows as well.
import { type Head, headsOf, listOfHeads } from '../../composition/chain/heads.js'
import { ComplogError, type Place } from '../../errors.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { readWholeFile } from '../../store/reading/read-whole.js'
import type { LaterLog } from '../records/log.js'
import { isNoRecord, type LaterRecord, type LaterRecordProblem, parseLaterRecord } from '../records/record.js'
import type { ValueHash } from '../values/value.js'
import type { CheckedValues } from './check-values.js'
import { headFileName } from './list-later.js'

const hashSizeBytes = 32

/** The record that the head file of a store names; undefined, and a finding, where it names none. */
export function readHeadFile(log: LaterLog, file: StoreFile | undefined): ValueHash | undefined {
    const place = { file: headFileName, offsetBytes: 0, sizeBytes: file?.sizeBytes ?? 0 }
    if (file === undefined) {
        if (isTold(log)) return undefined
        log.note('head-file', 'There are values of a store, but no file that names the newest record.', {})
        return undefined
    }
    if (file.sizeBytes !== hashSizeBytes) {
        const message = `It has ${file.sizeBytes} bytes, where a hash has ${hashSizeBytes}.`
        log.note('head-file', message, { place, host: 'Does not start.' })
        return undefined
    }
    return log.unlessUnreadable(headFileName, () => headNamedIn(file))
}

/** What a head file names; undefined where it is missing or has not the length of a hash. */
export function headNamedIn(file: StoreFile | undefined): ValueHash | undefined {
    if (file?.sizeBytes !== hashSizeBytes) return undefined
    return readWholeFile(file, hashSizeBytes).toString('hex') as ValueHash
}

/** What is wrong with the file is nothing to hosts since 2021-12-30. @param before what it should name */
export function checkHeadFileBeside(log: LaterLog, file: StoreFile | undefined, before: ValueHash): void {
    const named = log.unlessUnreadable(headFileName, () => headNamedIn(file))
    if (named === before || isTold(log)) return
    log.note('head-file', `It does not name ${before}, as whose child the newer log begins.`, {
        place: { file: headFileName, offsetBytes: 0, sizeBytes: file?.sizeBytes ?? 0 },
        severity: 'warning',
        host: 'Until 2021-12-29 may not start where it has to read the records before the newer log; later ones do not look at it.',
        help: 'Write the 32 bytes of this hash into it.',
    })
}

/** Something else stands in the place of the head file, or it cannot be read, and that is said. */
function isTold({ findings }: LaterLog): boolean {
    return findings.list.some(({ place }) => place?.file === headFileName)
}

/** A value that is a record, or why it is none. */
export function recordOf(
    values: CheckedValues,
    hash: ValueHash,
): { readonly record: LaterRecord; readonly bytes: Buffer } | LaterRecordProblem {
    const value = values.load(hash)
    if (value?.kind !== 'blob') return { problem: `${hash} is no blob.` }
    const record = parseLaterRecord(value.bytes)
    return isNoRecord(record) ? record : { record, bytes: value.bytes }
}

/** Reads the records up to `head`, or where nothing names one up to the newest there is, into `log`. */
export function readHeadChain(log: LaterLog, values: CheckedValues, head: ValueHash | undefined): void {
    const leaves = newestOf(values)
    // Who only looks goes past it: a finding among those of the values says so.
    const isUnread = (hash: ValueHash | undefined) =>
        log.goesOn && hash !== undefined && values.isUnread(hash)
    const isLost = head !== undefined && !isUnread(head) && values.load(head) === undefined
    const from = isLost || isUnread(head) ? leaves[0] : (head ?? leaves[0])
    const place = { file: headFileName, offsetBytes: 0, sizeBytes: hashSizeBytes }
    if (isLost) {
        // What was zeroed names no record.
        if (!/^0*$/.test(head)) log.lostHead = head
        const how = values.has(head) ? 'of which the file holds something else' : 'which is not there'
        const help = log.lostHead && helpOnLost(log.reductions.has(head), leaves)
        log.note('head-file', `It names ${head}, ${how}.`, { place, host: 'Does not start.', help })
    }
    const { hashes, missing, parent } = walk(values, from, isUnread)
    const [first] = hashes.reverse()
    const pathOf = (hash: ValueHash | undefined) => (hash && values.fileOf(hash)?.file.path) ?? ''
    const files = { at: (i: number) => ({ path: pathOf(hashes.at(i)) }) }
    for (const [i, hash] of hashes.entries()) {
        const read = recordOf(values, hash)
        if ('problem' in read) {
            const message = `${pathOf(hash)} changed while the store was being read.`
            throw new ComplogError('store-changed', message, { hint: 'Run the command again.' })
        }
        const { record, bytes } = read
        const file = log.table.addFile(files, i)
        log.add(record, { bytes, hashes: [hash], file, line: 0, offsetBytes: 0 })
        log.files++
        log.sizeBytes += bytes.length
    }
    if (missing !== undefined && first === undefined) {
        const id = head === undefined ? 'records-missing' : 'head-file'
        log.note(id, `The newest record is none: ${missing}`, { place, host: 'Does not start.' })
    }
    if (isUnread(head) || isUnread(parent)) {
        log.isRead = false
        log.forget()
        return
    }
    const end = first !== undefined && parent !== undefined ? { hash: first, parent } : undefined
    const heads = headsAmong(values, log.reductions, head)
    const isNamed = head !== undefined && !isLost
    beyondHead(log, values, { head: from, isNamed, heads, onWalk: new Set(hashes), end })
}

/** What helps with a newest record that is lost: where a reduction names it, it was there. */
function helpOnLost(isReduced: boolean, leaves: readonly ValueHash[]): string {
    const restore =
        'Restore the file that is named after it from a backup: it lies in a folder named after the first two digits.'
    if (isReduced) return `${restore} A reduction shows that the record was there.`
    return leaves.length === 1
        ? `${restore} If that record was never there, stop the host: \`complog repair --quarantine\` has the head file name the newest one that is.`
        : restore
}

/** The records that none names as its parent: one, as hosts write them. */
export function newestOf({ records }: CheckedValues): readonly ValueHash[] {
    const parents = new Set(records.values())
    return [...records.keys()].filter((hash) => !parents.has(hash))
}

/** The same with what bears witness for each. @param named what the head file names */
export function headsAmong(
    values: CheckedValues,
    reductions: ReadonlyMap<ValueHash, unknown>,
    named: ValueHash | undefined,
): readonly Head<ValueHash>[] {
    const leaves = newestOf(values)
    if (leaves.length < 2) return leaves.map((hash) => ({ hash, witness: undefined }))
    const hashes = [...values.records.keys()]
    const rows = new Map(hashes.map((hash, row) => [hash, row]))
    const parents = Int32Array.from(values.records.values(), (parent) => (parent && rows.get(parent)) ?? -1)
    const heads = leaves.map((hash) => rows.get(hash) as number)
    return headsOf(heads, parents, {
        hash: (row) => hashes[row] as ValueHash,
        isReduced: (hash) => reductions.has(hash),
        named,
    })
}

/** The records along the parents, the newest first. */
interface Walk {
    readonly hashes: ValueHash[]
    /** What the oldest of them names. */
    readonly parent?: ValueHash | undefined
    /** Why that is no record, where it is there. */
    readonly missing?: string
}

/** @param isKnown whether a record ends it, as one that was walked before */
function walk(
    values: CheckedValues,
    from: ValueHash | undefined,
    isKnown: (hash: ValueHash) => boolean = () => false,
): Walk {
    const { records } = values
    const hashes: ValueHash[] = []
    let parent = from
    while (parent !== undefined && values.has(parent) && !isKnown(parent)) {
        const read = records.has(parent) ? undefined : recordOf(values, parent)
        if (read && 'problem' in read) return { hashes, parent, missing: read.problem }
        hashes.push(parent)
        parent = read ? read.record.parent : records.get(parent)
    }
    return { hashes, parent }
}

/** A record that no walk from the head comes to. */
interface Beside {
    /** How many such stand from the first one of its line up to it. */
    readonly count: number
    /** What the first one names: on the walk, missing, or nothing. */
    readonly before: ValueHash | undefined
}

/** Each record is walked once, however many lines go on from it. */
function besideWalk(values: CheckedValues, onWalk: ReadonlySet<ValueHash>): (leaf: ValueHash) => Beside {
    const known = new Map<ValueHash, Beside>()
    return (leaf) => {
        const { hashes, parent } = walk(values, leaf, (hash) => onWalk.has(hash) || known.has(hash))
        const { count, before } = (parent && known.get(parent)) ?? { count: 0, before: parent }
        for (const [i, hash] of hashes.reverse().entries()) known.set(hash, { count: count + i + 1, before })
        return { count: count + hashes.length, before }
    }
}

const besideNewer = {
    severity: 'warning',
    host: 'Starts from the newer log, and does not see these records.',
    help: 'The newer log is the witness for the other line. What the state lacks must be done again.',
} as const

function goneBefore(parent: ValueHash): string {
    return `the first of them names the parent ${parent.slice(0, 12)}…, which is not there or no record any more`
}

/** How there came to be another line of records. @param before what its first one names */
function whyBeside(before: ValueHash | undefined, first: ValueHash | undefined): string {
    const anew = 'the head file was lost or replaced, and a host began anew'
    if (before === undefined) return anew
    // Two deployments of the same app are one record.
    const why =
        before === first
            ? `${anew} with the same app`
            : 'one was stopped before the head file named what it wrote'
    return `behind ${before.slice(0, 12)}…, records go on to more than one newest one, as where two hosts write at once, or ${why}`
}

function choiceOf(choices: string, isGone: boolean): string {
    const choose = isGone
        ? 'Restore the record before its first one from a backup, unless the log was truncated there. Else choose'
        : 'Choose'
    return `${choose}, while no host runs, which line stays; \`complog repair\` moves the others aside: ${choices}.`
}

const recordsOf = (count: number) => (count === 1 ? 'one record' : `${count} records`)

interface Walked {
    readonly head: ValueHash | undefined
    /** Whether it is what a file or a person names, and not one of several newest records. */
    readonly isNamed: boolean
    readonly heads: readonly Head<ValueHash>[]
    readonly onWalk: ReadonlySet<ValueHash>
    /** The oldest record of the walk, where it names one that cannot be had. */
    readonly end: { readonly hash: ValueHash; readonly parent: ValueHash } | undefined
}

/** Records that no walk from the head comes to, by the newest of each line of them. */
function beyondHead(
    log: LaterLog,
    values: CheckedValues,
    { head, isNamed, heads, onWalk, end }: Walked,
): void {
    const sizeOf = (hash: ValueHash) => {
        const read = recordOf(values, hash)
        return 'bytes' in read ? read.bytes.length : 0
    }
    const besideOf = besideWalk(values, onWalk)
    const lines = heads
        .filter(({ hash }) => !onWalk.has(hash))
        .map(({ hash: leaf }) => ({ leaf, ...besideOf(leaf) }))
    const beyond = lines.filter(({ before }) => before !== undefined && before === head)
    const choices = listOfHeads(heads, '--quarantine --head ')
    for (const { leaf, count, before } of lines) {
        const file = values.fileOf(leaf)?.file.path ?? ''
        const place: Place = { file, offsetBytes: 0, sizeBytes: sizeOf(leaf) }
        const details = { place, hash: leaf, lines: Math.max(1, count) }
        const newestOfThem = `It is the newest of ${recordsOf(count)} that no way`
        // A newer log goes on behind the head.
        if (log.generation.order === 'files' && end === undefined) {
            const message = `${newestOfThem} from the newer log leads to: that goes on behind another line.`
            log.note('fork', message, { ...details, ...besideNewer })
            continue
        }
        if (before !== undefined && before === head && beyond.length === 1) {
            const message = `It stands ${recordsOf(count)} beyond the one that the head file names.`
            log.note('head-not-last', message, {
                ...details,
                severity: 'warning',
                host: 'Starts at the record that the head file names, without what lies beyond.',
                help: `If the event counts, stop the host: \`complog repair --quarantine --head ${leaf.slice(0, 12)}\` has the head file name it.`,
            })
            continue
        }
        if (end !== undefined) {
            const { parent } = end
            const message = `It names the parent ${parent.slice(0, 12)}…, which is not there or no record any more, and ${count === 1 ? 'one record stands' : `${count} records stand`} before that: the newest of them is ${leaf.slice(0, 12)}…, in ${place.file}.`
            const endFile = values.fileOf(end.hash)?.file.path ?? ''
            log.note('missing-parent', message, {
                place: { file: endFile, offsetBytes: 0, sizeBytes: sizeOf(end.hash) },
                hash: end.hash,
                help: `Restore the file that is named after ${parent} from a backup: it lies in a folder named after the first two digits.`,
                host: 'Does not start, unless a reduction behind the gap can be used: then it never reads it.',
            })
            continue
        }
        const isGone = before !== undefined && !onWalk.has(before)
        const from = isNamed ? 'the head' : `${head?.slice(0, 12)}…, another newest one,`
        const [first] = onWalk
        const why = isGone ? goneBefore(before) : whyBeside(before, first)
        log.note('fork', `${newestOfThem} from ${from} leads to: ${why}.`, {
            ...details,
            host: isNamed
                ? 'Starts at the record that the head file names, and does not see the others.'
                : 'Sees neither, as long as the head file names no record that is there.',
            help: choiceOf(choices, isGone),
        })
    }
}
