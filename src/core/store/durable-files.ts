// Writing so that a crash at any moment leaves the old file or the new one, whole: a temporary file in the same file
// system, fsync, rename, fsync of the folder. Temporary files live in `.complog/` beside `composition/` and
// `reduction/`, because a host reads every file below those two.
import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { isSystemError } from '../errors.js'
import { attempt } from './file-system-error.js'

/** The folder for temporary files, beside the two that a host reads. */
export const stagingFolderName = '.complog'

/** Bytes to write: whole, or one piece after the other. */
export type Content = Buffer | AsyncIterable<Buffer> | Iterable<Buffer>

/** A file written and synced under a temporary name, not yet in its place. */
export interface StagedFile {
    /** Where its bytes are until it is committed. */
    readonly temporaryPath: string
    readonly targetPath: string
    readonly sizeBytes: number
}

/** Files on their way into a process store. Discard it in the end, whatever happened. */
export class Staging {
    readonly #folder: string
    #staged: StagedFile[] = []

    /** @param root folder of the process store */
    constructor(root: string) {
        this.#folder = join(root, stagingFolderName)
    }

    /**
     * Writes and syncs a file beside the store's own.
     * @param like an existing file whose mode and owner the new one takes over
     */
    async stage(targetPath: string, content: Content, like?: string): Promise<StagedFile> {
        await attempt('create', this.#folder, () => mkdir(this.#folder, { recursive: true }))
        const unique = `${process.pid}.${randomBytes(6).toString('hex')}`
        const temporaryPath = join(this.#folder, `${basename(targetPath)}.${unique}`)
        const staged = { temporaryPath, targetPath, sizeBytes: 0 }
        this.#staged.push(staged)
        staged.sizeBytes = await attempt('write', temporaryPath, async () => {
            const handle = await open(temporaryPath, 'wx')
            try {
                const sizeBytes = await writeAll(handle, content)
                if (like !== undefined) await takeOver(handle, like)
                await handle.sync()
                return sizeBytes
            } finally {
                await handle.close()
            }
        })
        return staged
    }

    /** Puts a staged file in its place. Once this returns, it is there for good. */
    async commit(staged: StagedFile): Promise<void> {
        await makeFolder(dirname(staged.targetPath))
        await attempt('rename to', staged.targetPath, () => rename(staged.temporaryPath, staged.targetPath))
        this.#staged = this.#staged.filter((other) => other !== staged)
        await syncFolder(dirname(staged.targetPath))
    }

    async commitAll(): Promise<void> {
        for (const staged of [...this.#staged]) await this.commit(staged)
    }

    /** Removes what was staged and not committed, and what killed processes left. */
    async discard(): Promise<void> {
        for (const { temporaryPath } of this.#staged) await rm(temporaryPath, { force: true })
        this.#staged = []
        for (const name of await namesIfThere(this.#folder)) {
            if (isLeftBehind(name)) await rm(join(this.#folder, name), { force: true })
        }
        await rmdir(this.#folder).catch((error: unknown) => {
            // Somebody else's work may be in there, or nothing was ever staged.
            if (!isSystemError(error)) throw error
        })
    }
}

/** Whether the process that staged this file is gone, and its file with it of no use to anybody. */
function isLeftBehind(name: string): boolean {
    const pid = Number(/\.(\d+)\.[0-9a-f]{12}$/.exec(name)?.[1])
    if (!Number.isSafeInteger(pid) || pid === process.pid) return false
    try {
        process.kill(pid, 0)
        return false
    } catch (error) {
        return isSystemError(error) && error.code === 'ESRCH'
    }
}

async function namesIfThere(folder: string): Promise<readonly string[]> {
    try {
        return await readdir(folder)
    } catch (error) {
        if (isSystemError(error)) return []
        throw error
    }
}

/** Removes a file for good. */
export async function removeDurably(path: string): Promise<void> {
    await attempt('remove', path, () => unlink(path))
    await syncFolder(dirname(path))
}

/** Removes folders that have become empty, from this one upwards, but never `top` or anything above it. */
export async function removeEmptyFolders(folder: string, top: string): Promise<void> {
    for (let at = folder; at !== top && at.startsWith(top); at = dirname(at)) {
        try {
            await rmdir(at)
        } catch (error) {
            if (isSystemError(error)) return
            throw error
        }
        await syncFolder(dirname(at))
    }
}

async function writeAll(handle: FileHandle, content: Content): Promise<number> {
    let sizeBytes = 0
    const pieces = Buffer.isBuffer(content) ? [content] : content
    for await (const piece of pieces) {
        for (let done = 0; done < piece.length;) done += (await handle.write(piece, done)).bytesWritten
        sizeBytes += piece.length
    }
    return sizeBytes
}

/** A host that runs as another user must be able to go on with a file that root rewrote. */
async function takeOver(handle: FileHandle, like: string): Promise<void> {
    const [own, other] = await Promise.all([handle.stat(), stat(like)])
    if (own.uid !== other.uid || own.gid !== other.gid) await handle.chown(other.uid, other.gid)
    await handle.chmod(other.mode & 0o7777)
}

/** A new folder is there for good only once the folder above it is synced. */
export async function makeFolder(path: string): Promise<void> {
    const first = await attempt('create', path, () => mkdir(path, { recursive: true }))
    if (first === undefined) return
    for (let at = path; ; at = dirname(at)) {
        await syncFolder(dirname(at))
        if (at === first) return
    }
}

async function syncFolder(path: string): Promise<void> {
    // Windows has no such thing as syncing a folder, and refuses to open one.
    if (process.platform === 'win32') return
    await attempt('sync', path, async () => {
        const handle = await open(path, 'r')
        try {
            await handle.sync()
        } finally {
            await handle.close()
        }
    })
}
