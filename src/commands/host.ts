import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { appending, exitCodeHelp } from '../cli/exit-codes.js'
import {
    appFlags,
    limitsFrom,
    newStoreArgument,
    requireApp,
    sizeFlag,
    timeoutFlag,
} from '../cli/flags/flags.js'
import { listenFlag, processFlags, processOptionsFrom } from '../cli/flags/process-flags.js'
import { renderHost } from '../cli/render/host.js'
import { signalUntil } from '../cli/second-process/interrupt.js'
import { printable } from '../cli/text/printable.js'
import { refuseLaterStore } from '../core/store/recognise.js'

/** Environment variable that holds the password for reading and setting the state. */
const passwordVariable = 'COMPLOG_ADMIN_PASSWORD'

export default class HostCommand extends ComplogCommand<'host'> {
    static override readonly id = 'host'
    static readonly summary = 'Serve a web app whose state is never lost.'
    static readonly description =
        `Restores the app from its process store and serves it over HTTP: each request becomes an event, its record is on the disk before the app's answer leaves. A store that is not there is made.

On SIGTERM or Ctrl-C it accepts nothing more, answers what is under way, stores a reduction, and ends with 0. When a record cannot be written, nothing is answered any more, and it ends with 16.

Health (/healthz) and metrics (/metrics) are on an address of their own. There, with the password in ${passwordVariable}, the state can be read (GET /state) and set (PUT /state) too.

${exitCodeHelp(appending)}`
    static readonly usage =
        '<%= command.id %> STORE --app APP [--listen ADDRESS] [--truncate-after-reduction]'
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app app',
        '<%= config.bin %> <%= command.id %> process-store --app app --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem',
    ]
    static readonly args = newStoreArgument
    static readonly flags = {
        listen: listenFlag({
            description: 'where to serve the app; of a name, its first address [default: 127.0.0.1:8080]',
        }),
        'admin-listen': listenFlag({
            description: 'where to serve health and metrics [default: 127.0.0.1:8081]',
        }),
        'no-admin': Flags.boolean({
            description: 'serve no health and metrics',
            exclusive: ['admin-listen'],
        }),
        'tls-cert': Flags.string({
            helpValue: 'FILE',
            description: 'certificate chain (PEM): serve HTTPS',
            dependsOn: ['tls-key'],
        }),
        'tls-key': Flags.string({
            helpValue: 'FILE',
            description: 'private key of the certificate (PEM)',
            dependsOn: ['tls-cert'],
        }),
        cors: Flags.string({
            helpValue: 'ORIGIN',
            multiple: true,
            description: 'let pages of this origin (or *) read answers',
        }),
        'max-body-size': sizeFlag({
            description: 'largest body of a request [default: 30,000,000 bytes]',
            helpGroup: 'LIMIT',
        }),
        'strict-bodies': Flags.boolean({
            description: 'refuse a body that is not UTF-8 with 415, instead of reading it with U+FFFD',
        }),
        'max-connections': Flags.integer({
            helpValue: 'N',
            min: 1,
            default: 10_000,
            description: 'connections at a time',
            helpGroup: 'LIMIT',
        }),
        'max-waiting': Flags.integer({
            helpValue: 'N',
            min: 1,
            default: 1000,
            description: 'requests under way at a time; more get a 503',
            helpGroup: 'LIMIT',
        }),
        'request-timeout': timeoutFlag({
            description: 'how long a request may take to come as a whole [default: 60s]',
            helpGroup: 'LIMIT',
        }),
        'answer-timeout': timeoutFlag({
            description: 'how long a request waits for its answer [default: 60s]',
            helpGroup: 'LIMIT',
        }),
        'log-level': Flags.string({
            options: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
            default: 'info',
            description: 'what to log, as JSON lines on stderr',
        }),
        ...processFlags,
        'truncate-after-reduction': Flags.boolean({
            description: 'drop the records before each reduction that is stored at its interval',
            helpGroup: 'REDUCTION',
        }),
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'host'>> {
        const { args, flags } = await this.parse(HostCommand)
        refuseLaterStore(args.store)
        this.holdSignals()
        const tls = await tlsFrom(flags)
        const webApp = await webAppFrom(requireApp(flags.app))
        let isUp = false
        const starting = { ...this.work, signal: signalUntil(this.work.signal, () => isUp) }
        const app = await this.loadApp(flags, starting)
        const logger = await createLogger(flags['log-level'])
        const { Host } = await import('../host/host.js')
        const host = await Host.start(args.store, app, {
            ...starting,
            ...processOptionsFrom(flags),
            truncateAfterReduction: flags['truncate-after-reduction'],
            limits: limitsFrom(flags),
            logger,
            listen: flags.listen ?? { host: '127.0.0.1', port: 8080 },
            adminListen: flags['no-admin']
                ? undefined
                : (flags['admin-listen'] ?? { host: '127.0.0.1', port: 8081 }),
            adminPassword: process.env[passwordVariable] || undefined,
            tls,
            corsOrigins: flags.cors,
            strictBodies: flags['strict-bodies'],
            ...webApp,
            // As of Kalmit's hosts.
            bodySizeBytesMax: flags['max-body-size'] ?? 30_000_000,
            stateSizeBytesMax: 256 * 1024 * 1024,
            connectionsMax: flags['max-connections'],
            requestsMax: flags['max-waiting'],
            requestTimeMillisecondsMax: flags['request-timeout'] ?? 60_000,
            answerTimeMillisecondsMax: flags['answer-timeout'] ?? 60_000,
        })
        isUp = true
        await this.stopProgress()
        const died = await Promise.race([
            host.died.then((error) => ({ error })),
            interrupted(this.work.signal),
        ])
        if (died !== undefined) {
            logger.fatal(died.error, 'the process is dead: nothing is answered any more')
            await host.abandon()
            throw died.error
        }
        logger.info('stopping')
        await host.stop()
        const { url, adminUrl, head, restored } = host
        const result = { url, adminUrl: adminUrl ?? null, head, restored }
        return { yes: true, result, text: () => '', summary: (style) => renderHost(result, style) }
    }
}

async function createLogger(level: string) {
    const { pino, destination } = await import('pino')
    // Synchronous, so that the last words of a dying process are heard. What others sent is in some lines.
    // JSON leaves C1 and bidi controls as they are, which a terminal obeys.
    const terminal = { write: (line: string) => void process.stderr.write(printable(line)) }
    return pino({ level }, process.stderr.isTTY ? terminal : destination({ fd: 2, sync: true }))
}

/** What stands beside the app, for its host alone. Before anything is started, since it may be refused. */
async function webAppFrom(path: string) {
    const { readWebAppConfig } = await import('../core/elm-app/source/web-app-config.js')
    const { map, files } = await readWebAppConfig(path)
    if (map === undefined) return {}
    const { parseWebSettings } = await import('../host/web-settings.js')
    return { webSettings: parseWebSettings(map.bytes, map.origin), files }
}

async function tlsFrom(flags: { 'tls-cert'?: string | undefined; 'tls-key'?: string | undefined }) {
    const { 'tls-cert': cert, 'tls-key': key } = flags
    if (cert === undefined || key === undefined) return undefined
    const { readTlsFiles } = await import('../host/tls.js')
    return readTlsFiles(cert, key)
}

function interrupted(signal: AbortSignal | undefined): Promise<undefined> {
    return new Promise((resolve) => {
        if (signal === undefined) return
        if (signal.aborted) resolve(undefined)
        signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
}
