// Several records on one line, or bytes on it that are no part of a record: a host that appends behind a
// record without its line end puts the next one on the same line, and files that are put together keep the
// mark that each began with.
import { byteOrderMark } from './lines.js'
import { isProblem, parseRecord } from './record.js'

/** A part of a line: a whole record, or what none could be read of. */
export interface LinePart {
    /** Where it is in the line, in bytes. What no part holds is marks, carriage returns and zeros. */
    readonly from: number
    readonly to: number
    readonly isRecord: boolean
}

/** How every host begins a record. */
const beginning = Buffer.from('{"ParentHash')
/** Where a record may begin and none could be read: each costs a walk to the end of the line. */
const failuresMax = 64

/**
 * A line that is no record, cut where the records on it begin and end. Undefined where nothing on it is a
 * record. Whether they are what they seem is for the chain to show.
 */
export function partsOfLine(line: Buffer): readonly LinePart[] | undefined {
    const parts: LinePart[] = []
    let failures = 0
    let at = behindFiller(line, 0)
    while (at < line.length) {
        const end = endOfObject(line, at)
        const isRecord = end > at && !isProblem(parseRecord(line.subarray(at, end)))
        let to = end
        if (!isRecord) {
            const next = ++failures > failuresMax ? -1 : line.indexOf(beginning, at + 1)
            to = next < 0 ? line.length : next
        }
        parts.push({ from: at, to, isRecord })
        at = behindFiller(line, to)
    }
    return parts.some(({ isRecord }) => isRecord) ? parts : undefined
}

/** Behind what can stand between records and is no part of any. */
function behindFiller(line: Buffer, from: number): number {
    let at = from
    for (;;) {
        if (line[at] === 0x00 || line[at] === 0x0d) at++
        else if (line.subarray(at, at + byteOrderMark.length).equals(byteOrderMark))
            at += byteOrderMark.length
        else return at
    }
}

const [quote, backslash, openBrace, closeBrace] = [0x22, 0x5c, 0x7b, 0x7d]

/** Where a JSON object that begins here ends, by its braces alone; -1: none begins, or it does not end. */
function endOfObject(line: Buffer, from: number): number {
    if (line[from] !== openBrace) return -1
    let depth = 0
    let inString = false
    for (let at = from; at < line.length; at++) {
        const byte = line[at]
        if (inString) {
            if (byte === backslash) at++
            else if (byte === quote) inString = false
        } else if (byte === quote) inString = true
        else if (byte === openBrace) depth++
        else if (byte === closeBrace && --depth === 0) return at + 1
    }
    return -1
}
