// Clients that know nothing of complog: a browser, and a tool that asks as fast as it can.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'

import autocannon from 'autocannon'

import { dotnetPattern } from '../../src/host/dotnet-pattern.js'
import { answerWith, type Respond, startInProcess } from '../support/in-process-host.js'
import { readLog } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

/** What only a browser does with an answer: it applies a style, runs a module, shows a picture, and asks other origins. */
const page = `<!doctype html><link rel="stylesheet" href="/files/style.css"><p id="text">ä</p>
<img id="picture" src="/files/picture.svg"><pre id="found"></pre>
<script type="module">
import { word } from '/files/word.js'
const addressOf = (name) => new URLSearchParams(location.search).get(name) + '/app'
const asked = async (url, options) => {
    try {
        const answer = await fetch(url, options)
        return [answer.status, await answer.text()]
    } catch (error) {
        return error.name
    }
}
const text = document.getElementById('text')
const picture = document.getElementById('picture')
await picture.decode()
const json = { method: 'PUT', headers: { 'Content-Type': 'application/json', 'X-Own': '1' }, body: '{}' }
const askedOther = async (url) => [
    await asked(url),
    await asked(url, json),
    await asked(url, { ...json, credentials: 'include' }),
]
const found = {
    word,
    letter: text.textContent,
    color: getComputedStyle(text).color,
    pictureWidth: picture.naturalWidth,
    own: await asked('/app', { method: 'POST', body: 'from the page' }),
    part: await asked('/files/word.js', { headers: { Range: 'bytes=0-5' } }),
    open: await askedOther(addressOf('open')),
    closed: await askedOther(addressOf('closed')),
}
document.getElementById('found').textContent = JSON.stringify(found)
</script>`

const content: Readonly<Record<string, string>> = {
    'page.html': page,
    'style.css': '#text { color: rgb(1, 2, 3) }',
    'word.js': "export const word = 'wörd'",
    'picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"/>',
}

const withFiles = (corsAllowAnything: boolean) => ({
    connectionsMax: 200,
    requestsMax: 200,
    webSettings: {
        staticFileRules: Object.keys(content).map((fileName) => ({
            pattern: dotnetPattern(`/files/${fileName}`),
            fileName,
        })),
        rateLimit: undefined,
        corsAllowAnything,
        notes: [],
    },
    files: new Map(Object.entries(content).map(([name, text]) => [name, Buffer.from(text)])),
})

const method: Respond = (request, id) => answerWith(id, { bodyAsString: `${request.method} was seen` })

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

/** The document at an address, once its scripts are done, as Chromium has it. */
async function documentAt(t: TestContext, url: string): Promise<string> {
    const network = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
    const args = [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...network],
        ...[`--user-data-dir=${temporaryFolder(t)}`, '--virtual-time-budget=20000', '--dump-dom', url],
    ]
    return (await promisify(execFile)(browser ?? '', args, { timeout: 60_000 })).stdout
}

describe('a browser', { skip: browser === undefined && 'there is no Chromium', timeout: 120_000 }, () => {
    test('takes files for what they are, and asks other origins where their map allows anything', async (t) => {
        const { host, events, store } = await startInProcess(t, method, withFiles(false))
        const open = await startInProcess(t, method, withFiles(true))
        const closed = await startInProcess(t, method, withFiles(false))
        const others = new URLSearchParams({ open: open.host.url, closed: closed.host.url })
        const dom = await documentAt(t, `${host.url}/files/page.html?${others.toString()}`)
        const found = /<pre id="found">(.*?)<\/pre>/.exec(dom)?.[1] ?? ''
        assert.notEqual(found, '', dom)
        assert.deepEqual(JSON.parse(found), {
            word: 'wörd',
            letter: 'ä',
            color: 'rgb(1, 2, 3)',
            pictureWidth: 7,
            own: [200, 'POST was seen'],
            part: [206, 'export'],
            open: [
                [200, 'GET was seen'],
                [200, 'PUT was seen'],
                [200, 'PUT was seen'],
            ],
            closed: ['TypeError', 'TypeError', 'TypeError'],
        })
        // Beside what the page asks for, a browser asks for an icon.
        const log = Object.values(readLog(store)).flat().map(String)
        const ofThePage = log.filter((line) => !line.includes('/favicon.ico'))
        assert.equal(ofThePage.length, 1, ofThePage.join('\n'))
        assert.match(ofThePage[0] ?? '', /from the page/)
        assert.equal(events(), log.length)
    })
})

describe('64 connections that ask as fast as they can', { timeout: 120_000 }, () => {
    const ask = async (url: string, options: Partial<autocannon.Options>) => {
        const result = await autocannon({ url, connections: 64, amount: 1000, ...options })
        assert.deepEqual([result.errors, result.timeouts, result.non2xx], [0, 0, 0])
        return result['2xx']
    }

    test('get static files, and nothing is recorded', async (t) => {
        const { host, events, store } = await startInProcess(t, method, withFiles(false))
        assert.equal(await ask(`${host.url}/files/word.js`, { expectBody: content['word.js'] ?? '' }), 1000)
        assert.equal(events(), 0)
        assert.deepEqual(readLog(store), {})
    })

    test('get answers of the app, each of which is recorded', async (t) => {
        const { host, events, store } = await startInProcess(t, method, withFiles(false))
        const options = { method: 'POST', body: 'x', expectBody: 'POST was seen' } as const
        assert.equal(await ask(`${host.url}/app`, options), 1000)
        assert.equal(events(), 1000)
        const recorded = Object.values(readLog(store))
            .flat()
            .flatMap((line) => (JSON.parse(String(line)) as { AppendedEvents: unknown[] }).AppendedEvents)
        assert.equal(recorded.length, 1000)
    })
})
