import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { connect } from 'node:tls'

import { complog, withApp } from '../support/cli.js'
import { startHost } from '../support/host-process.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'

const noOpenssl =
    spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not here, to make certificates'

describe('host with TLS', { skip: noOpenssl }, () => {
    test('answers over https, and the app sees that', async (t) => {
        const { cert, key } = selfSigned(temporaryFolder(t))
        const store = join(temporaryFolder(t), 'store')
        const host = await startHost(t, store, { args: ['--tls-cert', cert, '--tls-key', key] })
        assert.match(host.url, /^https:\/\/127\.0\.0\.1:\d+$/)
        assert.equal(await post(host.url, readFileSync(cert), 'hello'), 'hello')
        // Whoever speaks no TLS gets no answer, and does no harm.
        await assert.rejects(fetch(host.url.replace('https', 'http')))
        assert.equal(await post(host.url, readFileSync(cert), ' again'), 'hello again')
        assert.equal(await host.end('SIGTERM'), 0)
        const { stdout } = await complog(['replay', store, ...withApp('string-builder')])
        assert.equal(stdout, 'hello again')
    })

    test('answers a client that has ended its own side of the connection', async (t) => {
        const { cert, key } = selfSigned(temporaryFolder(t))
        const host = await startHost(t, temporaryFolder(t), { args: ['--tls-cert', cert, '--tls-key', key] })
        const ca = readFileSync(cert)
        const options = { port: Number(new URL(host.url).port), host: '127.0.0.1', ca, allowHalfOpen: true }
        const client = connect(options)
        client.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nHALF')
        const received = String(Buffer.concat((await client.toArray()) as Buffer[]))
        assert.match(received, /^HTTP\/1\.1 200 [^]*\r\n\r\nHALF$/)
        assert.equal(await host.end('SIGTERM'), 0)
    })

    test('ends as without TLS: with an answer for what is under way, and without waiting for whoever says nothing', async (t) => {
        const { cert, key } = selfSigned(temporaryFolder(t))
        const host = await startHost(t, temporaryFolder(t), { args: ['--tls-cert', cert, '--tls-key', key] })
        const ca = readFileSync(cert)
        const silent = connect({ port: Number(new URL(host.url).port), host: '127.0.0.1', ca })
        silent.on('error', () => undefined)
        await once(silent, 'secureConnect')
        const gone = once(silent, 'close')
        const half = request(host.url, { method: 'POST', ca, agent: false, headers: { 'content-length': 4 } })
        const answered = once(half, 'response') as Promise<[IncomingMessage]>
        half.write('sl')
        // What comes after it on a connection of its own is answered: so it has arrived.
        assert.equal(await post(host.url, ca, ''), '')
        const ended = host.end('SIGTERM')
        await gone
        half.end('ow')
        const [response] = await answered
        assert.equal(String(Buffer.concat((await response.toArray()) as Buffer[])), 'slow')
        assert.equal(await ended, 0)
    })

    test('says what is wrong with its files before it makes or starts anything', async (t) => {
        const folder = temporaryFolder(t)
        const { cert, key } = selfSigned(folder)
        const other = selfSigned(temporaryFolder(t))
        writeFiles(folder, { 'no.pem': 'what?\n' })
        const no = join(folder, 'no.pem')
        const gone = join(folder, 'gone.pem')
        const locked = join(folder, 'locked.pem')
        execFileSync('openssl', ['pkey', '-aes128', '-passout', 'pass:x', '-in', key, '-out', locked])
        for (const [certPath, keyPath, exitCode, words] of [
            [gone, key, 16, /Cannot read .*gone\.pem: ENOENT/],
            [cert, gone, 16, /Cannot read .*gone\.pem: ENOENT/],
            [no, key, 2, /no\.pem holds no certificate/],
            [cert, no, 2, /no\.pem holds no private key/],
            [cert, locked, 2, /locked\.pem holds no private key[\s\S]*without a passphrase/],
            [cert, other.key, 2, /does not belong to the certificate/],
        ] as const) {
            const store = join(temporaryFolder(t), 'store')
            const result = await complog([
                ...['host', store, ...withApp('string-builder')],
                ...['--listen', '127.0.0.1:0', '--no-admin', '--tls-cert', certPath, '--tls-key', keyPath],
            ])
            assert.equal(result.exitCode, exitCode, result.stderr)
            assert.match(result.stderr.replaceAll(/\s+/g, ' '), words)
            assert.ok(!existsSync(store))
        }
    })
})

test('a certificate without a key, and the other way round, is wrong on the command line', async (t) => {
    for (const flag of ['--tls-cert', '--tls-key']) {
        const args = ['host', join(temporaryFolder(t), 'store'), ...withApp('string-builder'), flag, 'x']
        assert.equal((await complog(args)).exitCode, 2)
    }
})

function selfSigned(folder: string): { readonly cert: string; readonly key: string } {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    execFileSync(
        'openssl',
        [
            ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
            ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
            ...['-addext', 'subjectAltName=IP:127.0.0.1'],
        ],
        { stdio: 'ignore' },
    )
    return { cert, key }
}

function post(url: string, ca: Buffer, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
        const sent = request(url, { method: 'POST', ca, agent: false }, (response) => {
            let text = ''
            response.setEncoding('utf8').on('data', (more: string) => (text += more))
            response.on('end', () => resolve(text))
        })
        sent.on('error', reject).end(body)
    })
}
