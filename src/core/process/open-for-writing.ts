// A process store, opened by the one who is going to append to it.
import { resolve } from 'node:path'

import type { Finding } from '../composition/finding.js'
import { ComplogError } from '../errors.js'
import { makeFolder } from '../store/durable-files.js'
import { layoutOf, type StoreLayout } from '../store/layout.js'
import { LogAppender } from '../store/log-appender.js'
import { type ListedStore, openStoreEnd } from '../store/process-store.js'
import { lockStore, type StoreLock } from '../store/store-lock.js'
import type { OpenOptions } from './process-options.js'
import { withoutTornTail } from './torn-tail-aside.js'

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
            await openStoreEnd(root, options.limits),
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
