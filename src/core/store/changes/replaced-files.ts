// A host takes no lock of ours, and may have opened a log file just before the file was replaced or removed:
// what it appends then goes into a file that no path leads to any more. Such a file is still open here, so it
// can be seen to grow, and what was added to it is carried over. A host opens the file for each record, so
// after a short while the old file cannot grow any more.
import { readdirSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { onSystemError } from '../../errors.js'
import { attempt, attemptSync } from '../../file-system-error.js'
import { attemptOn, makeFolder, syncFolder } from '../durable/durable-files.js'
import { readPartOf } from '../reading/read-part.js'

interface Held {
    readonly path: string
    readonly handle: FileHandle
    /** How large the file is, as far as it has been taken care of. */
    knownBytes: number
    /** From where on it is carried over, once it has grown. */
    carryFromBytes: number
}

/** A file that still has a path, beside the log. */
interface Moved {
    /** Where it was. */
    readonly path: string
    knownBytes: number
}

const heldMax = 64
const graceMillisecondsDefault = 100
const roundsMax = 20

/** The files that a command replaces or removes, for as long as somebody might append to what they were. */
export class ReplacedFiles {
    readonly #held: Held[] = []
    /** By where they are. */
    readonly #moved = new Map<string, Moved>()
    /** Where they were, by where they are. Whoever had one open may have made one more file in it. */
    readonly #movedFolders = new Map<string, string>()
    readonly #carried = new Set<string>()
    readonly #graceMilliseconds: number

    constructor(graceMilliseconds = graceMillisecondsDefault) {
        this.#graceMilliseconds = graceMilliseconds
    }

    /**
     * To be called before a file is replaced or removed.
     * @param knownBytes how much of it has been taken care of; default: as much as it has now
     * @param carryFromBytes from where on to carry it over where it has grown beyond that
     */
    async hold(path: string, knownBytes?: number, carryFromBytes = knownBytes): Promise<void> {
        if (this.#held.length >= heldMax) await this.carryOver()
        const handle = await attempt('open', path, () => open(path, 'r'))
        const known = knownBytes ?? (await attempt('look at', path, () => handle.stat())).size
        this.#held.push({ path, handle, knownBytes: known, carryFromBytes: carryFromBytes ?? known })
    }

    /**
     * To be called when a file or a folder of files was moved away, where it stays until nobody can append to
     * it. Takes no descriptor, so there may be any number.
     * @param knownBytes how much of the file has been taken care of; for a folder, of each of its files by
     * its name
     */
    holdMoved(path: string, movedPath: string, knownBytes: number | ReadonlyMap<string, number>): void {
        if (typeof knownBytes === 'number') {
            this.#moved.set(movedPath, { path, knownBytes })
            return
        }
        this.#movedFolders.set(movedPath, path)
        for (const [name, known] of knownBytes) this.holdMoved(join(path, name), join(movedPath, name), known)
    }

    /** Waits until nobody can append to the old files any more. Gives the paths of those that grew. */
    async carryOver(): Promise<readonly string[]> {
        let isQuiet = this.#held.length + this.#moved.size + this.#movedFolders.size === 0
        for (let round = 0; !isQuiet && round < roundsMax; round++) {
            await setTimeout(this.#graceMilliseconds)
            isQuiet = !(await this.#carryFromMoved())
            for (const held of this.#held) {
                const { size } = await attempt('look at', held.path, () => held.handle.stat())
                if (size <= held.knownBytes) continue
                isQuiet = false
                this.#carried.add(held.path)
                await append(held, size)
            }
        }
        await this.close()
        return [...this.#carried]
    }

    /** Whether there was something to carry over. */
    async #carryFromMoved(): Promise<boolean> {
        for (const [folder, path] of this.#movedFolders) {
            for (const name of attemptSync('list', folder, () => readdirSync(folder))) {
                const isKnown = this.#moved.has(join(folder, name))
                if (!isKnown) this.holdMoved(join(path, name), join(folder, name), 0)
            }
        }
        let hasGrown = false
        for (const [movedPath, moved] of this.#moved) {
            const size = sizeOf(movedPath)
            if (size <= moved.knownBytes) continue
            hasGrown = true
            this.#carried.add(moved.path)
            const handle = await attempt('open', movedPath, () => open(movedPath, 'r'))
            const held = { ...moved, handle, carryFromBytes: moved.knownBytes }
            await append(held, size).finally(() => handle.close())
            moved.knownBytes = size
        }
        return hasGrown
    }

    /** Whatever happened: what was only read is closed without a word. */
    async close(): Promise<void> {
        this.#moved.clear()
        this.#movedFolders.clear()
        for (const { handle } of this.#held.splice(0)) await handle.close().catch(onSystemError(undefined))
    }
}

/**
 * Runs what replaces or removes files, and carries over what was appended to them meanwhile, however it ends.
 * @returns the paths of the files that were appended to
 */
export async function carryingOverAppends(
    work: (replaced: ReplacedFiles) => Promise<void>,
): Promise<readonly string[]> {
    const replaced = new ReplacedFiles()
    try {
        try {
            await work(replaced)
        } catch (error) {
            // Whatever stopped the work: what a host wrote meanwhile must not go with it.
            await replaced.carryOver()
            throw error
        }
        return await replaced.carryOver()
    } finally {
        await replaced.close()
    }
}

function sizeOf(path: string): number {
    return attemptSync('look at', path, () => statSync(path).size)
}

async function append(held: Held, sizeBytes: number): Promise<void> {
    const { path, carryFromBytes } = held
    await makeFolder(dirname(path))
    await attemptOn({ doing: 'append to', path, flags: 'a' }, async (file) => {
        for await (const piece of readPartOf(held, carryFromBytes, sizeBytes)) await file.appendFile(piece)
        await file.sync()
    })
    await syncFolder(dirname(path))
    held.knownBytes = sizeBytes
    held.carryFromBytes = sizeBytes
}
