import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { parseRecord } from '../../src/core/composition/record.js'
import { complog, withApp, withAppAt } from '../support/cli.js'
import { startHost } from '../support/host-process.js'
import { hostileApp } from '../support/hostile-script.js'
import { fixturesFolder, readLog } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const post = (url: string, body: string) => fetch(url, { method: 'POST', body })

async function textOf(response: Response | Promise<Response>): Promise<string> {
    return (await response).text()
}

function eventsIn(store: string): string[] {
    return Object.values(readLog(store))
        .flat()
        .flatMap((line) => {
            const record = parseRecord(line)
            return 'events' in record ? record.events : []
        })
}

describe('host', () => {
    test('answers with what the app says, and is back in that state after SIGKILL', async (t) => {
        const store = join(temporaryFolder(t), 'store')
        const first = await startHost(t, store)
        assert.equal(await textOf(post(`${first.url}/api?x=1`, 'hello')), 'hello')
        assert.equal(await textOf(post(first.url, ' world')), 'hello world')
        assert.equal(await first.end('SIGKILL'), null)

        const second = await startHost(t, store)
        assert.equal(await textOf(fetch(second.url)), 'hello world')
        assert.equal(await second.end('SIGTERM'), 0)
        assert.deepEqual(readdirSync(join(store, 'reduction')).length, 1)

        for (const flags of [['--from-genesis'], ['--from-end'], []]) {
            const { stdout } = await warmComplog(['replay', store, ...withApp('string-builder'), ...flags])
            assert.equal(stdout, 'hello world')
        }
        assert.equal((await warmComplog(['verify-chain', store])).exitCode, 0)
        assert.equal(
            (await warmComplog(['truncate', store, ...withApp('string-builder'), '--yes'])).exitCode,
            0,
        )
    })

    test('serves what stands beside the app before it asks the app, and does not start with what it cannot do', async (t) => {
        const app = join(temporaryFolder(t), 'app')
        cpSync(join(fixturesFolder, 'apps', 'string-builder'), app, { recursive: true })
        const write = (pattern: string) => {
            const rules = [{ matchingRegexPattern: pattern, resultString: 'index.html' }]
            writeFileSync(
                join(app, 'map.json'),
                JSON.stringify({ mapsFromRequestUrlToStaticFileName: rules }),
            )
        }
        write('/page$')
        mkdirSync(join(app, 'static-files'))
        writeFileSync(join(app, 'static-files', 'index.html'), '<p>a page</p>')
        const store = temporaryFolder(t)
        const host = await startHost(t, store, { app: withAppAt(app) })
        assert.equal(await textOf(fetch(`${host.url}/page`)), '<p>a page</p>')
        assert.deepEqual(eventsIn(store), [])
        assert.equal(await textOf(post(host.url, 'to the app')), 'to the app')
        assert.equal(await host.end('SIGTERM'), 0)

        write('/(?>page)')
        const { exitCode, stderr } = await complog(['host', temporaryFolder(t), ...withAppAt(app)])
        assert.equal(exitCode, 14)
        assert.match(stderr.replaceAll(/\s+/g, ' '), /the pattern "\/\(\?>page\)"/)
    })

    test('hands the request over as it came', async (t) => {
        const store = temporaryFolder(t)
        const { url } = await startHost(t, store)
        await fetch(`${url}/%E0%A4%A?a=%41`, {
            method: 'PATCH',
            body: '三 \u{1F600}',
            headers: { 'x-Custom': 'a', 'content-type': 'application/whatever' },
        })
        const [event = ''] = eventsIn(store)
        const { httpRequest: recorded } = JSON.parse(event) as {
            httpRequest: {
                requestContext: object
                request: { method: string; uri: string; bodyAsString: string; headers: { name: string }[] }
            }
        }
        assert.equal(recorded.request.method, 'PATCH')
        assert.equal(recorded.request.uri, `${url}/%E0%A4%A?a=%41`)
        assert.equal(recorded.request.bodyAsString, '三 \u{1F600}')
        assert.deepEqual(recorded.requestContext, { clientAddress: '127.0.0.1' })
        assert.ok(recorded.request.headers.some(({ name }) => name === 'x-Custom'))
    })

    test('refuses what is beyond its bounds, and records nothing of it', async (t) => {
        const store = temporaryFolder(t)
        const { url } = await startHost(t, store, { args: ['--max-body-size', '100', '--strict-bodies'] })
        assert.equal((await post(url, 'x'.repeat(101))).status, 413)
        assert.equal((await fetch(url, { method: 'POST', body: Buffer.from([0x61, 0xff]) })).status, 415)
        const headers = { 'x-large': 'x'.repeat(20_000) }
        assert.equal((await fetch(url, { headers })).status, 431)
        assert.deepEqual(eventsIn(store), [])
        assert.equal(await textOf(post(url, 'x'.repeat(100))), 'x'.repeat(100))
    })

    test('refuses what would make a record too long to be read again, and goes on', async (t) => {
        const store = temporaryFolder(t)
        const args = ['--max-line-size', '2KiB']
        const host = await startHost(t, store, { args })
        const { url } = host
        // Quotes are escaped once for the event, and once more for the record.
        const refused = await post(url, '"'.repeat(500))
        assert.equal(refused.status, 413)
        assert.match(await refused.text(), /too large for a record/)
        assert.deepEqual(eventsIn(store), [])
        assert.equal(await textOf(post(url, 'x'.repeat(500))), 'x'.repeat(500))
        await host.end('SIGKILL')
        const again = await startHost(t, store, { args })
        assert.equal(await textOf(fetch(again.url)), 'x'.repeat(500))
    })

    test('an event that the app does not understand is recorded, and answered with 502', async (t) => {
        const store = temporaryFolder(t)
        const host = await startHost(t, store, { app: withApp('counter') })
        const response = await post(host.url, 'what?')
        assert.equal(response.status, 502)
        assert.match(await response.text(), /cannot be sent/)
        assert.equal(eventsIn(store).length, 1)
        // What it logs may come later than the answer.
        await host.end('SIGTERM')
        assert.deepEqual(
            host.log.filter(({ kind }) => kind !== undefined).map(({ kind }) => kind),
            ['malformed-response'],
        )
    })

    test('SIGTERM answers what is under way first', async (t) => {
        const store = temporaryFolder(t)
        const host = await startHost(t, store)
        const slow = httpRequest(host.url, { method: 'POST', headers: { 'content-length': 4 } })
        const answered = new Promise<string>((resolve, reject) => {
            slow.on('error', reject).on('response', (response) => {
                let body = ''
                response.setEncoding('utf8').on('data', (text: string) => (body += text))
                response.on('end', () => resolve(body))
            })
        })
        slow.write('sl')
        await fetch(host.url)
        const ended = host.end('SIGTERM')
        await new Promise((resolve) => setTimeout(resolve, 200))
        slow.end('ow')
        assert.equal(await answered, 'slow')
        assert.equal(await ended, 0)
    })

    test('stops as usual where its signal comes twice, as from timeout', async (t) => {
        const store = temporaryFolder(t)
        const host = await startHost(t, store)
        // What it has to wait for.
        const slow = httpRequest(host.url, { method: 'POST', headers: { 'content-length': 4 } })
        slow.on('error', () => undefined).write('sl')
        await fetch(host.url)
        host.child.kill('SIGTERM')
        assert.equal(await host.end('SIGINT'), 0)
        assert.equal(readdirSync(join(store, 'reduction')).length, 1)
        slow.destroy()
    })

    test('an address that is taken is said, and nothing is left behind', async (t) => {
        const { url } = await startHost(t, temporaryFolder(t))
        const { host } = new URL(url)
        const { exitCode, stderr } = await complog([
            'host',
            temporaryFolder(t),
            ...withApp('string-builder'),
            '--listen',
            host,
        ])
        assert.equal(exitCode, 2)
        assert.match(
            stderr,
            /Cannot listen on 127\.0\.0\.1:\d+: another process listens there\s\(EADDRINUSE\)\./,
        )
    })

    test('an address that is none of this machine, or of no machine at all, is said in a sentence', async (t) => {
        for (const [address, what] of [
            [
                '192.0.2.1:8080',
                /Cannot listen on 192\.0\.2\.1:8080: no network interface of this machine has that address \(EADDRNOTAVAIL\)\. Name an address that/,
            ],
            [
                'nowhere.invalid:8080',
                /Cannot listen on nowhere\.invalid:8080: (?:no address is known by that name \(ENOTFOUND\)|the name could not be looked up \(EAI_AGAIN\))\. See whether/,
            ],
        ] as const) {
            const args = ['host', temporaryFolder(t), ...withApp('string-builder'), '--listen', address]
            const { exitCode, stderr } = await complog([...args, '--log-level', 'silent'])
            assert.equal(exitCode, 2, stderr)
            assert.match(stderr.replaceAll(/\s+/g, ' '), what)
        }
    })
})

describe('the admin interface', () => {
    const password = 'correct: horse'
    const authorization = (text: string) => `Basic ${Buffer.from(`:${text}`).toString('base64')}`

    test('tells health and metrics without a password, and the state only with it', async (t) => {
        const store = temporaryFolder(t)
        const host = await startHost(t, store, { env: { COMPLOG_ADMIN_PASSWORD: password } })
        const admin = host.adminUrl ?? ''
        await textOf(post(host.url, 'hello'))
        assert.equal(await textOf(fetch(`${admin}/healthz`)), 'ok\n')
        assert.match(await textOf(fetch(`${admin}/metrics`)), /^complog_records_appended_total 1$/m)
        assert.equal((await fetch(`${admin}/state`)).status, 401)
        for (const wrong of ['', 'correct: hors', 'correct: horse ', password.repeat(1000)]) {
            const headers = { authorization: authorization(wrong) }
            assert.equal((await fetch(`${admin}/state`, { headers })).status, wrong.length > 9999 ? 431 : 401)
        }
        const headers = { authorization: authorization(password) }
        assert.equal(await textOf(fetch(`${admin}/state`, { headers })), 'hello')
        assert.equal((await fetch(`${admin}/state`, { headers, method: 'PUT', body: 'new' })).status, 204)
        assert.equal(await textOf(fetch(host.url)), 'new')
        assert.ok(!JSON.stringify(host.log).includes('horse'))
    })

    test('gives nobody the state where there is no password', async (t) => {
        const host = await startHost(t, temporaryFolder(t))
        const response = await fetch(`${host.adminUrl ?? ''}/state`, {
            headers: { authorization: authorization('') },
        })
        assert.equal(response.status, 403)
    })
})

test('a page of another origin may read answers only where --cors says so; what its browser asks before is answered, and is no event', async (t) => {
    const store = temporaryFolder(t)
    const host = await startHost(t, store, { args: ['--cors', 'https://a.example', '--no-admin'] })
    const ask = async (origin: string) => {
        const answered = new Promise<IncomingMessage>((resolve, reject) => {
            const headers = {
                origin,
                'access-control-request-method': 'DELETE',
                'access-control-request-headers': 'x-mine',
            }
            httpRequest(host.url, { method: 'OPTIONS', headers }, resolve).on('error', reject).end()
        })
        const { statusCode, headers } = (await answered).resume()
        return { statusCode, headers }
    }
    const { statusCode, headers } = await ask('https://a.example')
    assert.equal(statusCode, 204)
    assert.equal(headers['access-control-allow-origin'], 'https://a.example')
    assert.match(headers['access-control-allow-methods'] ?? '', /DELETE/)
    assert.equal(headers['access-control-allow-headers'], 'x-mine')
    assert.equal((await ask('https://b.example')).headers['access-control-allow-origin'], undefined)
    assert.deepEqual(eventsIn(store), [])
    // Without what makes it such a question, the app answers.
    assert.equal((await fetch(host.url, { method: 'OPTIONS' })).status, 200)
    assert.equal(eventsIn(store).length, 1)
    const allowed = (response: Response) => response.headers.get('access-control-allow-origin')
    const from = (origin: string) => fetch(host.url, { headers: { origin } })
    assert.equal(allowed(await from('https://a.example')), 'https://a.example')
    assert.notEqual(allowed(await from('https://b.example')), 'https://b.example')
})

test('more requests than may wait are told to come back, and are not recorded', async (t) => {
    const store = temporaryFolder(t)
    const slowly = `
        for (var i = 0, x = 0; i < 1e8; i++) x += i % 7;
        var id = JSON.parse(event).httpRequest.httpRequestId;
        var answer = { httpRequestId: id, response: { statusCode: 200, headersToAdd: [], bodyAsString: '' } };
        return { a: state, b: JSON.stringify({ decodeSuccess: [{ completeHttpResponse: answer }] }) };`
    const host = await startHost(t, store, {
        app: hostileApp(temporaryFolder(t), {}, { atEvery: slowly }),
        args: ['--max-waiting', '2'],
    })
    const responses = await Promise.all(Array.from({ length: 10 }, () => fetch(host.url)))
    const served = responses.filter(({ status }) => status === 200).length
    const refused = responses.filter(({ status }) => status === 503)
    assert.ok(served >= 2 && refused.length > 0, `${served} served, ${refused.length} refused`)
    assert.equal(served + refused.length, 10)
    for (const response of refused) {
        assert.equal(response.headers.get('retry-after'), '1')
        assert.match(await response.text(), /Try again/)
    }
    assert.equal(eventsIn(store).length, served)
})
