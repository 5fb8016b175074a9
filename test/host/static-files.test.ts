// What goes beyond what hosts of 2019 did with files: types, validators, parts.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'

import { dotnetPattern } from '../../src/host/dotnet-pattern.js'
import { echo, exchange, startInProcess } from '../support/in-process-host.js'

const content: Readonly<Record<string, string>> = {
    'index.html': '<p>ä</p>',
    'app.js': 'let a',
    'pictures/a.svg': '<svg/>',
    LICENSE: 'free',
    'empty.txt': '',
}

async function start(t: TestContext) {
    const names = Object.keys(content)
    const { host, events } = await startInProcess(t, echo, {
        webSettings: {
            staticFileRules: names.map((fileName) => ({ pattern: dotnetPattern(`/${fileName}`), fileName })),
            rateLimit: undefined,
            corsAllowAnything: false,
            notes: [],
        },
        files: new Map(names.map((name) => [name, Buffer.from(content[name] ?? '')])),
    })
    t.after(() => assert.equal(events(), 0))
    const get = (name: string, headers: Record<string, string> = {}, method = 'GET') =>
        fetch(`${host.url}/${name}`, { headers, method })
    return { get, url: host.url }
}

describe('a static file', () => {
    test('has the type that its name says', async (t) => {
        const { get } = await start(t)
        const types = Object.keys(content).map(async (name) => (await get(name)).headers.get('content-type'))
        assert.deepEqual(await Promise.all(types), [
            'text/html; charset=utf-8',
            'text/javascript; charset=utf-8',
            'image/svg+xml',
            'application/octet-stream',
            'text/plain; charset=utf-8',
        ])
    })

    test('is not sent again to whoever has it', async (t) => {
        const { get, url } = await start(t)
        const etag = (await get('app.js')).headers.get('etag') ?? ''
        assert.match(etag, /^"[\w-]{27}"$/)
        // By `fetch`, nobody's cache is asked.
        const again = await exchange(
            url,
            `GET /app.js HTTP/1.1\r\nHost: h\r\nIf-None-Match: ${etag}\r\nConnection: close\r\n\r\n`,
        )
        assert.match(again, /^HTTP\/1\.1 304 [^]*\r\n\r\n$/)
        assert.doesNotMatch(again, /content-(?:type|length)/i)
        assert.equal((await get('index.html', { 'if-none-match': etag })).status, 200)
        assert.equal((await get('index.html', { 'if-match': etag })).status, 412)
    })

    for (const [range, status, body] of [
        ['bytes=1-2', 206, 'et'],
        ['bytes=-2', 206, ' a'],
        ['bytes=3-', 206, ' a'],
        ['bytes=9-', 416, undefined],
        ['bytes=0-0,2-2', 200, 'let a'],
        ['lines=1', 200, 'let a'],
        ['nonsense', 200, 'let a'],
    ] as const) {
        test(`of which "${range}" is asked for is answered ${status}`, async (t) => {
            const { get } = await start(t)
            const answer = await get('app.js', { range })
            assert.equal(answer.status, status)
            if (body !== undefined) assert.equal(await answer.text(), body)
        })
    }

    test('comes as a whole where it is not the one of which a part was had', async (t) => {
        const { get } = await start(t)
        assert.equal((await get('app.js', { range: 'bytes=0-0', 'if-range': '"other"' })).status, 200)
        const etag = (await get('app.js')).headers.get('etag') ?? ''
        assert.equal((await get('app.js', { range: 'bytes=0-0', 'if-range': etag })).status, 206)
    })

    test('tells its size to HEAD, and only that', async (t) => {
        const { get } = await start(t)
        const answer = await get('index.html', {}, 'HEAD')
        assert.deepEqual([answer.status, answer.headers.get('content-length')], [200, '9'])
        assert.equal(await answer.text(), '')
        assert.equal((await get('empty.txt')).headers.get('content-length'), '0')
    })
})
