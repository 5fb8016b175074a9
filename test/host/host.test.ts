// A host within this process, whose app answers when it is told to.
import { request } from 'node:http'
import { type TestContext, describe, test } from 'node:test'

import { pino } from 'pino'

import { Host } from '../../src/host/host.js'
import { inProcess } from '../support/in-process-app.js'
import { temporaryFolder } from '../support/temporary.js'
import { until } from '../support/until.js'

/** Answers nobody. */
function silentApp(onEvent: () => void) {
    return inProcess<number>({
        initialState: 0,
        process: (_event, state) => {
            onEvent()
            return [state + 1, '{"decodeSuccess":[]}']
        },
        serialize: String,
        deserialize: Number,
    })
}

async function startHost(t: TestContext, onEvent: () => void): Promise<Host> {
    return Host.start(temporaryFolder(t), silentApp(onEvent), {
        logger: pino({ level: 'silent' }),
        listen: { host: '127.0.0.1', port: 0 },
        bodySizeBytesMax: 1000,
        stateSizeBytesMax: 1000,
        connectionsMax: 10,
        requestsMax: 10,
        requestTimeMillisecondsMax: 3_600_000,
        answerTimeMillisecondsMax: 3_600_000,
    })
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('a request that is never answered keeps no process alive', () => {
    for (const ending of ['stop', 'abandon'] as const) {
        test(ending, async (t) => {
            const before = timers()
            let events = 0
            const host = await startHost(t, () => (events += 1))
            const client = request(host.url).on('error', () => undefined)
            client.end()
            await until(() => events === 1)
            const gone = new Promise((resolve) => client.once('close', resolve))
            if (ending === 'stop') client.destroy()
            await host[ending]()
            await gone
            await until(() => timers() <= before)
        })
    }
})
