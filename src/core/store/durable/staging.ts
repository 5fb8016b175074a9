// Entrance of core/store/durable/: what a crash cannot undo or halve, and the lock of whoever may do it. In
// come bytes and a path; at any moment the old file is there or the new one, whole.
//
// Writing so that a crash at any moment leaves the old file or the new one, whole: a temporary file in the
// same file system, fsync, rename, fsync of the folder. Temporary files live in `.complog/` beside
// `composition/` and `reduction/`, because a host reads every file below those two.
import { randomBytes } from 'node:crypto'
import {
    closeSync,
    fchmodSync,
    fchownSync,
    fstatSync,
    fsync,
    mkdirSync,
    openSync,
    renameSync,
    rmSync,
    type Stats,
    statSync,
    writeSync,
} from 'node:fs'
import { readdir, readFile, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'

import { ComplogError, isSystemError, movedOn } from '../../errors.js'
import { attempt, attemptIfThere, attemptSync, fileSystemError } from '../../file-system-error.js'
import { chunkSizeBytes } from '../../limits.js'
import type { ReadableFile } from '../listing/list-files.js'
import { readPart } from '../reading/read-part.js'
import { readWholeFile } from '../reading/read-whole.js'
import { attemptOn, makeFolder, syncAll, syncFolder, syncFolders } from './durable-files.js'
import { digestOf, shortName } from './short-name.js'
import { type LockKind, type LockWanted, type StoreLock, withLock } from './store-lock.js'

/** Tells temporary files from what else lies in the folder: the lock, and the word of a proof. */
const stagedSuffix = '.staged'

const filesPerTurn = 64

export type Content = Buffer | AsyncIterable<Buffer> | Iterable<Buffer>

/** A file written and synced under a temporary name, not yet in its place. */
export interface StagedFile {
    /** Where its bytes are until it is committed. */
    readonly temporaryPath: string
    readonly targetPath: string
    readonly sizeBytes: number
}

/** A folder of files that go into one folder, by the names that they will have there. */
interface StagedFolder {
    readonly target: string
    readonly temporaryPath: string
    readonly names: string[]
    /** What the first file was made as: one that is to have just its mode is made with that. */
    made?: Stats
}

/**
 * Lets some work put files into a process store, under its lock and with what killed writers left out of the
 * way.
 * @throws ComplogError `store-locked`, `lock-unsupported`, `file-system`
 */
export function withStaging<T>(
    wanted: LockWanted & { readonly kind?: Exclude<LockKind, 'log'> },
    work: (staging: Staging) => Promise<T>,
): Promise<T> {
    return withLock(wanted, async (lock) => {
        const staging = new Staging(lock)
        await staging.discard()
        const done = await work(staging).catch(async (error: unknown) => {
            // What went wrong first is what a person must hear of.
            await staging.discard().catch(() => undefined)
            throw error
        })
        await staging.discard()
        return done
    })
}

/** Files on their way into a process store. Discard it in the end, whatever happened. */
export class Staging {
    /** Folder of the process store. */
    readonly root: string
    readonly #folder: string
    /** Those that are not synced yet: what goes into one folder, as long as nothing else comes in between. */
    readonly #unsynced: StagedFolder[] = []
    /** Files that were written or put in their places. */
    #handled = 0
    /** Folders into which a rename from the own one works. */
    readonly #withinReach = new Set<string>()

    /** @param lock whoever has it is the only one with temporary files */
    constructor(lock: StoreLock) {
        this.root = lock.root
        this.#folder = lock.folder
    }

    /**
     * Writes and syncs a file beside the store's own.
     * @param like an existing file whose mode and owner the new one takes over
     */
    async stage(targetPath: string, content: Content, like?: string): Promise<StagedFile> {
        await this.assertWithinReach(targetPath)
        const temporaryPath = this.#temporaryPath(shortName(basename(targetPath)))
        const sizeBytes = await this.#write({ temporaryPath, targetPath }, content, { like })
        return { temporaryPath, targetPath, sizeBytes }
    }

    /**
     * The same of what is left of the file that stands there.
     * @throws ComplogError `store-changed` where that is not of this size
     */
    async stageOfSize(path: string, content: Content, sizeBytes: number): Promise<StagedFile> {
        const staged = await this.stage(path, content, path)
        if (staged.sizeBytes === sizeBytes) return staged
        throw new ComplogError(
            'store-changed',
            `${path} became shorter while it was read. Nothing was touched.`,
        )
    }

    /**
     * As `stage`, for one of thousands that go in their places together: `commitAll` syncs them, which takes
     * a fraction of the time once all are written, and moves a folder as one where it is new.
     */
    async stageUnsynced(targetPath: string, content: Content, like?: string): Promise<void> {
        const name = basename(targetPath)
        const target = dirname(targetPath)
        const last = this.#unsynced.at(-1)
        const folder = last?.target === target ? last : await this.#folderFor(target)
        folder.names.push(name)
        const temporaryPath = folder.temporaryPath + sep + name
        await this.#write({ temporaryPath, targetPath }, content, { like, folder })
    }

    async #folderFor(target: string): Promise<StagedFolder> {
        await this.assertWithinReach(join(target, nameOfNothing))
        const temporaryPath = this.#temporaryPath('files')
        attemptSync('create', temporaryPath, () => mkdirSync(temporaryPath))
        const folder: StagedFolder = { target, temporaryPath, names: [] }
        this.#unsynced.push(folder)
        return folder
    }

    /** The same of another file as it is; what has come to it since it was listed is left out. */
    async copyUnsynced({ path, absolutePath, sizeBytes }: ReadableFile, targetPath: string): Promise<void> {
        const isSmall = sizeBytes <= chunkSizeBytes
        const content = isSmall
            ? readWholeFile({ path, absolutePath, sizeBytes }, chunkSizeBytes)
            : readPart(absolutePath, 0, sizeBytes)
        await this.stageUnsynced(targetPath, content, absolutePath)
    }

    /**
     * The same of files of the store, below one of its folders: each lies there as it did, and is named after
     * what it holds as well, since another of its name may have been put there before.
     */
    async copyAside(files: readonly ReadableFile[], folder: string): Promise<void> {
        for (const { absolutePath } of files) {
            const content = await attempt('read', absolutePath, () => readFile(absolutePath))
            const path = `${relative(this.root, absolutePath)}.${digestOf(content)}`
            await this.stageUnsynced(join(this.root, folder, path), content, absolutePath)
        }
    }

    #temporaryPath(name: string): string {
        return join(this.#folder, `${name}.${randomBytes(6).toString('hex')}${stagedSuffix}`)
    }

    /**
     * @param how.folder of thousands, which are not synced one by one
     * @returns bytes written
     */
    async #write(
        { temporaryPath: path, targetPath }: Pick<StagedFile, 'temporaryPath' | 'targetPath'>,
        content: Content,
        { like, folder }: { readonly like: string | undefined; readonly folder?: StagedFolder },
    ): Promise<number> {
        await this.#pauseAtTimes()
        return attempt('write', path, async () => {
            const other = like === undefined ? undefined : statSync(like)
            // In place: a promise takes longer than such a write does.
            const descriptor = openSync(path, 'wx', other && other.mode & 0o777)
            try {
                const sizeBytes = await writeAll(descriptor, content)
                if (other) {
                    const own = folder?.made ?? fstatSync(descriptor)
                    if (folder) folder.made = own
                    takeOver(descriptor, own, { other, path: like as string, isInPlace: like === targetPath })
                }
                // By the descriptor that wrote, which is told of every write that failed.
                if (folder === undefined) await promisify(fsync)(descriptor)
                return sizeBytes
            } finally {
                closeSync(descriptor)
            }
        })
    }

    /**
     * A rename works within one file system only, and must not fail once something else has been changed.
     * @throws ComplogError `file-system` where a staged file could not be put there
     */
    async assertWithinReach(targetPath: string): Promise<void> {
        const nearest = nearestFolder(dirname(targetPath))
        if (this.#withinReach.has(nearest)) return
        await refuseOtherFileSystem(this.#folder, nearest)
        this.#withinReach.add(nearest)
    }

    /** A signal comes in between; not after each of thousands, since a pause takes as long as a rename. */
    async #pauseAtTimes(): Promise<void> {
        if (++this.#handled % filesPerTurn === 0) await setImmediate()
    }

    /** Adds to the end of a staged file, and syncs it. */
    async extend(staged: StagedFile, content: Content): Promise<StagedFile> {
        const { temporaryPath } = staged
        const toAppend = { doing: 'write', path: temporaryPath, flags: 'a' }
        const addedBytes = await attemptOn(toAppend, async (file) => {
            const sizeBytes = await writeAll(file.fd, content)
            await file.sync()
            return sizeBytes
        })
        return { ...staged, sizeBytes: staged.sizeBytes + addedBytes }
    }

    /** Puts a staged file in its place. Once this returns, it is there for good. */
    async commit({ temporaryPath, targetPath }: StagedFile): Promise<void> {
        await makeFolder(dirname(targetPath))
        await attempt('rename to', targetPath, () => rename(temporaryPath, targetPath))
        await syncFolder(dirname(targetPath))
    }

    /** A new folder, not made yet, for what is moved out of the log until it is deleted. */
    folderForRemoved(): string {
        return join(this.#folder, `removed.${randomBytes(6).toString('hex')}${stagedSuffix}`)
    }

    /** Whether each of them stands in its place already, byte for byte. */
    async isInPlace(): Promise<boolean> {
        for (const { target, temporaryPath, names } of this.#unsynced) {
            for (const name of names)
                if (!(await areSame(join(target, name), join(temporaryPath, name)))) return false
        }
        return true
    }

    /**
     * Puts all files that were staged unsynced in their places, in that order. Once this returns, they are
     * there for good; each folder is synced once.
     */
    async commitAll(): Promise<void> {
        await syncAll(this.#unsyncedPaths(), [this.#folder])
        const toSync = new Set<string>()
        const move = async (from: string, to: string) => {
            await this.#pauseAtTimes()
            attemptSync('rename to', to, () => renameSync(from, to))
            toSync.add(dirname(to))
        }
        for (const { target, temporaryPath, names } of this.#unsynced.splice(0)) {
            // Thousands of folders may go into one.
            if (!toSync.has(dirname(target))) await makeFolder(dirname(target))
            if (!isThere(target)) await move(temporaryPath, target)
            else {
                for (const name of names) await move(join(temporaryPath, name), join(target, name))
                await attempt('remove', temporaryPath, () => rmdir(temporaryPath))
            }
        }
        await syncFolders(toSync)
    }

    #unsyncedPaths(): ReadonlySet<string> {
        const paths = new Set<string>()
        for (const { temporaryPath, names } of this.#unsynced) {
            for (const name of names) paths.add(join(temporaryPath, name))
            paths.add(temporaryPath)
        }
        return paths
    }

    /** Removes what was staged and not committed, by this writer or a killed one: no other lives. */
    async discard(): Promise<void> {
        this.#unsynced.length = 0
        for (const name of await namesIfThere(this.#folder)) {
            if (!name.endsWith(stagedSuffix)) continue
            const path = join(this.#folder, name)
            await attempt('remove', path, () => removeStaged(path))
        }
    }
}

/** A file, or a folder of what was moved out of the log: thousands of files, too many for a promise each. */
async function removeStaged(path: string): Promise<void> {
    try {
        await unlink(path)
    } catch (error) {
        if (!isSystemError(error) || !['EISDIR', 'EPERM', 'ENOENT'].includes(error.code ?? '')) throw error
        if (error.code === 'ENOENT') return
        for (const name of await readdir(path)) {
            rmSync(join(path, name), { recursive: true, force: true })
            // A signal comes in between.
            await setImmediate()
        }
        await rmdir(path)
    }
}

export async function namesIfThere(folder: string): Promise<readonly string[]> {
    return (await attemptIfThere('list', folder, () => readdir(folder))) ?? []
}

async function writeAll(descriptor: number, content: Content): Promise<number> {
    let sizeBytes = 0
    const pieces = Buffer.isBuffer(content) ? [content] : content
    for await (const piece of pieces) {
        for (let done = 0; done < piece.length; ) {
            // Of a long one in parts, so that a signal, or a request, comes in between.
            if (done > 0) await setImmediate()
            const length = Math.min(chunkSizeBytes, piece.length - done)
            done = movedOn(done, done + writeSync(descriptor, piece, done, length))
        }
        sizeBytes += piece.length
    }
    return sizeBytes
}

async function refuseOtherFileSystem(folder: string, target: string): Promise<void> {
    const [here, there] = await attempt('look at', target, () => Promise.all([stat(folder), stat(target)]))
    if (here.dev === there.dev && !(await isOtherMount(folder, target))) return
    throw new ComplogError(
        'file-system',
        `${target} lies on another file system, or another mount of it, than ${folder} (EXDEV).`,
        {
            hint: 'complog replaces files by renaming, so a process store must lie on one file system and mount as a whole.',
        },
    )
}

/**
 * Whether a folder of the same file system is mounted by itself, as in a container. Linux renames nothing
 * from one mount to another, and says so before it looks whether there is something to rename. Here there
 * never is.
 */
async function isOtherMount(folder: string, target: string): Promise<boolean> {
    return attempt('rename into', target, async () => {
        try {
            await rename(join(folder, nameOfNothing), join(target, nameOfNothing))
        } catch (error) {
            if (!isSystemError(error)) throw error
            if (error.code === 'EXDEV') return true
            if (error.code !== 'ENOENT') throw error
        }
        return false
    })
}

const nameOfNothing = `nothing${stagedSuffix}`

/** The first folder on the way up that is there, or of which the system tells what is wrong with it. */
function nearestFolder(path: string): string {
    const above = dirname(path)
    return above === path || isThere(path) ? path : nearestFolder(above)
}

function isThere(path: string): boolean {
    try {
        return statSync(path, { throwIfNoEntry: false }) !== undefined
    } catch {
        return true
    }
}

/**
 * A host that runs as another user must be able to go on with a file that root rewrote. What is right already
 * is left: some file systems refuse to change what they keep the same for all files.
 * @param own what the new file was made as
 * @param like.isInPlace whether the other file is the one that is to be replaced. A file that is only made
 * like another may have the owner and mode that whoever runs this may give.
 */
function takeOver(
    descriptor: number,
    own: Stats,
    like: { readonly other: Stats; readonly path: string; readonly isInPlace: boolean },
): void {
    const change = (work: () => void) => {
        try {
            work()
        } catch (error) {
            if (like.isInPlace || !isRefusal(error))
                throw fileSystemError(error, 'take over the mode and owner of', like.path)
        }
    }
    const { uid, gid, mode: wanted } = like.other
    const changesOwner = own.uid !== uid || own.gid !== gid
    if (changesOwner) change(() => fchownSync(descriptor, uid, gid))
    // Also where the mode is the same: a change of owner may take bits of it away.
    const { mode } = changesOwner ? fstatSync(descriptor) : own
    if ((mode & permissionBits) !== (wanted & permissionBits))
        change(() => fchmodSync(descriptor, wanted & permissionBits))
}

const permissionBits = 0o7777

/** Nobody but the owner or root may, or the file system does not know how. */
function isRefusal(error: unknown): boolean {
    return (
        isSystemError(error) &&
        ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(error.code ?? '')
    )
}

// Whether two files hold the same.

/** @param path may be missing; then it is another one */
async function areSame(path: string, otherPath: string): Promise<boolean> {
    const sizeBytes = await sizeOf(otherPath)
    if (sizeBytes === undefined || (await sizeOf(path)) !== sizeBytes) return false
    const others = readPart(otherPath, 0, sizeBytes)
    try {
        let done = 0
        for await (const bytes of readPart(path, 0, sizeBytes)) {
            const other = await others.next()
            // Both come in pieces of the same size, but for a file that is being changed.
            if (other.done === true || !bytes.equals(other.value)) return false
            done += bytes.length
        }
        return done === sizeBytes
    } finally {
        await others.return(undefined)
    }
}

async function sizeOf(path: string): Promise<number | undefined> {
    const stats = await attemptIfThere('look at', path, () => stat(path))
    return stats?.isFile() === true ? stats.size : undefined
}
