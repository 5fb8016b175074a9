// Packs what an app is to be fed out of lines that somebody else put in order and verified: the way of a log
// whose own lines are not in order.
import { isProblem, parseRecord, type RecordContent } from '../../composition/record.js'
import { movedOn } from '../../errors.js'
import type { PackedInputs, PackedRecords } from '../../packed-inputs.js'
import { InputRing } from './input-ring.js'
import { InputPacker, type InputSlot, packAsStrings, type ReadRow } from './pack-inputs.js'
import { compileScanner, releaseScanner, type Scanner, takeScanner } from './scanner.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const noLimit = 0xffff_ffff

/** Whether lines can be packed on this machine; else they are to be read by the reference reader. */
export function canPackLines(): boolean {
    return compileScanner() !== undefined
}

/**
 * Packs lines, each with its line end and each a sound record, oldest first. Buffers hold whole lines, may be
 * of any size, best about a MiB, and are not used any more once the next one is asked for. Whoever takes the
 * inputs must release them; only so many are held, so that the reading waits for whoever lags behind.
 * @param firstPosition position in the chain of the very first record
 */
export async function* packLines(
    buffers: AsyncIterable<Buffer> | Iterable<Buffer>,
    firstPosition: number,
): AsyncGenerator<PackedRecords> {
    const module = compileScanner()
    if (module === undefined) throw new Error('Nothing that could run the scanner.')
    const scanner = takeScanner(module)
    const packer = new LinePacker(scanner)
    const ring = new InputRing()
    let wake: () => void = () => undefined
    let position = firstPosition
    let piece = 0
    try {
        for await (const lines of buffers) {
            for (let at = 0; at < lines.length; ) {
                while (!ring.isFree(piece)) await new Promise<void>((resolve) => (wake = resolve))
                const packed = packer.pack(lines, at, ring.slot(piece))
                const place = piece++
                const release = () => {
                    ring.release(place)
                    wake()
                }
                yield { inputs: packed.inputs, records: packed.records, firstPosition: position, release }
                position += packed.records
                at = movedOn(at, packed.end)
            }
        }
    } finally {
        releaseScanner(scanner)
    }
}

interface PackedLines {
    readonly inputs: PackedInputs
    readonly records: number
    /** Offset behind the lines that were packed. */
    readonly end: number
}

class LinePacker {
    readonly #scanner: Scanner

    constructor(scanner: Scanner) {
        this.#scanner = scanner
    }

    /** Packs as many lines as can be held at a time. */
    pack(lines: Buffer, begin: number, slot: InputSlot): PackedLines {
        const { memory, dataAt, dataSizeBytes, recordsMax } = this.#scanner
        let end = Math.min(lines.length, begin + dataSizeBytes)
        if (end < lines.length) end = lines.lastIndexOf(lineFeed, end - 1) + 1
        if (end <= begin) return longLine(lines, begin)
        lines.copy(memory, dataAt, begin, end)
        const limit = dataAt + end - begin
        const read: ReadRow[] = []
        let records = 0
        let at = dataAt
        while (at < limit && records < recordsMax) {
            const scanned = this.#scanner.scan({ from: at, limit, end: limit }, records, noLimit, false)
            records = scanned.records
            at = scanned.stoppedAt
            if (at >= limit || records >= recordsMax) break
            const behind = behindLine(memory, at, limit)
            read.push({ row: records++, content: contentOf(memory.subarray(at, behind)) })
            at = movedOn(at, behind)
        }
        return {
            inputs: new InputPacker(this.#scanner).pack(records, read, slot),
            records,
            end: begin + at - dataAt,
        }
    }
}

function longLine(lines: Buffer, begin: number): PackedLines {
    const end = behindLine(lines, begin, lines.length)
    return { inputs: packAsStrings([contentOf(lines.subarray(begin, end))]), records: 1, end }
}

function behindLine(bytes: Buffer, begin: number, limit: number): number {
    const feed = bytes.subarray(begin, limit).indexOf(lineFeed)
    return feed < 0 ? limit : begin + feed + 1
}

function contentOf(line: Buffer): RecordContent {
    let end = line.length
    if (line[end - 1] === lineFeed) end -= 1
    if (line[end - 1] === carriageReturn) end -= 1
    const content = parseRecord(line.subarray(0, end))
    if (isProblem(content)) throw new Error(`A line that was verified is no record: ${content.message}`)
    return content
}
