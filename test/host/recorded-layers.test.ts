// What stands before the app, held against what a Kalmit host of April 2019 did with the very same requests.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'

import type { HostOptions } from '../../src/host/host.js'
import { parseWebSettings } from '../../src/host/web-settings.js'
import { echo, exchange, startHostOf, startInProcess } from '../support/in-process-host.js'
import {
    type HttpAnswer,
    probe,
    type RecordedExchange,
    recordedExchanges,
    recordedFolder,
    sendAgain,
} from '../support/recorded-exchanges.js'
import { readLog } from '../support/stores.js'

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

/** The settings of a recording, with its files. */
function withMap(name: string): Pick<HostOptions, 'webSettings' | 'files'> {
    const folder = join(recordedFolder, 'static-files')
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
        path.includes('.'),
    )
    return {
        webSettings: parseWebSettings(readFileSync(join(recordedFolder, `${name}.map.json`)), 'map.json'),
        files: new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path))])),
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

describe('files by the address', () => {
    test('are those that were served, and are no events', async (t) => {
        await replay(t, recordedExchanges('static'), withMap('static'), {
            // Beyond what was served then: types, what tells a file from another, and parts.
            beside: ['content-type', 'etag', 'accept-ranges', 'allow'],
            statusCodes: {
                'HEAD /first': 200,
                'get /first': 400,
                'FOO /first': 400,
                'If-None-Match': 304,
                Range: 206,
            },
            look: (recorded, answer) => {
                if (recorded.events.length === 0 && recorded.answer?.statusCode === 200) {
                    assert.deepEqual(answer.body, recorded.answer.body, recorded.name)
                }
            },
        })
    })
})

describe('what pages of other origins may do', () => {
    test('is what they ask for, where the map allows anything', async (t) => {
        await replay(t, recordedExchanges('cors'), withMap('cors'), {
            beside: ['content-type', 'etag', 'accept-ranges'],
            statusCodes: {
                // An app may set these headers itself, which was a failure of the host then.
                'the app sets the same header': 200,
                'the app sets Vary': 200,
                'failed request with Origin': 502,
            },
        })
    })
})

describe('the limit for each client', () => {
    test('lets as many pass, and counts as it did', async (t) => {
        const exchanges = recordedExchanges('ratelimit')
        const behind = exchanges.findIndex(({ name }) => name.includes('behind the window'))
        await replay(t, exchanges.slice(0, behind), withMap('ratelimit'), { beside: ['content-type'] })
    })

    test('comes behind files, and before the paths for administrators', async (t) => {
        const { host } = await startHostOf(t, probe(), withMap('layers'))
        const statusOf = async (path: string) => (await fetch(`${host.url}${path}`)).status
        for (let i = 0; i < 10; i++) assert.equal(await statusOf('/kalmit-admin/static'), 200)
        assert.equal(await statusOf('/kalmit-admin/x'), 403)
        for (let i = 0; i < 3; i++) assert.equal(await statusOf('/a'), 200)
        assert.equal(await statusOf('/a'), 429)
        assert.equal(await statusOf('/kalmit-admin/x'), 429)
        assert.equal(await statusOf('/a/st'), 200)
    })
})

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
)

test('on all addresses a client is called as it was', { skip: !hasIpv6 && 'there is no ::1' }, async (t) => {
    const { host, store } = await startHostOf(t, probe(), { listen: { host: '::', port: 0 } })
    const { port } = new URL(host.url)
    const addressesOf = (events: readonly string[]) =>
        events.map(
            (event) =>
                (JSON.parse(event) as { httpRequest: { requestContext: object } }).httpRequest.requestContext,
        )
    const exchanges = recordedExchanges('all-addresses')
    for (const exchange of exchanges) {
        const target = exchange.name === 'by IPv6' ? '[::1]' : '127.0.0.1'
        await sendAgain(`http://${target}:${port}`, exchange)
    }
    assert.deepEqual(
        addressesOf(writtenTo(store).events),
        addressesOf(exchanges.flatMap(({ events }) => events)),
    )
})
