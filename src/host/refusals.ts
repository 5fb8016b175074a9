// What a client is told where no app answers it: a status code and a sentence, whoever found it out, the host
// or the HTTP library.
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import type { Refused } from './web-app.js'

/** Milliseconds for a refused client to go on sending: many read no answer before they are done. */
const readOnMillisecondsMax = 5000
/** Seconds that a client should wait before it tries again. */
const retryAfterSeconds = 1

export type RefusalKind = Refused['kind'] | 'no-text' | 'no-request' | 'ending'

const refusals: Readonly<Record<RefusalKind, readonly [number, string]>> = {
    'too-many-requests': [503, 'Too many requests wait for an answer. Try again.'],
    'too-large': [413, 'The request is too large for a record. Nothing was recorded.'],
    'app-failed': [500, 'The app failed on this request. Nothing was recorded.'],
    'decode-error': [500, 'The app did not understand this request. The request was recorded.'],
    'malformed-response': [502, 'What the app answered cannot be sent. The request was recorded.'],
    'no-answer': [504, 'The app gave no answer in time. The request was recorded.'],
    'no-text': [415, 'The body is not UTF-8, and apps take text only. Nothing was recorded.'],
    'no-request': [
        400,
        'The host, the path or a header of the request cannot be read. Nothing was recorded.',
    ],
    ending: [503, 'The host is about to end. Nothing was recorded.'],
}

export function refuse(reply: FastifyReply, kind: RefusalKind): FastifyReply {
    const [statusCode, sentence] = refusals[kind]
    if (statusCode === 503) reply.header('retry-after', retryAfterSeconds)
    return tell(reply, statusCode, sentence)
}

/** Answers with a sentence. */
export function tell(reply: FastifyReply, statusCode: number, sentence: string): FastifyReply {
    return reply.code(statusCode).type('text/plain; charset=utf-8').send(`${sentence}\n`)
}

/** What the HTTP library finds in a request that it could read. */
function refuseForLibrary(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { statusCode = 500 } = error
    if (statusCode === 413) {
        const text = 'The body of the request is too large. Nothing was recorded.\n'
        return reply
            .code(413)
            .type('text/plain; charset=utf-8')
            .headers({ connection: 'close', 'content-length': Buffer.byteLength(text) })
            .send(Readable.from(thenReadOn(text, request.raw)))
    }
    if (statusCode < 500) {
        const sentence = 'The request did not come as its headers say. Nothing was recorded.'
        return tell(reply, statusCode, sentence)
    }
    request.log.error(error, 'a request could not be answered')
    const sentence = 'The host failed on this request, and its log says why. It may have been recorded.'
    return tell(reply, 500, sentence)
}

/** A body that ends no sooner than the request does, or its client has had the time to read it. */
async function* thenReadOn(text: string, request: IncomingMessage): AsyncGenerator<string> {
    yield text
    await new Promise<void>((done) => {
        const timer = setTimeout(done, readOnMillisecondsMax)
        const end = () => {
            clearTimeout(timer)
            done()
        }
        request.once('end', end).once('error', end).once('close', end).resume()
    })
}

const tookTooLong = 'ERR_HTTP_REQUEST_TIMEOUT'

/** What is wrong with something that is not even a request. */
function refuseConnection({ code }: { readonly code?: string }): readonly [number, string] {
    if (code === tookTooLong) return [408, 'The request took too long to come.']
    if (code === 'HPE_HEADER_OVERFLOW') return [431, 'The headers of the request are too large.']
    return [400, 'This is no request of HTTP that can be read.']
}

/**
 * The options that make a server refuse in these words, with `addRefusals`.
 * @param inTurn does something to a connection when it is time for it; `isLate`: because a request took too
 * long
 */
export function refusalOptions(
    inTurn: (socket: Socket, isLate: boolean, work: () => void) => void = (_socket, _isLate, work) => work(),
) {
    return {
        frameworkErrors: refuseForLibrary,
        return503OnClosing: false,
        clientErrorHandler(error: Error & { readonly code?: string }, socket: Socket): void {
            if (socket.writable) {
                inTurn(socket, error.code === tookTooLong, () => endWith(socket, refuseConnection(error)))
            } else if (!socket.writableEnded) socket.destroy()
        },
    }
}

/** Says a last word on a connection, and reads on for a while: closed at once, it would take it along. */
function endWith(socket: Socket, [statusCode, what]: readonly [number, string]): void {
    const text = `${what} Nothing was recorded.\n`
    const head = [
        `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
        'Content-Type: text/plain; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(text)}`,
        'Connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
    const timer = setTimeout(() => socket.destroy(), readOnMillisecondsMax)
    socket.once('close', () => clearTimeout(timer))
}

/** Before anything else of the server: what it refuses is the first that is looked at. */
export function addRefusals(server: FastifyInstance, notFound: string): void {
    let isEnding = false
    server.addHook('preClose', (done) => {
        isEnding = true
        done()
    })
    server.addHook('onRequest', (_request, reply, done) => {
        if (isEnding) void refuse(reply, 'ending')
        else done()
    })
    server.setErrorHandler(refuseForLibrary)
    server.setNotFoundHandler((_request, reply) => tell(reply, 404, notFound))
}
