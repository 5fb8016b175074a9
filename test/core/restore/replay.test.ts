import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Chain } from '../../../src/core/check/chain.js'
import { hashOfLine } from '../../../src/core/composition/hash.js'
import { ComplogError } from '../../../src/core/errors.js'
import { type MeasuredInput, type ReplayOptions, replay } from '../../../src/core/restore/replay.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, LogWriter } from '../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

async function chainOf(t: Parameters<typeof temporaryFolder>[0], log: LogWriter): Promise<Chain> {
    return (await openAndCheck(makeStore(temporaryFolder(t), log.lines))).longest
}

async function replayAll(chain: Chain, options: ReplayOptions = {}, from = 1, to = chain.length) {
    const instance = await inProcessCounter().start()
    const replayed = await replay(chain, instance, { ...options, from, to })
    return { ...replayed, state: await instance.serializeState() }
}

test('a record that does both sets the state first, then feeds its events', async (t) => {
    const log = new LogWriter().addAdditions(1)
    log.add({ setState: '100', events: ['{"addition":1}', '{"addition":2}'] })
    log.add({})
    log.add({ setState: '5', events: [] })
    log.add({ events: ['{"addition":7}'] })
    const responses: string[] = []
    const replayed = await replayAll(await chainOf(t, log), {
        onResponses: (some) => void responses.push(...some),
    })
    const { lastSetState, ...counts } = replayed
    const behindSetState = { events: 1, decodeErrors: 0, lastDecodeErrors: 0 }
    assert.deepEqual(counts, {
        records: 5,
        events: 4,
        setStates: 2,
        decodeErrors: 0,
        behindSetState,
        state: '12',
    })
    assert.deepEqual([lastSetState?.record.position, lastSetState?.record.setState], [4, '5'])
    assert.deepEqual(responses, ['1', '101', '103', '12'])
})

test('responses come in the order of the events, over many batches', async (t) => {
    const log = new LogWriter()
    for (let i = 1; i <= 300; i++)
        log.add({ events: [`{"addition":${i},"pad":"${'x'.repeat(10_000)}"}`, '{"addition":0}'] })
    const batches: (readonly string[])[] = []
    const replayed = await replayAll(await chainOf(t, log), {
        onResponses: async (some) => {
            await new Promise((done) => setTimeout(done, batches.length % 3))
            batches.push(some)
        },
    })
    assert.ok(batches.length > 2)
    const expected = Array.from({ length: 300 }, (_, i) => String(((i + 1) * (i + 2)) / 2))
    assert.deepEqual(
        batches.flat(),
        expected.flatMap((state) => [state, state]),
    )
    assert.equal(replayed.events, 600)
})

test('at each stop the app is in the state after that very record', async (t) => {
    const chain = await chainOf(t, counterLog(2000))
    const instance = await inProcessCounter().start()
    const stops = [1, 2, 3, 500, 1999, 2000]
    const seen: [number, string][] = []
    await replay(chain, instance, {
        from: 1,
        to: 2000,
        stops,
        onStop: async ({ position }) => void seen.push([position, await instance.serializeState()]),
    })
    assert.deepEqual(
        seen,
        stops.map((n) => [n, String((n * (n + 1)) / 2)]),
    )
})

test('so it is where long stretches lie between the stops, in order or not', async (t) => {
    const { lines } = counterLog(thinned(40_000, 60_000))
    const half = lines.length / 2
    const shuffled = [...lines.slice(0, half).toReversed(), ...lines.slice(half)]
    const stops = thinned([7, 17_000, 17_001, 36_864], [7, 20_000, 20_001, 45_056]).concat(lines.length)
    for (const each of [lines, shuffled]) {
        const { longest: chain } = await openAndCheck(makeStore(temporaryFolder(t), each))
        assert.equal(chain.inOrder, each === lines)
        const instance = await inProcessCounter().start()
        const seen: [number, string, string][] = []
        const replayed = await replay(chain, instance, {
            from: 1,
            to: lines.length,
            stops,
            onStop: async ({ position, hash }) =>
                void seen.push([position, await instance.serializeState(), hash]),
        })
        assert.deepEqual(
            seen,
            stops.map((n) => [n, String((n * (n + 1)) / 2), hashOfLine(Buffer.from(lines[n - 1]!))]),
        )
        assert.equal(replayed.events, lines.length)
    }
})

test('a stretch of the chain is replayed on the state that the app is in', async (t) => {
    const chain = await chainOf(t, counterLog(10))
    assert.deepEqual((await replayAll(chain, {}, 4, 6)).state, '15')
    assert.deepEqual((await replayAll(chain, {}, 11, 10)).records, 0)
})

test('events that the app did not understand are counted, and the first of them is named', async (t) => {
    const log = new LogWriter().addAdditions(1, 2)
    log.add({ setState: '4', events: ['{"addition":1}', '{"unknown":1}', '{"unknown":2}'] })
    log.add({ events: ['{"unknown":3}'] })
    const replayed = await replayAll(await chainOf(t, log))
    assert.equal(replayed.decodeErrors, 3)
    const { record, eventIndex } = replayed.firstDecodeError!
    assert.deepEqual([record.position, record.place.line, eventIndex], [3, 3, 1])
})

test('how long each input took is told with its record and event', async (t) => {
    const log = new LogWriter().addAdditions(1)
    log.add({ setState: '4', events: ['{"addition":1}', '{"addition":1}'] })
    const measured: MeasuredInput[] = []
    const found: unknown[] = []
    await replayAll(await chainOf(t, log), {
        onMeasured: (inputs) => void measured.push(...inputs),
        onAllMeasured: async (find) => {
            for (const { text, isSetState, milliseconds, place } of measured) {
                const { record, eventIndex } = await find(place)
                assert.equal(text, isSetState ? record.setState : record.events[eventIndex])
                found.push([record.position, eventIndex, milliseconds])
            }
        },
    })
    assert.deepEqual(found, [
        [1, 0, 0],
        [2, -1, 0],
        [2, 0, 0],
        [2, 1, 0],
    ])
})

test('where the app fails, the error names the record, the event and its place', async (t) => {
    const log = new LogWriter().addAdditions(1, 2)
    log.add({ setState: '4', events: ['{"addition":1}', `{"crash":"${'x'.repeat(500)}"}`] })
    log.addAdditions(3)
    const chain = await chainOf(t, log)
    await assert.rejects(replayAll(chain), (error) => {
        assert.ok(error instanceof ComplogError)
        assert.equal(error.code, 'app-threw')
        assert.match(error.message, /the app had enough/)
        assert.match(error.message, new RegExp(`In record #3 \\(${log.hashes[2]!.slice(0, 12)}`))
        assert.match(error.message, /at event 2 of 2, "\{\\"crash\\":.*"… \(of \d+ characters\)/)
        assert.deepEqual([error.place?.file, error.place?.line], [dailyFile, 3])
        return true
    })
})

test('a failure of whoever takes the responses ends the replay', async (t) => {
    const chain = await chainOf(t, counterLog(3))
    const onResponses = () => Promise.reject(new Error('disk full'))
    await assert.rejects(replayAll(chain, { onResponses }), /disk full/)
})

test('the progress goes up to the number of records', async (t) => {
    const chain = await chainOf(t, counterLog(10))
    const done: number[] = []
    await replayAll(chain, {
        onProgress: (progress) => {
            assert.deepEqual([progress.total, progress.unit], [10, 'records'])
            done.push(progress.done)
        },
    })
    assert.deepEqual(
        done,
        done.toSorted((a, b) => a - b),
    )
    assert.equal(done.at(-1), 10)
})
