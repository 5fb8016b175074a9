import { request } from 'node:http'
import { describe, test } from 'node:test'

import { startInProcess } from '../support/in-process-host.js'
import { until } from '../support/until.js'

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('a request that is never answered keeps no process alive', () => {
    for (const ending of ['stop', 'abandon'] as const) {
        test(ending, async (t) => {
            const before = timers()
            const { host, events } = await startInProcess(t, () => '{"decodeSuccess":[]}')
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
