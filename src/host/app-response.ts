// What the app answered, as an answer of HTTP.
import { validateHeaderName, validateHeaderValue } from 'node:http'

import type { FastifyReply } from 'fastify'

import { refuse } from './refusals.js'
import type { HttpHeader, WebResponse } from './web-event.js'

/** Set by the answer itself, whatever the app says of them. */
const ownHeaders = new Set([
    'connection',
    'content-length',
    'keep-alive',
    'trailer',
    'transfer-encoding',
    'upgrade',
])

export function sendResponse(reply: FastifyReply, response: WebResponse): FastifyReply {
    const { statusCode, headersToAdd, bodyAsString = '' } = response
    const headers = headersToAdd.filter(({ name }) => !ownHeaders.has(name.toLowerCase()))
    if (!headers.every(isValid)) return refuse(reply, 'malformed-response')
    for (const [name, values] of valuesByName(headers)) {
        const all = [...valuesToKeep(reply, name), ...values]
        reply.header(name, all.length === 1 ? all[0] : all)
    }
    return reply.code(statusCode).send(bodyAsString)
}

function isValid({ name, values }: HttpHeader): boolean {
    try {
        validateHeaderName(name)
        for (const value of values) validateHeaderValue(name, value)
        return true
    } catch {
        return false
    }
}

/** By name in small letters: an app may add to a header in several entries. */
function valuesByName(headers: readonly HttpHeader[]): ReadonlyMap<string, readonly string[]> {
    const byName = new Map<string, readonly string[]>()
    for (const { name, values } of headers) {
        const key = name.toLowerCase()
        // There is one of these, so the last one counts.
        byName.set(key, key === 'content-type' ? values : [...(byName.get(key) ?? []), ...values])
    }
    return byName
}

/** What the host has said already and must stay said: a cache that does not know it would mix up answers. */
function valuesToKeep(reply: FastifyReply, name: string): readonly string[] {
    const said = name === 'vary' ? reply.getHeader(name) : undefined
    return said === undefined ? [] : [String(said)]
}
