// Enters records of the shapes that hosts write into the tables. A line of any other shape, sound or not,
// ends the scan: the reference reader decides on it.
import { parentsAt, recordsMax, reportAt, sizesAt, startsAt } from './layout'
import { endOfRecord, events, of201811, of201903, shape } from './shapes'
import { forgetNonAscii, nonAscii } from './strings'

export const lineFeed: u32 = 0x0a
const carriageReturn: u32 = 0x0d

/**
 * Enters one record after the other, from the line that begins at `from` on, for as long as lines begin
 * before `limit` and end before `end`. These three are offsets in the module's memory.
 * @param records how many records the tables hold already
 * @param sizeBytesMax longest line that may become a record
 * @param asciiOnly leave lines with other characters to the reference reader
 */
export function scan(
    from: usize,
    limit: usize,
    end: usize,
    records: i32,
    sizeBytesMax: u32,
    asciiOnly: bool,
): void {
    let line = from
    let row = records
    let eventsFound = 0
    let found201811 = 0
    let found201903 = 0
    let first201811 = -1
    forgetNonAscii()
    while (line < limit && row < recordsMax) {
        const behind = endOfRecord(line, end, parentsAt + row * 32)
        if (behind == 0) break
        const next = nextLine(behind)
        const sizeBytes = (behind - line) as u32
        if (next == 0 || next > end || sizeBytes > sizeBytesMax || (asciiOnly && nonAscii != 0)) break
        store<u32>(startsAt + row * 4, line as u32)
        store<u32>(sizesAt + row * 4, sizeBytes)
        eventsFound += events
        if (shape == of201811) {
            if (found201811 == 0) first201811 = row
            found201811++
        } else if (shape == of201903) {
            found201903++
        }
        row++
        line = next
        if (asciiOnly) forgetNonAscii()
    }
    report(0, line as i32)
    report(1, row)
    report(2, eventsFound)
    report(3, found201811)
    report(4, first201811)
    report(5, found201903)
    report(6, nonAscii)
}

/** The address behind the line end that stands at an address; 0 where none does. */
function nextLine(at: usize): usize {
    const character = load<u8>(at) as u32
    if (character == lineFeed) return at + 1
    return character == carriageReturn && (load<u8>(at, 1) as u32) == lineFeed ? at + 2 : 0
}

export function report(index: i32, value: i32): void {
    store<i32>(reportAt + index * 4, value)
}
