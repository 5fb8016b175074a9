// What a Kalmit host of April 2019 was sent, what it answered and what came into its log, byte for byte.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

import { inProcess } from './in-process-app.js'
import { answerWith } from './in-process-host.js'
import { fixturesFolder } from './stores.js'

export interface RecordedExchange {
    readonly name: string
    readonly request: Buffer
    /** Undefined where the connection was closed without a byte. */
    readonly answer: HttpAnswer | undefined
    /** The events that came into the log because of it. */
    readonly events: readonly string[]
    /** The states that records set because of it. */
    readonly statesSet: readonly string[]
    /** Where the request came from. */
    readonly localAddress: string | undefined
    readonly isHead: boolean
}

export interface HttpAnswer {
    readonly statusCode: number
    /** By name in small letters. */
    readonly headers: ReadonlyMap<string, string>
    /** Without the framing. */
    readonly body: Buffer
}

export const recordedFolder = join(fixturesFolder, 'recorded-host')

interface Line {
    readonly name: string
    readonly requestBase64: string
    readonly responseBase64: string | null
    readonly recorded: readonly string[]
    readonly recordedSetState?: readonly string[]
    readonly localAddress?: string
    readonly isHead?: boolean
}

/** The exchanges of a file in `fixtures/recorded-host`, in their order. */
export function recordedExchanges(name: string): readonly RecordedExchange[] {
    const lines = readFileSync(join(recordedFolder, `${name}.jsonl`), 'utf8')
        .trimEnd()
        .split('\n')
    return lines.map((text) => {
        const line = JSON.parse(text) as Line
        const isHead = line.isHead === true
        const bytes = Buffer.from(line.responseBase64 ?? '', 'base64')
        return {
            name: line.name,
            request: Buffer.from(line.requestBase64, 'base64'),
            answer: readAnswer(bytes, isHead, true),
            events: line.recorded,
            statesSet: line.recordedSetState ?? [],
            localAddress: line.localAddress,
            isHead,
        }
    })
}

/** Sends a recorded request and gives the first whole answer. */
export async function sendAgain(url: string, exchange: RecordedExchange): Promise<HttpAnswer | undefined> {
    const { hostname, port } = new URL(url)
    const { localAddress, isHead, request } = exchange
    const socket = connect({
        host: hostname.replace(/^\[|\]$/g, ''),
        port: Number(port),
        ...(localAddress && { localAddress }),
    })
    const chunks: Buffer[] = []
    const whole = new Promise<HttpAnswer>((resolve) => {
        socket.on('data', (chunk) => {
            chunks.push(chunk)
            const answer = readAnswer(Buffer.concat(chunks), isHead, false)
            if (answer !== undefined) resolve(answer)
        })
    })
    socket.write(request)
    const answer = await Promise.race([whole, once(socket, 'close').then(() => undefined)])
    socket.destroy()
    return answer ?? readAnswer(Buffer.concat(chunks), isHead, true)
}

/** Reads an answer of HTTP/1, or gives undefined where it has not come as a whole. */
function readAnswer(bytes: Buffer, isHead: boolean, isClosed: boolean): HttpAnswer | undefined {
    const headEnd = bytes.indexOf('\r\n\r\n')
    if (headEnd < 0) return undefined
    const [first = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
    const statusCode = Number(first.split(' ')[1])
    const headers = new Map(
        lines.map((line) => {
            const at = line.indexOf(':')
            return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
        }),
    )
    const rest = bytes.subarray(headEnd + 4)
    const length = Number(headers.get('content-length'))
    let body: Buffer | undefined
    if (isHead || statusCode === 204 || statusCode === 304) body = Buffer.alloc(0)
    else if (headers.get('transfer-encoding') === 'chunked') body = unchunked(rest)
    else if (headers.has('content-length')) body = rest.length < length ? undefined : rest.subarray(0, length)
    else if (isClosed) body = rest
    return body && { statusCode, headers, body }
}

/** What chunks hold, or undefined where the last one is missing. */
function unchunked(bytes: Buffer): Buffer | undefined {
    const parts: Buffer[] = []
    for (let at = 0; ; ) {
        const lineEnd = bytes.indexOf('\r\n', at)
        if (lineEnd < 0) return undefined
        const size = parseInt(bytes.toString('latin1', at, lineEnd), 16)
        if (size === 0) return Buffer.concat(parts)
        parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
        at = lineEnd + 2 + size + 2
    }
}

/** The app of the recordings: it answers with the event, or with what the body gives it to say. */
export const probe = () =>
    inProcess<string>({
        initialState: '',
        process: (event) => {
            const { httpRequestId, request } = (
                JSON.parse(event) as {
                    httpRequest: { httpRequestId: string; request: { bodyAsString?: string } }
                }
            ).httpRequest
            const body = request.bodyAsString ?? ''
            const response = body.startsWith('RAW')
                ? body.slice(3).replaceAll('$ID', httpRequestId)
                : answerWith(httpRequestId, { bodyAsString: event })
            return [event, response]
        },
        serialize: (state) => state,
        deserialize: (text) => text,
    })

interface HeldState {
    readonly count: number
    /** Ids of requests that wait for their answer. */
    readonly held: readonly string[]
}

/**
 * The app of the recordings of what a state does: by the body of a request, it throws, recurses until the stack is full,
 * gives no answer, answers those that have none, or counts.
 */
export const stateProbe = () =>
    inProcess<HeldState>({
        initialState: { count: 0, held: [] },
        process: (event, { count, held }) => {
            const { httpRequestId: id, request } = (
                JSON.parse(event) as {
                    httpRequest: { httpRequestId: string; request: { bodyAsString: string } }
                }
            ).httpRequest
            const state = { count: count + 1, held }
            const answer = (bodyAsString: string) => answerWith(id, { bodyAsString })
            const deep = (n: number): number => 1 + deep(n + 1)
            switch (request.bodyAsString) {
                case 'THROW':
                    throw new Error('the app throws')
                case 'DEEP':
                    return [{ ...state, count: deep(0) }, answer('not reached')]
                case 'HOLD':
                    return [{ ...state, held: [...held, id] }, '{"decodeSuccess":[]}']
                case 'RELEASE':
                    return [
                        { ...state, held: [] },
                        answersTo([[id, 'released'], ...held.map((h) => [h, 'late'] as const)]),
                    ]
                case 'COUNT':
                    return [state, answer(String(state.count))]
                default:
                    return [state, answer(event)]
            }
        },
        serialize: (state) => JSON.stringify(state),
        deserialize: (text) => JSON.parse(text) as HeldState,
    })

const answersTo = (answers: readonly (readonly [id: string, bodyAsString: string])[]) =>
    JSON.stringify({
        decodeSuccess: answers.map(([httpRequestId, bodyAsString]) => ({
            completeHttpResponse: {
                httpRequestId,
                response: { statusCode: 200, headersToAdd: [], bodyAsString },
            },
        })),
    })
