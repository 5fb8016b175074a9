// What an operation does to folders and to what is durable, in its order: what a power loss behind any of the calls
// would leave can be told from that.
import fs from 'node:fs'
import { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

export interface FolderCall {
    readonly name: 'sync' | 'mkdir' | 'rename' | 'unlink'
    /** For a rename: where to. */
    readonly path: string
    /** Of a rename. */
    readonly from?: string
}

/** Runs an operation, and tells its calls that succeeded. */
export async function folderCalls(operation: () => Promise<unknown>): Promise<readonly FolderCall[]> {
    const calls: FolderCall[] = []
    const promises = fs.promises as unknown as Record<string, (...args: never[]) => Promise<unknown>>
    const { open, mkdir, rename, unlink } = promises
    promises['open'] = async (...args: never[]) => {
        const handle = (await open!(...args)) as FileHandle
        const sync = handle.sync.bind(handle)
        handle.sync = async () => {
            await sync()
            calls.push({ name: 'sync', path: String(args[0]) })
        }
        return handle
    }
    const noting = (name: FolderCall['name'], original: typeof mkdir, pathAt: number) => {
        promises[name] = async (...args: never[]) => {
            const result = await original!(...args)
            const from = pathAt > 0 ? { from: String(args[0]) } : {}
            calls.push({ name, path: String(args[pathAt]), ...from })
            return result
        }
    }
    // What is done in place, for thousands of files.
    const { openSync, fsync, fsyncSync, renameSync } = fs
    const paths = new Map<number, string>()
    fs.openSync = (path, ...rest) => {
        const descriptor = openSync(path, ...rest)
        paths.set(descriptor, String(path))
        return descriptor
    }
    fs.fsyncSync = (descriptor) => {
        fsyncSync(descriptor)
        calls.push({ name: 'sync', path: paths.get(descriptor) ?? '' })
    }
    const fsyncNoted = (descriptor: number, callback: (error?: Error | null) => void) =>
        fsync(descriptor, (error) => {
            if (!error) calls.push({ name: 'sync', path: paths.get(descriptor) ?? '' })
            callback(error)
        })
    fs.renameSync = (from, to) => {
        renameSync(from, to)
        calls.push({ name: 'rename', path: String(to), from: String(from) })
    }
    Object.assign(fs, { fsync: fsyncNoted })
    noting('mkdir', mkdir, 0)
    noting('rename', rename, 1)
    noting('unlink', unlink, 0)
    syncBuiltinESMExports()
    try {
        await operation()
        return calls
    } finally {
        Object.assign(promises, { open, mkdir, rename, unlink })
        Object.assign(fs, { openSync, fsync, fsyncSync, renameSync })
        syncBuiltinESMExports()
    }
}
