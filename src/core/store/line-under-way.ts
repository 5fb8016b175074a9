// While a process appends to a log, its last line may be there in part for a moment. It is not there yet, and
// no damage. A writer of ours is known by its lock. Any other is known by what it does: the file grows.
import { stat } from 'node:fs/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'

import { ComplogError, type ErrorCode } from '../errors.js'
import { isBeingAppended } from './durable/store-lock.js'
import type { FileList, StoreFile } from './listing/list-files.js'
import { isNameOfHost } from './listing/log-file-name.js'
import { RecordReader } from './reading/record-reader.js'

const lineFeed = 0x0a
const chunkSizeBytes = 64 * 1024

/** A writer that has begun a line ends it within this time, or has ended itself, as far as one can tell. */
const quietMilliseconds = 200
const lookMilliseconds = 10

/** Files that did not grow while looked at, by path, with size and time: nobody waits for them again. */
const quietFiles = new Map<string, string>()

/**
 * The files of a log without a line that another process is about to write.
 * @param root folder of the process store; undefined for a log that lies in none
 */
export async function withoutLineUnderWay(root: string | undefined, files: FileList): Promise<FileList> {
    const isWritten = (file: StoreFile) => isNameOfHost(file.path) && file.sizeBytes > 0
    const last = files.findLastIndex(({ sizeBytes }) => sizeBytes > 0)
    // What lies behind the files of hosts is no place to append to.
    const ofHost = files.findLastIndex(isWritten)
    let cut = files
    for (const at of new Set([last, ofHost])) {
        const file = at < 0 ? undefined : files.at(at)
        if (file === undefined) continue
        const sizeBytes = await sizeOfWholeLines(file).catch(unlessUnreadable)
        if (sizeBytes === undefined || sizeBytes === file.sizeBytes) continue
        // A writer of ours adds lines to files of hosts alone: what stands in another is no line of its own.
        const isByUs = root !== undefined && isNameOfHost(file.path) && (await isBeingAppended(root))
        if (isByUs || (await grows(file))) cut = cut.with(at, file.with({ sizeBytes }))
    }
    return cut
}

/** Whether somebody writes to a file just now. Waits until it grows, for a while. */
async function grows({ absolutePath, sizeBytes, modifiedMilliseconds }: StoreFile): Promise<boolean> {
    const state = `${sizeBytes} ${modifiedMilliseconds}`
    if (quietFiles.get(absolutePath) === state) return false
    for (const end = performance.now() + quietMilliseconds; ; ) {
        const size = await stat(absolutePath).then(
            (stats) => stats.size,
            () => undefined,
        )
        if (size === undefined || size < sizeBytes) return false
        if (size > sizeBytes) return true
        if (performance.now() > end) break
        await setTimeout(lookMilliseconds)
    }
    quietFiles.set(absolutePath, state)
    return false
}

/** Whoever reads the log says what is wrong with a file that cannot be read, or that was cut meanwhile. */
function unlessUnreadable(error: unknown): undefined {
    const codes: readonly ErrorCode[] = ['file-system', 'store-changed']
    if (!(error instanceof ComplogError) || !codes.includes(error.code)) throw error
}

/** Up to the end of the last line that has one. */
async function sizeOfWholeLines(file: StoreFile): Promise<number> {
    using reader = new RecordReader([file])
    for (let end = file.sizeBytes; end > 0; ) {
        const begin = Math.max(0, end - (end === file.sizeBytes ? 1 : chunkSizeBytes))
        const found = reader.read(0, begin, end - begin).lastIndexOf(lineFeed)
        if (found >= 0) return begin + found + 1
        end = begin
        // A signal comes in between.
        await setImmediate()
    }
    return 0
}
