// What is to be taken out of one log file of a store since 2020-05, and put into it, so that each record has
// a line of its own, byte for byte as it was hashed. Nothing here knows the chain: whoever plans proves it.
import type { FindingId } from '../../composition/finding.js'
import { byteOrderMark, carriageReturn } from '../../composition/lines.js'
import type { StoreGeneration } from '../../generations/generation.js'
import { isForeign } from '../../later/reading/foreign-files.js'
import { hashOfRecord, partsOfLaterLine } from '../../later/reading/read-log-files.js'
import { isNoRecord, type LaterRecord, parseLaterRecord } from '../../later/records/record.js'
import type { ValueHash } from '../../later/values/value.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { type AddedText, keptOf, partOf, type RemovedLine, type RemovedPart } from './removed-lines.js'

const lineFeed = 0x0a

/** A line end behind a whole record at the end of a file: to some hosts that record does not count. */
export interface MissingEnd extends AddedText {
    readonly hash: ValueHash
    /** The record itself, as it leaves the log where it is a copy. */
    readonly copy: RemovedLine
}

export interface FileEdits {
    readonly file: StoreFile
    /** Torn bytes, empty lines, CR, marks; and line ends that are missing. */
    readonly removed: readonly RemovedLine[]
    readonly added: readonly AddedText[]
    readonly ends: readonly MissingEnd[]
    /** Records on a line without an end that stand before on the same line. */
    readonly repeats: readonly RemovedLine[]
    /** Lines that are no record, or one of an event that no host writes. */
    readonly bad: readonly RemovedLine[]
    /** Records that shared a line with others. */
    readonly split: readonly { readonly record: LaterRecord; readonly hash: ValueHash }[]
}

/** @param bytes all of the file */
export function editsOf(file: StoreFile, bytes: Buffer, generation: StoreGeneration): FileEdits {
    const scan = new Scan(file, bytes, generation)
    let at = 0
    if (bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)) {
        at = byteOrderMark.length
        scan.remove({ from: 0, to: at }, 'byte-order-mark')
    }
    for (let end: number; (end = bytes.indexOf(lineFeed, at)) >= 0; at = end + 1) scan.line(at, end)
    if (at < bytes.length) scan.withoutEnd(at)
    return scan
}

interface Range {
    readonly from: number
    readonly to: number
}

class Scan implements FileEdits {
    readonly removed: RemovedLine[] = []
    readonly added: AddedText[] = []
    readonly ends: MissingEnd[] = []
    readonly repeats: RemovedLine[] = []
    readonly bad: RemovedLine[] = []
    readonly split: { record: LaterRecord; hash: ValueHash }[] = []
    readonly file: StoreFile
    readonly #bytes: Buffer
    readonly #generation: StoreGeneration
    /** To these hosts, a CR and an empty line are part of a record. */
    readonly #isByMinute: boolean
    #line = 1

    constructor(file: StoreFile, bytes: Buffer, generation: StoreGeneration) {
        this.file = file
        this.#bytes = bytes
        this.#generation = generation
        this.#isByMinute = generation.order === 'files'
    }

    remove({ from, to }: Range, finding: FindingId): void {
        this.removed.push({ line: this.#line, fromBytes: from, toBytes: to, finding })
    }

    /** @param end where its line end stands */
    line(from: number, end: number): void {
        if (end === from && this.#isByMinute) this.remove({ from, to: end + 1 }, 'blank-line')
        else if (end > from) this.#filled(from, end)
        this.#line++
    }

    #filled(from: number, end: number): void {
        const isReturned = this.#bytes[end - 1] === carriageReturn
        const to = isReturned ? end - 1 : end
        const parsed = parseLaterRecord(this.#bytes.subarray(from, to))
        const isBad = isNoRecord(parsed) && (parsed.isOfUnknownEvent === true || !this.#isSplit({ from, to }))
        if (isBad) {
            const finding = parsed.isOfUnknownEvent === true ? 'unknown-event' : 'malformed-record'
            this.bad.push({ line: this.#line, fromBytes: from, toBytes: end + 1, finding })
        } else if (isReturned && this.#isByMinute) this.remove({ from: to, to: end }, 'carriage-return')
    }

    /** Whether the line ends with a record, and others, or parts of them, stand before it. */
    #isSplit({ from, to }: Range): boolean {
        const parts = partsOfLaterLine(this.#bytes.subarray(from, to))
        if (parts.length < 2 || parts.at(-1)?.record === undefined) return false
        for (const part of parts) {
            const range = { from: from + part.from, to: from + part.to }
            if (part.record === undefined) this.remove(range, 'merged-line')
            else {
                const hash = hashOfRecord(this.#generation, this.#bytes.subarray(range.from, range.to))
                this.split.push({ record: part.record, hash })
                if (range.to < to) this.added.push({ atBytes: range.to, text: '\n' })
            }
        }
        return true
    }

    /** Bytes behind the last line end: those of records that are whole stay. */
    withoutEnd(from: number): void {
        const parts = partsOfLaterLine(this.#bytes.subarray(from))
        // What is no log has no tail.
        const isLog = from > 0 || parts.some(({ record }) => record !== undefined)
        if (!isLog && isForeign(this.#generation, this.file.path)) return
        for (const part of parts) {
            const [fromBytes, to] = [from + part.from, from + part.to]
            if (part.record === undefined) this.remove({ from: fromBytes, to }, 'torn-tail')
            else {
                const isReturned = this.#isByMinute && this.#bytes[to - 1] === carriageReturn
                const toBytes = isReturned ? to - 1 : to
                if (isReturned) this.remove({ from: toBytes, to }, 'carriage-return')
                const hash = hashOfRecord(this.#generation, this.#bytes.subarray(fromBytes, toBytes))
                const copy = { line: this.#line, fromBytes, toBytes, finding: 'duplicate-record' } as const
                if (this.ends.some((other) => other.hash === hash)) this.repeats.push(copy)
                else this.ends.push({ atBytes: to, text: '\n', hash, copy })
            }
        }
    }
}

export function contentAfter(part: RemovedPart, bytes: Buffer): Buffer {
    const parts: Buffer[] = []
    for (const kept of keptOf(part))
        parts.push('text' in kept ? Buffer.from(kept.text) : bytes.subarray(kept[0], kept[1]))
    return Buffer.concat(parts)
}

export function wholeFile(file: StoreFile, finding: FindingId): RemovedPart {
    return partOf(file, [{ line: 1, fromBytes: 0, toBytes: file.sizeBytes, finding }])
}
