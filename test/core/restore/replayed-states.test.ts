import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import type { Ref } from '../../../src/core/composition/ref.js'
import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { ReplayedStates } from '../../../src/core/restore/replayed-states.js'
import { restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { additionEvent, counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

const number = (position: number): Ref => ({ kind: 'number', position })

/** The same app, whose heap is said to be full, so that few of its states are kept. */
function withFullHeap(app: LoadedElmApp): LoadedElmApp {
    const start = async () => {
        const instance = await app.start()
        let bytes = 1024 ** 3
        return {
            ...instance,
            keep: async (name: number) => {
                await instance.keep(name)
                return (bytes *= 1.3)
            },
        }
    }
    return { ...app, start }
}

interface Planted {
    readonly setState: number | undefined
    readonly additions: readonly number[]
    readonly padding: number
}

const records = fc.array(
    fc.record<Planted>({
        setState: fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined, freq: 6 }),
        additions: fc.array(fc.integer({ min: -99, max: 99 }), { maxLength: 3 }),
        padding: fc.oneof({ arbitrary: fc.constant(0), weight: 6 }, fc.integer({ max: 400_000, min: 0 })),
    }),
    { minLength: 1, maxLength: 30 },
)

function logOf(planted: readonly Planted[]): LogWriter {
    const log = new LogWriter()
    for (const { setState, additions, padding } of planted)
        log.add({
            ...(setState !== undefined && { setState: String(setState) }),
            events: additions.map((addition) => JSON.stringify({ addition, pad: 'x'.repeat(padding) })),
        })
    return log
}

test('the state at any record, in any order, is that of a replay until there', async (t) => {
    const cases = fc.tuple(records, fc.array(fc.nat(), { minLength: 1, maxLength: 12 }), fc.boolean())
    await fc.assert(
        fc.asyncProperty(cases, async ([planted, looks, isFull]) => {
            const path = makeStore(temporaryFolder(t), logOf(planted).lines)
            const store = await openProcessStore(path)
            const app = inProcessCounter()
            const states = await ReplayedStates.replay(store, isFull ? withFullHeap(app) : app)
            for (const look of looks) {
                const position = look % (planted.length + 1)
                const expected =
                    position === 0
                        ? '0'
                        : (await restore(store, app, { until: number(position), fromGenesis: true })).state
                assert.equal(await states.at(position), expected)
            }
            await states.close()
            assert.equal(app.closed, app.started)
        }),
        { numRuns: thinned(12, 40) },
    )
})

test('the state at records of a packed log is that of a replay until there', async (t) => {
    const path = makeStore(temporaryFolder(t), counterLog(30_000).lines)
    const store = await openProcessStore(path)
    const app = await fixtureApp('counter')
    const states = await ReplayedStates.replay(store, app)
    t.after(() => states.close())
    assert.equal(states.to, 30_000)
    for (const position of [30_000, 0, 1, 17_777, 17_776, 4096, 29_999])
        assert.equal(await states.at(position), String((position * (position + 1)) / 2))
})

for (const { name, path, app: appName, expected } of fixtureStores) {
    test(`${name}: what each record did follows from what the one before did`, async (t) => {
        const store = await openProcessStore(path)
        const app = await fixtureApp(appName)
        const states = await ReplayedStates.replay(store, app)
        t.after(() => states.close())
        let before = await states.at(states.from)
        for (let position = states.from + 1; position <= states.to; position++) {
            const effect = await states.effectOf(position)
            assert.equal(effect.record.position, position)
            assert.equal(effect.before, before)
            assert.equal(effect.responses.length, effect.record.events.length)
            before = effect.after
        }
        assert.equal(before, expected.state)
    })
}

test('of a truncated log, states begin with its oldest reduction', async (t) => {
    const log = counterLog(30)
    const reductions = Object.fromEntries(
        [12, 20].map((position) => {
            const hash = log.hashes[position - 1]!
            return [hash, reductionFile(hash, String((position * (position + 1)) / 2))]
        }),
    )
    const store = await openProcessStore(makeStore(temporaryFolder(t), log.lines.slice(8), reductions))
    const states = await ReplayedStates.replay(store, inProcessCounter())
    assert.deepEqual([states.from, states.to], [4, 22])
    assert.equal(await states.at(4), '78')
    assert.equal(await states.at(5), '91')
    assert.equal(await states.at(22), '465')
    await assert.rejects(states.at(3), RangeError)
    await assert.rejects(states.at(23), RangeError)
})

test('a stretch begins and ends where it is said to', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), counterLog(30).lines))
    const app = inProcessCounter()
    const states = await ReplayedStates.replay(store, app, { from: number(4), until: number(9) })
    assert.deepEqual([states.from, states.to], [4, 9])
    assert.equal(await states.at(4), '10')
    assert.equal(await states.at(9), '45')
    await assert.rejects(states.at(10), RangeError)
    await assert.rejects(ReplayedStates.replay(store, app, { from: number(9), until: number(8) }), {
        code: 'usage',
        message: /#9 to begin with comes behind #8/,
    })
})

test('of an empty log there is the initial state', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), []))
    const states = await ReplayedStates.replay(store, inProcessCounter())
    assert.deepEqual([states.from, states.to, await states.at(0)], [0, 0, '0'])
})

test('an app that fails on the way says at which record, and is closed', async (t) => {
    const log = counterLog(3)
    log.add({ events: [additionEvent(1), '{"crash":1}'] })
    const store = await openProcessStore(makeStore(temporaryFolder(t), log.lines))
    const app = inProcessCounter()
    await assert.rejects(ReplayedStates.replay(store, app), {
        code: 'app-threw',
        message: /record #4.*event 2 of 2/,
    })
    assert.equal(app.closed, app.started)
})
