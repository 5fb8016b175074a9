// What pages of other origins may do with the app.
import cors from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Origins whose pages may read answers, `*` for all; or all, with the cookies and passwords of users. */
export type CorsOrigins = readonly string[] | 'anything'

/** As far as a browser asks before: what a method means, the app knows. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Whether a browser asks what a page may do. Any other OPTIONS is for the app. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
    return (
        method === 'OPTIONS' &&
        Boolean(headers.origin) &&
        headers['access-control-request-method'] !== undefined
    )
}

export async function answerOrigins(server: FastifyInstance, origins: CorsOrigins): Promise<void> {
    if (origins === 'anything') {
        allowAnything(server)
        return
    }
    const origin = origins.includes('*') ? '*' : [...origins]
    await server.register(cors, {
        delegator: (request, done) => done(null, { origin, methods, preflight: isPreflight(request) }),
    })
}

/** As Kalmit's hosts did: whoever asks may do what he asks for. */
function allowAnything(server: FastifyInstance): void {
    server.addHook('onRequest', (request, reply, done) => {
        const { headers } = request
        if (!headers.origin) {
            done()
            return
        }
        void reply.headers({
            vary: 'Origin',
            'access-control-allow-origin': headers.origin,
            'access-control-allow-credentials': 'true',
        })
        if (!isPreflight(request)) {
            done()
            return
        }
        const method = String(headers['access-control-request-method'])
        // These may be sent without being asked for.
        if (!['GET', 'HEAD', 'POST'].includes(method))
            void reply.header('access-control-allow-methods', method)
        const wanted = headers['access-control-request-headers']?.split(',').map((name) => name.trim())
        if (wanted !== undefined) void reply.header('access-control-allow-headers', wanted.join(','))
        void reply.code(204).send()
    })
}
