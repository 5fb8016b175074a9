// Cuts a log into pieces that can be read on their own, by whichever thread is free: parts of a large file,
// or several small files at once.
import type { FileList } from '../../store/listing/list-files.js'

export interface FileExtent {
    readonly sizeBytes: number
    /** Where to begin to read; default 0. */
    readonly beginBytes?: number | undefined
    /** Nobody knows its size yet. */
    readonly isUnseen?: boolean | undefined
}

/** Lines belong to the piece in which they begin. */
export interface Piece {
    /** Index of its first file, and of the one behind its last. Several files are each read as a whole. */
    readonly fromFile: number
    readonly toFile: number
    /** Which part of the file, where it is one; of one of which nobody knows the size, all of it. */
    readonly beginBytes: number
    readonly endBytes: number
}

/** @param unseenSizeBytes what to take for the size of a file that nobody knows */
export function cutIntoPieces(
    files: FileList<FileExtent>,
    pieceSizeBytes: number,
    unseenSizeBytes = 0,
): readonly Piece[] {
    const pieces: Piece[] = []
    let file = 0
    const extentOf = (at: number) => {
        const file = files.at(at)
        if (file === undefined) return { begin: 0, end: 0 }
        const { beginBytes: begin = 0 } = file
        return {
            begin,
            end: Math.max(
                begin,
                file.isUnseen === true ? Math.min(unseenSizeBytes, pieceSizeBytes) : file.sizeBytes,
            ),
        }
    }
    while (file < files.length) {
        const { begin, end } = extentOf(file)
        if (end - begin > pieceSizeBytes) {
            for (let at = begin; at < end; at += pieceSizeBytes) {
                const endBytes = Math.min(end, at + pieceSizeBytes)
                pieces.push({ fromFile: file, toFile: file + 1, beginBytes: at, endBytes })
            }
            file += 1
            continue
        }
        const fromFile = file
        for (let sizeBytes = 0; file < files.length; file++) {
            const next = extentOf(file)
            sizeBytes += next.end - next.begin
            if (sizeBytes > pieceSizeBytes) break
        }
        const isUnseen = files.at(fromFile)?.isUnseen === true
        pieces.push({ fromFile, toFile: file, beginBytes: begin, endBytes: isUnseen ? Infinity : end })
    }
    return pieces
}

/** Whether lines of the same file come before it. */
export function isContinuation({ fromFile, beginBytes }: Piece, files: FileList<FileExtent>): boolean {
    return beginBytes > (files.at(fromFile)?.beginBytes ?? 0)
}
