// A process store, opened by the one who is going to append to it.
import { resolve } from 'node:path'

import type { Finding } from '../composition/finding.js'
import { ComplogError } from '../errors.js'
import type { Limits } from '../limits.js'
import type { WorkOptions } from '../progress.js'
import { makeFolder } from '../store/durable-files.js'
import { LogAppender } from '../store/log-appender.js'
import { type ProcessStore, openProcessStore } from '../store/process-store.js'

export interface StoreForWriting {
    readonly root: string
    readonly store: ProcessStore
    readonly appender: LogAppender
    /** What was mended on the way. */
    readonly findings: readonly Finding[]
    close(): Promise<void>
}

export interface OpenOptions extends WorkOptions {
    readonly limits?: Partial<Limits> | undefined
}

/**
 * Takes the store's lock, and makes its folder where there is none.
 * @throws ComplogError `store-locked`, `file-system`, `usage` where the path is a part of a store only
 */
export async function openForWriting(path: string, options: OpenOptions = {}): Promise<StoreForWriting> {
    const root = resolve(path)
    await makeFolder(root)
    const store = await openProcessStore(root, options.limits)
    if (store.layout.kind !== 'process-store') {
        throw new ComplogError('usage', `${path} is a part of a process store, not the whole of one.`, {
            hint: 'Name the folder that holds the folder `composition`.',
        })
    }
    options.signal?.throwIfAborted()
    const appender = await LogAppender.open(store)
    return { root, store, appender, findings: [], close: () => appender.close() }
}
