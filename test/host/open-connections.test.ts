// Whose turn it is on a connection while a server ends, with a clock that stands still until a test moves it on.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'

import { OpenConnections } from '../../src/host/open-connections.js'
import { until } from '../support/until.js'

const times = { sendingMillisecondsMax: 1000, readingMillisecondsMax: 5000 }

const whole = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const half = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello'
/** More than goes into the buffers of both sides. */
const longAnswer = 'x'.repeat(50e6)

interface Served {
    readonly connections: OpenConnections
    /** What came to the server until now, still without an answer. */
    readonly requests: readonly { readonly request: IncomingMessage; readonly response: ServerResponse }[]
    readonly client: Socket
    /** Letters that the client has read. */
    readonly received: () => number
    readonly isClosed: () => boolean
    /** The server looks at its connections, when so much time has passed. */
    readonly pass: (milliseconds: number) => Promise<void>
}

async function serve(t: TestContext, says: string): Promise<Served> {
    let now = 0
    let looks = 0
    t.mock.method(performance, 'now', () => {
        looks += 1
        return now
    })
    const requests: { request: IncomingMessage; response: ServerResponse }[] = []
    const server = createServer((request, response) => void requests.push({ request, response }))
    // Only what is tested closes a connection.
    server.keepAliveTimeout = 0
    const connections = new OpenConnections(server)
    t.after(() => {
        server.closeAllConnections()
        server.close()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => undefined).on('data', ({ length }) => (received += length))
    let received = 0
    let isClosed = false
    const [socket] = await accepted
    socket.once('close', () => (isClosed = true))
    client.write(says)
    return {
        connections,
        requests,
        client,
        received: () => received,
        isClosed: () => isClosed,
        pass: async (milliseconds) => {
            now += milliseconds
            const before = looks
            await until(() => looks >= before + 2)
        },
    }
}

describe('while a server ends', () => {
    test('the rest of a request has its time to come, and no more', async (t) => {
        const { connections, requests, isClosed, pass } = await serve(t, half)
        await until(() => requests.length === 1)
        connections.end(times)
        await pass(999)
        assert.equal(isClosed(), false)
        await pass(1)
        await until(isClosed)
    })

    test('the app has what time it takes, and its client has then all of its own to read', async (t) => {
        const { connections, requests, client, received, isClosed, pass } = await serve(t, whole)
        await until(() => requests.length === 1)
        connections.end(times)
        await pass(1_000_000)
        assert.equal(isClosed(), false)
        client.pause()
        requests[0]?.response.end(longAnswer)
        await pass(0)
        await pass(4999)
        assert.equal(isClosed(), false)
        client.resume()
        // The client's end may be read later than the server's is closed.
        await until(() => isClosed() && received() > longAnswer.length)
    })

    test('a client that does not read is no longer waited for when its time is over', async (t) => {
        const { connections, requests, client, isClosed, pass } = await serve(t, whole)
        await until(() => requests.length === 1)
        client.pause()
        requests[0]?.response.end(longAnswer)
        connections.end(times)
        await pass(4999)
        assert.equal(isClosed(), false)
        await pass(1)
        await until(isClosed)
    })

    test('a client that has not read its first answer is waited for no longer because it has asked again', async (t) => {
        const { connections, requests, client, isClosed, pass } = await serve(t, whole + whole)
        await until(() => requests.length === 1)
        client.pause()
        requests[0]?.response.end(longAnswer)
        connections.end(times)
        await pass(0)
        await pass(5000)
        await until(isClosed)
        assert.equal(requests.length, 1)
    })
})

describe('on one connection', () => {
    test('a request begins when the one before it is answered', async (t) => {
        const { requests, client } = await serve(t, `${half}world${whole}${whole}`)
        await until(() => requests.length === 1)
        client.write(whole)
        await new Promise((resolve) => setTimeout(resolve, 50))
        assert.equal(requests.length, 1)
        for (const count of [2, 3, 4]) {
            requests[count - 2]?.response.end()
            await until(() => requests.length === count)
        }
        assert.deepEqual(
            requests.map(({ request }) => request.method),
            ['POST', 'GET', 'GET', 'GET'],
        )
    })

    test('nothing begins behind an answer that closes it', async (t) => {
        const { requests, isClosed } = await serve(t, whole + whole)
        await until(() => requests.length === 1)
        requests[0]?.response.setHeader('connection', 'close').end()
        await until(isClosed)
        assert.equal(requests.length, 1)
    })

    test('what cannot be read is seen to behind the answers that are due, and only once', async (t) => {
        const { connections, requests } = await serve(t, whole + whole + half)
        await until(() => requests.length === 1)
        const socket = requests[0]?.request.socket as Socket
        const seen: string[] = []
        connections.behindAnswers(socket, () => {
            seen.push('first')
            socket.end()
        })
        connections.behindAnswers(socket, () => void seen.push('second'))
        assert.deepEqual(seen, [])
        requests[0]?.response.end()
        await until(() => requests.length === 2)
        assert.deepEqual(seen, [])
        requests[1]?.response.end()
        await until(() => seen.length > 0)
        assert.deepEqual([seen, requests.length], [['first'], 2])
    })

    test('the address of a client that has gone is still known', async (t) => {
        const { connections, requests, client, isClosed } = await serve(t, whole)
        await until(() => requests.length === 1)
        client.resetAndDestroy()
        await until(isClosed)
        assert.equal(connections.addressOf(requests[0]?.request as IncomingMessage), '127.0.0.1')
    })
})
