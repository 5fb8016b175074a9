// Bodies as they came, whatever they say of themselves: what a body is, whoever takes it decides.
import type { IncomingMessage } from 'node:http'

import type { FastifyInstance } from 'fastify'

/** Bodies of requests become Buffers. Undefined, where a request has none. */
export function takeBodiesAsBytes(server: FastifyInstance): void {
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

/**
 * Hides from the HTTP library what a request says of its body: it refuses a media type that it does not
 * understand. To be called before the request is looked at. The raw headers stay.
 */
export function hideMediaType({ headers, method }: IncomingMessage): void {
    const isAsked = method === 'QUERY'
    if (headers['content-type'] === undefined && !isAsked) return
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
    // A query is refused without any.
    if (hasBody || isAsked) headers['content-type'] = 'application/octet-stream'
    else delete headers['content-type']
}
