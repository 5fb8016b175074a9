// Reductions bear witness: where a log reaches back to its first record, a reduction of a record that is not
// there says that records were lost, most likely the newest ones, which the chain itself cannot show.
import { findingKinds } from '../composition/finding-kinds.js'
import { type CompositionHash, genesis, shortHash } from '../composition/hash.js'
import { tornAndReduced } from '../composition/torn.js'
import { ComplogError } from '../errors.js'
import type { CheckedLog } from './check-log.js'

/**
 * Hashes of records that must have been in the log and are not. Judges reductions by their names alone, and
 * by their times where the log was truncated: then older ones may have been left behind, so only one that is
 * younger than all of the chain is a witness, and only where the newest file has nothing in it, which no host
 * leaves so.
 */
export function lostRecords({
    longest,
    store,
    index,
    findings,
}: Pick<CheckedLog, 'longest' | 'store' | 'index' | 'findings'>): readonly CompositionHash[] {
    if (longest.reduced.size === store.reductionFiles.size) return []
    const withoutRecord = [...store.reductionFiles.keys()].filter(
        (hash) => !longest.reduced.has(hash) && (index === undefined || index.table.find(hash) < 0),
    )
    // Nobody knows what it holds.
    if (findings.count('unreadable-file') > 0) return []
    if (longest.oldestParent === genesis) return withoutRecord
    if (store.logFiles.at(-1)?.sizeBytes !== 0) return []
    const timeOf = (hash: CompositionHash) => store.reductionFiles.get(hash)?.modifiedMilliseconds ?? 0
    let newest = -Infinity
    for (const hash of longest.reduced.keys()) newest = Math.max(newest, timeOf(hash))
    return withoutRecord.filter((hash) => timeOf(hash) > newest)
}

/** What helps with a record at the end of a log that was torn. */
export function helpOnTorn(checked: Parameters<typeof lostRecords>[0]): string {
    return lostRecords(checked).length > 0 ? tornAndReduced('reduction/') : findingKinds['torn-tail'].help
}

/** @throws ComplogError `broken-chain` where restoring would silently give an older state */
export function refuseLostRecords(checked: CheckedLog): void {
    const [hash, ...others] = lostRecords(checked)
    if (hash === undefined) return
    const isEmpty = checked.counts.records === 0
    const witness =
        checked.longest.oldestParent === genesis
            ? 'the log reaches back to its first one'
            : 'it is younger than all others, and the newest log file is empty'
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    throw new ComplogError(
        'broken-chain',
        isEmpty
            ? `The log holds no record, though there is a reduction of ${shortHash(hash)}…${more}: the log was lost.`
            : `Records are lost: there is a reduction of ${shortHash(hash)}…${more}, but no such record, though ${witness}.`,
        {
            hint: `Restore the log from a backup. If the reduction is of another store, move it away.${isEmpty ? '' : ` \`complog replay --head ${shortHash(checked.longest.head)}\` restores what is there.`}`,
        },
    )
}
