// Events as hosts of 2021-07 and later write them, a line each, and the hash forms of these lines: `blob`,
// the size in decimal digits, a NUL, the line.
import { areLowerCase, decodeHex } from './hex'
import { dataSizeBytes, entriesAt, packedTextAt, parentsAt, recordsMax, sizesAt, startsAt } from './layout'
import { lineFeed, report } from './scan'
import { endOfString, forgetNonAscii, nonAscii } from './strings'
import { matches, text } from './text'

const parent = text('{"parentHashBase16":"')
const ofEvent = text('","compositionEvent":{"UpdateElmAppStateForEvent":')
const ofText = text('{"LiteralStringUtf8":"')
/** `blob `, up to ten digits, and a NUL. */
const headerSizeBytesMax = 16

/**
 * Enters one line after the other, from `from` up to `end`, until one is anything but an event with a parent
 * and a text. What is entered is the hash form, made where packed text would stand; the sizes of the lines
 * themselves go where its entries would.
 */
export function scanEventLines(from: usize, end: usize): void {
    let line = from
    let row = 0
    let form: usize = packedTextAt
    const formsEnd: usize = packedTextAt + dataSizeBytes
    forgetNonAscii()
    while (line < end && row < recordsMax) {
        const behind = endOfEvent(line, end, parentsAt + row * 32)
        if (behind == 0 || behind >= end || load<u8>(behind) != lineFeed) break
        const sizeBytes = (behind - line) as u32
        if (form + sizeBytes + headerSizeBytesMax > formsEnd) break
        const at = behindHeader(form, sizeBytes)
        memory.copy(at, line, sizeBytes)
        store<u32>(entriesAt + row * 4, sizeBytes)
        store<u32>(startsAt + row * 4, form as u32)
        store<u32>(sizesAt + row * 4, (at - form + sizeBytes) as u32)
        form = at + sizeBytes
        row++
        line = behind + 1
    }
    report(0, line as i32)
    report(1, row)
    report(6, nonAscii)
}

/** The address behind the line; 0 where it is nothing that anybody can be sure of. */
function endOfEvent(line: usize, end: usize, parentTo: usize): usize {
    if (!matches(line, parent, 21) || !areLowerCase(line + 21) || !decodeHex(line + 21, parentTo)) return 0
    if (!matches(line + 85, ofEvent, 50) || !matches(line + 135, ofText, 22)) return 0
    const quote = endOfString(line + 157, end)
    // "}}}
    return quote != 0 && load<u32>(quote) == 0x7d7d7d22 ? quote + 4 : 0
}

/** Writes what stands before a line in its hash form; returns the address behind it. */
function behindHeader(form: usize, sizeBytes: u32): usize {
    // `blob`, and a space.
    store<u32>(form, 0x626f6c62)
    store<u8>(form, 0x20, 4)
    let digits = 1
    for (let rest = sizeBytes; rest >= 10; rest /= 10) digits++
    let rest = sizeBytes
    for (let i = digits; i > 0; i--) {
        store<u8>(form + 4 + i, 0x30 + (rest % 10))
        rest /= 10
    }
    store<u8>(form + 5 + digits, 0)
    return form + 6 + digits
}
