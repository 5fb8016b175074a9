// What a crash in the middle of an append has left of a record is set aside before the next append. Nobody
// has heard of it: the append never ended.
import { type Finding, finding } from '../composition/finding.js'
import { ComplogError, type Place } from '../errors.js'
import { planRepair } from '../rewrite/repair/plan-repair.js'
import type { RemovedPart } from '../rewrite/repair/removed-lines.js'
import { repair } from '../rewrite/repair/repair.js'
import { LogAppender } from '../store/log-appender.js'
import { type ListedStore, openProcessStore, wholeStore } from '../store/process-store.js'
import { lockStore } from '../store/store-lock.js'
import type { OpenOptions } from './process-options.js'

/**
 * The store with a last line that is whole, and what was done for that.
 * @param store as it is under the lock for appending
 * @throws ComplogError where the log has other damage, which is nobody's to mend unasked
 */
export async function withoutTornTail(
    store: ListedStore,
    root: string,
    options: OpenOptions,
): Promise<{ readonly store: ListedStore; readonly findings: readonly Finding[] }> {
    // A line that is torn has no end.
    if (await LogAppender.endsWithLine(store)) return { store, findings: [] }
    const plan = await planRepair(await wholeStore(store), options)
    if (plan.parts.length === 0) return { store, findings: [] }
    if (plan.parts.some(({ lines, added }) => lines.length !== 1 || added.length > 0)) {
        throw new ComplogError(
            'error-findings',
            'Records of the log share a line, or have marks around them.',
            {
                place: placeOf(plan.parts[0] as RemovedPart),
                hint: '`complog repair` gives each record a line of its own.',
            },
        )
    }
    const lock = await lockStore(root, options.command ?? 'append', 'reductions')
    try {
        const { quarantined } = await repair(plan, { ...options, lock })
        const findings = quarantined.map(({ sizeBytes, keptIn }, i) =>
            finding(
                'torn-tail',
                `The log ended within a record, of which nobody had heard; its ${sizeBytes} bytes are kept in ${keptIn}.`,
                { place: placeOf(plan.parts[i] as RemovedPart) },
            ),
        )
        return { store: await openProcessStore(root, options.limits), findings }
    } finally {
        lock.release()
    }
}

/** A torn tail is one line, the last of its file. */
function placeOf({ file, lines: [tail], sizeBytes }: RemovedPart): Place {
    return {
        file: file.path,
        offsetBytes: file.sizeBytes - sizeBytes,
        sizeBytes,
        ...(tail && { line: tail.line }),
    }
}
