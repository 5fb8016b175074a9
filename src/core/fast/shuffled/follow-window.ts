// Hashes the lines of a window and checks the link of each, as those of a log in order.
import type { Line } from '../../composition/lines.js'
import { LineSplitter } from '../../composition/lines.js'
import { movedOn } from '../../errors.js'
import { hashAll } from '../pieces/hashing.js'
import type { PieceReader } from '../pieces/piece-reader.js'
import { linkOf } from '../pieces/piece-reader.js'
import { PieceRecords } from '../pieces/piece-records.js'
import { type BytesOfFiles, PartReader, type PartSettings } from '../pieces/part-reader.js'
import type { FollowJob, PartFollowed } from './jobs.js'

/** Reads the window as if it were a file. */
class WindowBytes implements BytesOfFiles {
    readonly #memory: Buffer
    readonly #windowAt: number

    constructor(memory: Buffer, windowAt: number) {
        this.#memory = memory
        this.#windowAt = windowAt
    }

    read(_file: number, buffer: Buffer, at: number, sizeBytes: number, position: number): void {
        const from = this.#windowAt + position
        this.#memory.copy(buffer, at, from, from + sizeBytes)
    }

    readLongLine(
        _file: number,
        _held: Buffer,
        start: { readonly offsetBytes: number; readonly lineNumber: number },
        lineSizeBytesMax: number,
    ): Line {
        const from = this.#windowAt + start.offsetBytes
        const end = movedOn(from, this.#memory.indexOf(0x0a, from) + 1)
        const [line] = new LineSplitter(lineSizeBytesMax, start).push(this.#memory.subarray(from, end))
        return line as Line
    }
}

/** @param settings those of the log, whose lines these are */
export function followPart(
    { parts, windowAt }: FollowJob,
    part: number,
    reader: PieceReader,
    memory: Buffer,
    settings: PartSettings & { readonly scannerHashSizeBytesMax: number },
): PartFollowed {
    const { scanner } = reader
    const window = { path: '', absolutePath: '', sizeBytes: parts.at(-1) as number, modifiedMilliseconds: 0 }
    const records = new PieceRecords(scanner)
    const bytes = new WindowBytes(memory, windowAt)
    const lines = new PartReader({ ...settings, files: [window] }, scanner, bytes, records)
    const [beginBytes, endBytes] = [parts[part] as number, parts[part + 1] as number]
    lines.read({ file: 0, beginBytes, endBytes, skipsLine: false }, scanner.dataAt)
    const count = records.records
    hashAll(scanner, count, settings.scannerHashSizeBytesMax)
    const isLinked = count > 0 && scanner.firstStranger(count) === count && records.unreadableLines === 0
    return { kind: 'followed', part, records: count, link: isLinked ? linkOf(scanner, count) : undefined }
}
