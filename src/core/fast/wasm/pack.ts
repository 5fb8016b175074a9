// Takes the events out of records that a scan entered, each as an entry of a table and its text without
// escapes. What an entry says: ../../packed-inputs.ts.
import { dataSizeBytes, entriesAt, inputsMax, packedTextAt, reportAt, sizesAt, startsAt } from './layout'

/** Set in an entry whose text is not ASCII alone. */
const notAscii: u32 = 0x20000000

const quote: u32 = 0x22
const backslash: u32 = 0x5c
const letterU: u32 = 0x75

const textsAt: usize = packedTextAt

/** What stands between two events: `"},{"LiteralString":"` since April 2019, `","` before. */
let sizeBetween: usize = 0
/** Where the string that was copied last ended, in the record and in the text. */
let behindString: usize = 0
let behindText: usize = 0
let beyondAscii: u32 = 0

/**
 * Packs the events of records, as long as they fit.
 * @param row the first of the records
 * @param limit the row behind the last of them
 * @param inputs how many inputs are packed already
 * @param text offset behind the text of these
 */
export function pack(row: i32, limit: i32, inputs: i32, text: usize): void {
    for (; row < limit; row++) {
        const sizeBytes = load<u32>(sizesAt + row * 4)
        // Without escapes a text is no longer, and an input takes three bytes at least.
        if ((text as u32) + sizeBytes > (dataSizeBytes as u32)) break
        if ((inputs as u32) + sizeBytes / 3 > (inputsMax as u32)) break
        let from = firstEvent(load<u32>(startsAt + row * 4))
        let to = text
        let entry = inputs
        for (;;) {
            const begin = to
            beyondAscii = 0
            copyString(from, textsAt + to)
            to = behindText - textsAt
            store<u32>(entriesAt + entry * 4, ((to - begin) as u32) | (beyondAscii == 0 ? 0 : notAscii))
            entry++
            // Behind the last event a bracket closes the list: directly, or behind the brace that closes the
            // event.
            if (load<u8>(behindString + (sizeBetween == 21 ? 2 : 1)) == 0x5d) break
            from = behindString + sizeBetween
        }
        inputs = entry
        text = to
    }
    report(row, inputs, text)
}

/** The address of the first character of the first event of a record of one of ./shapes. */
function firstEvent(line: usize): usize {
    sizeBetween = 3
    // {"ParentHash":" or {"ParentHashBase16":"
    if (load<u8>(line, 12) == 0x22) return line + 96
    // ","SetStateLiteralString or ","AppendedEvents
    if (load<u8>(line, 88) == 0x53) return line + 148
    sizeBetween = 21
    return line + 123
}

/** Copies a string up to its quote, 16 bytes at a time. */
function copyString(from: usize, to: usize): void {
    while (true) {
        const bytes = v128.load(from)
        v128.store(to, bytes)
        const isEnd = i8x16.eq(bytes, i8x16.splat(0x22))
        const isEscape = i8x16.eq(bytes, i8x16.splat(0x5c))
        const stops = i8x16.bitmask(v128.or(isEnd, isEscape)) as u32
        const high = i8x16.bitmask(bytes) as u32
        if (stops == 0) {
            beyondAscii |= high
            from += 16
            to += 16
            continue
        }
        const plain = ctz(stops) as usize
        beyondAscii |= high & ((1 << (plain as u32)) - 1)
        from += plain
        to += plain
        if ((load<u8>(from) as u32) == quote) {
            behindString = from
            behindText = to
            return
        }
        const escaped = load<u8>(from, 1) as u32
        if (escaped != letterU) {
            store<u8>(to, unescaped(escaped))
            from += 2
            to += 1
            continue
        }
        let code = fourDigits(from + 2)
        from += 6
        if ((code & 0xf800) == 0xd800) {
            // A pair of surrogates: a scan enters no record with half of one.
            code = 0x10000 + ((code & 0x3ff) << 10) + (fourDigits(from + 2) & 0x3ff)
            from += 6
        }
        to = storeUtf8(to, code)
    }
}

/** What a character behind a backslash stands for; the scan let through no others than these. */
function unescaped(character: u32): u32 {
    switch (character) {
        case 0x62: // b
            return 0x08
        case 0x66: // f
            return 0x0c
        case 0x6e: // n
            return 0x0a
        case 0x72: // r
            return 0x0d
        case 0x74: // t
            return 0x09
        default:
            return character
    }
}

function fourDigits(at: usize): u32 {
    return (digit(at) << 12) | (digit(at + 1) << 8) | (digit(at + 2) << 4) | digit(at + 3)
}

/** The value of a hex digit of either case. */
function digit(at: usize): u32 {
    const character = load<u8>(at) as u32
    return (character & 0x0f) + (character >> 6) * 9
}

/** Returns the address behind the bytes of a character. */
function storeUtf8(to: usize, code: u32): usize {
    if (code < 0x80) {
        store<u8>(to, code)
        return to + 1
    }
    beyondAscii = 1
    if (code < 0x800) {
        store<u8>(to, 0xc0 | (code >> 6))
        store<u8>(to, 0x80 | (code & 0x3f), 1)
        return to + 2
    }
    if (code < 0x10000) {
        store<u8>(to, 0xe0 | (code >> 12))
        store<u8>(to, 0x80 | ((code >> 6) & 0x3f), 1)
        store<u8>(to, 0x80 | (code & 0x3f), 2)
        return to + 3
    }
    store<u8>(to, 0xf0 | (code >> 18))
    store<u8>(to, 0x80 | ((code >> 12) & 0x3f), 1)
    store<u8>(to, 0x80 | ((code >> 6) & 0x3f), 2)
    store<u8>(to, 0x80 | (code & 0x3f), 3)
    return to + 4
}

function report(row: i32, inputs: i32, text: usize): void {
    store<i32>(reportAt, row)
    store<i32>(reportAt + 4, inputs)
    store<i32>(reportAt + 8, text as i32)
}
