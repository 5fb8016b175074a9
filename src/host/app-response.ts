// What the app answered, as an answer of HTTP.
import type { FastifyReply } from 'fastify'

import type { WebResponse } from './app-answer.js'

/** Set by the answer itself, whatever the app says of them. */
const headersOfServer = new Set([
    'connection',
    'content-length',
    'keep-alive',
    'trailer',
    'transfer-encoding',
    'upgrade',
])
/** Neither has a body, so nothing may be said of one: a cache would take it for what it has stored. */
const bodiless = new Set([204, 304])
/** It has no body either, but a client awaits to hear so. */
const resetContent = 205

/**
 * Writes the answer past the HTTP library, which would add a content type, and change the names of headers.
 * @param isLast whether the connection is to be closed behind it, whatever the app says
 */
export function sendResponse(reply: FastifyReply, response: WebResponse, isLast: boolean): FastifyReply {
    const { statusCode, headersToAdd, bodyAsString } = response
    const given = new Set(headersToAdd.map(({ name }) => name.toLowerCase()))
    const headers: string[] = []
    for (const [name, values] of Object.entries(reply.getHeaders())) {
        // What the host says itself gives way to the app, but for this: a cache that does not know it would
        // mix up answers.
        if (given.has(name) && name !== 'vary') continue
        for (const value of [values ?? []].flat()) headers.push(name, String(value))
    }
    const types = headersToAdd.filter(({ name }) => name.toLowerCase() === 'content-type')
    for (const header of headersToAdd) {
        const name = header.name.toLowerCase()
        // There is one type, so the last entry of it counts.
        if (headersOfServer.has(name) || (name === 'content-type' && header !== types.at(-1))) continue
        for (const value of header.values) headers.push(header.name, value)
    }
    const asksToClose = headersToAdd.some(
        ({ name, values }) => name.toLowerCase() === 'connection' && /\bclose\b/i.test(values.join()),
    )
    if (isLast || asksToClose) headers.push('Connection', 'close')
    const body = Buffer.from(statusCode === resetContent ? '' : bodyAsString)
    if (!bodiless.has(statusCode)) headers.push('Content-Length', String(body.length))
    reply.hijack()
    reply.raw.writeHead(statusCode, headers)
    reply.raw.end(body)
    return reply
}
