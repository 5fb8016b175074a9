// The disk's side of a persistent process: what was applied waits here until it is there for good. Everything
// that waits when the disk becomes free shares one write and one sync.
import { setImmediate } from 'node:timers/promises'

import { asError } from '../errors.js'
import type { AppendTimes, LogAppender } from '../store/changes/log-appender.js'

export interface PendingRecord {
    /** The line with its line end; empty for no record at all, only to hear when all before it are there. */
    readonly line: Buffer
    /** Called once it is there for good. */
    readonly onDurable: () => void
}

/** One write and one sync. */
export interface Committed extends AppendTimes {
    readonly records: number
    readonly sizeBytes: number
}

export interface GroupCommitOptions {
    readonly now: () => Date
    /** Whether there is nothing to do meanwhile: nobody but who waits for the group that is to be written. */
    readonly isIdle: () => boolean
    readonly onCommitted: (committed: Committed) => void
    /** Nothing that waits, and nothing that comes, will ever be there for good. */
    readonly onFailed: (error: unknown) => void
}

interface Pause {
    /** Rejects where nothing may be written any more. */
    readonly run: () => Promise<void>
    readonly reject: (error: Error) => void
}

/** Bytes of one write at most, so that one large group does not hold up the next too long. */
const groupSizeBytesMax = 16 * 1024 * 1024

export class GroupCommit {
    readonly #appender: LogAppender
    readonly #options: GroupCommitOptions
    #waiting: PendingRecord[] = []
    #waitingSizeBytes = 0
    /** What is to be done between two groups, oldest first. */
    readonly #pauses: Pause[] = []
    #work: Promise<void> | undefined
    #failed: { readonly error: unknown } | undefined

    constructor(appender: LogAppender, options: GroupCommitOptions) {
        this.#appender = appender
        this.#options = options
    }

    /** Bytes that wait, the group that is being written not among them. */
    get waitingSizeBytes(): number {
        return this.#waitingSizeBytes
    }

    /** Records are written in the order in which they are added. */
    add(records: readonly PendingRecord[]): void {
        if (this.#failed !== undefined) return
        for (const record of records) {
            this.#waiting.push(record)
            this.#waitingSizeBytes += record.line.length
        }
        this.#work ??= this.#commitAll()
    }

    /** Runs something between two groups, while nothing is being written. What comes meanwhile waits. */
    whileQuiet<T>(work: () => Promise<T>): Promise<T> {
        return new Promise<T>((resolve, reject) => {
            this.#pause(() => work().then(resolve, reject)).catch(reject)
        })
    }

    /**
     * Lets the file that is appended to be replaced. Where that rejects, nobody knows which file will be
     * there after a crash, so it counts like an append that failed.
     */
    replaceFile(replace: () => Promise<void>): Promise<void> {
        return this.#pause(async () => {
            await this.#appender.close()
            await replace()
        })
    }

    /** Resolves when nothing waits any more, or nothing can be written any more. */
    async settled(): Promise<void> {
        while (this.#work !== undefined) await this.#work
    }

    #pause(run: () => Promise<void>): Promise<void> {
        return new Promise((resolve, reject) => {
            if (this.#failed !== undefined) {
                reject(asError(this.#failed.error))
                return
            }
            this.#pauses.push({ run: () => run().then(resolve), reject })
            this.#work ??= this.#commitAll()
        })
    }

    async #commitAll(): Promise<void> {
        // The first step may be over at once, and must not be before its promise is known.
        await Promise.resolve()
        let pause: Pause | undefined
        try {
            for (;;) {
                pause = this.#pauses.shift()
                if (pause !== undefined) await pause.run()
                else if (this.#waiting.length > 0) await this.#commit(this.#takeGroup())
                else break
            }
        } catch (error) {
            // An append that failed is never tried again: what the file holds now only a restart can tell.
            this.#failed = { error }
            this.#waiting = []
            this.#waitingSizeBytes = 0
            pause?.reject(asError(error))
            for (const { reject } of this.#pauses.splice(0)) reject(asError(error))
            this.#options.onFailed(error)
        } finally {
            this.#work = undefined
        }
    }

    async #commit(group: readonly PendingRecord[]): Promise<void> {
        const lines = Buffer.concat(group.map(({ line }) => line))
        const { now, isIdle } = this.#options
        const waits = isIdle()
        const times = await this.#appender.append(lines, now(), waits)
        for (const { onDurable } of group) onDurable()
        // An empty line is none: somebody only wants to know when all before it is there.
        const records = group.filter(({ line }) => line.length > 0).length
        this.#options.onCommitted({ ...times, records, sizeBytes: lines.length })
        // Without a turn of the event loop in between, one caller after the other could keep all else from
        // its turn.
        if (waits) await setImmediate()
    }

    #takeGroup(): readonly PendingRecord[] {
        let sizeBytes = 0
        let count = 0
        for (const { line } of this.#waiting) {
            if (count > 0 && sizeBytes + line.length > groupSizeBytesMax) break
            sizeBytes += line.length
            count += 1
        }
        this.#waitingSizeBytes -= sizeBytes
        return this.#waiting.splice(0, count)
    }
}
