// Logs to measure with. They are the same on every machine and far too large to keep beside the sources, so they are
// made where they are needed and left for the next time.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { genesis, hashOfLine } from '../../src/core/composition/hash.js'

export interface BenchLog {
    readonly store: string
    readonly file: string
    readonly sizeBytes: number
    readonly records: number
}

const linesPerWrite = 4096
/** Another number where logs of the same name have other contents than before. */
const version = 1

/** A log that is made once and found again: in COMPLOG_BENCH_DATA, or among the temporary files. */
export function cachedLog(name: string, records: number, eventOf: (i: number) => string): BenchLog {
    const folder = process.env['COMPLOG_BENCH_DATA'] ?? join(tmpdir(), 'complog-bench-data')
    const store = join(folder, `${name}-${records}-v${version}`)
    if (!existsSync(store)) {
        const unfinished = `${store}-unfinished`
        rmSync(unfinished, { recursive: true, force: true })
        makeLog(unfinished, records, eventOf)
        renameSync(unfinished, store)
    }
    const file = logFileIn(store)
    return { store, file, sizeBytes: statSync(file).size, records }
}

/** Where the one log file of such a store is. */
export function logFileIn(store: string): string {
    return join(store, 'composition', '2019-04-28', '2019-04-28T12.composition.jsonl')
}

/** A process store with one log file. Gives the events in the order of the records as well, for the bare loop. */
export function makeLog(store: string, records: number, eventOf: (i: number) => string): BenchLog {
    const file = logFileIn(store)
    makeFolderOf(file)
    const descriptor = openSync(file, 'w')
    let parent: string = genesis
    let sizeBytes = 0
    let lines: Buffer[] = []
    for (let i = 0; i < records; i++) {
        const json = { ParentHashBase16: parent, AppendedEvents: [{ LiteralString: eventOf(i) }] }
        const line = Buffer.from(JSON.stringify(json))
        parent = hashOfLine(line)
        lines.push(line, Buffer.from('\n'))
        if (lines.length < 2 * linesPerWrite && i < records - 1) continue
        const bytes = Buffer.concat(lines)
        writeSync(descriptor, bytes)
        sizeBytes += bytes.length
        lines = []
    }
    closeSync(descriptor)
    return { store, file, sizeBytes, records }
}

export function makeFolderOf(file: string): void {
    mkdirSync(dirname(file), { recursive: true })
}

/** An event of the counter app; the record has about 145 bytes. */
export function counterEvent(i: number): string {
    return JSON.stringify({ addition: ((i * 7919) % 2001) - 1000 })
}

/** An event of the string builder app, as a browser would cause it; the record has about 900 bytes. */
export function webEvent(i: number): string {
    const posixTimeMilli = 1556452842465 + i * 1000
    const headers = [
        { name: 'Accept', values: ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'] },
        { name: 'Accept-Encoding', values: ['gzip, deflate'] },
        { name: 'Accept-Language', values: ['en-US,en;q=0.5'] },
        { name: 'Connection', values: ['keep-alive'] },
        { name: 'Host', values: ['localhost:32768'] },
        {
            name: 'User-Agent',
            values: ['Mozilla/5.0 (X11; Linux x86_64; rv:66.0) Gecko/20100101 Firefox/66.0'],
        },
    ]
    headers.push({ name: 'Referer', values: [`http://localhost:32768/page/${i - 1}`] })
    const request = { method: 'GET', uri: `http://localhost:32768/api?page=${i}`, headers }
    return JSON.stringify({
        httpRequest: {
            posixTimeMilli,
            httpRequestId: `${posixTimeMilli}-${i + 1}`,
            requestContext: { clientAddress: '::ffff:127.0.0.1' },
            request,
        },
    })
}
