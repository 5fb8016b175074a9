// Records that are in the log but not on its chain, each with the reason.
import { describePlace, type Finding, finding } from '../finding.js'
import { shortHash } from '../hash.js'
import { alongParents, isCopy, parentIsGenesis, parentMissing } from './links.js'
import type { DiagnosisInput } from './record-index.js'

/** Records off the chain, one finding for lines that stand together and have the same reason. */
export function* unlinked(
    { parents, onChain, onHostChain }: { parents: Int32Array; onChain: Uint8Array; onHostChain: Uint8Array },
    input: DiagnosisInput,
): Generator<Finding> {
    const { table, placeOf } = input
    if (table.rows === 0) return
    // Of each, its oldest ancestor that is off the chain too.
    const ends = alongParents(parents, (row, ofParent) =>
        ofParent === undefined || onChain[parents[row] as number] === 1 ? row : ofParent,
    )
    for (let row = 0; row < parents.length; row++) {
        if (onChain[row] === 1 || parents[row] === isCopy) continue
        const end = ends[row] as number
        let last = row
        while (
            last + 1 < parents.length &&
            onChain[last + 1] === 0 &&
            ends[last + 1] === end &&
            parents[last + 1] !== isCopy
        )
            last++
        const parent = parents[end] as number
        const reason =
            parent >= 0
                ? `it branches off the chain behind ${describePlace(placeOf(parent))}`
                : parent === parentIsGenesis
                  ? 'it belongs to a chain of its own, which begins at genesis'
                  : `its chain begins with ${describePlace(placeOf(end))}, whose parent ${shortHash(table.parentHash(end))}… no record has`
        yield finding('unlinked-record', `Not part of the chain: ${reason}.`, {
            place: placeOf(row),
            ...(last > row && { lastPlace: placeOf(last) }),
            lines: last - row + 1,
            hash: table.hash(row),
            ...(onHostChain.subarray(row, last + 1).includes(1) && {
                host: `Takes it for the chain, because the last line of the log belongs to it, and silently ignores the rest${parent === parentMissing ? ', unless its walk ends at the missing parent: then it refuses to start' : ''}.`,
            }),
        })
        row = last
    }
}
