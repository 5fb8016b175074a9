// Entrance of host/: HTTP around a persistent process. A request becomes an event in `web-event.ts`, an
// answer of the app a response in `app-answer.ts`, and `http-server.ts` puts them together.
//
// A web app whose state is never lost, from the store on the disk to the two addresses it listens on.
import { lookup } from 'node:dns/promises'
import type { AddressInfo } from 'node:net'

import type { FastifyInstance } from 'fastify'

import type { LoadedElmApp } from '../core/elm-app/elm-app.js'
import { ComplogError, type ErrorCode } from '../core/errors.js'
import {
    type KeeperWork,
    PersistentProcess,
    type PersistentProcessOptions,
    type ProcessObserver,
} from '../core/process/persistent-process.js'
import { createAdminServer } from './admin-server.js'
import { createHttpServer, type HttpServerOptions } from './http-server.js'
import { HostMetrics } from './metrics.js'
import { boundConnections } from './open-connections.js'
import { RateLimit } from './rate-limit.js'
import { StaticFiles } from './static-files.js'
import { WebApp, type WebAppOptions } from './web-app.js'
import type { WebSettings } from './web-settings.js'

export interface ListenAddress {
    readonly host: string
    readonly port: number
}

export interface HostOptions
    extends Omit<PersistentProcessOptions, 'observer'>,
        Omit<HttpServerOptions, 'onAnswered' | 'adminPaths' | 'staticFiles' | 'rateLimit'>,
        Omit<WebAppOptions, 'onTrouble'> {
    readonly listen: ListenAddress
    /** Where health, metrics and state are to be had; absent: nowhere. */
    readonly adminListen?: ListenAddress | undefined
    readonly adminPassword?: string | undefined
    readonly stateSizeBytesMax: number
    /** What the app's `map.json` asks for, and the files beside it, by their paths below `static-files/`. */
    readonly webSettings?: WebSettings | undefined
    readonly files?: ReadonlyMap<string, Uint8Array> | undefined
}

/** What could not be done beside the requests. */
const undone: Readonly<Record<KeeperWork, string>> = {
    reduction: 'a reduction could not be stored',
    truncation: 'the log could not be truncated, and stays as it is',
    'failed-events': 'an event on which the app failed could not be kept',
}

/** Another command works on the store. It ends, and the next try comes by itself. */
const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['store-locked', 'store-changed'])

/** No fault that should wake anybody: it passes, or saved what an app of before may need. */
function isExpected(error: unknown, during: KeeperWork): boolean {
    if (!(error instanceof ComplogError)) return false
    return passing.has(error.code) || (during === 'truncation' && error.code === 'state-not-understood')
}

/** What a process tells of its work, as lines of log and as figures, once there are some. */
function observerOf(logger: HostOptions['logger'], metrics: () => HostMetrics | undefined): ProcessObserver {
    return {
        onCommitted: (committed) => metrics()?.committed(committed),
        onReduced: (hash, milliseconds) =>
            logger.info({ hash, milliseconds: Math.round(milliseconds) }, 'stored a reduction'),
        onTruncated: (truncated) => {
            metrics()?.truncated(truncated)
            const { milliseconds, waitedMilliseconds, ...rest } = truncated
            const times = {
                milliseconds: Math.round(milliseconds),
                waitedMilliseconds: Math.round(waitedMilliseconds),
            }
            logger.info({ ...rest, ...times }, 'truncated the log')
        },
        onTrouble: (error, during) => {
            metrics()?.trouble(during)
            logger[isExpected(error, during) ? 'warn' : 'error'](error, undone[during])
        },
    }
}

interface HostParts {
    readonly process: PersistentProcess
    readonly web: WebApp
    readonly servers: readonly FastifyInstance[]
}

export class Host {
    /** Where it listens, such as `http://127.0.0.1:8080`. */
    readonly url: string
    readonly adminUrl: string | undefined
    /** Resolves with the error that ended the process, when nothing is answered any more. */
    readonly died: Promise<unknown>
    readonly #process: PersistentProcess
    readonly #web: WebApp
    readonly #servers: readonly FastifyInstance[]

    /**
     * Restores the app and starts to listen.
     * @throws ComplogError what `PersistentProcess.open` throws; `usage` where it cannot listen
     */
    static async start(path: string, app: LoadedElmApp, options: HostOptions): Promise<Host> {
        const { logger } = options
        let metrics: HostMetrics | undefined
        const process = await PersistentProcess.open(path, app, {
            ...options,
            command: 'host',
            observer: observerOf(logger, () => metrics),
        })
        const servers: FastifyInstance[] = []
        try {
            for (const { id, message, place } of process.findings) logger.warn({ id, place }, message)
            const { notUnderstood } = process
            if (notUnderstood !== undefined) {
                const { message, ...counts } = notUnderstood
                logger.warn(counts, message)
            }
            const web = new WebApp(process, {
                ...options,
                onTrouble: ({ kind, httpRequestId, message }) => {
                    metrics?.trouble(kind)
                    logger.warn({ kind, httpRequestId }, message)
                },
            })
            metrics = new HostMetrics({
                recordsSinceReduction: () => process.recordsSinceReduction,
                requestsWaiting: () => web.underWay,
                restoreSeconds: process.restored.milliseconds / 1000,
            })
            const counted = metrics
            const { adminPassword: password, stateSizeBytesMax } = options
            const bounds = boundConnections(options.connectionsMax)
            if (bounds.app < options.connectionsMax) {
                const why = `this process may have ${bounds.filesMax} files open (ulimit -n)`
                logger.warn(bounds, `at most ${bounds.app} connections at a time: ${why}`)
            }
            const http = await createHttpServer(web, {
                ...options,
                ...beforeTheApp(options),
                connectionsMax: bounds.app,
                adminPaths: { process, password },
                onAnswered: (statusCode, milliseconds) => counted.answered(statusCode, milliseconds),
            })
            servers.push(http)
            const url = await listen(http, options.listen)
            let adminUrl: string | undefined
            if (options.adminListen) {
                const admin = createAdminServer({ logger, metrics, process, password, stateSizeBytesMax })
                admin.server.maxConnections = bounds.admin
                servers.push(admin)
                adminUrl = await listen(admin, options.adminListen)
            }
            const { records, milliseconds } = process.restored
            logger.info(
                { records, milliseconds: Math.round(milliseconds), url, adminUrl },
                'restored, and listening',
            )
            return new Host({ process, web, servers }, { url, adminUrl })
        } catch (error) {
            await Promise.all(servers.map((server) => server.close()))
            await process.close().catch(() => undefined)
            throw error
        }
    }

    private constructor(
        { process, web, servers }: HostParts,
        { url, adminUrl }: Pick<Host, 'url' | 'adminUrl'>,
    ) {
        this.#process = process
        this.#web = web
        this.#servers = servers
        this.url = url
        this.adminUrl = adminUrl
        this.died = process.died
    }

    /** What the start replayed. */
    get restored(): PersistentProcess['restored'] {
        return this.#process.restored
    }

    /** Hash of the newest record. */
    get head(): PersistentProcess['head'] {
        return this.#process.head
    }

    /** After the process died: gives no more answers, not even to what is under way. */
    async abandon(): Promise<void> {
        this.#closeConnections()
        this.#web.end()
        await Promise.all(this.#servers.map((server) => server.close()))
        // What it died of is known.
        await this.#process.close().catch(() => undefined)
    }

    /**
     * Accepts nothing more, answers what is under way, stores a reduction, and gives the store back.
     * @throws what ended the process, where it did not come to its end in peace
     */
    async stop(): Promise<void> {
        // What is under way gets no answer either, where the process dies meanwhile.
        void this.died.then(() => this.#closeConnections())
        await Promise.all(this.#servers.map((server) => server.close()))
        // What still waits now has a client that went away.
        this.#web.end()
        await this.#process.close({ reduce: true })
    }

    #closeConnections(): void {
        for (const server of this.#servers) server.server.closeAllConnections()
    }
}

/** What stands before the app, by its `map.json`. What was said to the host itself comes first. */
function beforeTheApp({ webSettings, files, corsOrigins, logger }: HostOptions) {
    if (webSettings === undefined) return {}
    const { staticFileRules, rateLimit, corsAllowAnything, notes } = webSettings
    for (const note of notes) logger.warn(note)
    const staticFiles = new StaticFiles(staticFileRules, files ?? new Map())
    for (const name of staticFiles.missing) {
        logger.warn(
            { name },
            'map.json names a static file that is not there: its addresses are answered 404',
        )
    }
    return {
        staticFiles,
        rateLimit: rateLimit && new RateLimit(rateLimit),
        corsOrigins: corsOrigins ?? (corsAllowAnything ? ('anything' as const) : undefined),
    }
}

async function listen(server: FastifyInstance, { host, port }: ListenAddress): Promise<string> {
    try {
        // By its name alone the HTTP library knows localhost, and adds servers for its other addresses that
        // have no bounds.
        const { address } = await lookup(host)
        await server.listen({ host: address, port })
    } catch (error) {
        throw cannotListen(error as NodeJS.ErrnoException, `${host}:${port}`)
    }
    const { address, family, port: actual } = server.server.address() as AddressInfo
    const protocol = server.initialConfig.https === undefined ? 'http' : 'https'
    return `${protocol}://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
}

/** What is wrong with an address, and what to do about it. */
const listenTroubles: Readonly<Record<string, readonly [string, string]>> = {
    EADDRINUSE: ['another process listens there', 'Name another address, or end that process.'],
    EADDRNOTAVAIL: [
        'no network interface of this machine has that address',
        'Name an address that `ip address` or `ifconfig` lists, or 0.0.0.0 for all of them.',
    ],
    ENOTFOUND: [
        'no address is known by that name',
        'See whether the name is spelled right, or name an address.',
    ],
    EAI_AGAIN: ['the name could not be looked up', 'See whether the network is up, or name an address.'],
    EACCES: [
        'this user may not listen there',
        'Name a port from 1024 on, or let the process listen below that (on Linux: CAP_NET_BIND_SERVICE).',
    ],
    EAFNOSUPPORT: [
        'this machine has no such network',
        'Name an IPv4 address, such as 0.0.0.0 for all of them.',
    ],
}

function cannotListen(error: NodeJS.ErrnoException, where: string): ComplogError {
    const { code = error.message } = error
    const [what, hint] = listenTroubles[code] ?? []
    const why = what === undefined ? code : `${what} (${code})`
    return new ComplogError('usage', `Cannot listen on ${where}: ${why}.`, { hint, cause: error })
}
