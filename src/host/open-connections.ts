// What the clients of a server are about, so that its end waits for the app, but not without bound for a
// client. And how many of them there may be at a time.
import { readdirSync } from 'node:fs'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

import { ComplogError } from '../core/errors.js'

/** Who has to do something next. */
type Turn = 'sender' | 'app' | 'reader'

export interface Ending {
    /** How long the rest of a request may take that has come in part, in milliseconds. */
    readonly sendingMillisecondsMax: number
    /** How long a client may take to read its answer, in milliseconds. */
    readonly readingMillisecondsMax: number
    /** Called once all requests have come as a whole, or come no more. */
    readonly onAllCame?: (() => void) | undefined
}

const lookMilliseconds = 100

/** What has come on one connection and is not answered yet, in the order in which it came. */
interface Connection {
    /** Kept, since a socket that was closed has none. */
    readonly address: string | undefined
    readonly due: Set<ServerResponse>
    /** Lets each of them begin that has not begun yet. */
    readonly waiting: Map<ServerResponse, () => void>
    /** When the turn of each that had to wait for it began. Nobody read its body until then. */
    readonly turnsBegan: Map<ServerResponse, number>
    /** What is to be done behind the answers, where what came behind the requests cannot be read. */
    behind?: (() => void) | undefined
}

export class OpenConnections {
    readonly #server: Server
    readonly #connections = new Map<Socket, Connection>()
    readonly #addresses = new WeakMap<IncomingMessage, string | undefined>()

    /** Takes a server's requests over, and hands them to its handlers one by one on each connection. */
    constructor(server: Server) {
        this.#server = server
        server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
            this.#connections.set(socket, {
                address: socket.remoteAddress,
                due: new Set(),
                waiting: new Map(),
                turnsBegan: new Map(),
            })
            socket.once('close', () => this.#connections.delete(socket))
        })
        const handlers = server.listeners('request') as RequestListener[]
        server.removeAllListeners('request')
        server.on('request', (request: IncomingMessage, response: ServerResponse) => {
            this.#take(request, response, () => {
                for (const handle of handlers) handle.call(server, request, response)
            })
        })
        // What Node calls when a server closes takes connections for idle on which an answer is still being
        // sent.
        server.closeIdleConnections = () => this.#closeIdle()
    }

    /** The address of whoever sent a request, also where they have gone meanwhile. */
    addressOf(request: IncomingMessage): string | undefined {
        return this.#addresses.get(request)
    }

    /**
     * For what came on a connection and cannot be read: does something once all is answered that came as a
     * whole before. The first such thing is the only one.
     */
    behindAnswers(socket: Socket, work: () => void): void {
        const connection = this.#connections.get(socket)
        if (connection === undefined) work()
        if (connection === undefined || connection.behind !== undefined) return
        connection.behind = work
        this.#goOn(socket, connection)
    }

    /**
     * For a request that took too long to come: does something at once. Where its body was not read
     * because it waited for its turn, only once it has had as long since its turn began, and has still not
     * come as a whole.
     * @param milliseconds that a request may take
     */
    whenLate(socket: Socket, milliseconds: number, work: () => void): void {
        const connection = this.#connections.get(socket)
        const newest = [...(connection?.due ?? [])].at(-1)
        if (connection === undefined || newest === undefined || newest.req.complete) {
            work()
            return
        }
        const { waiting, turnsBegan } = connection
        const look = () => {
            if (newest.req.complete || socket.destroyed) return
            const now = performance.now()
            const began = waiting.has(newest) ? now : (turnsBegan.get(newest) ?? -Infinity)
            const left = began + milliseconds - now
            if (left <= 0) work()
            else setTimeout(look, left).unref()
        }
        look()
    }

    /** Closes a connection without requests at once; others when their client lets its time pass. */
    end(ending: Ending): void {
        const limits: Readonly<Record<Turn, number>> = {
            sender: ending.sendingMillisecondsMax,
            reader: ending.readingMillisecondsMax,
            // Answered in time, or refused.
            app: Infinity,
        }
        const turns = new WeakMap<Socket, { readonly turn: Turn; readonly since: number }>()
        let isComing = true
        const look = () => {
            this.#closeIdle()
            const now = performance.now()
            let sends = false
            for (const [socket, { due }] of this.#connections) {
                const turn = turnOf(due)
                sends ||= turn === 'sender'
                const last = turns.get(socket)
                if (last?.turn !== turn) turns.set(socket, { turn, since: now })
                else if (now - last.since >= limits[turn]) socket.destroy()
            }
            return sends
        }
        look()
        const timer = setInterval(() => {
            if (look() || !isComing) return
            isComing = false
            ending.onAllCame?.()
        }, lookMilliseconds)
        this.#server.once('close', () => clearInterval(timer))
    }

    /** Order of arrival is the order in the log, so a request waits for the answer to the one before it. */
    #take(request: IncomingMessage, response: ServerResponse, handle: () => void): void {
        const { socket } = request
        const connection = this.#connections.get(socket)
        if (connection === undefined) return
        this.#addresses.set(request, connection.address)
        const isBehind = connection.due.size > 0
        connection.due.add(response)
        connection.waiting.set(response, () => {
            if (isBehind) connection.turnsBegan.set(response, performance.now())
            handle()
        })
        response.once('close', () => {
            connection.due.delete(response)
            connection.waiting.delete(response)
            connection.turnsBegan.delete(response)
            this.#goOn(socket, connection)
        })
        this.#goOn(socket, connection)
    }

    #goOn(socket: Socket, { due, waiting, behind }: Connection): void {
        // The answer before may have been the last one.
        if (!socket.writable) return
        const [next] = due
        const isWhole = next !== undefined && (next.req.complete || next.headersSent)
        if (behind !== undefined && !isWhole) behind()
        else if (next !== undefined) {
            const handle = waiting.get(next)
            waiting.delete(next)
            handle?.()
        }
    }

    #closeIdle(): void {
        for (const [socket, { due }] of this.#connections) if (due.size === 0) socket.destroy()
    }
}

/** One request after the other: only the oldest has begun. */
function turnOf(due: ReadonlySet<ServerResponse>): Turn {
    const [oldest] = due
    if (oldest?.writableEnded === true) return 'reader'
    return oldest?.req.complete === true ? 'app' : 'sender'
}

export interface ConnectionBounds {
    /** Connections at a time to the app. */
    readonly app: number
    /** Connections at a time to the admin interface. */
    readonly admin: number
    /** How many files this process may have open at a time, where the system says so. */
    readonly filesMax: number | undefined
}

/** Enough for whoever asks for health and metrics. */
const adminConnectionsMax = 64

/**
 * Bounds connections, each of which is an open file, such that some files are always left for the log, its
 * reductions, and the threads of another restore: a host that may not open the file of the next hour is dead.
 * @param wanted connections to the app
 * @throws ComplogError `file-system` where not even a few are left
 */
export function boundConnections(wanted: number): ConnectionBounds {
    const filesMax = openFilesMax()
    if (filesMax === undefined) return { app: wanted, admin: adminConnectionsMax, filesMax }
    const reserve = Math.min(128, Math.max(32, Math.floor(filesMax / 4)))
    const left = filesMax - openFiles() - reserve
    if (left < 4) {
        const hint =
            'Raise the number of files a process may open (ulimit -n): 1024 is enough for a small host.'
        const message = `Only ${filesMax} files may be open at a time, which leaves none for connections.`
        throw new ComplogError('file-system', message, { hint })
    }
    const admin = Math.min(adminConnectionsMax, Math.floor(left / 4))
    return { app: Math.min(wanted, left - admin), admin, filesMax }
}

/** Node has raised it as far as it may. */
function openFilesMax(): number | undefined {
    const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft: unknown } } }
    const soft = Number(userLimits?.open_files?.soft)
    // The one or the other where there is no limit.
    return Number.isSafeInteger(soft) && soft > 0 ? soft : undefined
}

function openFiles(): number {
    try {
        return readdirSync('/dev/fd').length
    } catch {
        // As many as a host has open with nothing to do.
        return 32
    }
}
