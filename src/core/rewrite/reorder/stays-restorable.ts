// A chain that does not begin at genesis is restored from a reduction of one of its records. What leaves the log takes
// its reductions along, so what stays may have none.
import type { LogIndex } from '../../check/check-log.js'
import type { Chain } from '../../check/chain.js'
import { type CompositionHash, genesis, shortHash } from '../../composition/hash.js'
import { parentIsGenesis } from '../../composition/links.js'
import { ComplogError } from '../../errors.js'
import { type ProcessStore, isFinding, readReduction } from '../../store/process-store.js'

/**
 * Refuses to leave nothing but a chain that nothing can be restored from, where something can be now. A log that is past
 * that already may be put in order all the same.
 * @param chain what will stay
 * @param index of the log as it is
 * @throws ComplogError `no-reduction`
 */
export async function refuseUnrestorable(store: ProcessStore, chain: Chain, index: LogIndex): Promise<void> {
    if (chain.length === 0 || chain.oldestParent === genesis) return
    const hashes = [...store.reductionFiles.keys()]
    if (await anyUsable(store, hashes, (hash) => chain.reduced.has(hash))) return
    const beginsSomewhere = index.diagnosis.links.parents.includes(parentIsGenesis)
    const isInLog = (hash: CompositionHash) => index.table.find(hash) >= 0
    const reduced = await anyUsable(store, hashes, isInLog)
    if (!beginsSomewhere && reduced === undefined) return
    throw new ComplogError(
        'no-reduction',
        `The chain up to ${shortHash(chain.head)}… has neither a beginning nor a reduction, so it could not be restored any more.`,
        {
            hint:
                reduced === undefined
                    ? 'Name the head of a chain that begins at genesis with --head.'
                    : `The log has a reduction of ${shortHash(reduced)}…: name a head that this record leads to, or the record itself.`,
        },
    )
}

async function anyUsable(
    store: ProcessStore,
    hashes: readonly CompositionHash[],
    isWanted: (hash: CompositionHash) => boolean,
): Promise<CompositionHash | undefined> {
    for (const hash of hashes) {
        if (!isWanted(hash)) continue
        const reduction = await readReduction(store, hash)
        if (reduction !== undefined && !isFinding(reduction)) return hash
    }
    return undefined
}
