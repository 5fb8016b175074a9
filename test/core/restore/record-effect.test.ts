import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import type { Chain } from '../../../src/core/check/chain.js'
import { checkLog } from '../../../src/core/check/check-log.js'
import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { effectsNewestFirst } from '../../../src/core/history/history.js'
import { effectIn, statesAround } from '../../../src/core/restore/record-effect.js'
import { openProcessStore, type ProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { isError } from '../../support/is-error.js'
import { additionEvent, LogWriter, reductionFile } from '../../support/log-writer.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

async function effectOf(store: ProcessStore, app: LoadedElmApp, chain: Chain, position: number) {
    const states = await statesAround(store, app, { chain, from: position, to: position })
    try {
        const effect = await effectIn(states, position)
        assert.ok(effect !== undefined)
        return effect
    } finally {
        await states.close()
    }
}

describe('what a record did', () => {
    for (const { name, path, app: appName, expected, responses } of fixtureStores) {
        test(`is what the hosts answered, for every event of ${name}`, async (t) => {
            const app = await fixtureApp(appName)
            const store = await openProcessStore(path)
            const { longest: chain } = await checkLog(store)
            const all = await statesAround(store, app, { chain, from: 1, to: chain.length })
            t.after(() => all.close())
            const answered: string[] = []
            let after: string | undefined
            for (let position = 1; position <= chain.length; position++) {
                const effect = (await effectIn(all, position))!
                assert.equal(effect.record.position, position)
                // To begin anew for each would take the most of the time.
                if (position % thinned(29, 7) === 1)
                    assert.deepEqual(await effectOf(store, app, chain, position), effect)
                if (after !== undefined) assert.equal(effect.before, after)
                after = effect.after
                if (effect.before !== undefined) answered.push(...effect.responses)
                const reduced = expected.reductions[effect.record.hash]
                if (reduced !== undefined) assert.equal(after, reduced)
            }
            assert.deepEqual(answered, responses)
            assert.equal(after, expected.state)
        })
    }

    test('is only the state after it, for the oldest of a truncated log', async (t) => {
        const log = new LogWriter()
        for (const n of [1, 2, 3]) log.add({ events: [additionEvent(n)] })
        const folder = temporaryFolder(t)
        const hash = log.hashes[1]!
        makeStore(folder, log.lines.slice(1), { [hash]: reductionFile(hash, '3') })
        const store = await openProcessStore(folder)
        const { longest: chain } = await checkLog(store)
        const oldest = await effectOf(store, inProcessCounter(), chain, 1)
        assert.deepEqual(oldest, { record: oldest.record, after: '3' })
        const next = await effectOf(store, inProcessCounter(), chain, 2)
        assert.deepEqual(next, { record: next.record, before: '3', after: '6', responses: ['6'] })
    })

    test('is known of all records behind the oldest reduction that can be read', async (t) => {
        const log = new LogWriter()
        for (const n of [1, 2, 3, 4, 5]) log.add({ events: [additionEvent(n)] })
        const [torn, sound] = [log.hashes[1]!, log.hashes[2]!]
        const reductions = { [torn]: 'no reduction', [sound]: reductionFile(sound, '6') }
        const store = await openProcessStore(makeStore(temporaryFolder(t), log.lines.slice(1), reductions))
        const { longest: chain } = await checkLog(store)
        const states = await statesAround(store, inProcessCounter(), { chain, from: 1, to: 4 })
        const told = effectsNewestFirst(states, { from: 1, to: 4 }, ({ position }, effect) => [
            position,
            effect?.before,
            effect?.after,
        ])
        const expected = [
            [4, '10', '15'],
            [3, '6', '10'],
            [2, undefined, '6'],
            [1, undefined, undefined],
        ]
        for await (const one of told) assert.deepEqual(one, expected.shift())
        assert.equal(expected.length, 0)
        await states.close()
    })

    test('on which the app fails is told with its place', async (t) => {
        const folder = temporaryFolder(t)
        const log = new LogWriter()
        log.add({ events: [additionEvent(1), 'no JSON'] })
        makeStore(folder, log.lines)
        const store = await openProcessStore(folder)
        const { longest: chain } = await checkLog(store)
        const app = inProcessCounter()
        const failing = effectOf(store, app, chain, 1)
        await assert.rejects(failing, isError('app-threw', /record #1 .*event 2 of 2/))
        assert.equal(app.started, app.closed)
    })
})
