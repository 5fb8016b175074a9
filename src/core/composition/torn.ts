// A crash in the middle of an append leaves the beginning of a record, or what the file system put in place
// of its bytes: zeros. Anything else at the end of a log was not left by a crash and must not be taken for
// it.

const whitespace = new Set([' ', '\t', '\r', '\n'])
const literals = ['true', 'false', 'null']
const numberBeginning = /^-?(?:0|[1-9]\d*)?(?:(?<=\d)\.\d*)?(?:(?<=\d)[eE][+-]?\d*)?$/

/** Whether a line is a whole JSON object with zeros behind it: hosts skip those, and read the record. */
export function isWholeBeforeZeros(line: Buffer): boolean {
    let sizeBytes = line.length
    while (sizeBytes > 0 && line[sizeBytes - 1] === 0) sizeBytes--
    if (sizeBytes === 0 || sizeBytes === line.length) return false
    return beginningOfObject(line.toString('utf8', 0, sizeBytes)) === 'complete'
}

/** Whether a last line without line end can be what an interrupted append left. */
export function isTorn(line: Buffer): boolean {
    let sizeBytes = line.length
    while (sizeBytes > 0 && line[sizeBytes - 1] === 0) sizeBytes--
    const zeros = line.length - sizeBytes
    let text: string
    try {
        // As a stream, so that a character cut in the middle is not an error.
        text = new TextDecoder('utf-8', { fatal: true }).decode(line.subarray(0, sizeBytes), { stream: true })
    } catch {
        return false
    }
    const state = beginningOfObject(text)
    return state === 'beginning' || (zeros > 0 && (state === 'complete' || text === ''))
}

/** What may come next: a value, a key, the colon behind a key, or a comma or closing bracket. */
type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'next'

/** Whether a text is a JSON object, the beginning of one, or neither. */
export function beginningOfObject(text: string): 'complete' | 'beginning' | 'neither' {
    const open: ('{' | '[')[] = []
    let expected = 'value' as Expected
    let i = 0
    while (i < text.length) {
        const c = text.charAt(i)
        if (whitespace.has(c)) {
            i++
        } else if (open.length === 0 && expected === 'next') {
            return 'neither'
        } else if (c === '"' && expected !== 'colon' && expected !== 'next' && open.length > 0) {
            const end = endOfString(text, i)
            if (end === 'neither' || end === 'beginning') return end
            expected = expected === 'key' || expected === 'first-key' ? 'colon' : 'next'
            i = end
        } else if (c === ':' && expected === 'colon') {
            expected = 'value'
            i++
        } else if (c === ',' && expected === 'next') {
            expected = open.at(-1) === '{' ? 'key' : 'value'
            i++
        } else if (closes(c, open.at(-1), expected)) {
            open.pop()
            expected = 'next'
            i++
        } else if (expected !== 'value' && expected !== 'first-value') {
            return 'neither'
        } else if (c === '{' || (c === '[' && open.length > 0)) {
            open.push(c)
            expected = c === '{' ? 'first-key' : 'first-value'
            i++
        } else if (open.length === 0) {
            return 'neither'
        } else {
            const end = endOfScalar(text, i)
            if (end === 'neither' || end === 'beginning') return end
            expected = 'next'
            i = end
        }
    }
    return open.length === 0 && expected === 'next'
        ? 'complete'
        : text.trim() === ''
          ? 'neither'
          : 'beginning'
}

function closes(c: string, open: '{' | '[' | undefined, expected: Expected): boolean {
    if (c === '}') return open === '{' && (expected === 'next' || expected === 'first-key')
    if (c === ']') return open === '[' && (expected === 'next' || expected === 'first-value')
    return false
}

function endOfString(text: string, start: number): number | 'beginning' | 'neither' {
    for (let i = start + 1; i < text.length; i++) {
        const c = text.charAt(i)
        if (c === '"') return i + 1
        if (c < ' ') return 'neither'
        if (c !== '\\') continue
        const escape = text.charAt(++i)
        if (escape === '') return 'beginning'
        if (escape === 'u') {
            const digits = text.slice(i + 1, i + 5)
            if (!/^[0-9A-Fa-f]*$/.test(digits)) return 'neither'
            if (digits.length < 4) return 'beginning'
            i += 4
        } else if (!'"\\/bfnrt'.includes(escape)) {
            return 'neither'
        }
    }
    return 'beginning'
}

function endOfScalar(text: string, start: number): number | 'beginning' | 'neither' {
    let end = start
    while (end < text.length && /[-+.\w]/.test(text.charAt(end))) end++
    const scalar = text.slice(start, end)
    if (scalar === '') return 'neither'
    if (end < text.length) {
        return literals.includes(scalar) || (numberBeginning.test(scalar) && /\d$/.test(scalar))
            ? end
            : 'neither'
    }
    return literals.some((literal) => literal.startsWith(scalar)) || numberBeginning.test(scalar)
        ? 'beginning'
        : 'neither'
}
