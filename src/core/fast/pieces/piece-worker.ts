// What any thread does with the pieces of a log: one job after the other, each piece by itself.
import type { ReadableFile } from '../../store/list-files.js'
import { type EventLines, type EventLinesJob, readEventLines, type UndecidedLines } from './event-lines.js'
import { InputRing } from './input-ring.js'
import { LineFinder, type WantedTexts } from './line-finder.js'
import { PieceReader, type PieceSettings } from './piece-reader.js'
import type { PieceResult } from './piece-result.js'
import {
    type GatherJob,
    type GatherResult,
    PieceRows,
    type RowsResult,
    type SharedRows,
} from './piece-rows.js'
import type { Piece } from './pieces.js'
import { lookAtReductions, type ReductionsJob, type ReductionsResult } from './plain-reductions.js'
import type { CompiledModule } from './web-assembly.js'

/** What all threads know of a log. It is sent to them. */
export interface LogSetup {
    readonly scanner: CompiledModule
    readonly settings: PieceSettings
    /** Tables of all records, where the jobs work on them. */
    readonly rows?: SharedRows | undefined
}

/** The same as it is sent: a hundred thousand small objects take longer to copy than their files to read. */
export interface SentSetup extends Omit<LogSetup, 'settings'> {
    readonly settings: Omit<PieceSettings, 'files'>
    /** Of all files, a NUL between each. */
    readonly paths: string
    /** The same; empty where each is the root and its path. */
    readonly absolutePaths: string
    readonly root: string
    readonly sizesBytes: Float64Array
    readonly beginsBytes: Float64Array
}

export function packSetup({ settings: { files, ...settings }, ...setup }: LogSetup): SentSetup {
    const [first] = files
    const root = first?.absolutePath.slice(0, -first.path.length) ?? ''
    const isRooted = files.every(({ path, absolutePath }) => absolutePath === root + path)
    return {
        ...setup,
        settings,
        paths: files.map(({ path }) => path).join('\0'),
        absolutePaths: isRooted ? '' : files.map(({ absolutePath }) => absolutePath).join('\0'),
        root,
        sizesBytes: Float64Array.from(files, (file) => (file.isUnseen === true ? NaN : file.sizeBytes)),
        beginsBytes: Float64Array.from(files, ({ beginBytes = 0 }) => beginBytes),
    }
}

export function unpackSetup(sent: SentSetup): LogSetup {
    const { paths, absolutePaths, root, sizesBytes, beginsBytes, settings, ...setup } = sent
    const all: SentFiles = {
        root,
        sizesBytes,
        beginsBytes,
        paths: new Texts(paths),
        absolutePaths: absolutePaths === '' ? undefined : new Texts(absolutePaths),
    }
    const files = Array.from(sizesBytes, (_, at) => new SentFile(all, at))
    return { ...setup, settings: { ...settings, files } }
}

/** Texts with a NUL between each. */
class Texts {
    readonly #all: string
    readonly #ends: Float64Array

    constructor(all: string) {
        this.#all = all
        const ends: number[] = []
        for (let end = all.indexOf('\0'); end >= 0; end = all.indexOf('\0', end + 1)) ends.push(end)
        this.#ends = Float64Array.from([...ends, all.length])
    }

    at(index: number): string {
        return this.#all.slice(index === 0 ? 0 : (this.#ends[index - 1] as number) + 1, this.#ends[index])
    }
}

interface SentFiles extends Pick<SentSetup, 'root' | 'sizesBytes' | 'beginsBytes'> {
    readonly paths: Texts
    readonly absolutePaths: Texts | undefined
}

/** A file as small as can be, of which there may be hundreds of thousands. */
class SentFile implements ReadableFile {
    readonly #all: SentFiles
    readonly #at: number

    constructor(all: SentFiles, at: number) {
        this.#all = all
        this.#at = at
    }

    get path(): string {
        return this.#all.paths.at(this.#at)
    }

    get absolutePath(): string {
        return this.#all.absolutePaths?.at(this.#at) ?? this.#all.root + this.path
    }

    get sizeBytes(): number {
        return this.#all.sizesBytes[this.#at] as number
    }

    get isUnseen(): boolean {
        return Number.isNaN(this.sizeBytes)
    }

    get beginBytes(): number {
        return this.#all.beginsBytes[this.#at] as number
    }
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

    get pieces(): readonly Piece[] {
        return this.#reader.pieces
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
