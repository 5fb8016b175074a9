// JSON that others wrote, which may be none, or of any shape.
import { isUtf8 } from 'node:buffer'

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(json: unknown): json is JsonObject {
    return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** What a text says; undefined where it is no JSON. */
export function jsonIn(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch {
        return undefined
    }
}

/** What bytes say, and their text; or why they are no JSON, as a sentence. */
export function readJson(bytes: Buffer): { text: string; json: unknown } | { problem: string } {
    if (!isUtf8(bytes)) return { problem: 'The bytes are not UTF-8.' }
    const text = bytes.toString('utf8')
    try {
        return { text, json: JSON.parse(text) }
    } catch (error) {
        return { problem: whyNoJson(text, error) }
    }
}

/** Why a text is no JSON, as a sentence. @param error that was thrown when it was read */
export function whyNoJson(text: string, error: unknown): string {
    const { message } = error as Error
    if (text === '') return 'This is empty.'
    if (/^\0+$/.test(text)) return 'This is nothing but zeros.'
    const isCut =
        /^(?:Unexpected end of|Unterminated)/.test(message) ||
        Number(/ at position (\d+)/.exec(message)?.[1]) === text.length
    return `This is not JSON: ${isCut ? 'it breaks off' : message}.`
}
