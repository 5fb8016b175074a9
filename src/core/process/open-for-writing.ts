// A process store, opened by the one who is going to append to it.
import { resolve } from 'node:path'

import type { Finding } from '../composition/finding.js'
import { ComplogError } from '../errors.js'
import type { OpenOptions } from './process-options.js'
import { withoutTornTail } from './torn-tail-aside.js'
import { makeFolder } from '../store/durable-files.js'
import { LogAppender } from '../store/log-appender.js'
import { type StoreLock, lockStore } from '../store/store-lock.js'
import { type ProcessStore, openProcessStore } from '../store/process-store.js'

export interface StoreForWriting {
    readonly lock: StoreLock
    readonly store: ProcessStore
    readonly appender: LogAppender
    /** What was mended on the way. */
    readonly findings: readonly Finding[]
    close(): Promise<void>
}

/**
 * Takes the store's lock, and makes its folder where there is none.
 * @throws ComplogError `store-locked`, `file-system`, `usage` where the path is a part of a store only
 */
export async function openForWriting(path: string, options: OpenOptions): Promise<StoreForWriting> {
    const root = resolve(path)
    await makeFolder(root)
    const { layout } = await openProcessStore(root, options.limits)
    if (layout.kind !== 'process-store') {
        throw new ComplogError('usage', `${path} is a part of a process store, not the whole of one.`, {
            hint: 'Name the folder that holds the folder `composition`.',
        })
    }
    options.signal?.throwIfAborted()
    const lock = await lockStore(root, options.command ?? 'append', 'log')
    try {
        // Only now nobody else changes it.
        const { store, findings } = await withoutTornTail(
            await openProcessStore(root, options.limits),
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
