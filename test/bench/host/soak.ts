// A long day of a persistent process: so many events that each second of it is one of 24 hours, with files by the hour and
// a reduction an hour. What it shows is whether memory and speed stay as they are.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { checkStore } from '../../../src/core/check/check-store.js'
import type { CompositionHash } from '../../../src/core/composition/hash.js'
import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { loadElmApp } from '../../../src/core/elm-app/load-app.js'
import { PersistentProcess } from '../../../src/core/process/persistent-process.js'
import type { ShortenedLog } from '../../../src/core/process/process-options.js'
import { sizeOfFiles } from '../../../src/core/store/listing/list-files.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { markdownTable } from '../table.js'

export interface SoakOptions {
    /** Where its store is made, on the disk to be measured. */
    readonly folder: string
    readonly events: number
    /** Whether the log is truncated after each reduction. */
    readonly truncates: boolean
    readonly onRow?: (row: readonly string[]) => void
}

const rows = 10
const hours = 24
/** Calls without an answer at a time. */
const underWayMax = 256
const begin = Date.UTC(2026, 0, 1)
const additions = 7

const head = [
    'events',
    'events/s',
    'CPU µs/event',
    'slowest call ms',
    'RSS MB',
    'heap MB',
    'log MB',
    'reductions',
    'cuts',
]

/** Feeds a counter, and gives a table with ten rows. Throws where anything is lost or goes wrong. */
export async function soak(options: SoakOptions): Promise<string> {
    const folder = mkdtempSync(join(options.folder, 'complog-soak-'))
    try {
        const elmHome = join(folder, 'elm-home')
        cpSync('fixtures/elm-home', elmHome, { recursive: true })
        const cacheDirectory = join(folder, 'cache')
        const app = await loadElmApp({ path: 'fixtures/apps/counter', elmHome, cacheDirectory })
        return await soakStore(app, join(folder, 'store'), options)
    } finally {
        rmSync(folder, { recursive: true, force: true })
    }
}

async function soakStore(
    app: LoadedElmApp,
    store: string,
    { events, truncates, onRow }: SoakOptions,
): Promise<string> {
    let fed = 0
    let answered = 0
    const troubles: unknown[] = []
    const reduced: CompositionHash[] = []
    const cuts: ShortenedLog[] = []
    const process = await PersistentProcess.open(store, app, {
        now: () => new Date(begin + (fed / events) * hours * 3_600_000),
        reductionInterval: { milliseconds: Number.MAX_SAFE_INTEGER, records: Math.ceil(events / hours) },
        keepReductions: 3,
        truncateAfterReduction: truncates,
        observer: {
            onReduced: (hash) => void reduced.push(hash),
            onTruncated: (cut) => void cuts.push(cut),
            onTrouble: (error) => void troubles.push(error),
        },
    })
    const table: (readonly string[])[] = []
    const perRow = Math.ceil(events / rows)
    let slowest = 0
    let rowBegin = performance.now()
    let usage = globalThis.process.cpuUsage()
    const one = async () => {
        while (fed < events) {
            fed += 1
            const called = performance.now()
            await process.processEvents([JSON.stringify({ addition: additions })])
            slowest = Math.max(slowest, performance.now() - called)
            if ((answered += 1) % perRow !== 0 && answered !== events) continue
            const { rss, heapUsed } = globalThis.process.memoryUsage()
            const seconds = (performance.now() - rowBegin) / 1000
            const row = [
                answered.toLocaleString('en'),
                (perRow / seconds).toFixed(0),
                (microsecondsOf(usage) / perRow).toFixed(1),
                slowest.toFixed(0),
                megabytes(rss),
                megabytes(heapUsed),
                megabytes(await sizeOfLog(store)),
                String(reduced.length),
                String(cuts.length),
            ]
            table.push(row)
            onRow?.(row)
            slowest = 0
            rowBegin = performance.now()
            usage = globalThis.process.cpuUsage()
        }
    }
    await Promise.all(Array.from({ length: underWayMax }, one))
    const { head: newest } = process
    await process.close({ reduce: true })
    assert.deepEqual(troubles, [])

    const checked = await checkStore(await openProcessStore(store))
    const removed = cuts.reduce((sum, { records }) => sum + records, 0)
    assert.equal(checked.findings.counts.error, 0)
    assert.deepEqual([checked.longest.head, checked.longest.length + removed], [newest, events])
    const next = await PersistentProcess.open(store, app)
    assert.equal(Number(await next.serializeState()), events * additions)
    await next.close()
    return `${markdownTable(head, table)}\n${waitsOf(cuts)}`
}

async function sizeOfLog(store: string): Promise<number> {
    const { logFiles } = await openProcessStore(store)
    return sizeOfFiles(logFiles)
}

/** How long nothing could be appended while the log was cut, and how long all of a truncation took beside the calls. */
function waitsOf(cuts: readonly ShortenedLog[]): string {
    if (cuts.length === 0) return ''
    const waits = cuts.map(({ waitedMilliseconds }) => waitedMilliseconds)
    const whole = cuts.map(({ milliseconds }) => milliseconds)
    return `\nA cut: ${rangeOf(waits)} ms in which nothing was appended, of ${rangeOf(whole)} ms.\n`
}

function rangeOf(values: readonly number[]): string {
    const sorted = values.toSorted((a, b) => a - b)
    const [least = NaN, middle = NaN, most = NaN] = [0, 0.5, 1].map(
        (part) => sorted[Math.round(part * (sorted.length - 1))],
    )
    return `${middle.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`
}

/** Processor time of all threads since an earlier moment: other work on the machine makes little difference to it. */
function microsecondsOf(earlier: NodeJS.CpuUsage): number {
    const { user, system } = process.cpuUsage(earlier)
    return user + system
}

function megabytes(sizeBytes: number): string {
    return (sizeBytes / 1e6).toFixed(0)
}
