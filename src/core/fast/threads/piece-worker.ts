// What any thread does with the pieces of a log: one job after the other, each piece by itself.
import { type FileColumns, PackedFiles } from '../../store/listing/packed-files.js'
import {
    type EventLines,
    type EventLinesJob,
    readEventLines,
    type UndecidedLines,
} from '../pieces/event-lines.js'
import { LineFinder, type WantedTexts } from '../pieces/line-finder.js'
import { PieceReader, type PieceSettings } from '../pieces/piece-reader.js'
import type { PieceResult } from '../pieces/piece-result.js'
import {
    type GatherJob,
    type GatherResult,
    PieceRows,
    type RowsResult,
    type SharedRows,
} from '../pieces/piece-rows.js'
import { lookAtReductions, type ReductionsJob, type ReductionsResult } from '../pieces/plain-reductions.js'
import { InputRing } from '../scanner/input-ring.js'
import type { CompiledModule } from '../scanner/web-assembly.js'

/** What all threads know of a log. It is sent to them. */
export interface LogSetup {
    readonly scanner: CompiledModule
    readonly settings: PieceSettings
    /** Tables of all records, where the jobs work on them. */
    readonly rows?: SharedRows | undefined
}

/** The same as it is sent: files packed, which threads share. */
export interface SentSetup extends Omit<LogSetup, 'settings'> {
    readonly settings: Omit<PieceSettings, 'files'>
    readonly files: FileColumns
}

export function packSetup({ settings: { files, ...settings }, ...setup }: LogSetup): SentSetup {
    return { ...setup, settings, files: PackedFiles.toRead(files).columns }
}

export function unpackSetup({ files, settings, ...setup }: SentSetup): LogSetup {
    return { ...setup, settings: { ...settings, files: new PackedFiles(files) } }
}

export type Job = FollowJob | EnterJob | GatherJob | ReductionsJob | EventLinesJob

/** Follows the records as they stand. */
export interface FollowJob {
    readonly kind: 'follow'
    /** Memory for what they hold for the app, where that is wanted. */
    readonly ring: SharedArrayBuffer | undefined
    /** What to look for in their lines. */
    readonly wanted?: WantedTexts | undefined
}

/** Enters the records into the tables of all, in the order of the lines. */
export interface EnterJob {
    readonly kind: 'enter'
}

export type ResultOf<J extends Job> = J extends FollowJob
    ? PieceResult
    : J extends ReductionsJob
      ? ReductionsResult
      : J extends EnterJob
        ? RowsResult
        : J extends EventLinesJob
          ? EventLines | UndecidedLines
          : GatherResult

export class PieceWorker {
    readonly #reader: PieceReader
    readonly #settings: PieceSettings
    readonly #rows: PieceRows | undefined
    #ring: InputRing | undefined
    #finder: LineFinder | undefined

    constructor({ scanner, settings, rows }: LogSetup) {
        this.#reader = new PieceReader(scanner, settings)
        this.#settings = settings
        this.#rows = rows && new PieceRows(this.#reader, settings, rows)
    }

    /**
     * Does a job on one piece. To do it once more does no harm. `wait`: it cannot be done before something is
     * done of a piece in front of it; ask for it again.
     */
    run(job: Job, piece: number): ResultOf<Job> | 'wait' {
        if (job.kind === 'follow') return this.#follow(job, piece)
        if (job.kind === 'reductions') return lookAtReductions(job, piece)
        if (job.kind === 'event-lines')
            return readEventLines(this.#reader, this.#settings, { ...job, index: piece })
        if (this.#rows === undefined) throw new Error('No tables to work on.')
        return job.kind === 'enter' ? this.#rows.enter(piece) : this.#rows.gather(job, piece)
    }

    close(): void {
        this.#reader.close()
    }

    #follow({ ring, wanted }: FollowJob, piece: number): PieceResult | 'wait' {
        if (wanted !== undefined && this.#finder?.wanted !== wanted)
            this.#finder = new LineFinder(this.#reader.scanner, wanted)
        const finder = wanted && this.#finder
        if (ring === undefined) return this.#reader.read(piece, undefined, finder)
        if (this.#ring?.buffer !== ring) this.#ring = new InputRing(ring)
        return this.#ring.isFree(piece) ? this.#reader.read(piece, this.#ring.slot(piece), finder) : 'wait'
    }
}
