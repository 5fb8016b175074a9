import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import fc from 'fast-check'

import { AppFailure, type LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { loadElmApp } from '../../../src/core/elm-app/load-app.js'
import { restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { inProcess, inProcessCounter } from '../../support/in-process-app.js'
import { openAndCheck, recordsOf } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { standInScript } from '../elm-app/stand-in-app.js'
import { add, opened } from './opening.js'

test('an event on which the app fails is not recorded, and the state is as it was before', async (t) => {
    const store = temporaryFolder(t)
    const failures: AppFailure[] = []
    const process = await opened(t, store, { observer: { onAppFailed: (failure) => failures.push(failure) } })
    const answers = await Promise.allSettled([
        add(process, 1),
        add(process, 2),
        process.processEvents(['{"crash":1}']),
        add(process, 10),
        process.processEvents(['{"addition":1}', '{"crash":2}']),
        add(process, 100),
    ])
    assert.deepEqual(
        answers.map((answer) =>
            answer.status === 'fulfilled' ? answer.value : (answer.reason as Error).name,
        ),
        [['1'], ['3'], 'AppFailure', ['13'], 'AppFailure', ['113']],
    )
    assert.equal(failures.length, 2)
    await process.close()

    const { longest } = await openAndCheck(store)
    const records = await recordsOf(longest)
    assert.deepEqual(
        records.map(({ events, setState }) => setState ?? events.join()),
        ['{"addition":1}', '{"addition":2}', '{"addition":10}', '{"addition":100}'],
    )
})

test('a log of before, with a record on which the app fails and the state from before it, is still restored', async (t) => {
    const store = temporaryFolder(t)
    const tolerant = inProcess<number>({
        initialState: 0,
        process: (event, state) => [state + (event.startsWith('{"crash"') ? 100 : 1), ''],
        serialize: String,
        deserialize: Number,
    })
    const process = await opened(t, store, { app: tolerant })
    await add(process, 1)
    await process.processEvents(['{"crash":1}'])
    await process.setState('1')
    await process.close()
    const next = await opened(t, store)
    assert.deepEqual(await add(next, 1), ['2'])
    await next.close({ reduce: true })
    assert.equal((await restore(await openProcessStore(store), inProcessCounter())).state, '2')
})

describe('events on which the app fails', () => {
    test('are kept in a file beside the store, for a mended app to be tried on', async (t) => {
        const folder = temporaryFolder(t)
        const failedEventsPath = join(folder, 'failed.jsonl')
        // As a crash has left it.
        writeFiles(folder, { 'failed.jsonl': '"first"\n"cut o' })
        const store = join(folder, 'store')
        const process = await opened(t, store, { failedEventsPath })
        await assert.rejects(process.processEvents(['{"crash":1}']), AppFailure)
        await add(process, 1)
        await assert.rejects(process.processEvents(['{"addition":1}', '{"crash":2}']), AppFailure)
        await process.close()
        const kept = readFileSync(failedEventsPath, 'utf8').split('\n')
        assert.deepEqual(kept, [
            '"first"',
            '"cut o',
            JSON.stringify('{"crash":1}'),
            JSON.stringify('{"addition":1}'),
            JSON.stringify('{"crash":2}'),
            '',
        ])
        assert.equal((await openAndCheck(store)).counts.records, 1)
    })

    test('are never kept in the store', async (t) => {
        const store = temporaryFolder(t)
        for (const place of ['composition/failed.jsonl', 'reduction/failed.jsonl', 'failed.jsonl']) {
            const failedEventsPath = join(store, place)
            await assert.rejects(opened(t, store, { failedEventsPath }), { code: 'usage' })
        }
        assert.deepEqual(readdirSync(store), [])
    })

    test('are told of where they cannot be kept, and the process goes on', async (t) => {
        const troubles: string[] = []
        const process = await opened(t, join(temporaryFolder(t), 'store'), {
            failedEventsPath: '/dev/full',
            observer: { onTrouble: (_error, during) => troubles.push(during) },
        })
        await assert.rejects(process.processEvents(['{"crash":1}']), AppFailure)
        assert.deepEqual(await add(process, 1), ['1'])
        assert.deepEqual(troubles, ['failed-events'])
    })
})

test('a state that the app cannot take is refused and not recorded', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: await standInApp(t) })
    await process.processEvents(['3'])
    await assert.rejects(process.setState('loop'), /ran out of time/)
    assert.deepEqual(await process.processEvents(['4']), ['7'])
    await process.close()
    assert.equal((await openAndCheck(store)).counts.records, 2)
})

test('an event that never ends costs its own time and nothing else', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: await standInApp(t) })
    const answers = await Promise.allSettled(
        ['1', '2', 'loop', '3'].map((event) => process.processEvents([event])),
    )
    assert.deepEqual(
        answers.map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal(await process.serializeState(), '6')
})

test('where nobody knows which event the app failed on, each is tried alone', {
    timeout: 60_000,
}, async (t) => {
    const counter = inProcessCounter()
    const start = async () => {
        const instance = await counter.start()
        const unknown = new AppFailure({
            kind: 'timed-out',
            during: 'event',
            inputIndex: -1,
            reason: 'late',
        })
        const apply: typeof instance.apply = (batch) =>
            'inputs' in batch && batch.inputs.includes('late')
                ? Promise.reject(unknown)
                : instance.apply(batch)
        return { ...instance, apply }
    }
    const process = await opened(t, temporaryFolder(t), { app: { ...counter, start } })
    const events = ['{"addition":1}', 'late', '{"addition":2}']
    const answers = await Promise.allSettled(events.map((event) => process.processEvents([event])))
    assert.deepEqual(
        answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.join() : 'failed')),
        ['1', 'failed', '3'],
    )
})

test('where the process dies of its app, no call hears that the app failed on it', async (t) => {
    let hasChanged = false
    const app = inProcess<string>({
        initialState: '',
        process: (event, state) => {
            if (event === '!' || hasChanged) throw new Error('no')
            return [state + event, event]
        },
        serialize: (state) => state,
        deserialize: (text) => text,
    })
    const process = await opened(t, temporaryFolder(t), { app })
    await process.processEvents(['a'])
    hasChanged = true
    const answers = await Promise.allSettled(['b', '!', 'c'].map((event) => process.processEvents([event])))
    for (const answer of answers)
        assert.ok(answer.status === 'rejected' && !(answer.reason instanceof AppFailure))
    const died = { name: 'ComplogError', code: 'app-threw' }
    await assert.rejects(process.close(), died)
    await assert.rejects(process.processEvents(['d']), died)
})

test('a state that could not be serialised is no failure of the next event, even where the app was not restored', async (t) => {
    const store = temporaryFolder(t)
    const app = unserialisable()
    let startsToFail = 0
    const start = () => (startsToFail-- > 0 ? Promise.reject(new Error('no thread')) : app.start())
    const process = await opened(t, store, { app: { ...app, start } })
    await process.processEvents(['poison'])
    startsToFail = 1
    await assert.rejects(process.serializeState(), /no thread/)
    assert.deepEqual(await process.processEvents(['cure']), ['cure'])
    assert.equal(await process.serializeState(), 'poison,cure')
    await process.close()
    assert.equal((await openAndCheck(store)).counts.records, 2)
})

test('what a call heard is what the log holds, whatever the app fails on', async (t) => {
    const events = fc.constantFrom('a', 'b', '!1', '!2', 'poison', 'cure')
    await fc.assert(
        fc.asyncProperty(fc.array(fc.array(events, { maxLength: 8 }), { maxLength: 4 }), async (rounds) => {
            const store = temporaryFolder(t)
            const process = await opened(t, store, { app: unserialisable() })
            const taken: string[] = []
            for (const round of rounds) {
                const answers = await Promise.allSettled(round.map((event) => process.processEvents([event])))
                for (const [i, answer] of answers.entries()) {
                    const event = round[i] as string
                    assert.equal(answer.status, event.startsWith('!') ? 'rejected' : 'fulfilled')
                    if (answer.status === 'fulfilled') taken.push(event)
                    else assert.ok(answer.reason instanceof AppFailure)
                }
            }
            await process.close()
            const records = await recordsOf((await openAndCheck(store)).longest)
            assert.deepEqual(
                records.map(({ events, setState }) => setState ?? events.join()),
                taken,
            )
            const next = await opened(t, store, { app: unserialisable() })
            assert.deepEqual(await next.processEvents(['cure']), ['cure'])
            assert.equal(await next.serializeState(), [...taken, 'cure'].join())
            await next.close()
        }),
        { numRuns: thinned(8, 50) },
    )
})

/**
 * Its state is all its events. It fails on those that begin with an exclamation mark, and cannot serialise its state
 * where the last of `poison` and `cure` is `poison`.
 */
function unserialisable(): LoadedElmApp {
    return inProcess<readonly string[]>({
        initialState: [],
        process: (event, state) => {
            if (event.startsWith('!')) throw new Error('no')
            return [[...state, event], event]
        },
        serialize: (state) => {
            if (state.lastIndexOf('poison') > state.lastIndexOf('cure')) throw new Error('what is that?')
            return state.join()
        },
        deserialize: (text) => (text === '' ? [] : text.split(',')),
    })
}

/** An app that can be told to loop, and then is ended soon. */
async function standInApp(t: TestContext): Promise<LoadedElmApp> {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'app.js': standInScript })
    return loadElmApp({
        path: join(folder, 'app.js'),
        entry: 'Counter',
        allowScript: true,
        limits: { eventTimeMillisecondsMax: 300 },
    })
}
