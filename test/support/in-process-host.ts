// A host within this process, for tests of what is said over HTTP.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'

import { type DestinationStream, pino } from 'pino'

import type { LoadedElmApp } from '../../src/core/elm-app/elm-app.js'
import { Host, type HostOptions } from '../../src/host/host.js'
import { inProcess } from './in-process-app.js'
import { temporaryFolder } from './temporary.js'

export interface EventRequest {
    readonly method: string
    readonly uri: string
    readonly bodyAsString?: string
    readonly headers: readonly { readonly name: string; readonly values: readonly string[] }[]
}

/** What the app answers to the request with this id: the response to its event, as text. */
export type Respond = (request: EventRequest, httpRequestId: string) => string

/** An event's response that answers the request. */
export function answerWith(httpRequestId: string, response: object): string {
    const whole = { statusCode: 200, headersToAdd: [], ...response }
    return JSON.stringify({
        decodeSuccess: [{ completeHttpResponse: { httpRequestId, response: whole } }],
    })
}

/** As what it gets: the request as JSON. */
export const echo: Respond = (request, id) => answerWith(id, { bodyAsString: JSON.stringify(request) })

export interface InProcessHost {
    readonly host: Host
    /** Its folder. */
    readonly store: string
    /** How many requests came to the app. */
    readonly events: () => number
    /** What it logged, JSON lines. */
    readonly logged: () => string
}

/** Starts a host whose state counts events. It stops with the test. */
export async function startInProcess(
    t: Pick<TestContext, 'after'>,
    respond: Respond,
    options: Partial<HostOptions> = {},
): Promise<InProcessHost> {
    let events = 0
    const app = inProcess<number>({
        initialState: 0,
        process: (event, state) => {
            events += 1
            const { httpRequestId, request } = (
                JSON.parse(event) as { httpRequest: { httpRequestId: string; request: EventRequest } }
            ).httpRequest
            return [state + 1, respond(request, httpRequestId)]
        },
        serialize: String,
        deserialize: (text) => {
            if (!/^\d+$/.test(text)) throw new Error(`no number: ${text.slice(0, 10)}`)
            return Number(text)
        },
    })
    return { ...(await startHostOf(t, app, options)), events: () => events }
}

/**
 * Starts a host of this app. It stops with the test.
 * @param options with a `store` that is there already, where it is to be that one
 */
export async function startHostOf(
    t: Pick<TestContext, 'after'>,
    app: LoadedElmApp,
    options: Partial<HostOptions> & { readonly store?: string } = {},
): Promise<Omit<InProcessHost, 'events'>> {
    let logged = ''
    const stream: DestinationStream = { write: (text) => void (logged += text) }
    const { store = temporaryFolder(t), ...others } = options
    const host = await Host.start(store, app, {
        logger: pino({ level: 'info' }, stream),
        listen: { host: '127.0.0.1', port: 0 },
        bodySizeBytesMax: 1000,
        stateSizeBytesMax: 1000,
        connectionsMax: 10,
        requestsMax: 10,
        // Longer than any test waits, but not so long that one which fails would never end.
        requestTimeMillisecondsMax: 120_000,
        answerTimeMillisecondsMax: 120_000,
        ...others,
    })
    t.after(() => host.abandon())
    return { host, store, logged: () => logged }
}

/**
 * Sends these very bytes on a connection of their own, and gives all that came until it was closed.
 * @param halfClose whether to end the own side of the connection behind them
 */
export async function exchange(url: string, bytes: string | Buffer, halfClose = false): Promise<string> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    let received = ''
    socket.setEncoding('utf8').on('data', (text: string) => (received += text))
    if (halfClose) socket.end(bytes)
    else socket.write(bytes)
    await once(socket, 'close')
    return received
}
