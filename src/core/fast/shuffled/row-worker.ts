// Does the tasks of all jobs, in whichever thread.
import type { CompositionHash } from '../../composition/hash.js'
import { isSystemError } from '../../errors.js'
import { FileCut, LogFileReader } from '../../store/log-file-reader.js'
import { PieceReader } from '../pieces/piece-reader.js'
import type { Piece } from '../pieces/pieces.js'
import { followPart } from './follow-window.js'
import type { CompareJob, GatherJob, GaveUp, Job, JobResult, JoinJob, WalkJob } from './jobs.js'
import { PieceRows } from './piece-rows.js'
import { placeInPiece, readPieceBytes } from './piece-bytes.js'
import { oddLine, scratchDataSizeBytes, scratchSizeBytes } from './row-layout.js'
import { type RowModule, instantiateRows } from './row-module.js'
import type { WorkerSetup } from './worker-setup.js'

const gaveUp = { kind: 'gave-up' } as const
const hashSizeBytes = 32

export class RowWorker {
    readonly pieces: readonly Piece[]
    readonly #setup: WorkerSetup
    readonly #thread: number
    readonly module: RowModule
    readonly #pieceRows: PieceRows
    readonly #files: LogFileReader
    readonly #memory: Buffer
    readonly #dataAt: number
    readonly #reportAt: number
    readonly #reader: PieceReader

    constructor(setup: WorkerSetup, thread: number) {
        const { layout, memory } = setup.rows
        this.#setup = setup
        this.#thread = thread
        this.module = instantiateRows(setup.rows)
        this.#reader = new PieceReader(setup.scanner, setup.settings)
        this.pieces = this.#reader.pieces
        this.#files = new LogFileReader(setup.settings.files)
        this.#memory = Buffer.from(memory.buffer)
        this.#dataAt = layout.scratchesAt + thread * scratchSizeBytes
        this.#reportAt = this.#dataAt + scratchDataSizeBytes
        this.#pieceRows = new PieceRows(setup, this.#reader, this.module, this.#memory, this.#dataAt)
    }

    /** `wait`: it cannot go on before another thread has done something; ask again for the same task. */
    run(job: Job, task: number): JobResult | 'wait' {
        try {
            switch (job.kind) {
                case 'read':
                    return this.#pieceRows.read(task)
                case 'join':
                    return this.#join(job, task)
                case 'compare':
                    return this.#compare(job, task)
                case 'go-walks':
                case 'rank-walks':
                    return this.#walk(job, task)
                case 'gather':
                    return this.#gather(job, task)
                case 'follow':
                    return followPart(job, task, this.#reader, this.#memory, this.#setup.settings)
            }
        } catch (error) {
            if (error instanceof FileCut) return gaveUp
            if (isSystemError(error)) return unread(error)
            throw error
        }
    }

    close(): void {
        this.#reader.close()
        this.#files.close()
    }

    #join(job: JoinJob, group: number): JobResult {
        const { tempAt } = this.#setup.rows.layout
        const temp = tempAt + this.#thread * job.tempSizeBytesPerThread
        const { rows, key, prefixMask, groupBits, partitionBits, entriesMax, slotBits } = job
        const result = this.module.joinGroup(
            group,
            rows,
            key,
            prefixMask,
            groupBits,
            partitionBits,
            entriesMax,
            slotBits,
            temp,
        )
        return result === 0 ? { kind: 'joined' } : gaveUp
    }

    #compare({ firstRows, prefixesAreEqual }: CompareJob, task: number): JobResult {
        const firstRow = firstRows[task] as number
        const count = (firstRows[task + 1] as number) - firstRow
        if (count === 0) return { kind: 'compared', piece: task, unmatched: [] }
        this.#read(task)
        const report = this.#reportAt
        const reported = this.module.compareParents(
            firstRow,
            count,
            this.#dataAt,
            report,
            prefixesAreEqual ? 1 : 0,
        )
        if (reported < 0) return gaveUp
        const unmatched = Array.from({ length: reported }, (_, i) => {
            const row = this.#memory.readUInt32LE(this.#dataAt + i * 4)
            const at = report + (row - firstRow) * hashSizeBytes
            const parentHash = this.#memory.toString('hex', at, at + hashSizeBytes).toUpperCase()
            return { row, parentHash: parentHash as CompositionHash }
        })
        return { kind: 'compared', piece: task, unmatched }
    }

    #walk(job: WalkJob, task: number): JobResult {
        const { kind, rows, walks, walksPerTask, walksAt, marksAt } = job
        const from = task * walksPerTask
        const to = Math.min(walks, from + walksPerTask)
        const active = job.activeAt + from * 8
        if (kind === 'rank-walks') this.module.rankWalks(rows, from, to, walksAt, active)
        else if (this.module.goWalks(rows, from, to, walksAt, marksAt, active) === 0) return gaveUp
        return { kind: 'walked' }
    }

    #gather(job: GatherJob, task: number): JobResult {
        const { firstRows, firstRank, ranks, offsetsAt, windowAt } = job
        const firstRow = firstRows[task] as number
        const count = (firstRows[task + 1] as number) - firstRow
        if (count === 0) return { kind: 'gathered', piece: task }
        const held = this.#read(task)
        const report = this.#reportAt
        const reported = this.module.gatherLines(
            firstRow,
            count,
            this.#dataAt,
            held,
            firstRank,
            ranks,
            offsetsAt,
            windowAt,
            report,
        )
        for (let i = 0; i < reported; i++) {
            this.#gatherLong(job, this.#memory.readUInt32LE(report + i * 4), task)
        }
        return { kind: 'gathered', piece: task }
    }

    /** A line that goes on far behind its piece. */
    #gatherLong({ firstRank, offsetsAt, windowAt }: GatherJob, row: number, piece: number): void {
        const { startsAt, sizesAt, parentPrefixesAt } = this.#setup.rows.layout
        const { files } = this.#setup.settings
        const start = this.#memory.readUInt32LE(startsAt + row * 4) % oddLine
        const sizeBytes = this.#memory.readUInt32LE(sizesAt + row * 4)
        const rank = this.#memory.readUInt32LE(parentPrefixesAt + row * 4)
        const at = windowAt + this.#memory.readUInt32LE(offsetsAt + (rank - firstRank) * 4)
        const { file, offsetBytes } = placeInPiece(files, this.pieces[piece] as Piece, start)
        this.#files.read(file, this.#memory, at, sizeBytes, offsetBytes)
        this.#memory[at + sizeBytes] = 0x0a
    }

    #read(piece: number): number {
        const { files } = this.#setup.settings
        return readPieceBytes(files, this.#files, this.pieces[piece] as Piece, this.#memory, this.#dataAt)
    }
}

/** A file that is gone has changed, and is not broken. */
function unread({ code, path }: NodeJS.ErrnoException): GaveUp {
    return code === undefined || code === 'ENOENT' || path === undefined
        ? gaveUp
        : { ...gaveUp, unread: { code, path } }
}
