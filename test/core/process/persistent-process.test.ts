import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import { restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { additionEvent, counterLog, LogWriter, logFile } from '../../support/log-writer.js'
import {
    copyStore,
    fixtureStores,
    makeStore,
    openAndCheck,
    readLog,
    summaries,
} from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { add, clockAt, opened } from './opening.js'

const noon = clockAt('2026-11-23T12:00:00Z')
const noonFile = 'composition/2026-11-23/2026-11-23T12.composition.jsonl'

test('the bytes of the log are those that hosts have written since April 2019', async (t) => {
    const store = join(temporaryFolder(t), 'store')
    const process = await opened(t, store, { now: noon })
    await process.processEvents([additionEvent(1), additionEvent(2)])
    await process.setState('-77')
    await process.processEvents([])
    await process.close()

    const expected = new LogWriter()
    expected.add({ events: [additionEvent(1), additionEvent(2)] })
    expected.add({ setState: '-77' })
    expected.add({ events: [] })
    const lines = readLog(store)['2026-11-23/2026-11-23T12.composition.jsonl'] ?? []
    assert.deepEqual(lines.map(String), expected.lines)
    assert.deepEqual(Object.keys(readFiles(store)), [noonFile])
    assert.deepEqual(summaries(await openAndCheck(store)), [])
})

test('responses are those of the app, one an event, in the order of the calls', async (t) => {
    const process = await opened(t, temporaryFolder(t))
    const answers = await Promise.all([
        process.processEvents([additionEvent(1), additionEvent(2)]),
        process.processEvents([]),
        process.setState('100'),
        add(process, 5),
    ])
    assert.deepEqual(answers, [['1', '3'], [], undefined, ['105']])
    assert.equal(await process.serializeState(), '105')
})

test('calls that are made at once share one sync, and each has a record of its own', async (t) => {
    const store = temporaryFolder(t)
    const commits: number[] = []
    const process = await opened(t, store, {
        observer: { onCommitted: ({ records }) => commits.push(records) },
    })
    await Promise.all(Array.from({ length: 500 }, (_, i) => add(process, i)))
    await process.close()
    assert.equal(
        commits.reduce((sum, records) => sum + records, 0),
        500,
    )
    assert.ok(commits.length < 20, `${commits.length} syncs`)
    assert.equal((await openAndCheck(store)).counts.records, 500)
})

test('whatever was done, the next process goes on from the same state, and replay from genesis agrees', async (t) => {
    const work = fc.oneof(
        fc.integer({ min: -9, max: 9 }).map((addition) => ({ events: [additionEvent(addition)] })),
        fc.array(fc.integer().map(additionEvent), { maxLength: 3 }).map((events) => ({ events })),
        fc.integer().map((state) => ({ state: String(state) })),
        fc.constant('reopen' as const),
        fc.constant('reduce' as const),
    )
    await fc.assert(
        fc.asyncProperty(fc.array(work, { maxLength: 20 }), async (works) => {
            const store = temporaryFolder(t)
            let process = await opened(t, store)
            for (const one of works) {
                if (one === 'reduce') await process.reduce()
                else if (one === 'reopen') {
                    const state = await process.serializeState()
                    await process.close()
                    process = await opened(t, store)
                    assert.equal(await process.serializeState(), state)
                } else if ('state' in one) await process.setState(one.state)
                else await process.processEvents(one.events)
            }
            const state = await process.serializeState()
            await process.close({ reduce: true })
            const opening = await openProcessStore(store)
            for (const fromGenesis of [true, false]) {
                const restored = await restore(opening, inProcessCounter(), { fromGenesis })
                assert.equal(restored.state, state)
            }
            assert.deepEqual(summaries(await openAndCheck(store)), [])
        }),
        { numRuns: thinned(6, 30) },
    )
})

for (const { name, path, app, expected } of fixtureStores) {
    test(`a store that a host wrote, ${name}, goes on and restores whole`, async (t) => {
        const store = temporaryFolder(t)
        copyStore(path, store)
        const before = Object.values(readLog(store)).flat()
        const loaded = await fixtureApp(app)
        const process = await opened(t, store, { app: loaded })
        assert.equal(await process.serializeState(), expected.state)
        await process.setState('12')
        await process.close()
        const after = Object.values(readLog(store)).flat()
        assert.deepEqual(after.slice(0, -1), before)
        const { longest, findings } = await openAndCheck(store)
        assert.equal(longest.length, expected.records + 1)
        assert.equal(findings.counts.error, 0)
        assert.equal((await restore(await openProcessStore(store), loaded)).state, '12')
    })
}

test('a last record without its line end stays what it is', async (t) => {
    const log = counterLog(3)
    const store = makeStore(temporaryFolder(t), [])
    appendFileSync(
        join(store, 'composition/2019-04-01.composition.jsonl'),
        logFile(log.lines).subarray(0, -1),
    )
    const process = await opened(t, store, { now: clockAt('2019-03-01T00:00:00Z') })
    assert.deepEqual(await add(process, 10), ['16'])
    await process.close()
    assert.deepEqual(summaries(await openAndCheck(store)), [])
    assert.equal((await openAndCheck(store)).counts.records, 4)
})

test('after it was closed, a process refuses', async (t) => {
    const process = await opened(t, temporaryFolder(t))
    await process.close()
    await assert.rejects(add(process, 1), /closed/)
    await assert.rejects(process.serializeState(), /closed/)
})

test('a path that is no whole process store is refused, and nothing there is touched', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        'a-file': 'text',
        'documents/letter.txt': 'text',
        'store/composition/log.jsonl': '',
    })
    const before = readFiles(folder)
    const refused = (path: string, code: string) =>
        assert.rejects(opened(t, join(folder, path)), { name: 'ComplogError', code }, path)
    await refused('a-file', 'usage')
    await refused('a-file/below', 'file-system')
    await refused('documents', 'no-process-store')
    await refused('store/composition', 'usage')
    assert.deepEqual(readFiles(folder), before)
})
