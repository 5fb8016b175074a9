// While a process appends to a log, its last line may be there in part for a moment. It is not there yet, and no damage.
import { type FileHandle, open } from 'node:fs/promises'

import { attempt } from './file-system-error.js'
import type { StoreFile } from './list-files.js'
import { isBeingAppended } from './store-lock.js'

const lineFeed = 0x0a
const chunkSizeBytes = 64 * 1024

/** The files of a log without a line that another process is about to write. */
export async function withoutLineUnderWay(
    root: string,
    files: readonly StoreFile[],
): Promise<readonly StoreFile[]> {
    const at = files.findLastIndex(({ sizeBytes }) => sizeBytes > 0)
    const last = files[at]
    if (last === undefined) return files
    const sizeBytes = await sizeOfWholeLines(last)
    if (sizeBytes === last.sizeBytes || !(await isBeingAppended(root))) return files
    return files.with(at, { ...last, sizeBytes })
}

/** Up to the end of the last line that has one. */
async function sizeOfWholeLines({ absolutePath, sizeBytes }: StoreFile): Promise<number> {
    return attempt('read', absolutePath, async () => {
        const file = await open(absolutePath, 'r')
        try {
            for (let end = sizeBytes; end > 0;) {
                const begin = Math.max(0, end - (end === sizeBytes ? 1 : chunkSizeBytes))
                const found = await lastLineFeed(file, begin, end)
                if (found >= 0) return found + 1
                end = begin
            }
            return 0
        } finally {
            await file.close()
        }
    })
}

async function lastLineFeed(file: FileHandle, begin: number, end: number): Promise<number> {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - begin), 0, end - begin, begin)
    const found = buffer.subarray(0, bytesRead).lastIndexOf(lineFeed)
    return found < 0 ? -1 : begin + found
}
