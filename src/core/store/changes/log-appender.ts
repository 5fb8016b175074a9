// Entrance of core/store/changes/: how a log changes beside hosts that may have it open. In comes a store as
// it was listed, whose lock is held; lines are added, files are replaced or removed, and no line of a host is
// lost.
//
// Appends records to a log so that they are there for good: written, synced, and in a file whose own entry in
// its folder is synced. The only one that adds lines to a log.
import { fdatasyncSync, writeSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { ComplogError, movedOn, onSystemError } from '../../errors.js'
import { attempt } from '../../file-system-error.js'
import { attemptOn, makeFolder, syncFolder } from '../durable/durable-files.js'
import type { StoreFile } from '../listing/list-files.js'
import { lastFileOfHost, logFileToAppendTo } from '../listing/log-file-name.js'
import type { ListedStore } from '../process-store.js'

/** How long the two steps of one append took, in milliseconds. */
export interface AppendTimes {
    readonly write: number
    readonly sync: number
}

const lineFeed = Buffer.from('\n')

/**
 * Bytes that are written in the calling thread. They only go to the page cache: to have another thread do it
 * and to hear of it takes longer, above all in an event loop that is busy.
 */
const writtenInPlaceSizeBytesMax = 64 * 1024

/** One log at its end. After an error it must not be used again: nobody knows what the file holds then. */
export class LogAppender {
    readonly #compositionPath: string
    #lastPath: string | undefined
    #file: FileHandle | undefined

    private constructor(compositionPath: string, lastPath: string | undefined) {
        this.#compositionPath = compositionPath
        this.#lastPath = lastPath
    }

    /**
     * Ends the last line, if it has no end: whoever reads while a log is being appended to takes a line
     * without one for one that is not there yet.
     * @param store as it is now, with a last line that is a whole record
     * @throws ComplogError `file-system`, `store-changed` where somebody else is writing that line just now
     */
    static async open(store: ListedStore): Promise<LogAppender> {
        const unended = await unendedFile(store)
        if (unended !== undefined) {
            await refuseOtherWriter(unended)
            await endLastLine(unended.absolutePath)
        }
        return new LogAppender(store.layout.compositionPath, lastFileOfHost(store.logFiles)?.path)
    }

    /** Whether a log ends with the end of a line, or holds nothing. */
    static async endsWithLine(store: ListedStore): Promise<boolean> {
        return (await unendedFile(store)) === undefined
    }

    /**
     * Appends lines. Once this returns, they are there for good.
     * @param lines whole lines, each with its line end
     * @param time what the clock says: decides which file it is
     * @param waits whether this thread has nothing else to do until they are there: then it syncs them
     * itself, as to send that to another thread and to hear of it takes longer than a fast disk does
     * @throws ComplogError `file-system`
     */
    async append(lines: Buffer, time: Date, waits = false): Promise<AppendTimes> {
        const begin = performance.now()
        const file = await this.#fileFor(time)
        const path = this.#absolutePath()
        const isInPlace = lines.length <= writtenInPlaceSizeBytesMax
        await attempt('write', path, async () => {
            for (let done = 0; done < lines.length; ) {
                const written = isInPlace
                    ? writeSync(file.fd, lines, done)
                    : (await file.write(lines, done)).bytesWritten
                done = movedOn(done, done + written)
            }
        })
        const written = performance.now()
        await attempt('sync', path, async () =>
            isInPlace && waits ? fdatasyncSync(file.fd) : file.datasync(),
        )
        return { write: written - begin, sync: performance.now() - written }
    }

    /** The next append opens its file anew: another may have put a file in the place of this one. */
    async close(): Promise<void> {
        const file = this.#file
        this.#file = undefined
        // What was appended is synced, so that it cannot be closed says nothing of it.
        await file?.close().catch(onSystemError(undefined))
    }

    async #fileFor(time: Date): Promise<FileHandle> {
        const path = logFileToAppendTo(this.#lastPath, time)
        if (path !== this.#lastPath) {
            await this.close()
            this.#lastPath = path
        }
        if (this.#file !== undefined) return this.#file
        const absolutePath = this.#absolutePath()
        await makeFolder(dirname(absolutePath))
        const file = await attempt('open', absolutePath, () => open(absolutePath, 'a'))
        this.#file = file
        // A file that nobody can find after a crash has lost its records, however well they were synced.
        await syncFolder(dirname(absolutePath))
        return file
    }

    #absolutePath(): string {
        return join(this.#compositionPath, this.#lastPath ?? '')
    }
}

/**
 * The file with the last line of a log, where that line has no end. An empty file behind it ends nothing. Nor
 * does one that no host writes to, behind those of hosts: nothing is appended there. A log without files of
 * hosts was given its names by a person, and its last line is ended as any other.
 */
async function unendedFile({ logFiles }: ListedStore): Promise<StoreFile | undefined> {
    const written = logFiles.filter(({ sizeBytes }) => sizeBytes > 0)
    const last = lastFileOfHost(written) ?? written.at(-1)
    return last === undefined || (await endsWithLineEnd(last.absolutePath)) ? undefined : last
}

/** The line that it has begun was left out of the listing. To end it here would break it in two. */
async function refuseOtherWriter({ absolutePath, sizeBytes }: StoreFile): Promise<void> {
    const { size } = await attempt('look at', absolutePath, () => stat(absolutePath))
    if (size === sizeBytes) return
    throw new ComplogError('store-changed', `Another program writes to ${absolutePath} just now.`, {
        hint: 'Stop it first: a log has one writer.',
    })
}

async function endLastLine(path: string): Promise<void> {
    await attemptOn({ doing: 'write', path, flags: 'a' }, async (file) => {
        await file.appendFile(lineFeed)
        await file.datasync()
    })
}

async function endsWithLineEnd(path: string): Promise<boolean> {
    return attemptOn({ doing: 'read', path, flags: 'r' }, async (file) => {
        const { size } = await file.stat()
        const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
        return bytesRead === 0 || buffer.equals(lineFeed)
    })
}
