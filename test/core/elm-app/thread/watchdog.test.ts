import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

import { Watchdog, type WatchdogOptions } from '../../../../src/core/elm-app/thread/watchdog.js'
import type { Position } from '../../../../src/core/elm-app/thread/worker-protocol.js'
import { thinned } from '../../../support/thinned.js'
import { until } from '../../../support/until.js'

function watch(
    t: TestContext,
    read: () => Position,
    millisecondsMax: number,
    more: Partial<WatchdogOptions> = {},
): readonly Position[] {
    const timeouts: Position[] = []
    const watchdog = new Watchdog({
        read,
        millisecondsMax,
        onTimeout: (position) => timeouts.push(position),
        grownBytesMax: Infinity,
        onGrown: () => assert.fail('it did not grow'),
        ...more,
    })
    watchdog.start()
    t.after(() => watchdog.stop())
    return timeouts
}

test('a position that stays is reported once, not before its time', async (t) => {
    const stuck: Position = { call: 1, phase: 'event', inputIndex: 3 }
    const timeouts = watch(t, () => stuck, 100)
    const begin = performance.now()
    await until(() => timeouts.length > 0)
    assert.ok(performance.now() - begin > 95)
    await pause(50)
    assert.deepEqual(timeouts, [stuck])
})

test('a position that moves is never reported, nor is idleness', async (t) => {
    let inputIndex = 0
    const moving = watch(t, () => ({ call: 1, phase: 'event', inputIndex: inputIndex++ }), 40)
    const idle = watch(t, () => ({ call: 1, phase: 'idle', inputIndex: -1 }), 40)
    await pause(200)
    assert.deepEqual([...moving, ...idle], [])
})

test('the same input index of another call is another position', async (t) => {
    let call = 0
    const timeouts = watch(t, () => ({ call: call++, phase: 'event', inputIndex: 0 }), 40)
    await pause(200)
    assert.deepEqual(timeouts, [])
})

test('a time in which the caller itself was stuck does not use up that of the app', async (t) => {
    let inputIndex = 0
    const timeouts = watch(t, () => ({ call: 1, phase: 'event', inputIndex }), 400)
    await pause(30)
    const before = performance.now()
    while (performance.now() - before < 600);
    await pause(30)
    assert.deepEqual(timeouts, [])
    inputIndex += 1
})

const hoarder = `
    const { parentPort } = require('node:worker_threads')
    let held
    parentPort.on('message', () => { held = Buffer.alloc(100_000_000, 1); parentPort.postMessage(held.length) })`

test('memory that another thread takes is reported once, with the position', async (t) => {
    const thread = new Worker(hoarder, { eval: true })
    t.after(() => thread.terminate())
    await once(thread, 'online')
    let inputIndex = 0
    const grown: Position[] = []
    watch(t, () => ({ call: 1, phase: 'event', inputIndex: inputIndex++ }), 50, {
        grownBytesMax: 50_000_000,
        onGrown: (position) => grown.push(position),
    })
    await pause(50)
    assert.deepEqual(grown, [])
    thread.postMessage('take')
    await until(() => grown.length > 0)
    await pause(50)
    assert.deepEqual(grown, [{ call: 1, phase: 'event', inputIndex: inputIndex - 1 }])
})

test("memory that the caller takes, or takes and gives back, is not the app's", async (t) => {
    let looks = 0
    watch(t, () => ({ call: 1, phase: 'event', inputIndex: looks++ }), 50, { grownBytesMax: 50_000_000 })
    await until(() => looks > 1)
    const heldBytes = thinned(100_000_000, 200_000_000)
    const held = [Buffer.alloc(heldBytes, 1)]
    for (const before = looks; looks < before + 5; ) await pause(10)
    assert.equal(held.pop()?.length, heldBytes)
    for (const before = looks; looks < before + 5; ) await pause(10)
})
