// Log files of 2020-05-01, and of 2021-07 until today, line by line as hosts of that time read them.
import { setImmediate } from 'node:timers/promises'

import { byteOrderMark, carriageReturn } from '../../composition/lines.js'
import { otherFormatOf } from '../../composition/other-formats.js'
import { countOf } from '../../counts.js'
import type { EventLines } from '../../fast/pieces/event-lines.js'
import { type PieceOptions, pieceSettings } from '../../fast/pieces/piece-reader.js'
import type { Piece } from '../../fast/pieces/pieces.js'
import { compileScanner } from '../../fast/scanner/scanner.js'
import { fastFromBytes, LogThreads, threadsFor } from '../../fast/threads/threads.js'
import type { StoreGeneration } from '../../generations/generation.js'
import { laterLogFileSizeBytesMax } from '../../limits.js'
import type { WorkOptions } from '../../progress.js'
import type { FileList, StoreFile } from '../../store/listing/list-files.js'
import { guessedSizeOfAll, UnseenFiles } from '../../store/listing/unseen-files.js'
import { readWholeFile } from '../../store/reading/read-whole.js'
import { type FilesToRead, fromBackup, type LaterLog, textsOfForms } from '../records/log.js'
import { isNoRecord, type LaterRecord, parseLaterRecord } from '../records/record.js'
import { hashOfBlob, sha256, type ValueHash } from '../values/value.js'
import { isForeign, noteForeign } from './foreign-files.js'
import type { ListedLater } from './list-later.js'

const lineFeed = 0x0a

function repairs(how: string): string {
    return `Stop the host. \`complog repair\` ${how}.`
}
const elseOutOfTheLog =
    'Without one, stop the host: `complog repair --quarantine` moves the line out where the log is whole without it.'
const outOfTheLog = 'Stop the host. `complog repair --quarantine` moves it out of the log.'
const filesPerTurn = 256

/** Gives the bytes of a log file, which need not be those on the disk. */
export type ReadLogFile = (file: StoreFile) => Buffer

export function logFileAsItIs(file: StoreFile): Buffer {
    return readWholeFile(file, laterLogFileSizeBytesMax)
}

interface ReadLogOptions extends WorkOptions {
    /** Default: those on the disk, by the fast reader where it can. */
    readonly read?: ReadLogFile | undefined
    /** Other settings of the fast reader than the best ones, for tests. */
    readonly fast?: PieceOptions & { readonly fromBytes?: number; readonly threads?: number }
}

/** Reads all log files of a store, in the order in which hosts read them, into `log`. */
export async function readLogFiles(
    log: LaterLog,
    { store: { generation }, logFiles }: Pick<ListedLater, 'store' | 'logFiles'>,
    { read, ...options }: ReadLogOptions = {},
): Promise<void> {
    const total = guessedSizeOfAll(logFiles)
    const told = () => options.onProgress?.({ activity: 'check', done: log.sizeBytes, total, unit: 'bytes' })
    for await (const part of partsOf(log, { generation, logFiles, total }, { ...options, read })) {
        if (part.events !== undefined) {
            log.addEvents(part.events, part)
            told()
            continue
        }
        for (let i = part.from; i < part.to; i++) {
            const file = logFiles.at(i) as StoreFile
            options.signal?.throwIfAborted()
            const before = log.table.length
            const number = log.table.addFile(logFiles, i)
            const bytes = log.unlessUnreadable(file.path, () => (read ?? logFileAsItIs)(file))
            const isZeroed = bytes !== undefined && i + 1 < logFiles.length && isOfZeros(bytes)
            if (isZeroed) log.addZeroed(file)
            else if (bytes) new FileOfLines(log, generation, { file, number }).read(bytes)
            // It may be another by a second name, which only a look at each would tell.
            if (file.isUnseen && log.table.length === before) throw new UnseenFiles()
            // Small files are read without a promise: signals come in between.
            if (i % filesPerTurn === 0) await setImmediate()
            told()
        }
    }
    noteForeign(log, generation, logFiles)
}

/** Files that are read next, and what is in them where that is known. */
interface LogPart extends FilesToRead {
    readonly events?: EventLines
}

interface LogToRead {
    readonly generation: StoreGeneration
    readonly logFiles: FileList
    readonly total: number
}

/** By several threads, file by file where that cannot be. */
async function* partsOf(
    { reductions }: LaterLog,
    { generation, logFiles, total }: LogToRead,
    { read, signal, fast = {} }: ReadLogOptions,
): AsyncGenerator<LogPart> {
    const isOfLines = generation.order === 'files' && generation.hashed === 'blob'
    const isFast = isOfLines && read === undefined && total >= (fast.fromBytes ?? fastFromBytes)
    const scanner = isFast ? compileScanner() : undefined
    if (scanner === undefined) {
        yield { files: logFiles, from: 0, to: logFiles.length }
        return
    }
    const limits = { lineSizeBytesMax: laterLogFileSizeBytesMax }
    const settings = pieceSettings({ logFiles, limits, reductionFiles: reductions }, fast)
    using threads = new LogThreads({ scanner, settings }, fast.threads ?? threadsFor(total))
    for await (const result of threads.run({ kind: 'event-lines', texts: textsOfForms }, signal)) {
        const { fromFile: from, toFile: to, beginBytes } = settings.pieces[result.piece] as Piece
        // A long file is read as a whole, with its first piece.
        if (beginBytes > 0) continue
        const part = { files: logFiles, from, to }
        let behind = from
        while (behind < to && !isForeign(generation, logFiles.at(behind)?.path ?? '')) behind++
        yield result.kind === 'event-lines' && behind === to ? { ...part, events: result } : part
    }
}

/** The parent that the first line of a log names; undefined where it names none. */
export function firstParentIn(
    log: LaterLog,
    { logFiles }: Pick<ListedLater, 'logFiles'>,
    read: ReadLogFile = logFileAsItIs,
): ValueHash | undefined {
    const first = logFiles.find(({ sizeBytes }) => sizeBytes > 0)
    const bytes = first && log.unlessUnreadable(first.path, () => read(first))
    if (bytes === undefined) return undefined
    const record = parseLaterRecord(bytes.subarray(0, Math.max(0, bytes.indexOf(lineFeed))))
    return isNoRecord(record) ? undefined : record.parent
}

export function hashOfRecord({ hashed }: StoreGeneration, bytes: Buffer): ValueHash {
    return hashed === 'blob' ? hashOfBlob(bytes) : sha256(bytes)
}

/** A part of a line that begins as a record does. */
export interface LaterLinePart {
    readonly from: number
    readonly to: number
    /** Absent where it is none, or not all of one. */
    readonly record?: LaterRecord
}

const beginningsOfRecords = ['{"parentHashBase16":"', '{"compositionEvent"', '{"events"']

/** A line cut wherever a record begins: within a record, these bytes would be written with escapes. */
export function partsOfLaterLine(line: Buffer): readonly LaterLinePart[] {
    const cuts = new Set([0, line.length])
    for (const beginning of beginningsOfRecords) {
        for (let at = line.indexOf(beginning); at >= 0; at = line.indexOf(beginning, at + 1)) cuts.add(at)
        // One that was torn within its first bytes.
        const last = line.lastIndexOf('{')
        const end = line.subarray(Math.max(0, last)).toString('latin1')
        if (last >= 0 && end.length < beginning.length && beginning.startsWith(end)) cuts.add(last)
    }
    const sorted = [...cuts].sort((a, b) => a - b)
    return sorted.slice(0, -1).map((from, i) => {
        const to = sorted[i + 1] ?? line.length
        const record = parseLaterRecord(line.subarray(from, to))
        return { from, to, ...(!isNoRecord(record) && { record }) }
    })
}

/** What a power failure leaves of bytes of which only the length had come to the disk. */
function isOfZeros(bytes: Buffer): boolean {
    return bytes.length > 0 && bytes.every((byte) => byte === 0)
}

class FileOfLines {
    readonly #log: LaterLog
    readonly #generation: StoreGeneration
    readonly #file: StoreFile
    readonly #number: number
    readonly #isForeign: boolean
    /** Since 2021-07 hosts take a carriage return, and a second line end too, for a part of the record. */
    readonly #isByMinute: boolean
    #lines = 0
    #emptyLines = 0
    #carriageReturns = 0

    constructor(
        log: LaterLog,
        generation: StoreGeneration,
        { file, number }: { readonly file: StoreFile; readonly number: number },
    ) {
        this.#log = log
        this.#generation = generation
        this.#file = file
        this.#isByMinute = generation.order === 'files'
        this.#isForeign = isForeign(generation, file.path)
        this.#number = number
    }

    read(bytes: Buffer): void {
        this.#log.files++
        this.#log.sizeBytes += bytes.length
        if (this.#isOfOtherFormat(bytes)) return
        if (this.#isForeign) this.#log.foreign.set(this.#file.path, this.#file)
        let at = 0
        if (bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)) {
            at = byteOrderMark.length
            this.#note('byte-order-mark', 'The file begins with a byte order mark.', {
                severity: 'error',
                host: this.#hosts.malformed,
                help: repairs('takes it out'),
            })
        }
        for (let end: number; (end = bytes.indexOf(lineFeed, at)) >= 0; at = end + 1) {
            this.#lines++
            if (end === at) this.#emptyLines++
            else this.#line(bytes.subarray(at, end), at)
        }
        if (at < bytes.length) this.#withoutEnd(bytes.subarray(at), at)
        else if (this.#emptyLines > 0) {
            // The next record that a host writes to the file has them before it.
            const [sizeBytes, line] = [this.#emptyLines, this.#lines]
            this.#noteEmptyLines(sizeBytes, 'at the end of the file', { at: at - sizeBytes, sizeBytes, line })
        }
        const returned = countOf(this.#carriageReturns, 'line ends', 'lines end')
        if (this.#carriageReturns > 0) this.#note('carriage-return', `${returned} with CR LF.`, { line: 1 })
    }

    /** What is packed, or no text of lines, is said of once: no line of it says more. */
    #isOfOtherFormat(bytes: Buffer): boolean {
        // So begins every record, and to look for each format would take longer than to read it.
        if (bytes.toString('latin1', 0, 2) === '{"') return false
        const other = otherFormatOf(bytes.subarray(0, 200))
        if (other === undefined) return false
        const { length: sizeBytes } = bytes
        const said = { sizeBytes, help: other.wayBack, host: this.#hosts.malformed }
        this.#note('malformed-record', `This file is ${other.name}.`, said)
        this.#log.forget()
        return true
    }

    get #hosts() {
        const { hosts } = this.#generation
        if (hosts === undefined) throw new Error(`What hosts of ${this.#generation.id} do is said elsewhere.`)
        return hosts
    }

    #note(
        id: Parameters<LaterLog['note']>[0],
        message: string,
        { at = 0, sizeBytes = 0, line = this.#lines + 1, ...details }: NoteDetails,
    ): void {
        const place = { file: this.#file.path, line: Math.max(1, line), offsetBytes: at, sizeBytes }
        this.#log.note(id, message, { ...details, place })
    }

    #line(raw: Buffer, at: number): void {
        const isReturned = raw.at(-1) === carriageReturn
        const line = isReturned ? raw.subarray(0, -1) : raw
        if (isReturned && this.#isByMinute) this.#carriageReturns++
        const hashes = [this.#hash(line)]
        if (isReturned && this.#isByMinute) hashes.push(this.#hash(raw))
        if (this.#emptyLines > 0) hashes.push(...this.#behindEmptyLines(raw, at))
        const record = parseLaterRecord(line)
        if (!isNoRecord(record)) this.#add(record, line, { at, hashes })
        else if (record.isOfUnknownEvent === true) {
            this.#note('unknown-event', record.problem, this.#lineAt(line, at))
            this.#log.forget()
        } else if (!this.#merged(line, at)) {
            this.#note('malformed-record', record.problem, {
                ...this.#lineAt(line, at),
                help: this.#isForeign ? outOfTheLog : `${fromBackup} ${elseOutOfTheLog}`,
                host: this.#hosts.malformed,
            })
            this.#log.forget()
        }
    }

    /** Empty lines, which to hosts since 2021-08 are the beginning of this one. */
    #behindEmptyLines(raw: Buffer, at: number): readonly ValueHash[] {
        const count = this.#emptyLines
        this.#emptyLines = 0
        this.#noteEmptyLines(count, 'before this record', {
            ...this.#lineAt(raw, at),
            ...(count > 1 && this.#isByMinute && { severity: 'error' }),
        })
        const ends = Buffer.alloc(count, lineFeed)
        return this.#isByMinute ? [this.#hash(Buffer.concat([ends, raw]))] : []
    }

    #noteEmptyLines(count: number, where: string, details: NoteDetails): void {
        const help = this.#isByMinute
            ? repairs('takes them out where hashes show that this is right')
            : 'They may stay.'
        const stand = countOf(count, 'empty line stands', 'empty lines stand')
        this.#note('blank-line', `${stand} ${where}.`, { ...details, host: this.#hosts.emptyLine, help })
    }

    #lineAt(line: Buffer, at: number): NoteDetails {
        return { at, sizeBytes: line.length, line: this.#lines }
    }

    #hash(line: Buffer): ValueHash {
        return hashOfRecord(this.#generation, line)
    }

    #add(
        record: LaterRecord,
        bytes: Buffer,
        { at, hashes }: { at: number; hashes: readonly ValueHash[] },
    ): void {
        this.#log.add(record, { bytes, hashes, file: this.#number, line: this.#lines, offsetBytes: at })
    }

    /** Bytes that were torn, or records without a line end, and the record that was written behind them. */
    #merged(line: Buffer, at: number): boolean {
        const parts = partsOfLaterLine(line)
        const records = parts.filter(({ record }) => record !== undefined)
        const last = parts.at(-1)
        if (parts.length < 2 || last?.record === undefined) return false
        const [first] = parts
        const torn = line.length - records.reduce((sum, { from, to }) => sum + to - from, 0)
        const message =
            records.length > 2 || (records.length === 2 && torn > 0)
                ? `${records.length} records stand on this line, and ${countOf(torn, 'byte')} of others that were torn.`
                : first?.record !== undefined
                  ? `Two records stand on this line; the second begins at its byte ${last.from}.`
                  : `A record begins at byte ${last.from} of this line, behind ${countOf(torn, 'byte')} of one that was torn.`
        this.#note('merged-line', message, { ...this.#lineAt(line, at), host: this.#hosts.malformed })
        for (const { from, to, record } of parts) {
            const bytes = line.subarray(from, to)
            if (record) this.#add(record, bytes, { at: at + from, hashes: [this.#hash(bytes)] })
        }
        return true
    }

    /** Bytes behind the last line end of the file. */
    #withoutEnd(rest: Buffer, at: number): void {
        const details = { at, sizeBytes: rest.length, host: this.#hosts.tornTail }
        const record = parseLaterRecord(rest)
        // What is no log at all: that is said of the whole file.
        if (this.#isForeign && at === 0 && isNoRecord(record)) return
        if (isNoRecord(record) && this.#mergedWithoutEnd(rest, details)) return
        if (isNoRecord(record)) {
            const what = isOfZeros(rest)
                ? ', all of them zero: what stood there was not on the disk yet when the power failed.'
                : ' of a record, without the rest.'
            this.#note('torn-tail', `${countOf(rest.length, 'byte')}${what}`, {
                ...details,
                ...(this.#isByMinute && { severity: 'warning' }),
                help: repairs('cuts them off and keeps them'),
            })
            return
        }
        const isReturned = this.#isByMinute && rest.at(-1) === carriageReturn
        const hash = this.#hash(isReturned ? rest.subarray(0, -1) : rest)
        const isCopy = this.#isByMinute && this.#log.table.find(hash) >= 0
        this.#note('line-end-missing', 'The last record of the file has no line end behind it.', {
            ...details,
            ...(this.#isByMinute && {
                host: `${this.#hosts.tornTail} So the record does not count.`,
            }),
            help: isCopy
                ? `The same record stands before it. ${outOfTheLog}`
                : repairs(
                      'puts a line end (LF) behind it where the store is sound then; else compare with a backup',
                  ),
        })
        // To hosts since 2021-08 it is not there.
        if (this.#isByMinute) {
            this.#log.uncounted.set(hash, this.#file.path)
            return
        }
        this.#lines++
        this.#add(record, rest, { at, hashes: [hash] })
    }

    /** Records beside others, or torn bytes, on a line without an end: to hosts since 2021-08 not there. */
    #mergedWithoutEnd(rest: Buffer, details: NoteDetails & { readonly at: number }): boolean {
        const parts = partsOfLaterLine(rest).filter(({ record }) => record !== undefined)
        if (parts.length === 0) return false
        const torn = rest.length - parts.reduce((sum, { from, to }) => sum + to - from, 0)
        const stand = countOf(parts.length, 'record stands', 'records stand')
        const beside = torn > 0 ? `, beside ${countOf(torn, 'byte')} of others that were torn` : ''
        const message = `${stand} on the last line of the file${beside}, and no line end behind.`
        const isKnown = (hash: ValueHash) => this.#isByMinute && this.#log.table.find(hash) >= 0
        const areCopies = parts.every(({ from, to }) => isKnown(this.#hash(rest.subarray(from, to))))
        this.#note('merged-line', message, {
            ...details,
            ...(this.#isByMinute && { severity: 'warning' }),
            ...(areCopies && { help: `The same records stand before it. ${outOfTheLog}` }),
        })
        this.#lines++
        for (const { from, to, record } of parts) {
            const bytes = rest.subarray(from, to)
            const hashes = [this.#hash(bytes)] as const
            if (this.#isByMinute) this.#log.uncounted.set(hashes[0], this.#file.path)
            else if (record) this.#add(record, bytes, { at: details.at + from, hashes })
        }
        return true
    }
}

type NoteDetails = Parameters<LaterLog['note']>[2] & {
    readonly at?: number
    readonly sizeBytes?: number
    readonly line?: number
}
