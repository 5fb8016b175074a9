// The address of a request, as Kalmit's hosts gave it to their apps and looked for the paths of their own in
// it: with escapes decoded and dot segments resolved. (They took ASP.NET Core's `GetDisplayUrl`.)
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { domainToUnicode } from 'node:url'

export interface RequestUri {
    /** Begins with `/`; decoded, but for `%2F` and what is no UTF-8. */
    readonly path: string
    /** With its `?`, as it was sent; empty where there is none. */
    readonly query: string
}

/** Of a name, or of an address in brackets, with or without a port. */
const validHost = /^(?:[!$&'()\-._~\dA-Za-z]*|\[[\dA-Fa-f:.]+\])(?::\d+)?$/

/**
 * The whole address of a request: the scheme of its connection, the host that it names, its path and query.
 * Undefined where those do not make one, or contradict each other: Kalmit's hosts refused such a request.
 */
export function addressOfRequest(
    { method, headersDistinct }: IncomingMessage,
    target: string,
    protocol: 'http' | 'https',
): string | undefined {
    const [host, ...others] = headersDistinct['host'] ?? []
    if (host === undefined || others.length > 0 || !validHost.test(host)) return undefined
    if (target === '*' && method !== 'OPTIONS') return undefined
    if (absolute.test(target) && !isOf(target, host)) return undefined
    const { path, query } = requestUri(target)
    return path.includes('\0') ? undefined : `${protocol}://${shownHost(host)}${path}${query}`
}

/** Whether an address is of this host. Where its port is the usual one, either may leave it out. */
function isOf(target: string, host: string): boolean {
    if (!URL.canParse(target)) return false
    const { host: authority, port, protocol } = new URL(target)
    return host === authority || (port === '' && host === `${authority}:${protocol === 'https:' ? 443 : 80}`)
}

/** A name in Punycode is shown in Unicode. */
function shownHost(host: string): string {
    if (!/(?:^|\.)xn--/i.test(host)) return host
    const [name = '', port] = host.split(':')
    const shown = domainToUnicode(name) || name
    return port === undefined ? shown : `${shown}:${port}`
}

const absolute = /^https?:\/\/[^/?]*/i

/** The path and the query of a request's target: an empty path of `*`, and where an address has none. */
export function requestUri(target: string): RequestUri {
    const local = target === '*' ? '' : target.replace(absolute, '')
    const queryAt = local.indexOf('?')
    const path = queryAt < 0 ? local : local.slice(0, queryAt)
    return { path: shownPath(path), query: queryAt < 0 ? '' : local.slice(queryAt) }
}

/** Decodes first: an escaped dot is a dot. An escaped slash stays escaped, and so ends no segment. */
function shownPath(path: string): string {
    const decoded = path.replace(/(?:%[\da-f]{2})+/gi, decodedRun)
    return /(?:^|\/)\.\.?(?:\/|$)/.test(decoded) ? withoutDotSegments(decoded) : decoded
}

/** A row of escapes, each character of UTF-8 in it decoded. */
function decodedRun(escapes: string): string {
    const bytes = Buffer.from(escapes.replaceAll('%', ''), 'hex')
    let text = ''
    for (let at = 0; at < bytes.length; ) {
        const length = lengthOfCharacter(bytes[at] as number)
        const character = bytes.subarray(at, at + length)
        const isDecoded = character.length === length && character[0] !== 0x2f && isUtf8(character)
        // What is no UTF-8 stays as it was sent, byte for byte.
        text += isDecoded ? character.toString('utf8') : escapes.slice(3 * at, 3 * (at + 1))
        at += isDecoded ? length : 1
    }
    return text
}

/** Bytes of the character of UTF-8 that begins with this one, if any does. */
function lengthOfCharacter(firstByte: number): number {
    if (firstByte < 0xc0) return 1
    if (firstByte < 0xe0) return 2
    return firstByte < 0xf0 ? 3 : 4
}

/** As RFC 3986 has it (5.2.4): empty segments stay, and nothing leads above the root. */
function withoutDotSegments(path: string): string {
    const kept: string[] = []
    const segments = path.split('/').slice(1)
    for (const [index, segment] of segments.entries()) {
        if (segment === '..') kept.pop()
        if (segment !== '.' && segment !== '..') kept.push(segment)
        else if (index === segments.length - 1) kept.push('')
    }
    return `/${kept.join('/')}`
}
