// What the clients of a server are about, so that its end waits for the app, but not without bound for a client.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** Who has to do something next. */
type Turn = 'sender' | 'app' | 'reader'

export interface EndingTimes {
    /** How long the rest of a request may take that has come in part, in milliseconds. */
    readonly sendingMillisecondsMax: number
    /** How long a client may take to read its answer, in milliseconds. */
    readonly readingMillisecondsMax: number
}

const lookMilliseconds = 100

export class OpenConnections {
    readonly #server: Server
    /** The answers that are due on each connection; several, where requests came one behind the other. */
    readonly #due = new Map<Socket, Set<ServerResponse>>()

    constructor(server: Server) {
        this.#server = server
        server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
            this.#due.set(socket, new Set())
            socket.once('close', () => this.#due.delete(socket))
        })
        server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
            const due = this.#due.get(socket)
            due?.add(response)
            response.once('close', () => due?.delete(response))
        })
        // What Node calls when a server closes takes connections for idle on which an answer is still being sent.
        server.closeIdleConnections = () => {
            this.#closeIdle()
        }
    }

    /** Whether a request has come as a whole on this connection that is not answered to its end. */
    isAnswerDue(socket: Socket): boolean {
        return [...(this.#due.get(socket) ?? [])].some(({ req, headersSent }) => req.complete || headersSent)
    }

    /** Where no request is under way, closes the connection at once; elsewhere when its client lets its time pass. */
    end(times: EndingTimes): void {
        const limits: Readonly<Record<Turn, number>> = {
            sender: times.sendingMillisecondsMax,
            reader: times.readingMillisecondsMax,
            // Answered in time, or refused.
            app: Infinity,
        }
        const turns = new WeakMap<Socket, { readonly turn: Turn; readonly since: number }>()
        const look = () => {
            this.#closeIdle()
            const now = performance.now()
            for (const [socket, due] of this.#due) {
                const turn = turnOf(due)
                const last = turns.get(socket)
                if (last?.turn !== turn) turns.set(socket, { turn, since: now })
                else if (now - last.since >= limits[turn]) socket.destroy()
            }
        }
        look()
        const timer = setInterval(look, lookMilliseconds)
        this.#server.once('close', () => {
            clearInterval(timer)
        })
    }

    #closeIdle(): void {
        for (const [socket, due] of this.#due) if (due.size === 0) socket.destroy()
    }
}

function turnOf(due: ReadonlySet<ServerResponse>): Turn {
    let turn: Turn = 'sender'
    for (const { req, writableEnded } of due) {
        if (writableEnded) turn = 'reader'
        else if (req.complete) return 'app'
    }
    return turn
}
