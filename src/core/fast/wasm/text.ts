// Text that stands in memory, to be compared with what a line holds.
import { textsAt } from './layout'

let free: usize = textsAt

/** Puts an ASCII text into memory, once at start. Vectors may be loaded beyond its end. */
export function text(characters: string): usize {
    const at = free
    for (let i = 0; i < characters.length; i++) store<u8>(free++, characters.charCodeAt(i))
    return at
}

/** Whether `size` bytes (constant, 16 to 64) at an address are the same as a text. */
export function matches(at: usize, wanted: usize, size: i32): bool {
    let differing = v128.or(
        v128.xor(v128.load(at), v128.load(wanted)),
        v128.xor(v128.load(at + size - 16), v128.load(wanted + size - 16)),
    )
    if (size > 32) {
        differing = v128.or(differing, v128.xor(v128.load(at, 16), v128.load(wanted, 16)))
    }
    if (size > 48) {
        differing = v128.or(differing, v128.xor(v128.load(at, 32), v128.load(wanted, 32)))
    }
    return !v128.any_true(differing)
}
