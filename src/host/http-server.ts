// The HTTP side of a host: whatever comes goes to the app, as text, within bounds.
import { isUtf8 } from 'node:buffer'
import { validateHeaderName, validateHeaderValue } from 'node:http'

import cors from '@fastify/cors'
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, fastify } from 'fastify'

import { OpenConnections } from './open-connections.js'
import { quietly } from './server-log.js'
import type { TlsFiles } from './tls.js'
import type { Refused, WebApp } from './web-app.js'
import type { WebRequest, WebResponse } from './web-event.js'

export interface HttpServerOptions {
    readonly logger: FastifyBaseLogger
    /** Largest body of a request, in bytes. */
    readonly bodySizeBytesMax: number
    readonly connectionsMax: number
    /** How long a request may take to come as a whole, in milliseconds. */
    readonly requestTimeMillisecondsMax: number
    /** How long a client may take to read its answer while the server ends, in milliseconds. */
    readonly answerTimeMillisecondsMax: number
    /** Certificate and key as PEM: HTTPS then. */
    readonly tls?: TlsFiles | undefined
    /** Origins whose pages may read answers, or `*`. */
    readonly corsOrigins?: readonly string[] | undefined
    /** Called for each answered request. */
    readonly onAnswered?: ((statusCode: number, milliseconds: number) => void) | undefined
}

/** Seconds that a client should wait before it tries again. */
const retryAfterSeconds = 1

const statusCodes: Readonly<Record<Refused['kind'], number>> = {
    'too-many-requests': 503,
    'too-large': 413,
    'app-failed-unrecorded': 500,
    'app-failed': 500,
    'decode-error': 500,
    'malformed-response': 502,
    'no-answer': 504,
}

const explanations: Readonly<Record<Refused['kind'], string>> = {
    'too-many-requests': 'Too many requests wait for an answer. Try again.',
    'too-large': 'The request is too large for a record. Nothing was recorded.',
    'app-failed-unrecorded': 'The app failed on this request. Nothing was recorded.',
    'app-failed': 'The app failed on this request. The request was recorded.',
    'decode-error': 'The app did not understand this request. The request was recorded.',
    'malformed-response': 'What the app answered cannot be sent. The request was recorded.',
    'no-answer': 'The app gave no answer in time. The request was recorded.',
}

/** How long the rest of a request may take while the server ends, in milliseconds. */
const sendingMillisecondsAtEnd = 5000
/** Requests that take too long are looked for as often. */
const lookMillisecondsMax = 5000
/** As of Node itself. */
const headersMillisecondsMax = 60_000
/** A client that has begun with TLS, and goes on in no time, has a connection for no longer. */
const handshakeMillisecondsMax = 10_000

/** What pages of other origins may do, as far as the browser asks before: what it means, the app knows. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Whether a browser asks what a page may do. Any other OPTIONS is for the app. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
    return (
        method === 'OPTIONS' &&
        headers.origin !== undefined &&
        headers['access-control-request-method'] !== undefined
    )
}

/** Set by the answer itself, whatever the app says of them. */
const ownHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'])

/** A server for one app, not listening yet. */
export async function createHttpServer(app: WebApp, options: HttpServerOptions) {
    const { tls, logger, bodySizeBytesMax, corsOrigins, onAnswered } = options
    const { requestTimeMillisecondsMax, answerTimeMillisecondsMax } = options
    const connectionsCheckingInterval = Math.min(requestTimeMillisecondsMax, lookMillisecondsMax)
    const server = fastify({
        ...quietly(logger),
        bodyLimit: bodySizeBytesMax,
        requestTimeout: requestTimeMillisecondsMax,
        exposeHeadRoutes: false,
        // The app is the only one who knows paths.
        rewriteUrl: () => '/',
        forceCloseConnections: 'idle',
        return503OnClosing: true,
        ...(tls
            ? { https: { ...tls, connectionsCheckingInterval, handshakeTimeout: handshakeMillisecondsMax } }
            : { http: { connectionsCheckingInterval } }),
    })
    server.server.maxConnections = options.connectionsMax
    server.server.headersTimeout = Math.min(requestTimeMillisecondsMax, headersMillisecondsMax)
    const connections = new OpenConnections(server.server)
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
        done(null, body)
    })
    if (corsOrigins !== undefined) {
        const origin = corsOrigins.includes('*') ? '*' : [...corsOrigins]
        await server.register(cors, {
            delegator: (request, done) => {
                done(null, { origin, methods, preflight: isPreflight(request) })
            },
        })
    }
    server.all('/', (request, reply) => answer(app, tls === undefined ? 'http' : 'https', request, reply))
    let isClosing = false
    server.addHook('preClose', (done) => {
        isClosing = true
        connections.end({
            sendingMillisecondsMax: sendingMillisecondsAtEnd,
            readingMillisecondsMax: answerTimeMillisecondsMax,
        })
        done()
    })
    server.addHook('onSend', (_request, reply, _payload, done) => {
        // A connection that stays open behind its last answer would hold up the end.
        if (isClosing) reply.header('connection', 'close')
        done()
    })
    if (onAnswered) {
        server.addHook('onResponse', (_request, reply, done) => {
            onAnswered(reply.statusCode, reply.elapsedTime)
            done()
        })
    }
    return server
}

async function answer(
    app: WebApp,
    protocol: 'http' | 'https',
    request: FastifyRequest,
    reply: FastifyReply,
): Promise<FastifyReply> {
    const body = request.body as Buffer | undefined
    if (body !== undefined && !isUtf8(body))
        return reply.code(415).send('The body is not UTF-8, and apps take text only. Nothing was recorded.\n')
    const answered = await app.answer(webRequest(request, protocol, body))
    if (answered === undefined) {
        // The process is dead, and memory ahead of the log: nothing may be said that a restart would not know of.
        reply.hijack()
        request.raw.socket.destroy()
        return reply
    }
    return 'kind' in answered ? refuse(answered, reply) : send(answered, reply)
}

function webRequest(request: FastifyRequest, protocol: string, body: Buffer | undefined): WebRequest {
    const { method, rawHeaders, headers, socket } = request.raw
    return {
        method: method ?? 'GET',
        uri: `${protocol}://${headers.host ?? 'localhost'}${request.originalUrl}`,
        rawHeaders,
        ...(body !== undefined && { body: body.toString('utf8') }),
        ...(socket.remoteAddress !== undefined && { clientAddress: socket.remoteAddress }),
    }
}

function refuse({ kind }: Refused, reply: FastifyReply): FastifyReply {
    if (kind === 'too-many-requests') reply.header('retry-after', retryAfterSeconds)
    return reply.code(statusCodes[kind]).send(`${explanations[kind]}\n`)
}

function send({ statusCode, headersToAdd, bodyAsString }: WebResponse, reply: FastifyReply): FastifyReply {
    const headers = headersToAdd.filter(({ name }) => !ownHeaders.has(name.toLowerCase()))
    try {
        for (const { name, values } of headers) {
            validateHeaderName(name)
            for (const value of values) validateHeaderValue(name, value)
        }
    } catch {
        return refuse({ kind: 'malformed-response' }, reply)
    }
    for (const { name, values } of headers) reply.header(name, values.length === 1 ? values[0] : values)
    return reply.code(statusCode).send(bodyAsString ?? '')
}
