// Clients that hold a connection and do not go on: neither the other clients nor the end of the host wait for them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { binary } from '../support/build.js'
import { complog, run, withApp } from '../support/cli.js'
import { type HostProcess, startHost } from '../support/host-process.js'
import { hostileApp } from '../support/hostile-script.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { until } from '../support/until.js'

const timeout = 120_000
/** Letters of an answer: more than the system takes for a client that does not read. */
const more = 15e6

const halves: Readonly<Record<string, string>> = {
    'has sent nothing': '',
    'has sent half of the headers': 'POST / HTTP/1.1\r\nHost: a\r\n',
    'has sent half of the body': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc',
    'has sent half of a second request': 'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n',
}

interface Client {
    readonly socket: Socket
    /** What it was sent until now. */
    readonly received: () => string
    readonly isClosed: () => boolean
}

/** A client that says this and nothing more. It goes only when it is told to. */
async function client(t: TestContext, { url }: HostProcess, says: string): Promise<Client> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    t.after(() => socket.destroy())
    let received = ''
    let isClosed = false
    socket.setEncoding('utf8').on('data', (text: string) => (received += text))
    socket.on('error', () => undefined).on('close', () => (isClosed = true))
    await once(socket, 'connect')
    socket.write(says)
    return { socket, received: () => received, isClosed: () => isClosed }
}

/** An app that answers each request with so many letters. */
function answering(t: TestContext, letters: number): readonly string[] {
    const atEvery = `
        var id = JSON.parse(event).httpRequest.httpRequestId;
        var response = { statusCode: 200, headersToAdd: [], bodyAsString: 'x'.repeat(${letters}) };
        var answer = { completeHttpResponse: { httpRequestId: id, response: response } };
        return { a: state, b: JSON.stringify({ decodeSuccess: [answer] }) };`
    return hostileApp(temporaryFolder(t), {}, { atEvery })
}

describe('SIGTERM ends the host with 0 and a reduction, though a client', () => {
    // One host has them all, unless each is to be seen alone.
    const each = Object.entries(halves).map((half) => [half])
    for (const group of thinned([Object.entries(halves)], each)) {
        test(group.map(([what]) => what).join(', another '), { timeout }, async (t) => {
            const store = temporaryFolder(t)
            const host = await startHost(t, store)
            assert.equal((await fetch(host.url, { method: 'POST', body: 'hello' })).status, 200)
            const clients = await Promise.all(group.map(([, says]) => client(t, host, says)))
            // What comes after it on a connection of its own is answered: so it has arrived.
            assert.equal(await (await fetch(host.url)).text(), 'hello')
            assert.equal(await host.end('SIGTERM'), 0)
            await until(() => clients.every(({ isClosed }) => isClosed()))
            assert.equal(readdirSync(join(store, 'reduction')).length, 1)
        })
    }

    test('does not read its answer', { timeout }, async (t) => {
        const store = temporaryFolder(t)
        const host = await startHost(t, store, {
            app: answering(t, more),
            args: ['--answer-timeout', '3s'],
        })
        const { socket, received, isClosed } = await client(t, host, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await until(received)
        socket.pause()
        assert.equal(await host.end('SIGTERM'), 0)
        assert.equal(readdirSync(join(store, 'reduction')).length, 1)
        socket.resume()
        await until(isClosed)
        assert.ok(received().length < more, 'the system took all of the answer')
    })
})

test('requests that come only in half do not shut the others out', { timeout }, async (t) => {
    const host = await startHost(t, temporaryFolder(t), {
        args: ['--max-connections', '3', '--request-timeout', '2s'],
    })
    const body = halves['has sent half of the body'] ?? ''
    const clients = await Promise.all([1, 2, 3].map(() => client(t, host, body)))
    await until(() => clients.every(({ isClosed }) => isClosed()))
    for (const { received } of clients) assert.match(received(), /^HTTP\/1\.1 408 /)
    assert.equal((await fetch(host.url, { method: 'POST', body: 'hello' })).status, 200)
})

describe('where few files may be open at a time', { skip: process.platform === 'win32' }, () => {
    const under = (filesMax: number) => ['/bin/sh', '-c', `ulimit -n ${filesMax}; exec "$@"`, 'sh']

    test('idle connections leave the host what it needs for its log, its reductions and the app', {
        timeout,
    }, async (t) => {
        const store = temporaryFolder(t)
        const host = await startHost(t, store, {
            under: under(256),
            // For each record, a reduction and another file for the log.
            args: ['--reduction-records', '1', '--truncate-after-reduction'],
        })
        const first = await client(t, host, '')
        await Promise.all(Array.from({ length: 300 }, () => client(t, host, '')))
        const adminUrl = host.adminUrl ?? ''
        await Promise.all(
            Array.from({ length: 300 }, () =>
                client(t, { ...host, url: adminUrl }, '').catch(() => undefined),
            ),
        )
        for (const n of [1, 2, 3]) {
            const received = first.received()
            first.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx')
            const answered = () => first.received().slice(received.length)
            await until(() => answered().endsWith(`\r\n\r\n${'x'.repeat(n)}`))
            // There is nothing before the first record that could be cut.
            const done = n === 1 ? 'stored a reduction' : 'truncated the log'
            await until(() => host.log.filter(({ msg }) => msg === done).length === Math.max(1, n - 1))
        }
        const warned = host.log.filter(({ level }) => level >= 40).map(({ msg }) => msg)
        assert.equal(warned.length, 1, warned.join('\n'))
        assert.match(
            warned[0] ?? '',
            /^at most \d+ connections at a time: this process may have 256 files open \(ulimit -n\)$/,
        )
        assert.equal(await host.end('SIGTERM'), 0)
        const { stdout } = await complog(['replay', store, ...withApp('string-builder')])
        assert.equal(stdout, 'xxx')
    })

    test('it says how many that would have to be before it serves anybody', { timeout }, async (t) => {
        const args = ['host', temporaryFolder(t), ...withApp('string-builder'), '--no-admin']
        const [command = '', ...rest] = [...under(48), process.execPath, binary, ...args]
        const { exitCode, stderr } = await run(command, rest)
        assert.equal(exitCode, 16, stderr)
        assert.match(
            stderr,
            /Only 48 files may be open at a time, which leaves none for connections\.\n.*ulimit -n/,
        )
    })
})

describe('SIGTERM lets a client have its answer', () => {
    test('though the rest of the request comes only then', { timeout }, async (t) => {
        const host = await startHost(t, temporaryFolder(t))
        const half = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nsl'
        const { socket, received, isClosed } = await client(t, host, half)
        assert.equal((await fetch(host.url)).status, 200)
        const ended = host.end('SIGTERM')
        await until(() => host.log.some(({ msg }) => msg === 'stopping'))
        socket.write('ow')
        await until(isClosed)
        assert.match(received(), /^HTTP\/1\.1 200 [^]*\r\n\r\nslow$/)
        assert.equal(await ended, 0)
    })

    test('though it takes a while to read it', { timeout }, async (t) => {
        const host = await startHost(t, temporaryFolder(t), { app: answering(t, more) })
        const { socket, received, isClosed } = await client(t, host, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        await until(received)
        socket.pause()
        const ended = host.end('SIGTERM')
        await until(() => host.log.some(({ msg }) => msg === 'stopping'))
        // The host has looked meanwhile whether a client takes too long.
        await wait(300)
        socket.resume()
        await until(isClosed)
        assert.equal(received().split('\r\n\r\n')[1]?.length, more)
        assert.equal(await ended, 0)
    })
})
