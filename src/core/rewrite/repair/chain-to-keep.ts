// Which chain stays when everything else leaves a log: the one that a user named the head of, or the only one
// that can be restored. Where there are several, or where records of the chain are damaged or gone, a person
// must choose.
import { ChainByIndex } from '../../check/chain-by-index.js'
import type { IndexedLog } from '../../check/check-log.js'
import { chooseChain, headsIn, refuseDistance, refuseOversizedLines } from '../../check/choose-chain.js'
import { leaves } from '../../composition/chain/diagnosis.js'
import { listOfHeads } from '../../composition/chain/heads.js'
import { alongParents, depthsOf, parentIsGenesis, pathTo } from '../../composition/chain/links.js'
import type { Finding } from '../../composition/finding.js'
import { shortHash } from '../../composition/hash.js'
import { unreadableLineIds } from '../../composition/line-checks.js'
import { otherFormatOf } from '../../composition/other-formats.js'
import type { Ref } from '../../composition/ref.js'
import { countOf } from '../../counts.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { isFinding, readReduction } from '../../store/process-store.js'
import { RecordReader } from '../../store/reading/record-reader.js'

/** The rows of the chain, oldest first. */
export async function chainToKeep(
    indexed: IndexedLog,
    head: Ref | undefined,
    options: WorkOptions,
): Promise<Uint32Array> {
    const { findings } = indexed
    refuseOversizedLines(indexed)
    const rows = head === undefined ? await onlyChain(indexed) : await chosenChain(indexed, head, options)
    const last = rows.at(-1) ?? -1
    if (rows.some((row) => row > last)) {
        throw new ComplogError(
            'not-in-order',
            'The newest record of the chain would not be the last line: a host would start in an older state.',
            {
                place: findings.list.find(({ id }) => id === 'head-not-last')?.place,
                hint: `\`complog reorder --in-place --head ${shortHash(indexed.index.table.hash(last))}\` writes the chain in its order, and sets everything else aside.`,
            },
        )
    }
    return rows
}

async function chosenChain(indexed: IndexedLog, head: Ref, options: WorkOptions): Promise<Uint32Array> {
    const { chain, head: position } = await chooseChain(indexed, head, options)
    if (!(chain instanceof ChainByIndex)) throw new Error('The chain of an indexed log has rows.')
    // Also one that others continue, whether or not anything else is in the log: a run that was killed when
    // the rest of its work was done must not be told that there is nothing to choose.
    const rows = chain.rows.subarray(0, position)
    const last = rows.at(-1)
    if (last !== undefined) refuseDistance(head, indexed.index.table.hash(last))
    return rows
}

/** The only chain of the log that reaches back to genesis or to a reduction. */
async function onlyChain(indexed: IndexedLog): Promise<Uint32Array> {
    const { findings, index } = indexed
    const { parents } = index.diagnosis.links
    const reduced = await reducedRows(indexed)
    // Whether genesis or a reduction lies on the way back.
    const isRestorable = alongParents(parents, (row, ofParent = Number(parents[row] === parentIsGenesis)) =>
        reduced.has(row) ? 1 : ofParent,
    )
    const heads = leaves(parents).filter((row) => isRestorable[row] === 1)
    const packed = otherFormatIn(indexed)
    if (packed !== undefined) {
        throw new ComplogError('broken-chain', `${packed.message} It may hold records of the chain.`, {
            place: packed.place,
            hint: `${packed.help} To give up what it holds, choose the chain that stays: ${choices(indexed, heads)}.`,
        })
    }
    const damage = findings.list.find(({ id }) => id === 'altered-record' || id === 'missing-parent')
    if (damage !== undefined) {
        throw new ComplogError(
            'broken-chain',
            `Records of the chain are damaged or gone. ${damage.message}`,
            {
                place: damage.place,
                hint: `Restore them from a backup. To give up all records outside one piece of the chain, choose it: ${choices(indexed, heads)}.`,
            },
        )
    }
    const [head, ...others] = heads
    if (head === undefined) {
        throw new ComplogError(
            'broken-chain',
            'No chain would remain that reaches back to genesis or to a reduction.',
            {
                place: findings.list.find(({ place }) => place !== undefined)?.place,
                hint: 'Restore the log, or a reduction, from a backup.',
            },
        )
    }
    if (others.length > 0) {
        throw new ComplogError(
            'two-heads',
            `${heads.length} chains could remain, and a person must choose.`,
            {
                place: findings.list.find(({ id }) => id === 'fork')?.place,
                hint: `Choose one: ${choices(indexed, heads)}.`,
            },
        )
    }
    return pathTo(head, parents)
}

/** A file of the log that is no log: whatever it holds cannot be seen, wherever it stands. */
function otherFormatIn({ findings, store }: IndexedLog): Finding | undefined {
    using reader = new RecordReader(store.logFiles)
    return findings.list.find(({ id, place }) => {
        if (!unreadableLineIds.has(id) || place?.offsetBytes !== 0) return false
        const at = store.logFiles.findIndex(({ path }) => path === place.file)
        return at >= 0 && otherFormatOf(reader.read(at, 0, Math.min(place.sizeBytes, 200))) !== undefined
    })
}

function choices(indexed: IndexedLog, heads: readonly number[]): string {
    if (heads.length === 0) return 'but none of them can be restored'
    const depths = depthsOf(indexed.index.diagnosis.links.parents)
    const counts = heads.map((row) => countOf(depths[row] as number, 'record'))
    return listOfHeads(headsIn(indexed, heads).map((head, i) => ({ ...head, note: counts[i] as string })))
}

async function reducedRows({ store, index }: IndexedLog): Promise<ReadonlySet<number>> {
    const rows = new Set<number>()
    for (const hash of store.reductionFiles.keys()) {
        const row = index.table.find(hash)
        if (row < 0) continue
        const reduction = await readReduction(store, hash)
        if (reduction !== undefined && !isFinding(reduction)) rows.add(row)
    }
    return rows
}
