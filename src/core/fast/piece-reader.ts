// Reads one piece of a log after the other, in whichever thread. Within a piece, each record must be the child of the
// one before.
import type { CompositionHash } from '../composition/hash.js'
import { isSystemError } from '../errors.js'
import type { StoreFile } from '../store/list-files.js'
import { FileCut, LogFileReader } from '../store/log-file-reader.js'
import { hashAll } from './hashing.js'
import { PieceRecords } from './piece-records.js'
import type { PieceRead, PieceResult } from './piece-result.js'
import { type Piece, cutIntoPieces, isContinuation, sizeOfPiece } from './pieces.js'
import { PartReader, type PartSettings } from './read-part.js'
import { Scanner } from './scanner.js'
import type { CompiledModule } from './web-assembly.js'

/** What is the same for all pieces of a log, in every thread. */
export interface PieceSettings extends PartSettings {
    readonly pieceSizeBytes: number
    /** The largest record that is hashed by the scanner; others by Node. */
    readonly scannerHashSizeBytesMax: number
    /** The first 32 bits, little endian, of each hash that a reduction is named after. */
    readonly reduced: Uint32Array
}

const recordsPerMark = 4096
const nothing = new Uint32Array()

export class PieceReader {
    readonly pieces: readonly Piece[]
    readonly #settings: PieceSettings
    readonly #scanner: Scanner
    readonly #files: LogFileReader

    constructor(module: CompiledModule, settings: PieceSettings) {
        this.#settings = settings
        this.#scanner = new Scanner(module)
        this.#files = new LogFileReader(settings.files)
        this.pieces = cutIntoPieces(settings.files, settings.pieceSizeBytes)
        for (const beginning of settings.reduced) this.#scanner.letThrough(beginning)
    }

    read(index: number): PieceResult {
        const records = new PieceRecords(this.#scanner)
        let lines: number
        try {
            lines = this.#readFiles(this.pieces[index] as Piece, records)
        } catch (error) {
            if (error instanceof FileCut || isSystemError(error)) return { kind: 'undecided', piece: index }
            throw error
        }
        return this.#link(index, records, lines)
    }

    close(): void {
        this.#files.close()
    }

    /** Returns how many lines begin in the last of the files. */
    #readFiles(piece: Piece, records: PieceRecords): number {
        const { files } = this.#settings
        const reader = new PartReader(this.#settings, this.#scanner, this.#files, records)
        let at = this.#scanner.dataAt
        let lines = 0
        for (let file = piece.fromFile; file < piece.toFile; file++) {
            const isOnly = piece.toFile === piece.fromFile + 1
            const { beginBytes: begin = 0, sizeBytes } = files[file] as StoreFile
            const beginBytes = isOnly ? piece.beginBytes : begin
            const endBytes = isOnly ? piece.endBytes : sizeBytes
            if (endBytes <= beginBytes) continue
            const skipsLine = isOnly && isContinuation(piece, files)
            lines = reader.read({ file, beginBytes, endBytes, skipsLine }, at)
            at += endBytes - beginBytes
        }
        return lines
    }

    /** Hashes the records and compares each parent. */
    #link(index: number, records: PieceRecords, lines: number): PieceResult {
        const scanner = this.#scanner
        const { scannerHashSizeBytesMax, reduced, files } = this.#settings
        const count = records.records
        hashAll(scanner, count, scannerHashSizeBytesMax)
        if (scanner.firstStranger(count) < count) return { kind: 'not-in-order', piece: index }
        const { findings, checks, events, setStates, generations, unreadableLines } = records
        return {
            kind: 'read',
            piece: index,
            sizeBytes: sizeOfPiece(this.pieces[index] as Piece, files),
            lines,
            records: count,
            events,
            setStates,
            generations,
            unreadableLines,
            ...(count > 0 && { link: linkOf(scanner, count) }),
            marks: records.marks(recordsPerMark, reduced.length === 0 ? nothing : scanner.passFilter(count)),
            findings: findings.findings,
            moreFindings: findings.moreFindings,
            blank: checks.blank,
            oldGeneration: checks.oldGeneration,
        }
    }
}

function linkOf(scanner: Scanner, records: number): PieceRead['link'] & object {
    return {
        firstParent: scanner.parentHash(0) as CompositionHash,
        lastHash: scanner.hash(records - 1) as CompositionHash,
    }
}
