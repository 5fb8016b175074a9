import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'

import { failingDisk } from '../../support/failing-disk.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, logFile } from '../../support/log-writer.js'
import { openAndCheck } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { add, opened } from './opening.js'

for (const call of ['sync', 'write'] as const) {
    test(`after a ${call} that failed, nothing is answered any more, and the process says why`, async (t) => {
        const store = temporaryFolder(t)
        const process = await opened(t, store)
        assert.deepEqual(await add(process, 1), ['1'])
        await failingDisk(t, call, 1)
        const first = add(process, 2)
        const others = [add(process, 3), add(process, 4)]
        await assert.rejects(first, /EIO/)
        for (const other of others) await assert.rejects(other, /EIO/)
        assert.match(String(await process.died), /EIO/)
        await assert.rejects(add(process, 5), /EIO/)
        await assert.rejects(process.serializeState(), /EIO/)
        await assert.rejects(process.setState('1'), /EIO/)
    })
}

test('a sync that fails while the process is being closed is told, and the store is given back', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store)
    await add(process, 1)
    const mend = await failingDisk(t, 'sync', 1)
    await assert.rejects(process.close({ reduce: true }), /EIO/)
    mend()
    assert.deepEqual(await add(await opened(t, store), 2), ['3'])
})

test('a last line that cannot be ended for good is told at the start, and the store is given back', async (t) => {
    const store = temporaryFolder(t)
    const log = counterLog(3)
    writeFiles(store, { 'composition/2019.jsonl': logFile(log.lines).subarray(0, -1) })
    const mend = await failingDisk(t, 'sync', 1)
    await assert.rejects(opened(t, store), { code: 'file-system', message: /2019\.jsonl: EIO/ })
    mend()
    const process = await opened(t, store)
    assert.deepEqual(await add(process, 4), ['10'])
    await process.close()
    const { findings, counts } = await openAndCheck(store)
    // The new record stands in a file of a host, and those before it in a file that a person has named.
    assert.deepEqual([findings.list.map(({ id }) => id), counts.records], [['foreign-file'], 4])
})

test('a state that was asked for before the disk failed is refused, and nothing else happens', async (t) => {
    const counter = inProcessCounter()
    let goOn: () => void = () => undefined
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve))
    const start = async () => {
        const instance = await counter.start()
        const serializeState = () => mayGoOn.then(() => instance.serializeState())
        return new Proxy(instance, {
            get: (target, name) => {
                if (name === 'serializeState') return serializeState
                const value: unknown = Reflect.get(target, name, target)
                return typeof value === 'function' ? (value.bind(target) as unknown) : value
            },
        })
    }
    const process = await opened(t, temporaryFolder(t), { app: { ...counter, start } })
    await failingDisk(t, 'sync', 1)
    const added = add(process, 1)
    // The app takes the event first.
    for (let i = 0; i < 3; i++) await Promise.resolve()
    const state = process.serializeState()
    state.catch(() => undefined)
    await assert.rejects(added, /EIO/)
    goOn()
    await assert.rejects(state, /EIO/)
    await setImmediate()
})

test('what was answered before the disk failed is in the log', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store)
    const mend = await failingDisk(t, 'sync', 6)
    const answered: string[] = []
    for (let i = 0; i < 10; i++) {
        try {
            answered.push(...(await add(process, 1)))
        } catch {
            break
        }
    }
    assert.deepEqual(answered, ['1', '2', '3', '4', '5'])
    mend()
    assert.ok((await openAndCheck(store)).counts.records >= 5)
})
