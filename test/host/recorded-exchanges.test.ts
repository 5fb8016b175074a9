// Whatever a Kalmit host was sent gives the same event and the same answer here, or stands in docs/differences.md.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

import { startHostOf } from '../support/in-process-host.js'
import { differenceKinds, differencesTable } from '../support/recorded-differences.js'
import { probe, recordedFolder, stateProbe } from '../support/recorded-exchanges.js'
import { fixturesFolder, readLog } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

interface Exchange {
    readonly name: string
    readonly requestBase64: string | null
    /** What is sent where that is null: parts, and how often each. */
    readonly requestRepeat?: readonly { readonly base64: string; readonly times: number }[]
    readonly responseBase64: string | null
    readonly recorded: readonly string[]
    readonly isHead?: boolean
    readonly splitAt?: readonly number[]
    readonly endAfterRequest?: boolean
    readonly expectedResponses?: number
}

interface Answer {
    readonly statusCode: number | null
    readonly headers: ReadonlyMap<string, readonly string[]>
    readonly body: string
    readonly isComplete: boolean
}

/** The lines of a recording, each of which is JSON. */
function linesOf(file: string): readonly unknown[] {
    const bytes = readFileSync(join(recordedFolder, file))
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
}

const framing = new Set(['date', 'server', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'])

/** The final answers in some bytes. */
function answersIn(bytes: Buffer, isHead: boolean): readonly Answer[] {
    const answers: Answer[] = []
    for (let at = 0; at < bytes.length; ) {
        const headEnd = bytes.indexOf('\r\n\r\n', at)
        const [first = '', ...lines] = bytes.toString('latin1', at, Math.max(at, headEnd)).split('\r\n')
        const status = /^HTTP\/\d\.\d (\d{3})(?: |$)/.exec(first)?.[1]
        if (status === undefined) {
            answers.push({ statusCode: null, headers: new Map(), body: '', isComplete: false })
            break
        }
        const headers = new Map<string, string[]>()
        for (const line of lines) {
            const name = line.slice(0, line.indexOf(':')).toLowerCase()
            headers.set(name, [...(headers.get(name) ?? []), line.slice(name.length + 1).trim()])
        }
        const statusCode = Number(status)
        const isBodiless = isHead || statusCode < 200 || statusCode === 204 || statusCode === 304
        const rest = bytes.subarray(headEnd + 4)
        const { body, size, isComplete } = isBodiless
            ? { body: Buffer.alloc(0), size: 0, isComplete: true }
            : bodyIn(rest, headers)
        at = headEnd + 4 + size
        if (statusCode >= 200) answers.push({ statusCode, headers, body: body.toString('utf8'), isComplete })
    }
    return answers
}

function bodyIn(rest: Buffer, headers: ReadonlyMap<string, readonly string[]>) {
    const length = headers.get('content-length')?.[0]
    if (headers.get('transfer-encoding')?.[0] === 'chunked') {
        const parts: Buffer[] = []
        for (let at = 0; ; ) {
            const lineEnd = rest.indexOf('\r\n', at)
            const size = lineEnd < 0 ? NaN : parseInt(rest.toString('latin1', at, lineEnd), 16)
            if (!(size >= 0)) return { body: Buffer.concat(parts), size: rest.length, isComplete: false }
            if (size === 0) return { body: Buffer.concat(parts), size: lineEnd + 4, isComplete: true }
            parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size))
            at = lineEnd + 2 + size + 2
        }
    }
    if (length === undefined) return { body: rest, size: rest.length, isComplete: false }
    const body = rest.subarray(0, Number(length))
    return { body, size: body.length, isComplete: body.length === Number(length) }
}

function requestOf({ requestBase64, requestRepeat = [] }: Exchange): Buffer {
    if (requestBase64 !== null) return Buffer.from(requestBase64, 'base64')
    return Buffer.concat(
        requestRepeat.map(({ base64, times }) => {
            const part = Buffer.from(base64, 'base64')
            return Buffer.alloc(part.length * times, part)
        }),
    )
}

/** Sends a recorded request, with its pauses, and gives what came. */
async function send(url: string, exchange: Exchange): Promise<Buffer> {
    const { hostname, port } = new URL(url)
    const { splitAt = [], endAfterRequest, expectedResponses = 1, isHead = false } = exchange
    const request = requestOf(exchange)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true })
    let received: Buffer = Buffer.alloc(0)
    let change: () => void = () => undefined
    const state = { isOver: false }
    const end = () => {
        state.isOver = true
        change()
    }
    socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        change()
    })
    socket.on('end', end).on('error', end).on('close', end)
    await once(socket, 'connect')
    const cuts = [0, ...splitAt, request.length]
    for (const [i, to] of cuts.slice(1).entries()) {
        if (i > 0) await wait(50)
        socket.write(request.subarray(cuts[i], to))
    }
    if (endAfterRequest === true) socket.end()
    const timer = setTimeout(end, request.length > 1e6 ? 60_000 : 3000)
    const isWhole = () =>
        answersIn(received, isHead).filter(({ isComplete }) => isComplete).length >= expectedResponses
    while (!state.isOver && !(expectedResponses > 0 && isWhole()))
        await new Promise<void>((resolve) => (change = resolve))
    // A moment more: whether there is more than was awaited.
    if (!state.isOver) await wait(5)
    clearTimeout(timer)
    socket.destroy()
    return received
}

const idOf = (event: string) => /"httpRequestId":"([^"]*)"/.exec(event)?.[1] ?? ''

/** What varies from run to run is taken out. */
function plain(text: string, ids: readonly string[]): string {
    return ids
        .filter((id) => id !== '')
        .reduce((plain, id) => plain.replaceAll(id, 'ID'), text)
        .replaceAll(/(\\*"posixTimeMilli\\*":)\d+/g, '$10')
}

/** Long events are recorded by their size alone. */
const sizeOf = (event: string) => `(${event.length} characters)`

/** An event at a time of the host's clock. */
interface Moment {
    readonly time: string
    readonly why: string
    readonly restarted: boolean
    /** Status and body. */
    readonly answer: string
    /** Files that are new, or grew. */
    readonly changed: readonly string[]
}

const isOfLog = (change: string) => change.includes(' composition/')

interface SlowExchange {
    readonly name: string
    readonly sent: readonly { readonly afterMs: number; readonly base64: string }[]
    readonly responseBase64: string | null
}

/** Sends parts, each so many milliseconds after the beginning, and gives what came until the first answer or the end. */
async function sendSlowly(url: string, parts: readonly (readonly [number, Buffer])[]): Promise<Buffer> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    let received: Buffer = Buffer.alloc(0)
    const timers = parts.map(([milliseconds, part]) => setTimeout(() => socket.write(part), milliseconds))
    await new Promise<void>((resolve) => {
        socket.on('data', (chunk: Buffer) => {
            received = Buffer.concat([received, chunk])
            if (answersIn(received, false)[0]?.isComplete === true) resolve()
        })
        socket.on('error', () => undefined).on('close', resolve)
    })
    for (const timer of timers) clearTimeout(timer)
    socket.destroy()
    return received
}

const withoutHeaders = (event: string) => event.replace(/,"headers":\[.*\](?=\}\}\}$)/, '')

function differencesOf(
    exchange: Exchange,
    bytes: Buffer,
    events: readonly string[],
    hasHeaders: boolean,
): readonly string[] {
    const isHead = exchange.isHead === true
    const found: string[] = []
    const ids = exchange.recorded.map(idOf)
    const ourIds = events.map(idOf)
    const expected = exchange.recorded.map((event) => plain(event, ids))
    const ofTheTime = (text: string) => plain(hasHeaders ? text : withoutHeaders(text), ourIds)
    const got = events.map(ofTheTime)
    if (expected.length !== got.length) found.push(`events ${expected.length} → ${got.length}`)
    else if (!expected.every((event, i) => event === got[i] || event === sizeOf(events[i] ?? '')))
        found.push(`event ${expected.join()} → ${got.join()}`)
    const theirs = answersIn(Buffer.from(exchange.responseBase64 ?? '', 'base64'), isHead)
    const ours = answersIn(bytes, isHead)
    if (theirs.length !== ours.length) found.push(`answers ${theirs.length} → ${ours.length}`)
    for (const [i, a] of theirs.entries()) {
        const b = ours[i]
        if (b === undefined) continue
        if (a.statusCode !== b.statusCode) found.push(`status ${a.statusCode} → ${b.statusCode}`)
        if (a.isComplete !== b.isComplete) found.push('complete')
        // What else differs is said by that.
        if (a.statusCode !== b.statusCode) continue
        const isSentence = (b.statusCode ?? 0) >= 400 && a.body === '' && /recorded\.\n$/.test(b.body)
        if (isSentence) {
            found.push('sentence')
            continue
        }
        for (const name of new Set([...a.headers.keys(), ...b.headers.keys()])) {
            const [was, is] = [a, b].map(({ headers }) => headers.get(name)?.join('\n'))
            if (!framing.has(name) && was !== is) found.push(`header ${name}`)
        }
        if (plain(a.body, ids) !== ofTheTime(b.body)) found.push('body')
    }
    return found
}

function eventsIn(store: string): readonly string[] {
    return Object.values(readLog(store)).flatMap((lines) =>
        lines.flatMap((line) => {
            const { AppendedEvents = [] } = JSON.parse(line.toString('utf8')) as {
                AppendedEvents?: readonly { LiteralString: string }[]
            }
            return AppendedEvents.map(({ LiteralString }) => LiteralString)
        }),
    )
}

/** The HTTP parser of Node before 20.20 lets these through: the page says so. */
const letThrough =
    parseInt(process.versions['llhttp'] ?? '') < 9
        ? /^(?:uri raw |header (?:blank before the colon|folded|name with a blank)$)/
        : undefined

const used = new Set<string>()

function isWrittenDown(name: string, difference: string): boolean {
    const kinds = differenceKinds.filter(
        ({ names, allows }) => (names?.test(name) ?? true) && allows.test(difference),
    )
    for (const { what } of kinds) used.add(what)
    return kinds.length > 0
}

describe('every recorded exchange gives the same event and the same answer, or a difference that is written down', () => {
    for (const [file, app, hasHeaders] of [
        ['exchanges.jsonl.gz', probe, true],
        ['clients.jsonl.gz', probe, true],
        ['large.jsonl.gz', probe, true],
        ['state.jsonl.gz', stateProbe, true],
        // The interface had no headers then.
        ['exchanges-2019-04-16.jsonl.gz', probe, false],
    ] as const) {
        test(file, { timeout: 300_000 }, async (t) => {
            const { host, store } = await startHostOf(t, app(), {
                bodySizeBytesMax: 30_000_000,
                // Large ones take their time.
                answerTimeMillisecondsMax: file.startsWith('large') ? 60_000 : 500,
            })
            const unexpected: string[] = []
            let count = 0
            for (const exchange of linesOf(file) as readonly Exchange[]) {
                const bytes = await send(host.url, exchange)
                const all = eventsIn(store)
                const events = all.slice(count)
                count = all.length
                for (const difference of differencesOf(exchange, bytes, events, hasHeaders)) {
                    const isNewer = !hasHeaders && difference.startsWith('header ')
                    const isOfParser = letThrough?.test(exchange.name)
                    if (!isWrittenDown(exchange.name, difference) && !isNewer && !isOfParser)
                        unexpected.push(`${exchange.name}: ${difference}`)
                }
            }
            assert.deepEqual(unexpected, [])
        })
    }

    test('clock.jsonl', { timeout: 60_000 }, async (t) => {
        const store = temporaryFolder(t)
        let time = new Date(0)
        const start = () => startHostOf(t, stateProbe(), { store, now: () => time })
        let { host } = await start()
        const unexpected: string[] = []
        for (const { why, ...moment } of linesOf('clock.jsonl') as readonly Moment[]) {
            if (moment.restarted) {
                await host.stop()
                host = (await start()).host
            }
            time = new Date(moment.time)
            const before = readLog(store)
            const answer = await fetch(host.url, { method: 'POST', body: 'COUNT' })
            const changed = Object.entries(readLog(store))
                .filter(([file, lines]) => lines.length !== before[file]?.length)
                .map(([file]) => `${file in before ? 'grew' : 'new'} composition/${file}`)
            const [status = '', body = ''] = moment.answer.split(' ')
            const differences = [
                ...(status === String(answer.status) ? [] : [`status ${status} → ${answer.status}`]),
                // What else differs is said by that.
                ...(status === String(answer.status) && body !== (await answer.text()) ? ['body'] : []),
                ...(status === '200' && changed.join() !== moment.changed.filter(isOfLog).join()
                    ? ['files']
                    : []),
                ...(moment.changed.every(isOfLog) ? [] : ['reduction']),
            ]
            unexpected.push(
                ...differences.filter((difference) => !isWrittenDown(`clock: ${why}`, difference)),
            )
        }
        assert.deepEqual(unexpected, [])
    })

    // In a fortieth of the time.
    test('slow.jsonl', { timeout: 60_000 }, async (t) => {
        const { host } = await startHostOf(t, probe(), { requestTimeMillisecondsMax: 1500 })
        const unexpected = await Promise.all(
            (linesOf('slow.jsonl') as readonly SlowExchange[]).map(async ({ name, sent, responseBase64 }) => {
                const parts = sent.map(
                    ({ afterMs, base64 }) => [afterMs / 40, Buffer.from(base64, 'base64')] as const,
                )
                const ours = answersIn(await sendSlowly(host.url, parts), false)
                const theirs = answersIn(Buffer.from(responseBase64 ?? '', 'base64'), false)
                const [a, b] = [theirs, ours].map((answers) => answers[0]?.statusCode)
                const difference =
                    theirs.length === ours.length
                        ? `status ${a} → ${b}`
                        : `answers ${theirs.length} → ${ours.length}`
                return a === b || isWrittenDown(name, difference) ? [] : [`${name}: ${difference}`]
            }),
        )
        assert.deepEqual(unexpected.flat(), [])
    })

    test('and every difference that is written down is one', () => {
        assert.deepEqual(
            differenceKinds.filter(({ what }) => !used.has(what)),
            [],
        )
    })
})

test('docs/differences.md has these differences', () => {
    const cells = (text: string) =>
        text
            .split('\n')
            .filter((line) => line.startsWith('|'))
            .map((line) => line.split('|').map((cell) => cell.trim().replace(/^-+$/, '---')))
    const docs = readFileSync(join(fixturesFolder, '..', 'docs', 'differences.md'), 'utf8')
    const [first = '', ...others] = docs.split(/^## /m)
    assert.deepEqual(cells(first), cells(differencesTable()))
    // Held by recorded-layers.test.ts.
    assert.deepEqual(
        others.map((section) => section.split('\n')[0]),
        ['Before the app'],
    )
})
