// Log files of hosts of 2021-07 and later: whole files of a piece that hold nothing but events, each the
// child of the one before. Of anything else, the reference reader decides.
import { isUtf8 } from 'node:buffer'

import { isSystemError } from '../../errors.js'
import type { ReadableFile } from '../../store/listing/list-files.js'
import { FileCut, type LogFileReader } from '../../store/reading/log-file-reader.js'
import { hashAll } from '../scanner/hashing.js'
import type { Scanner } from '../scanner/scanner.js'
import type { PieceSettings } from './piece-reader.js'
import type { Piece } from './pieces.js'

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
}

export function readEventLines(
    { scanner, files }: EventLinesReader,
    settings: PieceSettings,
    { texts, index }: Pick<EventLinesJob, 'texts'> & { readonly index: number },
): EventLines | UndecidedLines {
    const piece = settings.pieces[index] as Piece
    const undecided = { kind: 'undecided', piece: index } as const
    const read = readWholeFiles({ scanner, files }, piece, settings)
    if (read === undefined) return undecided
    const { sizesBytes, end } = read
    const { memory, dataAt } = scanner
    const { stoppedAt, records, hasNonAscii } = scanner.scanEventLines(dataAt, end)
    if (stoppedAt !== end || records === 0) return undecided
    const bytes = memory.subarray(dataAt, end)
    if (hasNonAscii && !isUtf8(bytes)) return undecided
    const sizesOfLines = scanner.entries.slice(0, records)
    const lines = linesOfFiles(sizesBytes, sizesOfLines)
    // One of which nobody knew the size may be another by a second name.
    if (lines === undefined || (read.hasUnseen && lines.includes(0))) return undecided
    hashAll(scanner, records, settings.scannerHashSizeBytesMax)
    if (!scanner.areOneChain(records)) return undecided
    const { hashes } = scanner.tables(records)
    return {
        kind: 'event-lines',
        piece: index,
        lines,
        sizesBytes: sizesOfLines,
        hashes: new Uint8Array(hashes.slice().buffer),
        firstParent: scanner.parentHash(0).toLowerCase(),
        maybeReduced: settings.reduced.length === 0 ? nothing : scanner.passFilter(records),
        texts: texts.filter((text) => bytes.includes(text)),
    }
}

const nothing = new Uint32Array()

interface WholeFiles {
    readonly sizesBytes: readonly number[]
    /** Where they end in the memory of the scanner, in which they stand one behind the other. */
    readonly end: number
    readonly hasUnseen: boolean
}

/** Undefined where they cannot be read, or the piece is a part of one. */
function readWholeFiles(
    { scanner: { memory, dataAt, dataSizeBytes }, files }: EventLinesReader,
    { fromFile, toFile, beginBytes, endBytes }: Piece,
    settings: PieceSettings,
): WholeFiles | undefined {
    const sizesBytes: number[] = []
    let end = dataAt
    let hasUnseen = false
    try {
        for (let file = fromFile; file < toFile; file++) {
            const listed = settings.files.at(file) as ReadableFile
            const { isUnseen = false } = listed
            const room = dataAt + dataSizeBytes - end
            // To ask an unseen file for its size is to look at it.
            const size = isUnseen ? files.readToEnd(file, memory, end, room) : listed.sizeBytes
            if (!isUnseen && toFile === fromFile + 1 && endBytes - beginBytes < size) return undefined
            if (size > room) return undefined
            if (!isUnseen && size > 0) files.read(file, memory, end, size, 0)
            hasUnseen ||= isUnseen
            sizesBytes.push(size)
            end += size
        }
        return { sizesBytes, end, hasUnseen }
    } catch (error) {
        if (error instanceof FileCut || isSystemError(error)) return undefined
        throw error
    }
}

/** Undefined where a line does not end where its file does. */
function linesOfFiles(sizesOfFiles: readonly number[], sizesOfLines: Uint32Array): Uint32Array | undefined {
    const lines = new Uint32Array(sizesOfFiles.length)
    let line = 0
    for (let file = 0; file < lines.length; file++) {
        const size = sizesOfFiles[file] as number
        const first = line
        let read = 0
        while (read < size) read += (sizesOfLines[line++] as number) + 1
        if (read > size) return undefined
        lines[file] = line - first
    }
    return lines
}
