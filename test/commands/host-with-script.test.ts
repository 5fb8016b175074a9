// A host whose app is a compiled script consists of two processes. A service manager sees one.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { PersistentProcess } from '../../src/core/process/persistent-process.js'
import { startHost } from '../support/host-process.js'
import { hostileApp } from '../support/hostile-script.js'
import { inProcess } from '../support/in-process-app.js'
import { isAlive, noChildren, secondOf } from '../support/second-process.js'
import { openAndCheck, recordsOf, summaries } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { until } from '../support/until.js'

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} stops it with 0 and a reduction, and the lock is free`, async (t) => {
        const store = join(temporaryFolder(t), 'store')
        const host = await startHost(t, store, { app: webApp(t) })
        assert.equal(await textOf(host.url), 'counted')
        assert.equal(await textOf(host.url), 'counted')
        assert.equal(await host.end(signal), 0)
        assert.equal(readdirSync(join(store, 'reduction')).length, 1)
        await isSoundAndFree(store, 2)
    })
}

test('two signals at once stop it as one does', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { app: webApp(t) })
    assert.equal(await textOf(host.url), 'counted')
    host.child.kill('SIGTERM')
    assert.equal(await host.end('SIGINT'), 0)
    assert.equal(readdirSync(join(store, 'reduction')).length, 1)
    await isSoundAndFree(store, 1)
})

test('a later signal ends it with 130, and waits for no request that has come in part', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { app: webApp(t) })
    assert.equal(await textOf(host.url), 'counted')
    const client = connect(Number(new URL(host.url).port), '127.0.0.1').on('error', () => undefined)
    t.after(() => client.destroy())
    client.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 9\r\n\r\npart')
    await sleep(300)
    host.child.kill('SIGTERM')
    await until(() => host.log.some(({ msg }) => msg === 'stopping'))
    await sleep(1500)
    assert.equal(await host.end('SIGTERM'), 130)
    assert.ok(!existsSync(join(store, 'reduction')))
    await isSoundAndFree(store, 1)
})

test('when the first process is killed, the second one ends, and the lock is free', {
    skip: noChildren,
}, async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { app: webApp(t) })
    assert.equal(await textOf(host.url), 'counted')
    const second = await secondOf(host.child)
    t.after(() => isAlive(second) && process.kill(second, 'SIGKILL'))
    await host.end('SIGKILL')
    await until(() => !isAlive(second))
    await isSoundAndFree(store, 1)
})

test('when the second process is killed, the first one ends with 15', { skip: noChildren }, async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { app: webApp(t) })
    assert.equal(await textOf(host.url), 'counted')
    process.kill(await secondOf(host.child), 'SIGKILL')
    assert.equal(await host.ended, 15)
    await isSoundAndFree(store, 1)
})

test('where V8 ends it, it ends with 15, and what was answered is in the log', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { app: webApp(t), args: ['--app-heap', '64MiB'] })
    assert.equal(await textOf(host.url), 'counted')
    await assert.rejects(textOf(`${host.url}/huge`))
    assert.equal(await host.ended, 15)
    await isSoundAndFree(store, 1)
})

test('an event on which it throws is answered with 500, and the next one is served', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { app: webApp(t) })
    assert.equal((await fetch(`${host.url}/throw`)).status, 500)
    assert.equal(await textOf(host.url), 'counted')
    assert.equal(await host.end('SIGTERM'), 0)
})

test('an event on which it throws is answered with 500 and not recorded', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const host = await startHost(t, store, { app: webApp(t), args: ['--max-line-size', '2KiB'] })
    assert.equal(await textOf(`${host.url}/large`), 'counted')
    const refused = await fetch(`${host.url}/throw`)
    assert.equal(refused.status, 500)
    assert.equal(await refused.text(), 'The app failed on this request. Nothing was recorded.\n')
    await until(() => host.log.some(({ kind }) => kind === 'app-failed'))
    assert.equal(await textOf(host.url), 'counted')
    assert.equal(await host.end('SIGKILL'), null)
    await isSoundAndFree(store, 2)
})

/** A script that answers requests, at /large with a large state, at /throw throws, and at /huge asks for more memory at once than there is. */
function webApp(t: TestContext): readonly string[] {
    const atEvery = `
        if (event.indexOf('/huge') >= 0) 'x'.repeat(2e8).split('');
        if (event.indexOf('/throw') >= 0) throw new Error('no');
        var id = JSON.parse(event).httpRequest.httpRequestId;
        var response = { statusCode: 200, headersToAdd: [], bodyAsString: 'counted' };
        var answer = { completeHttpResponse: { httpRequestId: id, response: response } };
        if (event.indexOf('/large') >= 0) state = 'x'.repeat(3000);
        return { a: state + 1, b: JSON.stringify({ decodeSuccess: [answer] }) };`
    return hostileApp(temporaryFolder(t), {}, { atEvery })
}

async function textOf(url: string): Promise<string> {
    return (await fetch(url)).text()
}

async function isSoundAndFree(store: string, records: number): Promise<void> {
    const checked = await openAndCheck(store)
    assert.deepEqual(summaries(checked), [])
    assert.equal((await recordsOf(checked.longest)).length, records)
    // As a host opens it.
    const app = inProcess<string>({
        initialState: '0',
        process: (_, state) => [`${state}1`, ''],
        serialize: (state) => state,
        deserialize: (text) => text,
    })
    await (await PersistentProcess.open(store, app)).close()
    assert.ok(!existsSync(join(store, '.complog')))
}
