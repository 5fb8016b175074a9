import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'

import type { HostOptions } from '../../src/host/host.js'
import { echo, exchange, startInProcess } from '../support/in-process-host.js'

const headers = { authorization: `Basic ${Buffer.from(':secret').toString('base64')}` }

async function adminOf(t: TestContext, options: Partial<HostOptions> = {}): Promise<string> {
    const { host } = await startInProcess(t, echo, {
        ...options,
        adminListen: { host: '127.0.0.1', port: 0 },
        adminPassword: 'secret',
    })
    return host.adminUrl ?? ''
}

describe('a state that is set', () => {
    const put = (admin: string, body: Buffer, more: Readonly<Record<string, string>> = {}) =>
        fetch(`${admin}/state`, { method: 'PUT', headers: { ...headers, ...more }, body })

    test('is what was given, or none: what is not UTF-8 is refused', async (t) => {
        const admin = await adminOf(t)
        assert.equal((await put(admin, Buffer.from('7'))).status, 204)
        const refused = await put(admin, Buffer.from([0x38, 0xff]))
        assert.equal(refused.status, 415)
        assert.match(await refused.text(), /not UTF-8.* Nothing was recorded\.\n$/)
        assert.equal(await (await fetch(`${admin}/state`, { headers })).text(), '7')
    })

    test('may be of any type', async (t) =>
        assert.equal((await put(await adminOf(t), Buffer.from('7'), { 'content-type': 'odd' })).status, 204))

    test('must be there', async (t) => {
        const response = await fetch(`${await adminOf(t)}/state`, { method: 'PUT', headers })
        assert.equal(response.status, 400)
    })

    test('may not be too large', async (t) => {
        const response = await put(await adminOf(t), Buffer.alloc(1001, '7'))
        assert.equal(response.status, 413)
        assert.match(await response.text(), /^The body of the request is too large/)
    })

    test('may not be too long for a record either, though it fits into a request', async (t) => {
        const admin = await adminOf(t, { limits: { lineSizeBytesMax: 1000 } })
        assert.equal((await put(admin, Buffer.from('7'))).status, 204)
        const response = await put(admin, Buffer.alloc(1000, '8'))
        assert.equal(response.status, 413)
        assert.match(await response.text(), /more than 1000 bytes/)
        assert.equal(await (await fetch(`${admin}/state`, { headers })).text(), '7')
    })

    test('must be one that the app can take', async (t) => {
        const admin = await adminOf(t)
        assert.equal((await put(admin, Buffer.from('7'))).status, 204)
        const response = await put(admin, Buffer.from('seven'))
        assert.equal(response.status, 422)
        assert.match(await response.text(), /^The app cannot take this state: .*no number: seven/)
        assert.equal(await (await fetch(`${admin}/state`, { headers })).text(), '7')
    })
})

describe('where nothing is, a plain sentence says so:', () => {
    for (const path of ['/', '/state/more', '/%zz']) {
        test(path, async (t) => {
            const text = await exchange(
                await adminOf(t),
                `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
            )
            assert.match(text, /^HTTP\/1\.1 40[04] [^]*\r\n\r\n[A-Z].*\.\n$/)
        })
    }
})
