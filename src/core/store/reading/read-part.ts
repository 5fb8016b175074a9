// Bytes of a file, from one offset up to another, a piece at a time. The file is opened only when the first
// piece is asked for: a stream that fails to open with nobody there yet to hear of it would end the process.
import { type FileHandle, open, readFile } from 'node:fs/promises'

import { attempt, attemptIfThere } from '../../file-system-error.js'
import { chunkSizeBytes } from '../../limits.js'

/** Ends early where the file is shorter. */
export async function* readPart(path: string, from: number, to: number): AsyncGenerator<Buffer> {
    if (to <= from) return
    const file = await attempt('read', path, () => open(path, 'r'))
    try {
        yield* readPartOf({ handle: file, path }, from, to)
    } finally {
        await attempt('close', path, () => file.close())
    }
}

/** The same of a file that is open, and stays so. */
export async function* readPartOf(
    { handle, path }: { readonly handle: FileHandle; readonly path: string },
    from: number,
    to: number,
): AsyncGenerator<Buffer> {
    for (let at = from; at < to; ) {
        const piece = Buffer.allocUnsafe(Math.min(chunkSizeBytes, to - at))
        const { bytesRead } = await attempt('read', path, () => handle.read(piece, 0, piece.length, at))
        if (bytesRead === 0) return
        yield piece.subarray(0, bytesRead)
        at += bytesRead
    }
}

/** The text of a small file; empty where there is none. */
export async function readTextIfThere(path: string): Promise<string> {
    return (await attemptIfThere('read', path, () => readFile(path, 'utf8'))) ?? ''
}
