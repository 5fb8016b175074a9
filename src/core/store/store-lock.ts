// One writer at a time. The lock is the kernel's own, on an open file: it goes with the process that holds it, however
// that ends, so it is never left behind, and there is no stale one to guess about. What the file says is only for people.
import { closeSync, constants, fstatSync, openSync, rmdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { ComplogError, isSystemError } from '../errors.js'
import { makeFolder } from './durable-files.js'
import { attempt } from './file-system-error.js'
import { describeHolder, holderIn, writeHolder } from './lock-holder.js'
import { type TryLock, loadTryLock } from './try-lock.js'

/** The folder for the lock and for temporary files, beside the two that a host reads. */
export const stagingFolderName = '.complog'
export const lockFileName = 'lock'

/** Whoever looks whether a store is locked holds the lock itself for a moment, so one refusal says nothing yet. */
const roundsMax = 5
const roundMilliseconds = 20
/** Rounds in which the holder before removed the file while it was being opened here. */
const vanishedRoundsMax = 1000

/** The right to write to a store. Release it in the end, whatever happened. */
export class StoreLock {
    /** Folder of the locked process store. */
    readonly root: string
    #descriptor: number | undefined

    constructor(root: string, descriptor: number) {
        this.root = root
        this.#descriptor = descriptor
    }

    /** The folder that is the holder's alone. */
    get folder(): string {
        return join(this.root, stagingFolderName)
    }

    /** Leaves nothing behind, where that is possible. Synchronous, so that it works while the process ends, too. */
    release(): void {
        const descriptor = this.#descriptor
        if (descriptor === undefined) return
        this.#descriptor = undefined
        // Removed while the lock is still held: whoever has opened the file meanwhile sees that it is not there any
        // more. Windows removes a file only once nobody has it open, so there it stays.
        if (process.platform !== 'win32') {
            ignoringSystemErrors(() => unlinkSync(join(this.folder, lockFileName)))
            ignoringSystemErrors(() => rmdirSync(this.folder))
        }
        ignoringSystemErrors(() => closeSync(descriptor))
    }
}

/**
 * Takes the lock of a store; makes its folder where there is none.
 * @param root folder of the process store
 * @param command what the next one is told that the store is locked by
 * @throws ComplogError `store-locked` where another process, or another part of this one, has it; `lock-unsupported`,
 * `file-system`
 */
export async function lockStore(root: string, command: string): Promise<StoreLock> {
    const tryLock = await loadTryLock()
    const folder = join(root, stagingFolderName)
    const path = join(folder, lockFileName)
    let refused = 0
    for (let vanished = 0; vanished < vanishedRoundsMax;) {
        const descriptor = await makeAndOpen(folder, path, vanished + 1 < vanishedRoundsMax)
        if (descriptor === undefined) {
            vanished++
            continue
        }
        let isKept = false
        try {
            if (await holds(tryLock, descriptor, path)) {
                if (await isStillThere(descriptor, path)) {
                    await attempt('write', path, () => writeHolder(descriptor, command))
                    isKept = true
                    return new StoreLock(root, descriptor)
                }
                vanished++
            } else if (++refused === roundsMax) {
                throw locked(root, holderIn(descriptor))
            }
        } finally {
            if (!isKept) closeSync(descriptor)
        }
        if (refused > 0) await setTimeout(roundMilliseconds)
    }
    throw locked(root, undefined)
}

/**
 * Ends a command that would have to wait before it has done anything. Touches nothing.
 * @throws ComplogError `store-locked`
 */
export async function refuseWhileLocked(root: string): Promise<void> {
    const path = join(root, stagingFolderName, lockFileName)
    for (let round = 1; ; round++) {
        const descriptor = await openLock(path, constants.O_RDWR)
        if (descriptor === undefined) return
        try {
            if (await holds(await loadTryLock(), descriptor, path)) return
            if (round === roundsMax) throw locked(root, holderIn(descriptor))
        } finally {
            closeSync(descriptor)
        }
        await setTimeout(roundMilliseconds)
    }
}

/** Takes the lock for the time of some work, unless the caller has it already. */
export async function withLock<T>(
    root: string,
    command: string,
    held: StoreLock | undefined,
    work: (lock: StoreLock) => Promise<T>,
): Promise<T> {
    if (held !== undefined) {
        if (held.root !== root) throw new Error(`The lock of ${held.root} is not the one of ${root}.`)
        return work(held)
    }
    const lock = await lockStore(root, command)
    try {
        return await work(lock)
    } finally {
        lock.release()
    }
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
    return attempt('lock', path, () => unlessMissing(() => openSync(path, flags, 0o666)))
}

async function holds(tryLock: TryLock, descriptor: number, path: string): Promise<boolean> {
    return attempt('lock', path, () => Promise.resolve(tryLock(descriptor)))
}

/** The holder before may have removed the file after it was opened here: then the lock is one of nothing. */
async function isStillThere(descriptor: number, path: string): Promise<boolean> {
    return attempt('look at', path, async () => {
        const own = fstatSync(descriptor, { bigint: true })
        const there = await unlessMissing(() => statSync(path, { bigint: true }))
        return there?.ino === own.ino && there.dev === own.dev
    })
}

function locked(root: string, holder: Parameters<typeof describeHolder>[0]): ComplogError {
    return new ComplogError(
        'store-locked',
        `The process store ${root} is locked: ${describeHolder(holder)} writes to it.`,
        {
            hint: 'Wait for it to end, and run the same command again. The lock ends with the process that holds it: there is no file to remove.',
        },
    )
}

function unlessMissing<T>(look: () => T): Promise<T | undefined> {
    try {
        return Promise.resolve(look())
    } catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT') return Promise.resolve(undefined)
        throw error
    }
}

/** For what is tidied up: that it cannot be is in the way of nothing. */
function ignoringSystemErrors(work: () => void): void {
    try {
        work()
    } catch (error) {
        if (!isSystemError(error)) throw error
    }
}
