// What a host counts and measures, as Prometheus reads it.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

import type { Committed } from '../core/process/group-commit.js'
import type { ShortenedLog } from '../core/process/process-options.js'

/** From a fast disk to one in trouble, in seconds. */
const diskBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]

export interface MetricsSources {
    readonly recordsSinceReduction: () => number
    readonly requestsWaiting: () => number
    /** Seconds that the restore at the start took. */
    readonly restoreSeconds: number
}

export class HostMetrics {
    readonly registry = new Registry()
    readonly #requests = new Counter({
        name: 'complog_http_requests_total',
        help: 'Answered requests, by class of status code.',
        labelNames: ['status'] as const,
        registers: [this.registry],
    })
    readonly #duration = new Histogram({
        name: 'complog_http_request_duration_seconds',
        help: 'From the arrival of a request to its answer.',
        registers: [this.registry],
    })
    readonly #records = new Counter({
        name: 'complog_records_appended_total',
        help: 'Composition records that are in the log for good.',
        registers: [this.registry],
    })
    readonly #bytes = new Counter({
        name: 'complog_appended_bytes_total',
        help: 'Bytes appended to the log.',
        registers: [this.registry],
    })
    readonly #write = new Histogram({
        name: 'complog_append_write_duration_seconds',
        help: 'Writing one group of records.',
        buckets: diskBuckets,
        registers: [this.registry],
    })
    readonly #sync = new Histogram({
        name: 'complog_append_sync_duration_seconds',
        help: 'Syncing one group of records (fdatasync).',
        buckets: diskBuckets,
        registers: [this.registry],
    })
    readonly #truncated = new Counter({
        name: 'complog_truncated_records_total',
        help: 'Records that were dropped from the beginning of the log.',
        registers: [this.registry],
    })
    readonly #troubles = new Counter({
        name: 'complog_troubles_total',
        help: 'Requests without a proper answer of the app, and other trouble, by kind.',
        labelNames: ['kind'] as const,
        registers: [this.registry],
    })

    constructor(sources: MetricsSources) {
        const registers = [this.registry]
        new Gauge({
            name: 'complog_records_since_reduction',
            help: 'Records that a restore would have to replay.',
            registers,
            collect() {
                this.set(sources.recordsSinceReduction())
            },
        })
        new Gauge({
            name: 'complog_http_requests_waiting',
            help: 'Requests that have no answer yet, or whose event has had no turn yet.',
            registers,
            collect() {
                this.set(sources.requestsWaiting())
            },
        })
        new Gauge({
            name: 'complog_restore_duration_seconds',
            help: 'Restoring the app at the start of this process.',
            registers,
        }).set(sources.restoreSeconds)
        collectDefaultMetrics({ register: this.registry })
    }

    answered(statusCode: number, milliseconds: number): void {
        this.#requests.inc({ status: `${Math.floor(statusCode / 100)}xx` })
        this.#duration.observe(milliseconds / 1000)
    }

    committed({ records, sizeBytes, write, sync }: Committed): void {
        this.#records.inc(records)
        this.#bytes.inc(sizeBytes)
        this.#write.observe(write / 1000)
        this.#sync.observe(sync / 1000)
    }

    truncated({ records }: ShortenedLog): void {
        this.#truncated.inc(records)
    }

    trouble(kind: string): void {
        this.#troubles.inc({ kind })
    }
}
