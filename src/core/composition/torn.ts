// A crash in the middle of an append leaves the beginning of a record, or what the file system put in place
// of its bytes: zeros. Anything else at the end of a log was not left by a crash and must not be taken for
// it.

import { jsonIn } from '../json.js'
import { partsOfLine } from './joined.js'
import { endOfString } from './record.js'

/** Whether a line is a whole JSON object with zeros behind it: hosts skip those, and read the record. */
export function isWholeBeforeZeros(line: Buffer): boolean {
    const held = withoutZeros(line)
    return held.length < line.length && beginningOfObject(held.toString('utf8')) === 'complete'
}

/** Whether a last line without line end can be what an interrupted append left. */
export function isTorn(line: Buffer): boolean {
    const held = withoutZeros(line)
    let text: string
    try {
        // As a stream, so that a character cut in the middle is not an error.
        text = new TextDecoder('utf-8', { fatal: true }).decode(held, { stream: true })
    } catch {
        return false
    }
    const state = beginningOfObject(text)
    // Torn where a value may follow, a record makes one with the whole record that was written behind it.
    if (state === 'beginning' && partsOfLine(held) !== undefined) return false
    return state === 'beginning' || (held.length < line.length && (state === 'complete' || text === ''))
}

/** What stands before the zeros at the end of a line. */
export function withoutZeros(line: Buffer): Buffer {
    let sizeBytes = line.length
    while (sizeBytes > 0 && line[sizeBytes - 1] === 0) sizeBytes--
    return line.subarray(0, sizeBytes)
}

/**
 * Whether a text is a JSON object, the beginning of one, or neither. A beginning is what some rest makes one:
 * of a few that could, one does.
 */
export function beginningOfObject(text: string): 'complete' | 'beginning' | 'neither' {
    if (!/^[ \t\r\n]*\{/.test(text)) return 'neither'
    const { closers, string } = openAtEnd(text)
    if (closers === '') return isJson(text) ? 'complete' : 'neither'
    let from = string ?? text.length
    while (string === undefined && /[-+.\w]/.test(text.charAt(from - 1))) from--
    const cut = text.slice(from)
    // A value or a key in place of the one that is cut, or what can stand behind a whole one.
    let rests = ['', '0', '"":0', ':0']
    if (string !== undefined) rests = isBeginningOfString(cut) ? ['""', '"":0'] : []
    else if (cut !== '') rests = isBeginningOfScalar(cut) ? ['0'] : []
    const before = text.slice(0, from)
    return rests.some((rest) => isJson(before + rest + closers)) ? 'beginning' : 'neither'
}

/** The brackets that would close what is open at the end of a text, and where a string begins that is. */
function openAtEnd(text: string): { readonly closers: string; readonly string: number | undefined } {
    const open: string[] = []
    let string: number | undefined
    for (let at = 0; at < text.length && string === undefined; at++) {
        const c = text[at]
        if (c === '{') open.push('}')
        else if (c === '[') open.push(']')
        else if (c === '}' || c === ']') open.pop()
        else if (c === '"') {
            const end = endOfString(text, at)
            if (end < 0) string = at
            else at = end - 1
        }
    }
    return { closers: open.reverse().join(''), string }
}

function isBeginningOfString(text: string): boolean {
    return ['', '\\', '0', '00', '000', '0000'].some((rest) => isJson(`${text}${rest}"`))
}

const number = /^-?(?:0|[1-9]\d*)?(?:(?<=\d)\.\d*)?(?:(?<=\d)[eE][+-]?\d*)?$/

function isBeginningOfScalar(text: string): boolean {
    return ['true', 'false', 'null'].some((literal) => literal.startsWith(text)) || number.test(text)
}

function isJson(text: string): boolean {
    return jsonIn(text) !== undefined
}

/**
 * What helps with a torn record where a reduction has no record: a repair that cuts bytes off leaves no store
 * with a witness of what they were.
 * @param folder of the reductions
 */
export function tornAndReduced(folder: string): string {
    return `What was torn may be the reduced record, which was whole then: restore the log file from a backup. Without one, stop the host, move the reduction out of \`${folder}\` and keep it: then \`complog repair\` cuts the torn bytes off.`
}
