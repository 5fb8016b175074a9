// `/kalmit-admin`, by which old scripts read and set the state beside the app: with the password, and never
// as an event, since the log would then hold what they send, password and all.
import { createHash, timingSafeEqual } from 'node:crypto'

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { AppFailure } from '../core/elm-app/elm-app.js'
import { RefusedCall } from '../core/process/calls.js'
import { tell } from './refusals.js'
import { requestUri } from './request-uri.js'

/** What of a persistent process these paths need. */
export interface StateAccess {
    serializeState(): Promise<string>
    setState(state: string): Promise<void>
}

export interface AdminPathsOptions {
    readonly process: StateAccess
    /** Absent: all that is asked for is refused. */
    readonly password: string | undefined
}

/** The route that requests of these paths take within the server. */
export const adminRoute = '/kalmit-admin'

const adminPath = /^\/kalmit-admin(?=\/|$)/i
/** Here, case counts. */
const statePath = '/api/process/state'

/** Whether a request's target is one of these paths, in whatever case and with whatever escapes. */
export function isAdminPath(target: string): boolean {
    return adminPath.test(requestUri(target).path)
}

/** Answers on `adminRoute` as Kalmit's hosts did: the same status codes, in the same order. */
export function serveAdminPaths(server: FastifyInstance, { process, password }: AdminPathsOptions): void {
    const onRequest = unlessRefused((request) => refusalOf(request, password))
    // The body of what is refused is never waited for.
    server.all(adminRoute, { onRequest }, async (request, reply) => {
        if (request.method === 'GET') {
            return reply.type('text/plain; charset=utf-8').send(await process.serializeState())
        }
        // A byte order mark is none of the state.
        const state = new TextDecoder().decode((request.body as Buffer | undefined) ?? new Uint8Array())
        try {
            await process.setState(state)
        } catch (error) {
            if (!(error instanceof AppFailure || error instanceof RefusedCall)) throw error
            if (error instanceof RefusedCall && error.code === 'limit-exceeded') {
                return tell(reply, 413, 'The state is too large for a record. Nothing was recorded.')
            }
            return tell(reply, 500, `The app cannot take this state: ${error.message} Nothing was recorded.`)
        }
        return tell(reply, 200, 'The state is set.')
    })
}

interface Refusal {
    readonly code: number
    readonly headers?: Readonly<Record<string, string>>
    readonly sentence: string
}

/** Looks at a request before its body has come, and answers it where it is refused. */
export function unlessRefused(refusalOf: (request: FastifyRequest) => Refusal | undefined) {
    return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
        const refusal = refusalOf(request)
        if (refusal === undefined) done()
        else void tell(reply.headers(refusal.headers ?? {}), refusal.code, refusal.sentence)
    }
}

function refusalOf(request: FastifyRequest, password: string | undefined): Refusal | undefined {
    const { method, originalUrl, headers } = request
    if (password === undefined) {
        return { code: 403, sentence: 'The host was started without a password for these paths.' }
    }
    if (!isRoot(headers.authorization, password)) {
        // What stands in quotes may hold neither of these.
        const host = (headers.host ?? '').replaceAll(/["\\]/g, '')
        const challenge = `Basic realm="${host}/kalmit-admin", charset="UTF-8"`
        return { code: 401, headers: { 'www-authenticate': challenge }, sentence: 'Wrong name or password.' }
    }
    if (requestUri(originalUrl).path.replace(adminPath, '') !== statePath) {
        return { code: 404, sentence: `Nothing is here but /kalmit-admin${statePath}.` }
    }
    if (method === 'GET' || method === 'POST') return undefined
    return {
        code: 405,
        headers: { allow: 'GET, POST' },
        sentence: 'The state can be read by GET and set by POST.',
    }
}

const base64 = /^(?:[a-z\d+/]{4})*(?:[a-z\d+/]{2}==|[a-z\d+/]{3}=)?$/i

/** Whether Basic credentials are those of `root`. */
function isRoot(authorization: string | undefined, password: string): boolean {
    const [, encoded = ''] = /^basic +(\S+)$/i.exec(authorization ?? '') ?? []
    return base64.test(encoded) && isSame(Buffer.from(encoded, 'base64').toString('utf8'), `root:${password}`)
}

/** Takes as long for a wrong text as for the right one, whatever their lengths. */
export function isSame(given: string, expected: string): boolean {
    const digest = (text: string) => createHash('sha256').update(text).digest()
    return timingSafeEqual(digest(given), digest(expected))
}
