// What goes into the app for a request, in Kalmit's interface for web apps: JSON in a string, in the form
// that the hosts of April 2019 wrote (docs/format.md).
import { isUtf8 } from 'node:buffer'

import type { HttpHeader } from './app-answer.js'

/** A request as it arrived. */
export interface WebRequest {
    readonly method: string
    /** Absolute, as in `http://localhost:8080/path?query`. */
    readonly uri: string
    /** Names and values in turn, as they were sent. */
    readonly headers: readonly string[]
    readonly body: string
    readonly clientAddress?: string | undefined
}

/** Headers that the hosts knew, as they wrote them and in their order. All others come behind these. */
const knownHeaders = `Cache-Control Connection Date Keep-Alive Pragma Trailer Transfer-Encoding Upgrade Via Warning
    Allow Content-Type Content-Encoding Content-Language Content-Location Content-MD5 Content-Range Expires Last-Modified
    Accept Accept-Charset Accept-Encoding Accept-Language Authorization Cookie Expect From Host If-Match
    If-Modified-Since If-None-Match If-Range If-Unmodified-Since Max-Forwards Proxy-Authorization Referer Range TE
    Translate User-Agent Origin Access-Control-Request-Method Access-Control-Request-Headers Content-Length`
const knownPlaces = new Map(
    knownHeaders.split(/\s+/).map((name, place) => [name.toLowerCase(), { name, place }]),
)

/**
 * The event that a request becomes.
 * @throws RangeError where it is longer than any string
 */
export function webEvent(request: WebRequest, httpRequestId: string, posixTimeMilli: number): string {
    const { method, uri, body, headers, clientAddress } = request
    const event = JSON.stringify({
        httpRequest: {
            posixTimeMilli,
            httpRequestId,
            requestContext: { clientAddress },
            request: { method, uri, bodyAsString: body, headers: headersOf(headers) },
        },
    })
    // The JSON library of the hosts escaped these line ends as well.
    return event.replace(/[\u0085\u2028\u2029]/g, (end) =>
        end === '\u0085' ? '\\u0085' : `\\u${end.charCodeAt(0).toString(16)}`,
    )
}

/** Values of the same name come together, under the hosts' own name, or the one that was sent first. */
function headersOf(headers: readonly string[]): readonly HttpHeader[] {
    const byName = new Map<string, { name: string; values: string[]; place: number }>()
    for (let i = 0; i + 1 < headers.length; i += 2) {
        const sent = headers[i] as string
        const key = sent.toLowerCase()
        let header = byName.get(key)
        if (header === undefined) {
            const { name, place } = knownPlaces.get(key) ?? { name: sent, place: knownPlaces.size }
            header = { name, values: [], place }
            byName.set(key, header)
        }
        header.values.push(headers[i + 1] as string)
    }
    const inOrder = [...byName.values()].sort((a, b) => a.place - b.place)
    return inOrder.map(({ name, values }) => ({ name, values }))
}

/** Header values as text. Node gives each byte as a character; undefined where they are no UTF-8. */
export function headersAsText(rawHeaders: readonly string[]): readonly string[] | undefined {
    if (rawHeaders.every(isAscii)) return rawHeaders
    const bytes = rawHeaders.map((text) => Buffer.from(text, 'latin1'))
    return bytes.every((value) => isUtf8(value)) ? bytes.map((value) => value.toString('utf8')) : undefined
}

function isAscii(text: string): boolean {
    return !/[\x80-\xff]/.test(text)
}

/**
 * A body as text, with U+FFFD for what cannot be read. A mark at its start says which Unicode it is, and is
 * dropped. What a request says of its body counts for nothing.
 */
export function bodyAsText(body: Buffer | undefined): { readonly text: string; readonly isExact: boolean } {
    if (body === undefined) return { text: '', isExact: true }
    const [a, b, c, d] = body
    const isMarked = (...mark: number[]) => mark.every((byte, i) => [a, b, c, d][i] === byte)
    if (isMarked(0xff, 0xfe, 0, 0))
        return { text: fromUtf32(body, (at) => body.readUInt32LE(at)), isExact: true }
    if (isMarked(0, 0, 0xfe, 0xff))
        return { text: fromUtf32(body, (at) => body.readUInt32BE(at)), isExact: true }
    if (isMarked(0xff, 0xfe)) return { text: new TextDecoder('utf-16le').decode(body), isExact: true }
    if (isMarked(0xfe, 0xff)) return { text: new TextDecoder('utf-16be').decode(body), isExact: true }
    const withoutMark = isMarked(0xef, 0xbb, 0xbf) ? body.subarray(3) : body
    return { text: withoutMark.toString('utf8'), isExact: isUtf8(withoutMark) }
}

function fromUtf32(body: Buffer, read: (at: number) => number): string {
    let text = ''
    for (let at = 4; at < body.length; at += 4) {
        const point = at + 4 <= body.length ? read(at) : Infinity
        text += point <= 0x10ffff && (point & 0xfffff800) !== 0xd800 ? String.fromCodePoint(point) : '\ufffd'
    }
    return text
}
