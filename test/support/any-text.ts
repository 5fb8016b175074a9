import fc from 'fast-check'

/** What looks like a part of an object of JavaScript. */
const odd = fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
)
const surrogates = 0x800
const character = fc
    .oneof(fc.nat(0x7f), fc.nat(0x10ffff - surrogates))
    .map((nth) => String.fromCodePoint(nth < 0xd800 ? nth : nth + surrogates))

/**
 * Texts of any characters, but half ones: as `fc.string({ unit: 'binary' })`, for which fast-check makes a table of all
 * characters first, which takes each process more than a second.
 */
export function anyText(constraints: fc.ArrayConstraints = {}): fc.Arbitrary<string> {
    const text = fc.array(character, constraints).map((characters) => characters.join(''))
    return fc.oneof({ arbitrary: text, weight: 19 }, odd)
}
