// Writing so that a crash at any moment leaves the old file or the new one, whole: a temporary file in the same file
// system, fsync, rename, fsync of the folder. Temporary files live in `.complog/` beside `composition/` and
// `reduction/`, because a host reads every file below those two.
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'

import { ComplogError, isSystemError } from '../errors.js'
import { makeFolder, syncFolder } from './durable-files.js'
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
        await makeFolder(this.#folder)
        await refuseOtherFileSystem(this.#folder, targetPath)
        const unique = `${hostLabel}.${process.pid}.${randomBytes(6).toString('hex')}`
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
            const path = join(this.#folder, name)
            if (isOfDeadProcess(name)) await rm(path, { force: true })
        }
        await rmdir(this.#folder).catch((error: unknown) => {
            // Somebody else's work may be in there, or nothing was ever staged.
            if (!isSystemError(error)) throw error
        })
    }
}

/** Which machine or container staged a file: process numbers of another one say nothing here. */
const hostLabel = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')

/** Whether the process that staged this file is gone. */
function isOfDeadProcess(name: string): boolean {
    const [, host, digits] = /\.([A-Za-z0-9-]+)\.(\d+)\.[0-9a-f]{12}$/.exec(name) ?? []
    if (host !== hostLabel) return false
    const pid = Number(digits)
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

async function writeAll(handle: FileHandle, content: Content): Promise<number> {
    let sizeBytes = 0
    const pieces = Buffer.isBuffer(content) ? [content] : content
    for await (const piece of pieces) {
        for (let done = 0; done < piece.length;) done += (await handle.write(piece, done)).bytesWritten
        sizeBytes += piece.length
    }
    return sizeBytes
}

/** A rename works within one file system only, and must not fail once something else has been changed. */
async function refuseOtherFileSystem(folder: string, targetPath: string): Promise<void> {
    const target = await nearestFolder(dirname(targetPath))
    const [here, there] = await attempt('look at', target, () => Promise.all([stat(folder), stat(target)]))
    if (here.dev === there.dev) return
    throw new ComplogError('file-system', `${target} lies on another file system than ${folder} (EXDEV).`, {
        hint: 'complog replaces files by renaming, so a process store must lie on one file system as a whole.',
    })
}

async function nearestFolder(path: string): Promise<string> {
    try {
        await stat(path)
        return path
    } catch (error) {
        if (!isSystemError(error) || error.code !== 'ENOENT' || dirname(path) === path) return path
        return nearestFolder(dirname(path))
    }
}

/** A host that runs as another user must be able to go on with a file that root rewrote. */
async function takeOver(handle: FileHandle, like: string): Promise<void> {
    const [own, other] = await Promise.all([handle.stat(), stat(like)])
    if (own.uid !== other.uid || own.gid !== other.gid) await handle.chown(other.uid, other.gid)
    await handle.chmod(other.mode & 0o7777)
}
