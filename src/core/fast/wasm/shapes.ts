// The shapes in which hosts of the three generations write records that hold events and set no state.
import { decodeBase64 } from './base64'
import { decodeHex } from './hex'
import { endOfString } from './strings'
import { matches, text } from './text'

export const of201811 = 0
export const of201903 = 1
export const of201904 = 2

const hexParent = text('{"ParentHashBase16":"')
const events201904 = text('","AppendedEvents":[{"LiteralString":"')
const nextEvent201904 = text('"},{"LiteralString":"')
const events201903 = text('","SetStateLiteralString":null,"AppendedEventsLiteralString":["')
const rest201903 = text('"],"ParentHash":null,"SetState":null,"AppendedEvents":null}')
const base64Parent = text('{"ParentHash":"4')
const events201811 = text('","SetState":null,"AppendedEvents":["')

/** Of the record last found: which of the shapes it has, and its number of events. */
export let shape: i32 = 0
export let events: i32 = 0

/**
 * The address behind the record that begins at `line`, with its parent's hash decoded to `parent`. 0 where
 * the line has none of the shapes, or is none of them for certain.
 */
export function endOfRecord(line: usize, end: usize, parent: usize): usize {
    events = 0
    if (matches(line, hexParent, 21)) {
        if (!decodeHex(line + 21, parent)) return 0
        const behindParent = line + 85
        if (matches(behindParent, events201904, 38)) return endOf201904(behindParent + 38, end)
        if (matches(behindParent, events201903, 63)) return endOf201903(behindParent + 63, end)
        return 0
    }
    if (load<u64>(line) != load<u64>(base64Parent) || load<u64>(line, 7) != load<u64>(base64Parent, 7))
        return 0
    if (!decodeBase64(line + 15, parent)) return 0
    return matches(line + 59, events201811, 37) ? endOf201811(line + 96, end) : 0
}

function endOf201904(from: usize, end: usize): usize {
    shape = of201904
    let at = endOfString(from, end)
    while (at != 0) {
        events++
        // "}]}
        if (load<u32>(at) == 0x7d5d7d22) return at + 4
        if (!matches(at, nextEvent201904, 21)) return 0
        at = endOfString(at + 21, end)
    }
    return 0
}

function endOf201903(from: usize, end: usize): usize {
    shape = of201903
    const at = endOfStrings(from, end)
    return at != 0 && matches(at, rest201903, 59) ? at + 59 : 0
}

function endOf201811(from: usize, end: usize): usize {
    shape = of201811
    const at = endOfStrings(from, end)
    // ]}
    return at != 0 && load<u16>(at, 1) == 0x7d5d ? at + 3 : 0
}

/** The address of the quote that ends the last of several strings; 0 where one does not end. */
function endOfStrings(from: usize, end: usize): usize {
    let at = endOfString(from, end)
    while (at != 0) {
        events++
        // ","
        if (load<u16>(at) != 0x2c22 || load<u8>(at, 2) != 0x22) return at
        at = endOfString(at + 3, end)
    }
    return 0
}
