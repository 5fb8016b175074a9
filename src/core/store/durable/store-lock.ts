// One writer at a time. A lock is the kernel's own, on an open file: it goes with the process that holds it,
// however that ends, so it is never left behind, and there is no stale one to guess about. What the file says
// is only for people.
import { closeSync, constants, fstatSync, openSync, rmdirSync, statSync, unlinkSync } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { ComplogError, ignoringSystemErrors, isSystemError } from '../../errors.js'
import { attempt, attemptIfThere } from '../../file-system-error.js'
import { foldersOfHosts } from '../../generations/store-generations.js'
import { makeFolder } from './durable-files.js'
import { holderIn, type LockHolder, lockedBy, writeHolder } from './lock-holder.js'

/** The folder for the locks and for temporary files, beside the two that a host reads. */
export const stagingFolderName = '.complog'

/**
 * What of a store the holder may change. `all`: anything, so it excludes everybody. `log`: append records.
 * `reductions`: store reductions; so a reduction may be stored while another process appends.
 */
export type LockKind = 'all' | 'log' | 'reductions'

const lockOfLog = 'append-lock'

/** Taken in this order. The second one also guards the folder for temporary files. */
const fileNames: Readonly<Record<LockKind, readonly string[]>> = {
    all: [lockOfLog, 'lock'],
    log: [lockOfLog],
    reductions: ['lock'],
}

/** Whoever looks for a lock holds it for a moment, so one refusal says nothing yet. */
const roundsMax = 5
const roundMilliseconds = 20
/** Rounds in which the holder before removed the file while it was being opened here. */
const vanishedRoundsMax = 1000

/** The right to write to a store. Release it in the end, whatever happened. */
export class StoreLock {
    /** Folder of the locked process store. */
    readonly root: string
    readonly kind: LockKind
    #files: readonly LockedFile[]

    constructor(root: string, kind: LockKind, files: readonly LockedFile[]) {
        this.root = root
        this.kind = kind
        this.#files = files
    }

    /** The folder for temporary files: the holder's alone, but for a lock of kind `log`. */
    get folder(): string {
        return join(this.root, stagingFolderName)
    }

    /** Leaves nothing behind, if possible. Synchronous, so that it works while the process ends, too. */
    release(): void {
        const files = this.#files
        this.#files = []
        if (files.length > 0) releaseFiles(this.folder, files)
    }

    [Symbol.dispose](): void {
        this.release()
    }
}

/** Paths of the files that this process itself has locked. */
const lockedHere = new Set<string>()

interface LockedFile {
    readonly path: string
    readonly descriptor: number
}

/**
 * Takes the lock of a store; makes its folder where there is none.
 * @param root folder of the process store
 * @param command what the next one is told that the store is locked by
 * @throws ComplogError `store-locked` where another process, or another part of this one, has it; `usage` for
 * a store whose folders are links; `lock-unsupported`, `file-system`
 */
export async function lockStore(root: string, command: string, kind: LockKind = 'all'): Promise<StoreLock> {
    await refuseLinkedFolders(root)
    const tryLock = await loadTryLock()
    const folder = join(root, stagingFolderName)
    const files: LockedFile[] = []
    try {
        for (const name of fileNames[kind]) {
            const path = join(folder, name)
            const descriptor = await lockFile(root, path, tryLock)
            files.push({ path, descriptor })
            lockedHere.add(path)
            writeHolder(descriptor, command)
        }
    } catch (error) {
        releaseFiles(folder, files)
        throw error
    }
    return new StoreLock(root, kind, files)
}

/** Gives the descriptor of the locked file. */
async function lockFile(root: string, path: string, tryLock: TryLock): Promise<number> {
    const folder = join(root, stagingFolderName)
    let refused = 0
    for (let vanished = 0; vanished < vanishedRoundsMax; ) {
        const descriptor = await makeAndOpen(folder, path, vanished + 1 < vanishedRoundsMax)
        if (descriptor === undefined) {
            vanished++
            continue
        }
        let isKept = false
        try {
            if (await holds(tryLock, descriptor, path)) {
                isKept = await isStillThere(descriptor, path)
                if (isKept) return descriptor
                vanished++
            } else if (++refused === roundsMax) {
                throw locked(root, path, holderIn(descriptor))
            }
        } finally {
            if (!isKept) closeSync(descriptor)
        }
        if (refused > 0) await setTimeout(roundMilliseconds)
    }
    throw locked(root, path, undefined)
}

function releaseFiles(folder: string, files: readonly LockedFile[]): void {
    for (const { path, descriptor } of files.toReversed()) {
        // Removed while the lock is still held: whoever has opened the file meanwhile sees that it is not
        // there any more. Windows removes a file only once nobody has it open, so there it stays.
        if (process.platform !== 'win32') ignoringSystemErrors(() => unlinkSync(path))
        lockedHere.delete(path)
        ignoringSystemErrors(() => closeSync(descriptor))
    }
    ignoringSystemErrors(() => rmdirSync(folder))
}

/**
 * Ends a command that would have to wait before it has done anything. Touches nothing.
 * @throws ComplogError `store-locked`, and `usage` for a store whose folders are links
 */
export async function refuseWhileLocked(root: string, kind: LockKind = 'all'): Promise<void> {
    await refuseLinkedFolders(root)
    for (const name of fileNames[kind]) {
        const path = join(root, stagingFolderName, name)
        for (let round = 1; ; round++) {
            const { isLocked, holder } = await lookAt(path)
            if (!isLocked) break
            if (round === roundsMax) throw locked(root, path, holder)
            await setTimeout(roundMilliseconds)
        }
    }
}

/** Whether another process appends to the log of a store, as far as that can be told here. */
export async function isBeingAppended(root: string): Promise<boolean> {
    const path = join(root, stagingFolderName, lockOfLog)
    if (lockedHere.has(path)) return false
    // One that looks holds the lock itself for a moment.
    for (let round = 1; round <= roundsMax; round++) {
        const { isLocked } = await lookAt(path).catch(() => ({ isLocked: false }))
        if (!isLocked) return false
    }
    return true
}

async function lookAt(path: string): Promise<{ isLocked: boolean; holder?: LockHolder | undefined }> {
    const descriptor = await openLock(path, constants.O_RDWR)
    if (descriptor === undefined) return { isLocked: false }
    try {
        const isLocked = !(await holds(await loadTryLock(), descriptor, path))
        return isLocked ? { isLocked, holder: holderIn(descriptor) } : { isLocked }
    } finally {
        closeSync(descriptor)
    }
}

export interface LockWanted {
    /** Folder of the process store. */
    readonly root: string
    /** What the next one is told that the store is locked by. */
    readonly command: string
    /** The lock, where the caller has it already. */
    readonly held?: StoreLock | undefined
    /** What is changed under it; default: all. */
    readonly kind?: LockKind
}

/** Takes the lock for the time of some work, unless the caller has it already. */
export async function withLock<T>(
    { root, command, held, kind }: LockWanted,
    work: (lock: StoreLock) => Promise<T>,
): Promise<T> {
    if (held !== undefined) {
        if (held.root !== root) throw new Error(`The lock of ${held.root} is not the one of ${root}.`)
        return work(held)
    }
    using lock = await lockStore(root, command, kind)
    return await work(lock)
}

/** Undefined where the holder before removed the folder meanwhile, in any of the moments of this. */
async function makeAndOpen(folder: string, path: string, again: boolean): Promise<number | undefined> {
    try {
        await makeFolder(folder)
    } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined
        const isVanished = isSystemError(cause) && (cause.code === 'ENOENT' || cause.code === 'EEXIST')
        if (again && isVanished) return undefined
        throw error
    }
    return openLock(path, constants.O_RDWR | constants.O_CREAT)
}

async function openLock(path: string, flags: number): Promise<number | undefined> {
    return attemptIfThere('lock', path, () => openSync(path, flags, 0o666))
}

async function holds(tryLock: TryLock, descriptor: number, path: string): Promise<boolean> {
    return attempt('lock', path, () => tryLock(descriptor))
}

/** The holder before may have removed the file after it was opened here: then the lock is one of nothing. */
async function isStillThere(descriptor: number, path: string): Promise<boolean> {
    const there = await attemptIfThere('look at', path, () => statSync(path, { bigint: true }))
    const own = fstatSync(descriptor, { bigint: true })
    return there?.ino === own.ino && there.dev === own.dev
}

function locked(root: string, path: string, holder: LockHolder | undefined): ComplogError {
    return lockedBy(root, holder, fileNames.reductions.includes(basename(path)))
}

// A lock guards what lies in the folder of a process store. A log that lies elsewhere can be reached by
// another store as well, which has a lock of its own.

/**
 * For whoever is going to write to a process store.
 * @param root folder of the process store
 * @throws ComplogError `usage` where one of the folders that hosts read is a link, `file-system`
 */
async function refuseLinkedFolders(root: string): Promise<void> {
    for (const name of foldersOfHosts) {
        const path = join(root, name)
        if (!(await isLink(path))) continue
        const real = await realpath(path).catch(() => undefined)
        const place = real === undefined ? 'a link' : `a link to ${real}`
        const mend = 'put the folder itself in the place of the link'
        throw new ComplogError(
            'usage',
            `${path} is ${place}: complog writes only where files are, or two could write to one log at once.`,
            {
                hint:
                    real !== undefined && basename(real) === name
                        ? `Name the process store that it lies in, ${dirname(real)}, or ${mend}.`
                        : `P${mend.slice(1)}.`,
            },
        )
    }
}

async function isLink(path: string): Promise<boolean> {
    return (await attemptIfThere('look at', path, () => lstat(path)))?.isSymbolicLink() === true
}

// The kernel's locks of open files, which Node itself does not offer: OFD locks on Linux, flock on macOS,
// LockFileEx on Windows. Loaded only by what writes: a command that reads must not wait for it.

/** Asks for the lock of an open file. False where another open file holds it, of this process or another. */
type TryLock = (fd: number) => boolean

/** What is used of the package: it brings no types, and ours of it do not go out with this library. */
interface FileLocks {
    readonly tryLock: (fd: number, offset?: number, length?: number) => boolean
}

/** On Windows nobody else can read what is locked, so the locked byte lies far behind what the file says. */
const lockedOffsetOnWindows = 2 ** 30

/** @throws ComplogError `lock-unsupported` */
export async function loadTryLock(
    load: () => Promise<FileLocks> = () => import('fs-native-extensions'),
): Promise<TryLock> {
    let tryLock: typeof import('fs-native-extensions').tryLock
    try {
        ;({ tryLock } = await load())
    } catch (cause) {
        throw new ComplogError(
            'lock-unsupported',
            `Cannot lock the store: there is no file lock for this platform (${process.platform}, ${process.arch}). Nothing was written.`,
            {
                hint: 'Without a lock, two writers could destroy the log. Run the command where Node runs on glibc Linux (x64, arm64), macOS or Windows: the image node:22-slim instead of node:22-alpine, for one. Commands that only read work here.',
                cause,
            },
        )
    }
    return (fd) => {
        try {
            return process.platform === 'win32' ? tryLock(fd, lockedOffsetOnWindows, 1) : tryLock(fd)
        } catch (error) {
            if (isCode(error, 'EBUSY') || isCode(error, 'EACCES')) return false
            throw asSystemError(error)
        }
    }
}

function isCode(error: unknown, code: string): boolean {
    return error instanceof Error && 'code' in error && error.code === code
}

/** Errors of the package have a code, but do not say which call they come from. */
function asSystemError(error: unknown): unknown {
    if (!(error instanceof Error) || isSystemError(error) || !('code' in error)) return error
    return Object.assign(error, { syscall: 'lock' })
}
