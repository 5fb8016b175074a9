// A process store, opened by the one who is going to append to it.
import { resolve } from 'node:path'

import { type Finding, finding } from '../composition/finding.js'
import { ComplogError, type Place } from '../errors.js'
import { openEndToRestore } from '../restore/known-starts.js'
import { planRepair } from '../rewrite/repair/plan-repair.js'
import type { RemovedPart } from '../rewrite/repair/removed-lines.js'
import { repair } from '../rewrite/repair/repair.js'
import { LogAppender } from '../store/changes/log-appender.js'
import { makeFolder } from '../store/durable/durable-files.js'
import { lockStore, type StoreLock } from '../store/durable/store-lock.js'
import { layoutOf, type StoreLayout } from '../store/layout.js'
import { type ListedStore, openProcessStore, wholeStore } from '../store/process-store.js'
import type { OpenOptions } from './process-options.js'

export interface StoreForWriting {
    readonly lock: StoreLock
    /** Its end, as far as nobody asks for more. */
    readonly store: ListedStore
    readonly appender: LogAppender
    /** What was mended on the way. */
    readonly findings: readonly Finding[]
    close(): Promise<void>
}

/**
 * Takes the store's lock, and makes its folder where there is none.
 * @throws ComplogError `store-locked`, `file-system`, `no-process-store` where the folder holds something
 * else, `usage` where the path is a file or a part of a store only
 */
export async function openForWriting(path: string, options: OpenOptions): Promise<StoreForWriting> {
    const layout = await findOrMake(path)
    const { root } = layout
    if (layout.kind !== 'process-store' || root === undefined) {
        throw new ComplogError('usage', `${path} is not the whole of a process store.`, {
            hint: 'Name the folder that holds the folder `composition`, or one that is new or empty.',
        })
    }
    options.signal?.throwIfAborted()
    const lock = await lockStore(root, options.command ?? 'append', 'log')
    try {
        // Only now nobody else changes it.
        const { store, findings } = await withoutTornTail(
            await openEndToRestore(root, options.limits),
            root,
            options,
        )
        const appender = await LogAppender.open(store)
        const close = async () => {
            await appender.close()
            lock.release()
        }
        return { lock, store, appender, findings, close }
    } catch (error) {
        lock.release()
        throw error
    }
}

async function findOrMake(path: string): Promise<StoreLayout> {
    try {
        return await layoutOf(path)
    } catch (error) {
        if (!(error instanceof ComplogError) || error.code !== 'no-process-store') throw error
    }
    await makeFolder(resolve(path))
    return layoutOf(path)
}

// What a crash in the middle of an append has left of a record is set aside before the next append. Nobody
// has heard of it: the append never ended.

/**
 * The store with a last line that is whole, and what was done for that.
 * @param store as it is under the lock for appending
 * @throws ComplogError where the log has other damage, which is nobody's to mend unasked
 */
async function withoutTornTail(
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
    using lock = await lockStore(root, options.command ?? 'append', 'reductions')
    const { quarantined } = await repair(plan, { ...options, lock })
    const findings = quarantined.map(({ sizeBytes, keptIn }, i) =>
        finding(
            'torn-tail',
            `The log ended within a record, of which nobody had heard; its ${sizeBytes} bytes are kept in ${keptIn}.`,
            { place: placeOf(plan.parts[i] as RemovedPart) },
        ),
    )
    return { store: await openProcessStore(root, options.limits), findings }
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
