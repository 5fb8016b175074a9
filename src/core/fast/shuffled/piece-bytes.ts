// Reads the bytes of a piece once more, as they stand, with some of what the last line has beyond it.
import type { StoreFile } from '../../store/list-files.js'
import type { LogFileReader } from '../../store/log-file-reader.js'
import type { Piece } from '../pieces/pieces.js'

const lookaheadSizeBytes = 4096

/** Reads a piece to an address. Returns how many bytes are held from there on. */
export function readPieceBytes(
    files: readonly StoreFile[],
    reader: LogFileReader,
    { fromFile, toFile, beginBytes, endBytes }: Piece,
    buffer: Buffer,
    at: number,
): number {
    if (toFile === fromFile + 1) {
        const { sizeBytes } = files[fromFile] as StoreFile
        const end = Math.min(sizeBytes, endBytes + lookaheadSizeBytes)
        reader.read(fromFile, buffer, at, end - beginBytes, beginBytes)
        return end - beginBytes
    }
    let held = 0
    for (let file = fromFile; file < toFile; file++) {
        const { beginBytes: begin = 0, sizeBytes } = files[file] as StoreFile
        if (sizeBytes <= begin) continue
        reader.read(file, buffer, at + held, sizeBytes - begin, begin)
        held += sizeBytes - begin
    }
    return held
}

/** The file in which what stands at an offset in a piece stands, and where. */
export function placeInPiece(
    files: readonly StoreFile[],
    { fromFile, toFile, beginBytes }: Piece,
    offset: number,
): { readonly file: number; readonly offsetBytes: number } {
    if (toFile === fromFile + 1) return { file: fromFile, offsetBytes: beginBytes + offset }
    let rest = offset
    for (let file = fromFile; file < toFile; file++) {
        const { beginBytes: begin = 0, sizeBytes } = files[file] as StoreFile
        const held = Math.max(0, sizeBytes - begin)
        if (rest < held) return { file, offsetBytes: begin + rest }
        rest -= held
    }
    throw new RangeError('The offset lies behind the piece.')
}
