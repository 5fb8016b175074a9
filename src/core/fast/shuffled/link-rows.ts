// Links the rows: first each to the row whose hash begins as its parent does, then the whole hashes are compared.
//
// Why no two records are ever joined wrongly: a link stays only where all 32 bytes of the hash that a line names equal all
// 32 bytes of another's hash. And none is missed: a group's table refuses two hashes that begin with the same 64 bits, and
// then the reference says; so whoever has the first 64 bits of a parent is the only row that can be it.
import type { CompositionHash } from '../../composition/hash.js'
import type { WorkOptions } from '../../progress.js'
import { type Crew, GaveUp } from './crew.js'
import type { JoinJob } from './jobs.js'
import type { ReadRows } from './read-rows.js'
import type { SharedRows } from './row-module.js'

/** How parents are looked for. */
export interface LinkKey {
    readonly key: bigint
    readonly prefixMask: bigint
}

export const mostBits = (1n << 64n) - 1n

/** Rows of a partition, about: its table stays in a cache of 512 KiB. */
const partitionRows = 10_000
/** Rows without a parent that are kept; a log with more is so broken that the reference may take its time. */
const unmatchedMax = 200_000

/**
 * Writes the row of each parent into the table, -1 where there is none.
 * @returns the rows without a parent, with what they name
 * @throws GaveUp, HelperLost
 */
export async function linkRows(
    crew: Crew,
    shared: SharedRows,
    { firstRows, odd }: ReadRows,
    key: LinkKey,
    { signal, onProgress }: WorkOptions,
): Promise<ReadonlyMap<number, CompositionHash>> {
    const { layout, memory } = shared
    const rows = firstRows.at(-1) as number
    let done = 0
    const join = joinJob(rows, layout, key)
    const groups = 1 << join.groupBits
    const pieces = firstRows.length - 1
    const tell = (part: number) => {
        done += part / 2
        onProgress?.({
            activity: 'order',
            done: Math.min(rows, Math.round(done)),
            total: rows,
            unit: 'records',
        })
    }
    await crew.run(join, groups, () => tell(rows / groups), signal)

    const unmatched = new Map<number, CompositionHash>()
    await crew.run(
        { kind: 'compare', firstRows, prefixesAreEqual: key.prefixMask === mostBits },
        pieces,
        (result) => {
            if (result.kind !== 'compared')
                throw new Error('Parents were compared, and something else came of it.')
            for (const { row, parentHash } of result.unmatched) unmatched.set(row, parentHash)
            if (unmatched.size > unmatchedMax) throw new GaveUp()
            const { piece } = result
            tell((firstRows[piece + 1] as number) - (firstRows[piece] as number))
        },
        signal,
    )
    const parents = new Int32Array(memory.buffer, layout.parentsAt, rows)
    const bytes = Buffer.from(memory.buffer)
    const hashOf = (row: number) => {
        const [prefix, rest] = [layout.prefixesAt + row * 8, layout.restsAt + row * 24]
        return (
            bytes.toString('hex', prefix, prefix + 8) + bytes.toString('hex', rest, rest + 24)
        ).toUpperCase()
    }
    for (const [row, parentHash] of odd) {
        const parent = parents[row] as number
        if (parent >= 0 && hashOf(parent) === parentHash) continue
        parents[row] = -1
        unmatched.set(row, parentHash)
    }
    return unmatched
}

function joinJob(rows: number, layout: SharedRows['layout'], key: LinkKey): JoinJob {
    // Few enough rows in a group that what all threads hold at a time is small.
    const groupBits = Math.ceil(Math.log2(8 * layout.threads))
    const inGroup = rows / (1 << groupBits)
    const partitionBits = Math.max(0, Math.ceil(Math.log2(inGroup / partitionRows)))
    const expected = inGroup / (1 << partitionBits)
    // Hashes are spread evenly, and this is eight deviations more than what a partition gets on average.
    const entriesMax = Math.ceil(expected + 8 * Math.sqrt(expected) + 16)
    const slotBits = Math.ceil(Math.log2(2 * entriesMax))
    const tempSizeBytesPerThread =
        (8 << partitionBits) + ((entriesMax * 32) << partitionBits) + (4 << slotBits)
    if (tempSizeBytesPerThread * layout.threads > layout.tempSizeBytes) throw new GaveUp()
    return {
        kind: 'join',
        rows,
        ...key,
        groupBits,
        partitionBits,
        entriesMax,
        slotBits,
        tempSizeBytesPerThread,
    }
}
