// What a client is told where the app does not answer it, with a status code, and whether its request was recorded.
import assert from 'node:assert/strict'
import { constants } from 'node:buffer'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { freemem } from 'node:os'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { echo, type Respond, startInProcess } from '../support/in-process-host.js'
import { thinned } from '../support/thinned.js'
import { until } from '../support/until.js'

const unanswered = '{"decodeSuccess":[]}'

describe('where the app gives no answer, the client hears why, and whether its request was recorded:', () => {
    const fail: Respond = () => {
        throw new Error('no')
    }
    const cases: Readonly<Record<string, readonly [number, RegExp, Respond]>> = {
        'the app fails': [500, /^The app failed on this request\./, fail],
        'the app does not understand it': [500, /^The app did not under/, () => '{"decodeError":"what?"}'],
        'the app lets its time pass': [504, /^The app gave no answer in time\./, () => unanswered],
    }
    for (const [what, [statusCode, sentence, respond]] of Object.entries(cases)) {
        test(what, async (t) => {
            const { host } = await startInProcess(t, respond, { answerTimeMillisecondsMax: 2000 })
            const before = host.head
            const response = await fetch(host.url)
            assert.equal(response.status, statusCode)
            const text = await response.text()
            assert.match(text, sentence)
            const isRecorded = respond !== fail
            assert.match(text, isRecorded ? /The request was recorded\.\n$/ : /Nothing was recorded\.\n$/)
            assert.equal(host.head !== before, isRecorded)
        })
    }
})

test('a request that comes while the host ends is not recorded, though its connection still waits for an answer', async (t) => {
    const { host, events } = await startInProcess(t, () => unanswered, { answerTimeMillisecondsMax: 8000 })
    const { hostname, port } = new URL(host.url)
    const socket = connect(Number(port), hostname)
    let received = ''
    socket.setEncoding('utf8').on('data', (text: string) => (received += text))
    // However the connection ends.
    socket.on('error', () => undefined)
    const closed = once(socket, 'close')
    const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    socket.write(request)
    await until(() => events() === 1)
    const stopped = host.stop()
    while (await isListening(Number(port), hostname)) await sleep(10)
    socket.write(request)
    await closed
    await stopped
    assert.match(received, /^HTTP\/1\.1 504 /)
    assert.equal(events(), 1)
})

async function isListening(port: number, hostname: string): Promise<boolean> {
    const socket = connect(port, hostname)
    try {
        await once(socket, 'connect')
        return true
    } catch {
        return false
    } finally {
        socket.destroy()
    }
}

const noMemory = freemem() < 8e9 ? 'there is not enough memory for such a body' : false
/** What is too long for a string only as JSON, and is refused by the same check, is tried in every run. */
const skip = thinned<string | false>(
    'it takes as long as a hundred others: with npm run test:whole',
    noMemory,
)

test('a body that is longer than any string is refused with 413', { skip }, async (t) => {
    const { host, events } = await startInProcess(t, echo, { bodySizeBytesMax: 2 ** 30 })
    const size = constants.MAX_STRING_LENGTH + 1
    const client = httpRequest(host.url, { method: 'POST', headers: { 'content-length': size } })
    const answered = once(client, 'response') as Promise<[NodeJS.ReadableStream & { statusCode: number }]>
    const part = Buffer.alloc(2 ** 20, 'x')
    for (let left = size; left > 0; left -= part.length) {
        if (!client.write(part.subarray(0, left))) await once(client, 'drain')
    }
    client.end()
    const [response] = await answered
    let text = ''
    for await (const more of response) text += String(more)
    assert.deepEqual(
        [response.statusCode, text],
        [413, 'The request is too large for a record. Nothing was recorded.\n'],
    )
    assert.equal(events(), 0)
})
