// Cuts a log into pieces that can be read on their own, by whichever thread is free: parts of a large file,
// or several small files at once.

export interface FileExtent {
    readonly sizeBytes: number
    /** Where to begin to read; default 0. */
    readonly beginBytes?: number | undefined
}

/** Lines belong to the piece in which they begin. */
export interface Piece {
    /** Index of its first file, and of the one behind its last. Several files are each read as a whole. */
    readonly fromFile: number
    readonly toFile: number
    /** Which part of the file, where it is one. */
    readonly beginBytes: number
    readonly endBytes: number
}

export function cutIntoPieces(files: readonly FileExtent[], pieceSizeBytes: number): readonly Piece[] {
    const pieces: Piece[] = []
    let file = 0
    while (file < files.length) {
        const { begin, end } = extentOf(files[file])
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
            const next = extentOf(files[file])
            sizeBytes += next.end - next.begin
            if (sizeBytes > pieceSizeBytes) break
        }
        pieces.push({ fromFile, toFile: file, beginBytes: begin, endBytes: end })
    }
    return pieces
}

/** Whether lines of the same file come before it. */
export function isContinuation({ fromFile, beginBytes }: Piece, files: readonly FileExtent[]): boolean {
    return beginBytes > (files[fromFile]?.beginBytes ?? 0)
}

export function sizeOfPiece(
    { fromFile, toFile, beginBytes, endBytes }: Piece,
    files: readonly FileExtent[],
): number {
    if (toFile === fromFile + 1) return endBytes - beginBytes
    return files
        .slice(fromFile, toFile)
        .reduce((sum, file) => sum + extentOf(file).end - extentOf(file).begin, 0)
}

function extentOf(file: FileExtent | undefined): { readonly begin: number; readonly end: number } {
    const { beginBytes: begin = 0, sizeBytes = 0 } = file ?? {}
    return { begin, end: Math.max(begin, sizeBytes) }
}
