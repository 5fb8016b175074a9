// A host that is being stopped still answers what is under way. If its process dies meanwhile, it must not.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { pino } from 'pino'

import { Host } from '../../src/host/host.js'
import { failingDisk } from '../support/failing-disk.js'
import { inProcess } from '../support/in-process-app.js'
import { temporaryFolder } from '../support/temporary.js'

const answerTimeMillisecondsMax = 10_000

interface WebEvent {
    readonly httpRequest: {
        readonly httpRequestId: string
        readonly request: { readonly bodyAsString: string }
    }
}

/** Answers requests whose body is `answer` and leaves all others without one. */
const answeringSome = (onRequest: (body: string) => void) =>
    inProcess<string>({
        initialState: '',
        process: (event, state) => {
            const { httpRequestId, request } = (JSON.parse(event) as WebEvent).httpRequest
            onRequest(request.bodyAsString)
            const response = { statusCode: 200, headersToAdd: [], bodyAsString: 'answered' }
            const completions =
                request.bodyAsString === 'answer'
                    ? [{ completeHttpResponse: { httpRequestId, response } }]
                    : []
            return [state, JSON.stringify({ decodeSuccess: completions })]
        },
        serialize: (state) => state,
        deserialize: (text) => text,
    })

test('where its process dies, a host that is being stopped answers nothing more', {
    timeout: 60_000,
}, async (t) => {
    const listeners = new Map<string, () => void>()
    const app = answeringSome((body) => listeners.get(body)?.())
    const host = await Host.start(temporaryFolder(t), app, {
        logger: pino({ level: 'silent' }),
        listen: { host: '127.0.0.1', port: 0 },
        stateSizeBytesMax: 1000,
        bodySizeBytesMax: 1000,
        connectionsMax: 10,
        requestsMax: 10,
        requestTimeMillisecondsMax: 60_000,
        answerTimeMillisecondsMax,
    })
    const ask = (body: string) => {
        const taken = new Promise<void>((resolve) => listeners.set(body, resolve))
        const answer = fetch(host.url, { method: 'POST', body }).then(({ status }) => status)
        answer.catch(() => undefined)
        return { taken, answer }
    }
    const recorded = ask('recorded')
    await recorded.taken
    // What came before is on the disk, too, then.
    assert.equal(await ask('answer').answer, 200)
    await failingDisk(t, 'sync', 1)
    const unrecorded = ask('unrecorded')
    await unrecorded.taken
    const stopped = assert.rejects(host.stop(), /EIO/)
    await assert.rejects(unrecorded.answer)
    await assert.rejects(recorded.answer)
    await stopped
})
