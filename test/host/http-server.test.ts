// What goes over HTTP, byte by byte: everything that is a request comes to the app as it is, and what the app answers
// goes out, or a plain sentence of why not.
import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { describe, type TestContext, test } from 'node:test'

import {
    answerWith,
    type EventRequest,
    echo,
    exchange,
    type Respond,
    startInProcess,
} from '../support/in-process-host.js'
import { thinned } from '../support/thinned.js'

/** What of these bytes came to the app. */
async function seenOf(t: TestContext, bytes: string): Promise<EventRequest> {
    const { host } = await startInProcess(t, echo)
    const received = await exchange(host.url, bytes)
    assert.match(received, /^HTTP\/1\.1 200 /)
    return JSON.parse(received.slice(received.indexOf('\r\n\r\n'))) as EventRequest
}

const end = 'Connection: close\r\n\r\n'

describe('a request', () => {
    for (const [target, uri] of [
        ['/a%20/%2e%2e/b%2Fä?b=//c%20'.replace('ä', '%C3%A4'), 'http://h:1/b%2Fä?b=//c%20'],
        ['http://me:secret@h:1/a?b', 'http://h:1/a?b'],
        ['*', 'http://h:1'],
    ]) {
        test(`for ${target} means ${uri}`, async (t) => {
            const seen = await seenOf(t, `OPTIONS ${target} HTTP/1.1\r\nHost: h:1\r\n${end}`)
            assert.equal(seen.uri, uri)
        })
    }

    test('may have any method but CONNECT, with a body or without', async (t) => {
        const { host } = await startInProcess(t, echo)
        for (const method of METHODS) {
            if (method === 'CONNECT') continue
            const received = await exchange(
                host.url,
                `${method} / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n${end}body`,
            )
            assert.match(received, /^HTTP\/1\.1 200 /, method)
            if (method === 'HEAD') continue
            const seen = JSON.parse(received.slice(received.indexOf('\r\n\r\n'))) as EventRequest
            assert.deepEqual([seen.method, seen.bodyAsString], [method, 'body'])
            const bare = await exchange(host.url, `${method} / HTTP/1.1\r\nHost: h\r\n${end}`)
            assert.match(bare, /^HTTP\/1\.1 200 /, method)
        }
    })

    test('is answered though its client has ended its own side behind it, and so is the last of several', async (t) => {
        const { host, events } = await startInProcess(t, echo)
        const post = 'POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nHALF'
        const received = await exchange(host.url, post, true)
        assert.match(received, /^HTTP\/1\.1 200 [^]*"bodyAsString":"HALF"/)
        const several = await exchange(host.url, `${post}${post}GET / HTTP/1.1\r\nHost: h\r\n\r\n`, true)
        assert.equal(several.split('HTTP/1.1 200 ').length, 4, several)
        assert.equal(events(), 4)
    })

    describe('behind one that is answered late', () => {
        // Longer than it may take to come.
        const slow = {
            requestTimeMillisecondsMax: 1200,
            answerTimeMillisecondsMax: 1500,
            bodySizeBytesMax: 1e7,
        }
        const noneToGet: Respond = (request, id) =>
            request.method === 'GET' ? '{"decodeSuccess":[]}' : answerWith(id, { bodyAsString: 'whole' })
        const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
        const post = `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n${end}`

        test('is read in its turn, however long that took to come', async (t) => {
            const { host, events } = await startInProcess(t, noneToGet, slow)
            const received = await exchange(host.url, `${get}${post}${'x'.repeat(5e6)}`)
            assert.match(received, /^HTTP\/1\.1 504 [^]*HTTP\/1\.1 200 [^]*\r\n\r\nwhole$/)
            assert.equal(events(), 2)
        })

        test('is refused where it does not come as a whole in its turn', async (t) => {
            const { host, events } = await startInProcess(t, noneToGet, slow)
            const begun = performance.now()
            const received = await exchange(host.url, `${get}${post}${'x'.repeat(4e6)}`)
            assert.match(received, /^HTTP\/1\.1 504 [^]*HTTP\/1\.1 408 /)
            assert.ok(performance.now() - begun >= 2690)
            assert.equal(events(), 1)
        })
    })

    test('of which its client has sent a part, and then ended its side, is refused', async (t) => {
        const { host, events } = await startInProcess(t, echo)
        const part = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nHALF'
        assert.match(await exchange(host.url, part, true), /^HTTP\/1\.1 400 /)
        assert.equal(await exchange(host.url, '', true), '')
        assert.equal(events(), 0)
    })

    for (const type of ['text/plain', 'garbage', '', 'text/', 'a/b; c']) {
        test(`may say that its body is of the type "${type}"`, async (t) => {
            const seen = await seenOf(
                t,
                `POST / HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\nContent-Length: 4\r\n${end}body`,
            )
            assert.equal(seen.bodyAsString, 'body')
            assert.deepEqual(
                seen.headers.find(({ name }) => name === 'Content-Type'),
                { name: 'Content-Type', values: [type] },
            )
        })
    }

    test('without a body has an empty one, whatever type that would be of', async (t) => {
        const seen = await seenOf(t, `GET / HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n${end}`)
        assert.equal(seen.bodyAsString, '')
    })

    test('comes with all of its headers, however many', async (t) => {
        const many = 'a:\r\n'.repeat(3000)
        const seen = await seenOf(t, `GET / HTTP/1.1\r\nHost: h\r\n${many}X-Forwarded-For: 1.2.3.4\r\n${end}`)
        assert.equal(seen.headers.find(({ name }) => name === 'a')?.values.length, 3000)
        assert.ok(seen.headers.some(({ name }) => name === 'X-Forwarded-For'))
    })
})

test('a body that is no text comes to the app as far as it can be read, with a line in the log', async (t) => {
    const { host, logged } = await startInProcess(t, echo)
    const response = await fetch(host.url, { method: 'POST', body: Buffer.from([0x61, 0xff, 0x62]) })
    assert.equal(((await response.json()) as EventRequest).bodyAsString, 'a\ufffdb')
    assert.match(logged(), /"kind":"no-text"/)
})

describe('an answer of the app', () => {
    const headersOf = async (t: TestContext, headersToAdd: object, options = {}) => {
        const { host } = await startInProcess(t, (_, id) => answerWith(id, { headersToAdd }), options)
        const response = await fetch(host.url, { headers: { origin: 'https://a.example' } })
        assert.equal(response.status, 200)
        return response.headers
    }

    test('may have several entries for a header, in capitals or not', async (t) => {
        const headers = await headersOf(t, [
            { name: 'Link', values: ['<1>'] },
            { name: 'link', values: ['<2>', '<3>'] },
            { name: 'Vary', values: ['a'] },
            { name: 'vary', values: ['b'] },
            { name: 'Set-Cookie', values: ['a=1'] },
            { name: 'set-cookie', values: ['b=2'] },
        ])
        assert.equal(headers.get('link'), '<1>, <2>, <3>')
        assert.equal(headers.get('vary'), 'a, b')
        assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2'])
    })

    test('has one type, the last', async (t) => {
        const headers = await headersOf(t, [
            { name: 'Content-Type', values: ['text/html'] },
            { name: 'content-type', values: ['text/css'] },
        ])
        assert.equal(headers.get('content-type'), 'text/css')
    })

    test('does not hide from caches that it depends on the origin', async (t) => {
        const corsOrigins = ['https://a.example', 'https://b.example']
        const headers = await headersOf(t, [{ name: 'Vary', values: ['Accept'] }], { corsOrigins })
        assert.equal(headers.get('access-control-allow-origin'), 'https://a.example')
        assert.equal(headers.get('vary'), 'Origin, Accept')
    })

    test('announces no trailers, since there are none', async (t) => {
        const headers = await headersOf(t, [{ name: 'Trailer', values: ['X-A'] }])
        assert.equal(headers.get('trailer'), null)
    })

    test('has no type where the app names none, and the very one that it names', async (t) => {
        assert.equal((await headersOf(t, [])).get('content-type'), null)
        const json = [{ name: 'Content-Type', values: ['application/json'] }]
        assert.equal((await headersOf(t, json)).get('content-type'), 'application/json')
    })

    test('keeps the names and the order of its headers', async (t) => {
        const headersToAdd = [
            { name: 'X-b', values: ['1', '2'] },
            { name: 'x-A', values: [''] },
        ]
        const { host } = await startInProcess(t, (_, id) => answerWith(id, { headersToAdd }))
        const received = await exchange(host.url, `GET / HTTP/1.1\r\nHost: h\r\n${end}`)
        assert.match(received, /\r\nX-b: 1\r\nX-b: 2\r\nx-A: \r\n/)
    })

    for (const [statusCode, length] of [
        [204, null],
        [304, null],
        [205, '0'],
    ] as const) {
        test(`of ${statusCode} has no body, and says nothing of one that the app does not say`, async (t) => {
            const response = {
                statusCode,
                headersToAdd: [{ name: 'ETag', values: ['"1"'] }],
                bodyAsString: 'x',
            }
            const { host } = await startInProcess(t, (_, id) => answerWith(id, response))
            const received = await exchange(host.url, `GET / HTTP/1.1\r\nHost: h\r\n${end}`)
            assert.match(received, new RegExp(`^HTTP/1\\.1 ${statusCode} .*\r\n\r\n$`, 's'))
            assert.equal(/content-length: (\d+)/i.exec(received)?.[1] ?? null, length)
            assert.ok(!/content-type|transfer-encoding/i.test(received))
        })
    }

    test('may close the connection', async (t) => {
        const headersToAdd = [{ name: 'connection', values: ['close'] }]
        const { host } = await startInProcess(t, (_, id) => answerWith(id, { headersToAdd }))
        const received = await exchange(host.url, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
        assert.match(received, /\r\nConnection: close\r\n/)
    })

    test('that cannot be sent is a 502, and the log says what is wrong with it', async (t) => {
        const headersToAdd = [{ name: 'a', values: ['b\r\nc: d'] }]
        const { host, logged } = await startInProcess(t, (_, id) => answerWith(id, { headersToAdd }))
        const response = await fetch(host.url)
        assert.equal(response.status, 502)
        assert.match(await response.text(), /cannot be sent/)
        assert.match(
            logged(),
            /"kind":"malformed-response".*headersToAdd\[0\]\.values\[0\] cannot be the value/,
        )
    })

    test('counts although an entry beside it is not known, which the log names', async (t) => {
        const task = { startTask: { taskId: 't', task: {} } }
        const { host, logged } = await startInProcess(t, (_, id) =>
            JSON.stringify({
                decodeSuccess: [
                    task,
                    { completeHttpResponse: { httpRequestId: id, response: { statusCode: 200 } } },
                ],
            }),
        )
        assert.equal((await fetch(host.url)).status, 200)
        assert.match(logged(), /"kind":"unknown-entry".*startTask/)
    })
})

describe('what is refused before it comes to the app is refused in a plain sentence:', () => {
    const post = 'POST / HTTP/1.1\r\nHost: h\r\n'
    const refused: Readonly<Record<string, readonly [number, string | Buffer]>> = {
        'too large a body': [413, `${post}Content-Length: 1001\r\n\r\n`],
        'too large a body in pieces': [
            413,
            `${post}Transfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`,
        ],
        'a body that is no text': [
            415,
            Buffer.concat([Buffer.from(`${post}Content-Length: 1\r\n${end}`), Buffer.from([0xff])]),
        ],
        'too large headers': [431, `${post}a: ${'x'.repeat(17_000)}\r\n\r\n`],
        'no HTTP': [400, 'hello\r\n\r\n'],
        'a host that is none': [400, `GET / HTTP/1.1\r\nHost: user@h/p\r\n${end}`],
        'two hosts': [400, `GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n${end}`],
        'no host': [400, 'GET / HTTP/1.0\r\n\r\n'],
        'the address of another host': [400, `GET http://a/ HTTP/1.1\r\nHost: h\r\n${end}`],
        'a header that is no UTF-8': [
            400,
            Buffer.from(`GET / HTTP/1.1\r\nHost: h\r\nX: \xe4\r\n${end}`, 'latin1'),
        ],
        'a path with a zero': [400, `GET /%00 HTTP/1.1\r\nHost: h\r\n${end}`],
        'lengths that contradict each other': [400, `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    }
    for (const [what, [statusCode, bytes]] of Object.entries(refused)) {
        test(what, async (t) => {
            const { host, events } = await startInProcess(t, echo, { strictBodies: true })
            const received = await exchange(host.url, bytes)
            assert.match(received, new RegExp(`^HTTP/1\\.1 ${statusCode} `))
            assert.match(received, /^content-type: text\/plain; charset=utf-8\r$/im)
            assert.match(received, /\r\n\r\n[A-Z].* Nothing was recorded\.\n$/)
            assert.equal(events(), 0)
        })
    }

    test('and behind the answer to what came before it', async (t) => {
        const { host, events } = await startInProcess(t, echo)
        for (const before of [
            'GET / HTTP/1.1\r\nHost: h\r\n\r\nhello\r\n\r\n',
            `${post}Content-Length: 3\r\n\r\nhello`,
            `${post}Content-Length: 3\r\n\r\nhel${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
        ]) {
            const received = await exchange(host.url, before)
            assert.match(received, /^HTTP\/1\.1 200 .*HTTP\/1\.1 400 .*Nothing was recorded\.\n$/s)
        }
        assert.equal(events(), 3)
    })
})

describe('requests on one connection', () => {
    const post = (body: string) =>
        `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const bodiesIn = (received: string) => [...received.matchAll(/"bodyAsString":"(\w*)"/g)].map(([, b]) => b)

    test('come to the app in the order in which they arrived, with bodies or without', async (t) => {
        const { host } = await startInProcess(t, echo)
        const get = 'GET /get HTTP/1.1\r\nHost: h\r\n'
        const received = await exchange(host.url, `${post('a')}${get}\r\n${post('b')}${get}${end}`)
        const seen = [...received.matchAll(/\{"method":"(\w+)"/g)].map(([, method]) => method)
        assert.deepEqual(seen, ['POST', 'GET', 'POST', 'GET'])
    })

    test('are answered before it is closed, and none behind the one that closes it is recorded', async (t) => {
        const { host, events } = await startInProcess(t, echo)
        const last = post('b').replace('\r\n\r\n', `\r\n${end}`)
        const received = await exchange(host.url, `${post('a')}${last}${post('c')}`)
        assert.deepEqual(bodiesIn(received), ['a', 'b'])
        assert.equal(received.match(/HTTP\/1\.1 /g)?.length, 2)
        assert.equal(events(), 2)
    })
})

test('behind a request that is refused nothing is recorded, and what came before is answered', async (t) => {
    const { host, events } = await startInProcess(t, echo)
    const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
    for (const refused of ['GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n']) {
        const before = events()
        const received = await exchange(host.url, `${get}${refused}${get}`)
        assert.match(received, /^HTTP\/1\.1 200 .*HTTP\/1\.1 400 .*Nothing was recorded\.\n$/s)
        assert.equal(events(), before + 1)
    }
})

test('a client that reads no answer before it has sent all of a body that is too large hears 413', async (t) => {
    const { host, events } = await startInProcess(t, echo)
    const size = 20_000_000
    for (let round = 0; round < thinned(1, 3); round++) {
        const received = await exchange(
            host.url,
            Buffer.concat([
                Buffer.from(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`),
                Buffer.alloc(size, 'x'),
            ]),
        )
        assert.match(received, /^HTTP\/1\.1 413 .*Nothing was recorded\.\n$/s)
        const response = await fetch(host.url, { method: 'POST', body: Buffer.alloc(size, 'x') })
        assert.equal(response.status, 413)
    }
    assert.equal(events(), 0)
})

test('a body too large for a string is refused with 413, and the next request is served', async (t) => {
    const { host, events } = await startInProcess(t, echo, {
        bodySizeBytesMax: 200_000_000,
        limits: { lineSizeBytesMax: 500_000_000 },
    })
    // As JSON, each of these takes six letters: a few more than fit into a string.
    const body = Buffer.alloc(90_000_000, 1)
    const response = await fetch(host.url, { method: 'POST', body })
    assert.equal(response.status, 413)
    assert.match(await response.text(), /too large for a record/)
    assert.equal(events(), 0)
    assert.equal((await fetch(host.url)).status, 200)
})

test('what goes wrong in the host itself is answered with 500, and logged; only its death is silent', async (t) => {
    let isBroken = false
    const now = () => {
        if (isBroken) throw new Error('the clock stands still')
        return new Date()
    }
    const { host, logged } = await startInProcess(t, echo, { now })
    isBroken = true
    const response = await fetch(host.url)
    isBroken = false
    assert.equal(response.status, 500)
    assert.match(await response.text(), /^The host failed on this request, and its log says why\./)
    assert.match(logged(), /"level":50.*the clock stands still/)
    assert.equal((await fetch(host.url)).status, 200)
})
