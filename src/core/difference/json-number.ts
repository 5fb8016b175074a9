// Numbers of JSON as they are written: what JSON.parse makes of them is another number where they have more
// digits than a double holds, and two that differ in the last digit would be the same.

const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
/** The most common spelling: in JSON, no whole number begins with a zero but zero itself. */
const isCanonical = /^-?\d*[1-9]$/
/** Digits of an exponent that a double counts exactly. */
const exactDigitsMax = 15

/** The spelling of a number that all spellings of its value share: `100`, `1e2` and `100.0` give `1e2`. */
export function canonicalNumber(text: string): string {
    if (isCanonical.test(text)) return text
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts.exec(text) ?? []
    const digits = (whole + fraction).replace(/^0+/, '')
    if (digits === '') return '0'
    let end = digits.length
    while (digits.charCodeAt(end - 1) === 0x30) end--
    const shift = digits.length - end - fraction.length
    const isExact = exponent.length <= exactDigitsMax
    const power = isExact ? Number(exponent) + shift : BigInt(exponent.replace('+', '')) + BigInt(shift)
    return `${sign}${digits.slice(0, end)}${power == 0 ? '' : `e${power}`}`
}
