// What stands before the app, held against what a Kalmit host of April 2019 did with the very same requests.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'

import type { HostOptions } from '../../src/host/host.js'
import { inProcess } from '../support/in-process-app.js'
import { answerWith, echo, exchange, startHostOf, startInProcess } from '../support/in-process-host.js'
import {
    type HttpAnswer,
    type RecordedExchange,
    recordedExchanges,
    sendAgain,
} from '../support/recorded-exchanges.js'
import { readLog } from '../support/stores.js'

/** The app of the recordings: it answers with the event, or with what the body gives it to say. */
const probe = () =>
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

interface Written {
    readonly events: readonly string[]
    readonly statesSet: readonly string[]
}

function writtenTo(store: string): Written {
    const records = Object.values(readLog(store)).flatMap((lines) =>
        lines.map(
            (line) =>
                JSON.parse(line.toString('utf8')) as {
                    AppendedEvents?: readonly { LiteralString: string }[]
                    SetState?: { LiteralString: string }
                },
        ),
    )
    return {
        events: records.flatMap(({ AppendedEvents = [] }) => AppendedEvents.map((e) => e.LiteralString)),
        statesSet: records.flatMap(({ SetState }) => (SetState ? [SetState.LiteralString] : [])),
    }
}

const addressOf = (event: string) => {
    const { method, uri } = (
        JSON.parse(event) as { httpRequest: { request: { method: string; uri: string } } }
    ).httpRequest.request
    return `${method} ${uri}`
}

/** Headers that the host gives otherwise, whatever the exchange. */
const framing = ['date', 'server', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']

interface Expected {
    /** Headers that are not compared. */
    readonly beside: readonly string[]
    /** Status codes that are others on purpose, by the name of the exchange. */
    readonly statusCodes?: Readonly<Record<string, number>>
    /** Also looks at what was answered. */
    readonly look?: (exchange: RecordedExchange, answer: HttpAnswer) => void
}

/** Sends all of them, and compares what is answered and what is recorded. */
async function replay(
    t: TestContext,
    exchanges: readonly RecordedExchange[],
    options: Partial<HostOptions>,
    { beside, statusCodes = {}, look }: Expected,
): Promise<void> {
    const { host, store } = await startHostOf(t, probe(), { bodySizeBytesMax: 30_000_000, ...options })
    const compared = ({ headers }: HttpAnswer) =>
        Object.fromEntries(
            [...headers].filter(([name]) => !framing.includes(name) && !beside.includes(name)).sort(),
        )
    let before: Written = { events: [], statesSet: [] }
    for (const exchange of exchanges) {
        const { name, answer: recorded } = exchange
        const answer = await sendAgain(host.url, exchange)
        const after = writtenTo(store)
        assert.ok(answer && recorded, name)
        assert.equal(answer.statusCode, statusCodes[name] ?? recorded.statusCode, name)
        if (!(name in statusCodes)) {
            assert.deepEqual(compared(answer), compared(recorded), name)
            look?.(exchange, answer)
            const events = after.events.slice(before.events.length)
            assert.deepEqual(events.map(addressOf), exchange.events.map(addressOf), name)
            assert.deepEqual(after.statesSet.slice(before.statesSet.length), exchange.statesSet, name)
        }
        before = after
    }
}

describe('the paths for administrators', () => {
    test('do what they did, and are no events', async (t) => {
        await replay(
            t,
            recordedExchanges('admin'),
            { adminPassword: 'secret' },
            {
                beside: ['content-type', 'allow'],
                // Methods in small letters are none to Node's parser.
                statusCodes: { 'small get': 400, 'small post': 400 },
            },
        )
    })

    test('leave no trace in the log, whatever the case and the escapes', async (t) => {
        const { host, store } = await startHostOf(t, probe())
        const paths = [
            '/kalmit-admin',
            '/KALMIT-Admin/api/process/state',
            '/%6Balmit%2Dadmin/x?y',
            '/a/../kalmit-admin/',
        ]
        for (const path of paths) {
            for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) {
                const request = `${method} ${path} HTTP/1.1\r\nHost: h\r\nAuthorization: Basic cm9vdDpzZWNyZXQ=\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}\n`
                assert.match(await exchange(host.url, request), /^HTTP\/1\.1 403 /, `${method} ${path}`)
            }
        }
        assert.deepEqual(writtenTo(store), { events: [], statesSet: [] })
    })

    test('say where the app cannot take a state, and leave the one from before', async (t) => {
        const { host } = await startInProcess(t, echo, { adminPassword: 'secret' })
        const headers = { authorization: 'Basic cm9vdDpzZWNyZXQ=' }
        const url = `${host.url}/kalmit-admin/api/process/state`
        const answer = await fetch(url, { method: 'POST', headers, body: 'no number' })
        assert.equal(answer.status, 500)
        assert.match(await answer.text(), /cannot take this state/)
        assert.equal(await (await fetch(url, { headers })).text(), '0')
    })
})
