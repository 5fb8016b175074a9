import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import fc from 'fast-check'

import { AppFailure, type LoadedElmApp, loadElmApp } from '../../../src/core/elm-app/elm-app.js'
import { RefusedCall } from '../../../src/core/process/refused-call.js'
import { restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { standInScript } from '../elm-app/stand-in-app.js'
import { inProcess, inProcessCounter } from '../../support/in-process-app.js'
import { openAndCheck, recordsOf } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { add, opened } from './opening.js'

test('an event on which the app fails is recorded, and the state is as it was before', async (t) => {
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
        [
            '{"addition":1}',
            '{"addition":2}',
            '{"crash":1}',
            '3',
            '{"addition":10}',
            '{"addition":1},{"crash":2}',
            '13',
            '{"addition":100}',
        ],
    )
})

test('the next process starts behind a record on which the app fails', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store)
    await add(process, 1)
    await assert.rejects(process.processEvents(['{"crash":1}']), AppFailure)
    await process.close()
    const next = await opened(t, store)
    assert.deepEqual(await add(next, 1), ['2'])
    await next.close()
    assert.equal((await restore(await openProcessStore(store), inProcessCounter())).state, '2')
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

test(
    'where nobody knows which event the app failed on, each is tried alone',
    { timeout: 60_000 },
    async (t) => {
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
    },
)

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

test('an event on which the app fails is refused where the state from before cannot be recorded', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: unserialisable() })
    const taken = ['a', 'poison', 'b', 'c', 'cure', 'd']
    const answers = await Promise.allSettled(
        ['a', 'poison', '!1', 'b', '!2', 'c', 'cure', '!3', 'd'].map((event) =>
            process.processEvents([event]),
        ),
    )
    assert.deepEqual(
        answers.map((answer) =>
            answer.status === 'fulfilled' ? answer.value.join() : (answer.reason as Error).constructor.name,
        ),
        ['a', 'poison', 'RefusedCall', 'b', 'RefusedCall', 'c', 'cure', 'AppFailure', 'd'],
    )
    await assert.rejects(Promise.reject((answers[2] as PromiseRejectedResult).reason as Error), {
        code: 'app-threw',
        message: /processed an event: no\. Nothing was recorded.* serialised a state: what is that\?/,
    })
    await process.close()
    const records = await recordsOf((await openAndCheck(store)).longest)
    assert.deepEqual(
        records.map(({ events, setState }) => setState ?? events.join()),
        [...taken.slice(0, -1), '!3', 'a,poison,b,c,cure', 'd'],
    )
    const next = await opened(t, store, { app: unserialisable() })
    assert.equal(await next.serializeState(), taken.join())
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

test('a state that the app could not read again is not recorded behind an event on which it fails', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: unserialisable() })
    await process.processEvents(['strange'])
    await assert.rejects(process.processEvents(['!']), RefusedCall)
    assert.equal(await process.serializeState(), 'strange')
    assert.deepEqual(await process.processEvents(['b']), ['b'])
    await process.close()
    const next = await opened(t, store, { app: unserialisable() })
    assert.equal(await next.serializeState(), 'strange,b')
})

test('what a call heard is what the log holds, whatever the app fails on', async (t) => {
    const events = fc.constantFrom('a', 'b', '!1', '!2', 'poison', 'cure')
    await fc.assert(
        fc.asyncProperty(fc.array(fc.array(events, { maxLength: 8 }), { maxLength: 4 }), async (rounds) => {
            const store = temporaryFolder(t)
            const process = await opened(t, store, { app: unserialisable() })
            const expected: string[] = []
            const taken: string[] = []
            for (const round of rounds) {
                const answers = await Promise.allSettled(round.map((event) => process.processEvents([event])))
                for (const [i, answer] of answers.entries()) {
                    const event = round[i] as string
                    assert.equal(answer.status, event.startsWith('!') ? 'rejected' : 'fulfilled')
                    if (answer.status === 'fulfilled') {
                        taken.push(event)
                        expected.push(event)
                    } else if (answer.reason instanceof AppFailure) expected.push(event, taken.join())
                    else assert.ok(answer.reason instanceof RefusedCall)
                }
            }
            await process.close()
            const records = await recordsOf((await openAndCheck(store)).longest)
            assert.deepEqual(
                records.map(({ events, setState }) => setState ?? events.join()),
                expected,
            )
            const next = await opened(t, store, { app: unserialisable() })
            assert.deepEqual(await next.processEvents(['cure']), ['cure'])
            assert.equal(await next.serializeState(), [...taken, 'cure'].join())
            await next.close()
        }),
        { numRuns: 50 },
    )
})

/**
 * Its state is all its events. It fails on those that begin with an exclamation mark, and cannot serialise its state
 * where the last of `poison` and `cure` is `poison`, nor read it where the last event is `strange`.
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
        deserialize: (text) => {
            if (text.endsWith('strange')) throw new Error('what was that?')
            return text === '' ? [] : text.split(',')
        },
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
