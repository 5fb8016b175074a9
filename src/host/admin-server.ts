// For those who run a host, on an address of its own: is it well, what does it do, and, with the password,
// its state.
import { isUtf8 } from 'node:buffer'

import { type FastifyBaseLogger, fastify } from 'fastify'

import { AppFailure } from '../core/elm-app/elm-app.js'
import { RefusedCall } from '../core/process/calls.js'
import { isSame, type StateAccess, unlessRefused } from './admin-paths.js'
import { hideMediaType, takeBodiesAsBytes } from './bodies.js'
import type { HostMetrics } from './metrics.js'
import { addRefusals, refusalOptions, refuse } from './refusals.js'
import { quietly } from './server-log.js'

export interface AdminServerOptions {
    readonly logger: FastifyBaseLogger
    readonly metrics: HostMetrics
    readonly process: StateAccess
    /** Absent: the state can neither be read nor set. */
    readonly password: string | undefined
    /** Largest state that may be set, in bytes. */
    readonly stateSizeBytesMax: number
}

/** How long a request may take to come as a whole: a state may be large. As of Node itself. */
const requestMillisecondsMax = 300_000

/** A server for the admin interface, not listening yet. */
export function createAdminServer(options: AdminServerOptions) {
    const { logger, metrics, password, process, stateSizeBytesMax } = options
    const server = fastify({
        ...quietly(logger),
        ...refusalOptions(),
        bodyLimit: stateSizeBytesMax,
        requestTimeout: requestMillisecondsMax,
        rewriteUrl: (request) => {
            hideMediaType(request)
            return request.url ?? '/'
        },
        forceCloseConnections: true,
    })
    addRefusals(server, 'Nothing is here but GET /healthz, GET /metrics, GET /state and PUT /state.')
    takeBodiesAsBytes(server)
    server.get('/healthz', (_request, reply) => reply.send('ok\n'))
    server.get('/metrics', async (_request, reply) =>
        reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    )
    const onRequest = unlessRefused(({ headers }) => refusalOf(headers.authorization, password))
    server.get('/state', { onRequest }, async (_request, reply) =>
        reply.type('text/plain; charset=utf-8').send(await process.serializeState()),
    )
    server.put('/state', { onRequest }, async (request, reply) => {
        const body = request.body as Buffer | undefined
        if (body === undefined) return reply.code(400).send('The body must be the serialised state.\n')
        if (!isUtf8(body)) return refuse(reply, 'no-text')
        try {
            await process.setState(body.toString('utf8'))
        } catch (error) {
            if (error instanceof RefusedCall) {
                return reply.code(error.code === 'limit-exceeded' ? 413 : 422).send(`${error.message}\n`)
            }
            if (!(error instanceof AppFailure)) throw error
            return reply.code(422).send(`The app cannot take this state: ${error.message}\n`)
        }
        return reply.code(204).send()
    })
    return server
}

function refusalOf(authorization: string | undefined, password: string | undefined) {
    if (password === undefined) {
        const sentence = 'The state is out of reach: the host was started without a password for it.'
        return { code: 403, sentence }
    }
    const [scheme = '', encoded = ''] = (authorization ?? '').split(' ')
    // Whatever the name of the user is: `curl -u :password` gives an empty one.
    const given = Buffer.from(encoded, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '')
    if (scheme.toLowerCase() === 'basic' && isSame(given, password)) return undefined
    const headers = { 'www-authenticate': 'Basic realm="complog"' }
    return { code: 401, headers, sentence: 'Wrong password.' }
}
