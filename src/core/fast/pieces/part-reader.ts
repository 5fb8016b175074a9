// Reads the lines that begin in a part of a file: the scanner takes those that look as hosts write them, the
// reference reader takes every other line.
import { isUtf8 } from 'node:buffer'

import { type Line, LineSplitter } from '../../composition/lines.js'
import { movedOn } from '../../errors.js'
import type { FileList, ReadableFile } from '../../store/listing/list-files.js'
import { FileCut, type LogFileReader } from '../../store/reading/log-file-reader.js'
import type { Scanner, ScanReport } from '../scanner/scanner.js'
import type { HeldPart, PieceRecords } from './piece-records.js'

export interface FilePart {
    readonly file: number
    readonly beginBytes: number
    readonly endBytes: number
    /** The part may begin within a line, which then is not one of its lines. */
    readonly skipsLine: boolean
    /** It is a whole file, and was read already. */
    readonly isHeld?: boolean
}

/** Where the bytes come from: the log's files, or what stands in for them. */
export type BytesOfFiles = Pick<LogFileReader, 'read' | 'readToEnd' | 'readLongLine'>

export interface PartSettings {
    readonly files: FileList<ReadableFile>
    readonly lineSizeBytesMax: number
    /** How much of a line that goes on behind its piece is read at first, and held at most. */
    readonly lookahead: { readonly firstSizeBytes: number; readonly sizeBytesMax: number }
}

const lineFeed = 0x0a

export class PartReader {
    readonly #settings: PartSettings
    readonly #lastFile: number
    readonly #scanner: Scanner
    readonly #files: BytesOfFiles
    readonly #records: PieceRecords
    /** A line that is not UTF-8 was met: from then on only the reference reader takes what is not ASCII. */
    #asciiOnly = false

    constructor(settings: PartSettings, scanner: Scanner, files: BytesOfFiles, records: PieceRecords) {
        this.#settings = settings
        this.#scanner = scanner
        this.#files = files
        this.#records = records
        this.#lastFile = settings.files.findLastIndex((file) => file.isUnseen === true || file.sizeBytes > 0)
    }

    /** Reads a part to an offset in the scanner's memory. Returns how many lines begin in it. */
    read({ file, beginBytes, endBytes, skipsLine, isHeld = false }: FilePart, at: number): number {
        const { memory, dataAt, dataSizeBytes } = this.#scanner
        const listed = this.#settings.files.at(file) as ReadableFile
        const { path } = listed
        const sizeBytes = isHeld ? endBytes : listed.sizeBytes
        const { firstSizeBytes, sizeBytesMax } = this.#settings.lookahead
        // Whether a line begins where the part does is seen from the byte before it.
        const position = skipsLine ? beginBytes - 1 : beginBytes
        const part: HeldPart = { file, path, shift: at - position, isLastOfLog: file === this.#lastFile }
        const limit = part.shift + endBytes
        const fileEnd = part.shift + sizeBytes
        const holdsMax = Math.min(dataAt + dataSizeBytes, limit + sizeBytesMax, fileEnd)
        let held = Math.min(holdsMax, limit + firstSizeBytes)
        if (!isHeld) this.#files.read(file, memory, at, held - at, position)

        let from = skipsLine ? this.#behindFeed(at, limit) : at
        let lines = 0
        while (from < limit) {
            const scanned = this.#scan(from, limit, held)
            lines += this.#records.takeScanned(scanned, part, lines + 1)
            from = scanned.stoppedAt
            if (from >= limit) break
            const behind = this.#behindFeed(from, held + 1)
            if (behind > held && held < holdsMax) {
                this.#files.read(file, memory, held, holdsMax - held, held - part.shift)
                held = holdsMax
                continue
            }
            const start = { offsetBytes: from - part.shift, lineNumber: lines + 1 }
            const isWhole = behind <= held
            if (isHeld && !isWhole) throw new FileCut()
            const bytes = memory.subarray(from, isWhole ? behind : held)
            const { lineSizeBytesMax } = this.#settings
            const line = isWhole
                ? oneLine(bytes, start, lineSizeBytesMax)
                : this.#files.readLongLine(file, bytes, start, lineSizeBytesMax)
            this.#records.takeLine(line, part, isWhole)
            lines++
            from = movedOn(from, isWhole ? behind : part.shift + behindLine(line, sizeBytes))
        }
        return lines
    }

    #scan(from: number, limit: number, end: number): ScanReport {
        const range = { from, limit, end }
        const { lineSizeBytesMax } = this.#settings
        const { records } = this.#records
        const report = this.#scanner.scan(range, records, lineSizeBytesMax, this.#asciiOnly)
        if (!report.hasNonAscii || this.#asciiOnly) return report
        if (isUtf8(this.#scanner.memory.subarray(from, report.stoppedAt))) return report
        this.#asciiOnly = true
        return this.#scanner.scan(range, records, lineSizeBytesMax, true)
    }

    /** Where the next line begins, in front of `limit`; else `limit`. */
    #behindFeed(from: number, limit: number): number {
        const feed = this.#scanner.memory.subarray(from, limit - 1).indexOf(lineFeed)
        return feed < 0 ? limit : from + feed + 1
    }
}

/** Offset in its file of what stands behind a line and its line end. */
function behindLine({ offsetBytes, sizeBytes, end }: Line, fileSizeBytes: number): number {
    if (end === 'none') return fileSizeBytes
    return offsetBytes + sizeBytes + (end === 'crlf' ? 2 : 1)
}

function oneLine(
    bytes: Buffer,
    start: { readonly offsetBytes: number; readonly lineNumber: number },
    sizeBytesMax: number,
): Line {
    const [line] = new LineSplitter(sizeBytesMax, start).push(bytes)
    return line as Line
}
