// The HTTP side of a host: whatever comes goes to the app, as text, within bounds.
import { constants, isUtf8 } from 'node:buffer'
import { METHODS } from 'node:http'

import cors from '@fastify/cors'
import { type FastifyBaseLogger, type FastifyRequest, fastify } from 'fastify'

import { type AdminPathsOptions, adminRoute, isAdminPath, serveAdminPaths } from './admin-paths.js'
import type { WebResponse } from './app-answer.js'
import { sendResponse } from './app-response.js'
import { hideMediaType, takeBodiesAsBytes } from './bodies.js'
import { OpenConnections } from './open-connections.js'
import { type RefusalKind, ownWords, refuse, refuseInOwnWords } from './refusals.js'
import { quietly } from './server-log.js'
import type { TlsFiles } from './tls.js'
import type { WebApp } from './web-app.js'

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
    readonly adminPaths: AdminPathsOptions
    /** Called for each answered request. */
    readonly onAnswered?: ((statusCode: number, milliseconds: number) => void) | undefined
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

/** A server for one app, not listening yet. */
export async function createHttpServer(app: WebApp, options: HttpServerOptions) {
    const { tls, logger, bodySizeBytesMax, corsOrigins, onAnswered } = options
    const { requestTimeMillisecondsMax, answerTimeMillisecondsMax } = options
    const connectionsCheckingInterval = Math.min(requestTimeMillisecondsMax, lookMillisecondsMax)
    const server = fastify({
        ...quietly(logger),
        ...ownWords((socket, work) => {
            connections.behindAnswers(socket, work)
        }),
        bodyLimit: bodySizeBytesMax,
        requestTimeout: requestTimeMillisecondsMax,
        exposeHeadRoutes: false,
        // All other paths only the app knows.
        rewriteUrl: (request) => {
            hideMediaType(request)
            return isAdminPath(request.url ?? '/') ? adminRoute : '/'
        },
        forceCloseConnections: 'idle',
        ...(tls
            ? { https: { ...tls, connectionsCheckingInterval, handshakeTimeout: handshakeMillisecondsMax } }
            : { http: { connectionsCheckingInterval } }),
    })
    server.server.maxConnections = options.connectionsMax
    server.server.headersTimeout = Math.min(requestTimeMillisecondsMax, headersMillisecondsMax)
    const connections: OpenConnections = new OpenConnections(server.server)
    // The bound on the size of headers is one on their number, too.
    server.server.maxHeadersCount = 0
    refuseInOwnWords(server, 'Nothing is here.')
    takeBodiesAsBytes(server)
    for (const method of METHODS) server.addHttpMethod(method, { hasBody: true, overrideExisting: true })
    if (corsOrigins !== undefined) {
        const origin = corsOrigins.includes('*') ? '*' : [...corsOrigins]
        await server.register(cors, {
            delegator: (request, done) => {
                done(null, { origin, methods, preflight: isPreflight(request) })
            },
        })
    }
    serveAdminPaths(server, options.adminPaths)
    let isClosing = false
    const protocol = tls === undefined ? 'http' : 'https'
    server.all('/', async (request, reply) => {
        const clientAddress = connections.addressOf(request.raw)
        const answered = await answerOf(app, request, { protocol, clientAddress })
        if (answered === undefined) {
            // The process is dead, and memory ahead of the log: nothing may be said that a restart would not know of.
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

/** What a request does not say itself. */
interface Surroundings {
    readonly protocol: 'http' | 'https'
    readonly clientAddress: string | undefined
}

/** What to say to a request; undefined where nothing may be said. */
async function answerOf(
    app: WebApp,
    request: FastifyRequest,
    { protocol, clientAddress }: Surroundings,
): Promise<WebResponse | { readonly kind: RefusalKind } | undefined> {
    const { method = 'GET', rawHeaders, headers } = request.raw
    const body = request.body as Buffer | undefined
    if (body !== undefined && body.length > constants.MAX_STRING_LENGTH) return { kind: 'too-large' }
    if (body !== undefined && !isUtf8(body)) return { kind: 'no-text' }
    return app.answer({
        method,
        uri: uriOf(request.originalUrl, `${protocol}://${headers.host ?? 'localhost'}`),
        rawHeaders,
        clientAddress,
        ...(body !== undefined && { body: body.toString('utf8') }),
    })
}

/** The address that a request means. Its target is a path, but may be the whole address, or `*` for the whole server. */
function uriOf(target: string, origin: string): string {
    if (target.startsWith('/')) return `${origin}${target}`
    return target === '*' ? origin : target
}
