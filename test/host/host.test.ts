import assert from 'node:assert/strict'
import dns from 'node:dns'
import { request } from 'node:http'
import { describe, mock, test } from 'node:test'

import { echo, exchange, startInProcess } from '../support/in-process-host.js'
import { readLog } from '../support/stores.js'
import { until } from '../support/until.js'

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('a request that is never answered keeps no process alive', () => {
    for (const ending of ['stop', 'abandon'] as const) {
        test(ending, async (t) => {
            const before = timers()
            // A client that is gone looks like one that has only ended its own side, and still waits.
            const { host, events } = await startInProcess(t, () => '{"decodeSuccess":[]}', {
                answerTimeMillisecondsMax: 1000,
            })
            const client = request(host.url).on('error', () => undefined)
            client.end()
            await until(() => events() === 1)
            const gone = new Promise((resolve) => client.once('close', resolve))
            if (ending === 'stop') client.destroy()
            await host[ending]()
            await gone
            await until(() => timers() <= before)
        })
    }
})

test('a stop waits for no client that asks for what the app can say no more, and keeps its event', {
    timeout: 60_000,
}, async (t) => {
    const { host, store, events } = await startInProcess(t, () => '{"decodeSuccess":[]}')
    // One is gone, but all that TCP says of it is that it sends no more, as it does of the second.
    const gone = request(host.url).on('error', () => undefined)
    gone.end()
    const received = exchange(host.url, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', true)
    await until(() => events() === 2)
    gone.destroy()
    // The app's time for an answer is far longer than a test may take.
    await host.stop()
    assert.match(await received, /^HTTP\/1\.1 504 [^]*The request was recorded\./)
    assert.equal(Object.values(readLog(store)).flat().length, 2)
})

test('a connection on which nothing comes behind an answer is closed after 72 s, or as is said', async (t) => {
    const asked = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
    const { host } = await startInProcess(t, echo, { idleMillisecondsMax: 1000 })
    assert.match(await exchange(host.url, asked), /^HTTP\/1\.1 200 [^]*\nKeep-Alive: timeout=1\r/)
    const byDefault = await startInProcess(t, echo)
    const response = await fetch(byDefault.host.url)
    assert.equal(response.headers.get('keep-alive'), 'timeout=72')
})

// Another address of this machine that is there without any setting.
const elsewhere = process.platform === 'linux' ? false : 'there may be no 127.0.0.2'

test('localhost is its first address, though it has several', { skip: elsewhere }, async (t) => {
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
    const lookup = mock.method(dns, 'lookup', (name: string, options: unknown, done: unknown) => {
        const isAll = (options as { all?: boolean }).all === true
        const answer = (done ?? options) as (error: null, ...found: unknown[]) => void
        if (isAll) answer(null, addresses)
        else answer(null, name === 'localhost' ? '127.0.0.1' : name, 4)
    })
    t.after(() => lookup.mock.restore())
    const { host } = await startInProcess(t, echo, { listen: { host: 'localhost', port: 0 } })
    const { port } = new URL(host.url)
    lookup.mock.restore()
    assert.equal((await fetch(host.url)).status, 200)
    await assert.rejects(fetch(`http://127.0.0.2:${port}`))
})
