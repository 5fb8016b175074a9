// A host takes no lock of ours, and may have opened a log file just before the file was replaced or removed: what it
// appends then goes into a file that no path leads to any more. Such a file is still open here, so it can be seen to
// grow, and what came late is carried over. A host opens the file for each record, so after a short while the old file
// cannot grow any more.
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { isSystemError } from '../errors.js'
import { makeFolder, syncFolder } from './durable-files.js'
import { attempt } from '../file-system-error.js'
import { readPartOf } from './read-part.js'

interface Held {
    readonly path: string
    readonly handle: FileHandle
    /** How large the file is, as far as it has been taken care of. */
    knownBytes: number
    /** From where on it is carried over, once it has grown. */
    carryFromBytes: number
}

const heldMax = 64
const graceMillisecondsDefault = 100
const roundsMax = 20

/** The files that a command replaces or removes, for as long as somebody might append to what they were. */
export class LateAppends {
    readonly #held: Held[] = []
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

    /** Waits until nobody can append to the old files any more. The paths of all that have been appended to so far. */
    async carryOver(): Promise<readonly string[]> {
        for (let round = 0, isQuiet = this.#held.length === 0; !isQuiet && round < roundsMax; round++) {
            await setTimeout(this.#graceMilliseconds)
            isQuiet = true
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

    /** Whatever happened: what was only read is closed without a word. */
    async close(): Promise<void> {
        for (const { handle } of this.#held.splice(0)) {
            await handle.close().catch((error: unknown) => {
                if (!isSystemError(error)) throw error
            })
        }
    }
}

/**
 * Runs what replaces or removes files, and carries over what was appended to them meanwhile, however it ends.
 * @returns the paths of the files that were appended to
 */
export async function withLateAppends(
    work: (late: LateAppends) => Promise<void>,
): Promise<readonly string[]> {
    const late = new LateAppends()
    try {
        try {
            await work(late)
        } catch (error) {
            // Whatever stopped the work: what a host wrote meanwhile must not go with it.
            await late.carryOver()
            throw error
        }
        return await late.carryOver()
    } finally {
        await late.close()
    }
}

async function append(held: Held, sizeBytes: number): Promise<void> {
    const { path, handle, carryFromBytes } = held
    await makeFolder(dirname(path))
    await attempt('append to', path, async () => {
        const file = await open(path, 'a')
        try {
            for await (const piece of readPartOf(handle, path, carryFromBytes, sizeBytes))
                await file.appendFile(piece)
            await file.sync()
        } finally {
            await file.close()
        }
    })
    await syncFolder(dirname(path))
    held.knownBytes = sizeBytes
    held.carryFromBytes = sizeBytes
}
