// Cuts the bytes of a file into lines as they come, so that a file need never fit into memory. The line end
// is the writing machine's own (LF or CRLF) and no part of the record, nor is a byte order mark at the start
// of a file.

/** One line of a file. `bytes` stays valid only until the splitter is fed again. */
export interface Line {
    /** Line number from 1. */
    readonly number: number
    /** Offset in bytes of the line's first byte within its file. */
    readonly offsetBytes: number
    /** Length in bytes without the line end; more than `bytes` holds where the line is oversized. */
    readonly sizeBytes: number
    /** The line without its end; empty where the line is oversized. */
    readonly bytes: Buffer
    /** `none` only for the last line of a file. */
    readonly end: 'lf' | 'crlf' | 'none'
    /** The line was longer than the bound and is not held. */
    readonly oversized: boolean
    /** The line stood behind a byte order mark, which `offsetBytes` leaves out. */
    readonly byteOrderMark: boolean
}

const lineFeed = 0x0a
export const carriageReturn = 0x0d
export const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const empty = Buffer.alloc(0)

export class LineSplitter {
    readonly #sizeBytesMax: number
    /** The beginning of a line whose end has not come yet. */
    #carry: Buffer[] = []
    #carrySizeBytes = 0
    #lineOffsetBytes: number
    #lineNumber: number

    /**
     * @param sizeBytesMax longest line that is held, in bytes
     * @param start where in the file the first byte to come stands; default: its beginning
     */
    constructor(
        sizeBytesMax: number,
        start: { offsetBytes: number; lineNumber: number } = { offsetBytes: 0, lineNumber: 1 },
    ) {
        this.#sizeBytesMax = sizeBytesMax
        this.#lineOffsetBytes = start.offsetBytes
        this.#lineNumber = start.lineNumber
    }

    /** The lines that end within this chunk. */
    *push(chunk: Buffer): Generator<Line> {
        let start = 0
        for (;;) {
            const end = chunk.indexOf(lineFeed, start)
            if (end < 0) break
            yield this.#finish(chunk.subarray(start, end), true)
            start = end + 1
        }
        if (start < chunk.length) this.#keep(chunk.subarray(start))
    }

    /** The last line, where the file does not end with a line end. */
    *end(): Generator<Line> {
        if (this.#carrySizeBytes > 0) yield this.#finish(empty, false)
    }

    /** Copies: the chunk that the part lies in is about to be filled anew. */
    #keep(part: Buffer): void {
        this.#carrySizeBytes += part.length
        if (this.#carrySizeBytes <= this.#sizeBytesMax + byteOrderMark.length + 1) {
            this.#carry.push(Buffer.from(part))
            return
        }
        // Too long in any case. Its two ends still tell of a mark before it and a carriage return behind it.
        // No more than those is copied: what V8 has not collected yet counts as memory, too.
        const beginning = Buffer.concat([...this.#carry, part], byteOrderMark.length)
        this.#carry = [beginning, Buffer.from(part.subarray(-1))]
    }

    #finish(rest: Buffer, ended: boolean): Line {
        const rawSizeBytes = this.#carrySizeBytes + rest.length
        const raw = this.#carry.length === 0 ? rest : Buffer.concat([...this.#carry, rest])
        const hasReturn = raw[raw.length - 1] === carriageReturn
        const hasMark = this.#lineOffsetBytes === 0 && raw.subarray(0, 3).equals(byteOrderMark)
        const bytes = raw.subarray(hasMark ? 3 : 0, raw.length - (hasReturn ? 1 : 0))
        const sizeBytes = rawSizeBytes - (raw.length - bytes.length)
        const oversized = sizeBytes > this.#sizeBytesMax
        const line: Line = {
            number: this.#lineNumber,
            offsetBytes: this.#lineOffsetBytes + (hasMark ? 3 : 0),
            sizeBytes,
            bytes: oversized ? empty : bytes,
            end: ended ? (hasReturn ? 'crlf' : 'lf') : 'none',
            oversized,
            byteOrderMark: hasMark,
        }
        this.#carry = []
        this.#carrySizeBytes = 0
        this.#lineOffsetBytes += rawSizeBytes + (ended ? 1 : 0)
        this.#lineNumber += 1
        return line
    }
}
