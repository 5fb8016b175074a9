// The records of log files of a store since 2020-05, as their lines stand, and where parents alone give the
// order, the chain of them.
import type { Ref } from '../composition/ref.js'
import { ComplogError } from '../errors.js'
import { rowAt } from '../later/contents/row-at.js'
import type { ReadLater } from '../later/reading/read-later.js'
import { isForeign, logFileAsItIs } from '../later/reading/read-log-files.js'
import { genesisOfLater } from '../later/records/log.js'
import type { RuledRecord } from '../later/records/parent-rule.js'
import { isNoRecord, parseLaterRecord } from '../later/records/record.js'
import type { ValueHash } from '../later/values/value.js'
import type { StoreFile } from '../store/listing/list-files.js'

/** A record of a log file, as its line stands. */
export interface StandingRecord extends RuledRecord {
    readonly row: number
    readonly file: StoreFile
}

/** The records of log files; of copies one alone, in a file whose name a host would give, or the first. */
export function standingRecords({ listed, log: { table } }: ReadLater): readonly StandingRecord[] {
    const byPath = new Map(listed.logFiles.map((file) => [file.path, file]))
    /** By the first row that has the hash. */
    const standing: StandingRecord[] = []
    const bytesOf = lastRead()
    // What was cut out of a line would keep the line.
    const named = (parent: ValueHash | undefined) =>
        parent &&
        (standing[table.find(parent)]?.hashes[0] ?? (Buffer.from(parent).toString('latin1') as ValueHash))
    for (let row = 0; row < table.length; row++) {
        const { file: path, line, offsetBytes, sizeBytes } = table.placeAt(row)
        const file = line === undefined ? undefined : byPath.get(path)
        if (file === undefined) continue
        const record = parseLaterRecord(bytesOf(file).subarray(offsetBytes, offsetBytes + sizeBytes))
        const hash = table.hashAt(row)
        const first = table.find(hash)
        const other = standing[first]
        if (
            isNoRecord(record) ||
            (other !== undefined && !isForeign(listed.store.generation, other.file.path))
        )
            continue
        const kind = table.kindAt(row)
        standing[first] = { row, kind, parent: named(record.parent), hashes: [hash], file }
    }
    // Without the holes of copies.
    return standing.flat().sort((a, b) => a.row - b.row)
}

/** Reads a file once for all that is asked of it in a row. */
export function lastRead(): (file: StoreFile) => Buffer {
    let held: { readonly file: StoreFile; readonly bytes: Buffer } | undefined
    return (file) => {
        if (held?.file.path !== file.path) held = { file, bytes: logFileAsItIs(file) }
        return held.bytes
    }
}

/** Which of them counts is for a person to say. */
export function twoHeads(leaves: readonly ValueHash[]): ComplogError {
    const shown = leaves.map((hash) => `--head ${hash.slice(0, 12)}`).join(', ')
    return new ComplogError('two-heads', `The log has ${leaves.length} newest records.`, {
        hint: `Choose one: ${shown}.`,
    })
}

/** Along the parents, from the newest record. */
export function chainTo(
    read: ReadLater,
    standing: readonly StandingRecord[],
    head: Ref | undefined,
): readonly StandingRecord[] {
    const byHash = new Map(standing.map((record) => [record.hashes[0], record]))
    const named = new Set(standing.map(({ parent }) => parent))
    const leaves = standing.filter(({ hashes: [hash] }) => !named.has(hash))
    if (head === undefined && leaves.length > 1)
        throw twoHeads(leaves.flatMap(({ hashes }) => hashes[0] ?? []))
    const from = head === undefined ? leaves[0]?.hashes[0] : read.log.table.hashAt(rowAt(read, head))
    const chain: StandingRecord[] = []
    for (let at = from && byHash.get(from); at !== undefined; at = at.parent && byHash.get(at.parent))
        chain.push(at)
    chain.reverse()
    const [first] = chain
    if (first?.parent !== genesisOfLater && standing.some(({ parent }) => parent === genesisOfLater)) {
        throw new ComplogError('broken-chain', 'Records are gone: the way from the head breaks off.', {
            place: first && read.log.table.placeAt(first.row),
            hint: 'Restore them from a backup.',
        })
    }
    return chain
}
