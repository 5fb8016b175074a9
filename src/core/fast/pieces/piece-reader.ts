// Entrance of core/fast/pieces/: a log in pieces. In come files and where to cut them; out comes of each
// piece what its records say: counts, first parent, last hash, findings (`piece-result.ts`), packed events.
//
// Reads one piece of a log after the other, in whichever thread. Within a piece, each record must be the
// child of the one before.
import type { CompositionHash } from '../../composition/hash.js'
import { isSystemError } from '../../errors.js'
import type { ReadableFile } from '../../store/listing/list-files.js'
import { guessedSizeOf } from '../../store/listing/unseen-files.js'
import type { ProcessStore } from '../../store/process-store.js'
import { FileCut, LogFileReader } from '../../store/reading/log-file-reader.js'
import { calibrateHashing, hashAll } from '../scanner/hashing.js'
import { InputPacker, type InputSlot } from '../scanner/pack-inputs.js'
import { releaseScanner, type Scanner, takeScanner } from '../scanner/scanner.js'
import type { CompiledModule } from '../scanner/web-assembly.js'
import type { LineFinder } from './line-finder.js'
import { PartReader, type PartSettings } from './part-reader.js'
import { PieceRecords } from './piece-records.js'
import type { PieceLines, PieceResult, ReadPiece } from './piece-result.js'
import { cutIntoPieces, isContinuation, type Piece } from './pieces.js'

/** What is the same for all pieces of a log, in every thread. */
export interface PieceSettings extends PartSettings {
    /** The same in all threads, whatever is known by then of the files. */
    readonly pieces: readonly Piece[]
    /** The largest record that is hashed by the scanner; others by Node. */
    readonly scannerHashSizeBytesMax: number
    /** The first 32 bits, little endian, of each hash that a reduction is named after, in order. */
    readonly reduced: Uint32Array
}

/** Records that stand in the scanner's tables. */
export interface ReadRecords {
    readonly records: PieceRecords
    readonly sizeBytes: number
    /** Lines that begin in the last of the piece's files. */
    readonly lines: number
}

/** Other settings than the best ones, for tests. */
export interface PieceOptions extends Partial<Pick<PieceSettings, 'lookahead' | 'scannerHashSizeBytesMax'>> {
    readonly pieceSizeBytes?: number
}

const pieceSizeBytes = 1 << 20
const lookahead = { firstSizeBytes: 1 << 12, sizeBytesMax: 1 << 17 }
/** Files of which nobody knows the size may be that much larger than is thought, most of a piece. */
const unseenSizeFactor = 4
const recordsPerMark = 4096
const nothing = new Uint32Array()

export class PieceReader {
    readonly #settings: PieceSettings
    #scanner: Scanner | undefined
    readonly files: LogFileReader

    constructor(module: CompiledModule, settings: PieceSettings) {
        this.#settings = settings
        this.#scanner = takeScanner(module)
        this.files = new LogFileReader(settings.files)
        this.scanner.letThrough(settings.reduced)
    }

    get scanner(): Scanner {
        if (this.#scanner === undefined) throw new Error('A reader that was closed has no scanner.')
        return this.#scanner
    }

    /**
     * @param slot where the inputs of its records are to go; absent: they are not wanted
     * @param finder of lines that are wanted
     */
    read(index: number, slot?: InputSlot, finder?: LineFinder): PieceResult {
        const read = this.readRecords(index, slot !== undefined)
        if (read === undefined) return { kind: 'undecided' }
        const { records } = read
        const count = records.records
        this.hashRecords(read)
        if (!this.scanner.areOneChain(count)) return { kind: 'not-in-order' }
        const hasReductions = this.#settings.reduced.length > 0
        const passed = hasReductions ? this.scanner.passFilter(count) : nothing
        const marked = records.rowsToMark(recordsPerMark, passed)
        return {
            kind: 'read',
            ...this.linesOf(index, read),
            ...(count > 0 && { link: linkOf(this.scanner, count) }),
            marks: records.marksOf(marked),
            maybeReduced: this.scanner.hashesOf(hasReductions ? marked : nothing, 'hashes'),
            ...(finder && { found: finder.find(records) }),
            ...(slot && { inputs: new InputPacker(this.scanner).pack(count, records.rowsRead, slot) }),
        }
    }

    /** Reads the records of a piece into the scanner's tables, without hashes; undefined: unreadable. */
    readRecords(index: number, keepsRead = false): ReadRecords | undefined {
        const records = new PieceRecords(this.scanner, keepsRead)
        try {
            return { records, ...this.#readFiles(this.#settings.pieces[index] as Piece, records) }
        } catch (error) {
            if (error instanceof FileCut || isSystemError(error)) return undefined
            throw error
        }
    }

    /** Hashes the records of the piece that was read last. */
    hashRecords({ records }: Pick<ReadRecords, 'records'>): void {
        hashAll(this.scanner, records.records, this.#settings.scannerHashSizeBytesMax)
    }

    close(): void {
        this.files.close()
        if (this.#scanner !== undefined) releaseScanner(this.#scanner)
        this.#scanner = undefined
    }

    #readFiles(piece: Piece, records: PieceRecords): Omit<ReadRecords, 'records'> {
        const { files } = this.#settings
        const reader = new PartReader(this.#settings, this.scanner, this.files, records)
        const { dataAt, dataSizeBytes, memory } = this.scanner
        let at = dataAt
        let lines = 0
        for (let file = piece.fromFile; file < piece.toFile; file++) {
            const isOnly = piece.toFile === piece.fromFile + 1
            const listed = files.at(file) as ReadableFile
            if (listed.isUnseen === true) {
                const recordsBefore = records.records
                const endBytes = this.files.readToEnd(file, memory, at, dataAt + dataSizeBytes - at)
                lines = reader.read({ file, beginBytes: 0, endBytes, skipsLine: false, isHeld: true }, at)
                // It may be another by a second name, which only a look at each would tell.
                if (records.records === recordsBefore) throw new FileCut()
                at += endBytes
                continue
            }
            const { beginBytes: begin = 0, sizeBytes } = listed
            const beginBytes = isOnly ? piece.beginBytes : begin
            const endBytes = isOnly ? Math.min(piece.endBytes, sizeBytes) : sizeBytes
            if (endBytes <= beginBytes) continue
            if (endBytes - beginBytes > dataAt + dataSizeBytes - at) throw new FileCut()
            const skipsLine = isOnly && isContinuation(piece, files)
            lines = reader.read({ file, beginBytes, endBytes, skipsLine }, at)
            at += endBytes - beginBytes
        }
        return { sizeBytes: at - dataAt, lines }
    }

    /** What the lines of a piece say, each for itself. */
    linesOf(index: number, { records, lines, sizeBytes }: ReadRecords): PieceLines {
        const { findings, checks, events, setStates, generations, unreadableLines } = records
        return {
            piece: index,
            sizeBytes,
            lines,
            records: records.records,
            events,
            setStates,
            generations,
            unreadableLines,
            findings: findings.packed,
            many: checks.many,
        }
    }
}

/** The ends of what the scanner holds. */
function linkOf(scanner: Scanner, records: number): ReadPiece['link'] & object {
    return {
        firstParent: scanner.parentHash(0) as CompositionHash,
        lastHash: scanner.hash(records - 1) as CompositionHash,
    }
}

/** What of a store, of whatever generation, must be known to cut its log into pieces. */
export interface LogInPieces extends Pick<ProcessStore, 'logFiles'> {
    readonly limits: Pick<ProcessStore['limits'], 'lineSizeBytesMax'>
    /** By the hash that each is named after. */
    readonly reductionFiles: Pick<ReadonlyMap<string, unknown>, 'keys'>
}

export function pieceSettings(store: LogInPieces, options: PieceOptions): PieceSettings {
    return {
        files: store.logFiles,
        lineSizeBytesMax: store.limits.lineSizeBytesMax,
        pieces: cutIntoPieces(
            store.logFiles,
            options.pieceSizeBytes ?? pieceSizeBytes,
            unseenSizeFactor * guessedSizeOf(store.logFiles),
        ),
        lookahead: options.lookahead ?? lookahead,
        scannerHashSizeBytesMax: options.scannerHashSizeBytesMax ?? calibrateHashing(),
        // Numbers one by one: typed arrays keep all that they are made from.
        reduced: Uint32Array.from(Array.from(store.reductionFiles.keys(), beginningOf)).sort(),
    }
}

/** What the filter knows a hash by. */
function beginningOf(hash: string): number {
    return Buffer.from(hash.slice(0, 8), 'hex').readUInt32LE()
}
