// Apps as people had them, in the forms of the interface over the years: compiled, served as a process, restored, checked.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, test } from 'node:test'

import { appPath, complog, withAppAt } from '../support/cli.js'
import { startHost } from '../support/host-process.js'
import { temporaryFolder } from '../support/temporary.js'

interface RealApp {
    readonly name: string
    readonly uses: string
    /** Method, path, body; status, type and body of the answer. */
    readonly exchanges: readonly (readonly [string, string, string, number, string | null, string])[]
    readonly state: string
}

const text = 'text/plain; charset=utf-8'

const apps: readonly RealApp[] = [
    {
        name: 'visits',
        uses: 'the interface of November 2018, without headers, and Debug',
        exchanges: [
            ['GET', '/a', '', 200, null, 'Just 1'],
            ['POST', '/b%20c', 'body', 200, null, 'Just 1'],
            ['GET', '/a', '', 200, null, 'Just 2'],
        ],
        state: '[["http://app.test/a",2],["http://app.test/b c",1]]',
    },
    {
        name: 'notes',
        uses: 'the convention of May 2019, several modules, a large state, and tasks that never run',
        exchanges: [
            ['POST', '/notes', 'ä #one', 201, text, '[{"id":1,"text":"ä #one","tags":["#one"]}]'],
            ['GET', '/notes/2', '', 404, text, 'There is no such note.'],
            ['DELETE', '/', '', 400, text, 'What is that?'],
            ['POST', '/fill/20000', '', 200, text, '20001'],
            ['GET', '/notes/2', '', 200, text, 'note 1'],
        ],
        state: JSON.stringify([
            { id: 1, text: 'ä #one', tags: ['#one'] },
            ...Array.from({ length: 20_000 }, (_, n) => ({ id: n + 2, text: `note ${n + 1}`, tags: [] })),
        ]),
    },
]

describe('an app of those days gets its events, and its answers get through', { timeout: 300_000 }, () => {
    for (const { name, uses, exchanges, state } of apps) {
        test(`${name}: ${uses}`, async (t) => {
            const store = temporaryFolder(t)
            const app = withAppAt(appPath(`real/${name}`))
            const host = await startHost(t, store, { app })
            for (const [method, path, body, ...expected] of exchanges) {
                const answer = await ask(host.url, method, path, body)
                assert.deepEqual(answer, expected, `${method} ${path}`)
            }
            assert.equal(await host.end('SIGTERM'), 0)

            for (const from of [[], ['--from-genesis']]) {
                const { stdout, exitCode, stderr } = await complog(['replay', store, ...app, ...from])
                assert.equal(exitCode, 0, stderr)
                assert.ok(stdout === state, stdout.slice(0, 1000))
            }
            const verified = await complog(['verify-chain', store, ...app, '--json'])
            assert.equal(verified.exitCode, 0, verified.stderr)
            const { result } = JSON.parse(verified.stdout) as {
                result: { findings: unknown; records: number }
            }
            assert.deepEqual(result.findings, [])
        })
    }
})

/** Status, type and body of the answer to a request of `app.test`. */
async function ask(url: string, method: string, path: string, body: string) {
    const { hostname, port } = new URL(url)
    return new Promise<readonly [number | undefined, string | null, string]>((resolve, reject) => {
        const sent = request({ hostname, port, method, path, headers: { host: 'app.test' } }, (answer) => {
            let received = ''
            answer.setEncoding('utf8').on('data', (more: string) => (received += more))
            answer.on('end', () => {
                resolve([answer.statusCode, answer.headers['content-type'] ?? null, received])
            })
        })
        sent.on('error', reject).end(body)
    })
}
