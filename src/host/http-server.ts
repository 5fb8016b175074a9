// The HTTP side of a host: whatever comes goes to the app, as text, within bounds.
import { constants } from 'node:buffer'
import { METHODS } from 'node:http'

import {
    type FastifyBaseLogger,
    type FastifyInstance,
    type FastifyReply,
    type FastifyRequest,
    fastify,
} from 'fastify'

import { type AdminPathsOptions, adminRoute, isAdminPath, serveAdminPaths } from './admin-paths.js'
import type { WebResponse } from './app-answer.js'
import { hideMediaType, takeBodiesAsBytes } from './bodies.js'
import { answerOrigins, type CorsOrigins } from './cors.js'
import { OpenConnections } from './open-connections.js'
import type { RateLimit } from './rate-limit.js'
import { addRefusals, type RefusalKind, refusalOptions, refuse } from './refusals.js'
import { addressOfRequest } from './request-uri.js'
import { quietly } from './server-log.js'
import type { StaticFiles } from './static-files.js'
import type { TlsFiles } from './tls.js'
import type { WebApp } from './web-app.js'
import { bodyAsText, headersAsText } from './web-event.js'

export interface HttpServerOptions {
    readonly logger: FastifyBaseLogger
    /** Largest body of a request, in bytes. */
    readonly bodySizeBytesMax: number
    readonly connectionsMax: number
    /** How long a request may take to come as a whole, in milliseconds. */
    readonly requestTimeMillisecondsMax: number
    /** How long a client may take to read its answer while the server ends, in milliseconds. */
    readonly answerTimeMillisecondsMax: number
    /** How long a connection stays open on which nothing comes behind an answer, in milliseconds. */
    readonly idleMillisecondsMax?: number | undefined
    /** Refuse a body that is no UTF-8, instead of reading it with U+FFFD. */
    readonly strictBodies?: boolean | undefined
    /** Certificate and key as PEM: HTTPS then. */
    readonly tls?: TlsFiles | undefined
    /** Absent: pages of other origins may read nothing. */
    readonly corsOrigins?: CorsOrigins | undefined
    readonly staticFiles?: StaticFiles | undefined
    readonly rateLimit?: RateLimit | undefined
    readonly adminPaths: AdminPathsOptions
    /** Called for each answered request. */
    readonly onAnswered?: ((statusCode: number, milliseconds: number) => void) | undefined
}

/** How long the rest of a request may take while the server ends, in milliseconds. */
const sendingMillisecondsAtEnd = 5000
/** Requests that take too long are looked for as often. */
const lookMillisecondsMax = 5000
/** Longer than the minute for which many proxies keep a connection, so that they end it first. */
export const defaultIdleMilliseconds = 72_000
/** As of Node itself. */
const headersMillisecondsMax = 60_000
/** A client that has begun with TLS, and goes on in no time, has a connection for no longer. */
const handshakeMillisecondsMax = 10_000

/** A server for one app, not listening yet. */
export async function createHttpServer(app: WebApp, options: HttpServerOptions) {
    const { tls, logger, bodySizeBytesMax, corsOrigins, onAnswered } = options
    const { requestTimeMillisecondsMax, answerTimeMillisecondsMax, strictBodies = false } = options
    const protocol = tls === undefined ? 'http' : 'https'
    const server = fastify({
        ...quietly(logger),
        ...refusalOptions((socket, isLate, work) => {
            const behind = () => connections.behindAnswers(socket, work)
            if (isLate) connections.whenLate(socket, requestTimeMillisecondsMax, behind)
            else behind()
        }),
        bodyLimit: bodySizeBytesMax,
        requestTimeout: requestTimeMillisecondsMax,
        keepAliveTimeout: options.idleMillisecondsMax ?? defaultIdleMilliseconds,
        exposeHeadRoutes: false,
        // All other paths only the app knows.
        rewriteUrl: (request) => {
            hideMediaType(request)
            return isAdminPath(request.url ?? '/') ? adminRoute : '/'
        },
        forceCloseConnections: 'idle',
        ...connectionOptions(options),
    })
    server.server.maxConnections = options.connectionsMax
    answerHalfClosed(server.server)
    server.server.headersTimeout = Math.min(requestTimeMillisecondsMax, headersMillisecondsMax)
    const connections: OpenConnections = new OpenConnections(server.server)
    // The bound on the size of headers is one on their number, too.
    server.server.maxHeadersCount = 0
    addRefusals(server, 'Nothing is here.')
    takeBodiesAsBytes(server)
    for (const method of METHODS) server.addHttpMethod(method, { hasBody: true, overrideExisting: true })
    // In the order of Kalmit's hosts: what pages may do, files, the limit, and only then who is asked.
    if (corsOrigins !== undefined) await answerOrigins(server, corsOrigins)
    answerBeforeApp(server, connections, { ...options, protocol })
    serveAdminPaths(server, options.adminPaths)
    let isClosing = false
    server.all('/', async (request, reply) => {
        const clientAddress = connections.addressOf(request.raw)
        const answered = await answerOf(app, request, { protocol, clientAddress, strictBodies })
        if (answered === undefined) {
            // The process is dead, and memory ahead of the log: nothing may be said that a restart would not
            // know of.
            reply.hijack()
            request.raw.socket.destroy()
            return reply
        }
        return 'kind' in answered ? refuse(reply, answered.kind) : sendResponse(reply, answered, isClosing)
    })
    server.addHook('preClose', (done) => {
        isClosing = true
        connections.end({
            sendingMillisecondsMax: sendingMillisecondsAtEnd,
            readingMillisecondsMax: answerTimeMillisecondsMax,
            onAllCame: () => app.expectNoMore(),
        })
        done()
    })
    server.addHook('onSend', (_request, reply) => {
        // A connection that stays open behind its last answer would hold up the end.
        if (isClosing) reply.header('connection', 'close')
        return Promise.resolve()
    })
    if (onAnswered)
        server.addHook('onResponse', (_request, reply, done) => {
            onAnswered(reply.statusCode, reply.elapsedTime)
            done()
        })
    return server
}

/** Refuses what is no request, serves files, and keeps the limit. */
function answerBeforeApp(
    server: FastifyInstance,
    connections: OpenConnections,
    {
        staticFiles,
        rateLimit,
        protocol,
    }: Pick<HttpServerOptions, 'staticFiles' | 'rateLimit'> & { readonly protocol: 'http' | 'https' },
): void {
    server.addHook('onRequest', (request, reply, done) => {
        const address = addressOfRequest(request.raw, request.originalUrl, protocol)
        if (address === undefined || headersAsText(request.raw.rawHeaders) === undefined) {
            // What comes behind it may be part of it.
            void refuse(reply.header('connection', 'close'), 'no-request')
            return
        }
        if (staticFiles?.answer(address, request, reply) === true) return
        if (rateLimit?.passes(connections.addressOf(request.raw), performance.now()) === false) {
            void reply.code(429).send()
        } else done()
    })
}

function connectionOptions({ tls, requestTimeMillisecondsMax }: HttpServerOptions) {
    const bounds = {
        connectionsCheckingInterval: Math.min(requestTimeMillisecondsMax, lookMillisecondsMax),
        // A request without a host is refused like any other, and in its turn.
        requireHostHeader: false,
    }
    if (tls === undefined) return { http: bounds }
    return { https: { ...tls, ...bounds, handshakeTimeout: handshakeMillisecondsMax, allowHalfOpen: true } }
}

/**
 * A client that has said all that it has to say may end its own side of the connection, and reads on: RFC
 * 9112 lets it, and `nc -N` does so. Node takes that for the end of the connection, unless it is told by this
 * property, which its types leave out.
 */
function answerHalfClosed(server: object): void {
    Object.assign(server, { httpAllowHalfOpen: true })
}

/** What a server knows of a request beside what it says. */
interface Surroundings {
    readonly protocol: 'http' | 'https'
    readonly clientAddress: string | undefined
    readonly strictBodies: boolean
}

/** What to say to a request; undefined where nothing may be said. */
async function answerOf(
    app: WebApp,
    request: FastifyRequest,
    { protocol, clientAddress, strictBodies }: Surroundings,
): Promise<WebResponse | { readonly kind: RefusalKind } | undefined> {
    const { method = 'GET', rawHeaders } = request.raw
    const body = request.body as Buffer | undefined
    if (body !== undefined && body.length > constants.MAX_STRING_LENGTH) return { kind: 'too-large' }
    const uri = addressOfRequest(request.raw, request.originalUrl, protocol)
    const headers = headersAsText(rawHeaders)
    if (uri === undefined || headers === undefined) return { kind: 'no-request' }
    const { text, isExact } = bodyAsText(body)
    if (!isExact && strictBodies) return { kind: 'no-text' }
    return app.answer({ method, uri, headers, clientAddress, body: text }, isExact)
}

// What the app answered, as an answer of HTTP.

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
function sendResponse(reply: FastifyReply, response: WebResponse, isLast: boolean): FastifyReply {
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
