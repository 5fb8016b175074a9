import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { Watchdog } from '../../../src/core/elm-app/watchdog.js'
import type { Position } from '../../../src/core/elm-app/worker-protocol.js'

function watch(t: TestContext, read: () => Position, millisecondsMax: number): readonly Position[] {
    const timeouts: Position[] = []
    const watchdog = new Watchdog(read, millisecondsMax, (position) => timeouts.push(position))
    watchdog.start()
    t.after(() => watchdog.stop())
    return timeouts
}

test('a position that stays is reported once, not before its time', async (t) => {
    const stuck: Position = { call: 1, phase: 'event', inputIndex: 3 }
    const timeouts = watch(t, () => stuck, 100)
    await pause(90)
    assert.deepEqual(timeouts, [])
    await pause(150)
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
