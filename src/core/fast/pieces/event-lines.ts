// Log files of hosts of 2021-07 and later: whole files of a piece that hold nothing but events, each the
// child of the one before. Of anything else, the reference reader decides.
import { isUtf8 } from 'node:buffer'

import { isSystemError } from '../../errors.js'
import { FileCut, type LogFileReader } from '../../store/log-file-reader.js'
import { hashAll } from './hashing.js'
import type { PieceSettings } from './piece-reader.js'
import { type Piece, sizeOfPiece } from './pieces.js'
import type { Scanner } from './scanner.js'

export interface EventLinesJob {
    readonly kind: 'event-lines'
    /** What is looked for in the lines. */
    readonly texts: readonly string[]
}

/** What the files of a piece hold, the numbers a line each. */
export interface EventLines {
    readonly kind: 'event-lines'
    readonly piece: number
    /** Lines of each file. */
    readonly lines: Uint32Array
    /** Without the line end. */
    readonly sizesBytes: Uint32Array
    /** 32 bytes each. */
    readonly hashes: Uint8Array
    /** Of the first line, in lower case. */
    readonly firstParent: string
    /** Lines that a reduction may be named after. */
    readonly maybeReduced: Uint32Array
    /** Of the texts that were looked for, those that are there. */
    readonly texts: readonly string[]
}

export interface UndecidedLines {
    readonly kind: 'undecided'
    readonly piece: number
}

interface EventLinesReader {
    readonly scanner: Scanner
    readonly files: LogFileReader
    readonly pieces: readonly Piece[]
}

export function readEventLines(
    { scanner, files, pieces }: EventLinesReader,
    settings: PieceSettings,
    { texts, index }: Pick<EventLinesJob, 'texts'> & { readonly index: number },
): EventLines | UndecidedLines {
    const piece = pieces[index] as Piece
    const undecided = { kind: 'undecided', piece: index } as const
    const sizesBytes = settings.files.slice(piece.fromFile, piece.toFile).map((file) => file.sizeBytes)
    const total = sizesBytes.reduce((sum, size) => sum + size, 0)
    if (total !== sizeOfPiece(piece, settings.files)) return undecided
    const { memory, dataAt } = scanner
    let end = dataAt
    try {
        for (const [i, size] of sizesBytes.entries()) {
            if (size > 0) files.read(piece.fromFile + i, memory, end, size, 0)
            end += size
        }
    } catch (error) {
        if (error instanceof FileCut || isSystemError(error)) return undecided
        throw error
    }
    const { stoppedAt, records, hasNonAscii } = scanner.scanEventLines(dataAt, end)
    if (stoppedAt !== end || records === 0) return undecided
    const bytes = memory.subarray(dataAt, end)
    if (hasNonAscii && !isUtf8(bytes)) return undecided
    const sizesOfLines = scanner.entries.slice(0, records)
    const lines = linesOfFiles(sizesBytes, sizesOfLines)
    if (lines === undefined) return undecided
    hashAll(scanner, records, settings.scannerHashSizeBytesMax)
    if (scanner.firstStranger(records) < records) return undecided
    const { hashes } = scanner.tables(records)
    return {
        kind: 'event-lines',
        piece: index,
        lines,
        sizesBytes: sizesOfLines,
        hashes: new Uint8Array(hashes.slice().buffer),
        firstParent: scanner.parentHash(0).toLowerCase(),
        maybeReduced: settings.reduced.length === 0 ? nothing : scanner.passFilter(records).slice(),
        texts: texts.filter((text) => bytes.includes(text)),
    }
}

const nothing = new Uint32Array()

/** Undefined where a line does not end where its file does. */
function linesOfFiles(sizesOfFiles: readonly number[], sizesOfLines: Uint32Array): Uint32Array | undefined {
    const lines = new Uint32Array(sizesOfFiles.length)
    let line = 0
    for (const [file, size] of sizesOfFiles.entries()) {
        const first = line
        let read = 0
        while (read < size) read += (sizesOfLines[line++] as number) + 1
        if (read > size) return undefined
        lines[file] = line - first
    }
    return lines
}
