// What is written must be readable by the next start: a record is not made longer than readers take.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { genesis } from '../../../src/core/composition/hash.js'
import { takeBatch } from '../../../src/core/process/calls.js'
import { ChainEnd } from '../../../src/core/process/chain-end.js'
import { anyText } from '../../support/any-text.js'
import { inProcess } from '../../support/in-process-app.js'
import { openAndCheck, summaries } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { opened } from './opening.js'

const limits = { lineSizeBytesMax: 1000 }

/** Its state is its last event; it throws at what begins with an exclamation mark. */
const lastEvent = () =>
    inProcess<string>({
        initialState: '',
        process: (event) => {
            if (event.startsWith('!')) throw new Error('no')
            return [event.repeat(20), 'taken']
        },
        serialize: (state) => state,
        deserialize: (text) => text,
    })

test('a call whose record would be too long is refused, and the process goes on', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: lastEvent(), limits })
    await process.processEvents(['a'])
    const refused = { name: 'ComplogError', code: 'limit-exceeded' }
    await assert.rejects(process.processEvents(['\u0001'.repeat(160)]), refused)
    await assert.rejects(process.processEvents(Array.from({ length: 50 }, () => '')), refused)
    await assert.rejects(process.setState('x'.repeat(1000)), refused)
    assert.deepEqual(await process.processEvents(['b']), ['taken'])
    await process.close({ reduce: true })
    const checked = await openAndCheck(store, {}, limits)
    assert.deepEqual([summaries(checked), checked.counts.records], [[], 2])
})

test('a record is too long exactly where its line is', () => {
    const text = anyText({ maxLength: 40 })
    const content = fc.record(
        { setState: text, events: fc.array(text, { maxLength: 5 }) },
        { requiredKeys: [] },
    )
    fc.assert(
        fc.property(content, (record) => {
            const line = new ChainEnd(genesis, Infinity).add(record)
            const sizeBytes = line.length - 1
            assert.equal(new ChainEnd(genesis, sizeBytes).isTooLong(record), false)
            const short = new ChainEnd(genesis, sizeBytes - 1)
            assert.equal(short.isTooLong(record), true)
            assert.throws(() => short.add(record), { code: 'limit-exceeded' })
            assert.equal(short.head, genesis)
        }),
    )
})

test('a batch holds no more inputs than it may, and one call in any case', () => {
    const call = (events: number) => ({
        events: Array.from({ length: events }, () => 'x'),
        resolve: () => undefined,
        reject: () => undefined,
    })
    const calls = [call(2), call(2), call(5)]
    assert.equal(takeBatch(calls, 4).length, 2)
    assert.equal(takeBatch(calls, 1).length, 1)
    assert.deepEqual(calls, [])
})

test('half of a surrogate pair is refused, as an event and as a state, and the process goes on', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: lastEvent() })
    await process.processEvents(['😀'])
    const refused = { name: 'ComplogError', code: 'usage', message: /surrogate.*Nothing was recorded/ }
    await assert.rejects(process.processEvents(['a', 'b\ud800']), refused)
    await assert.rejects(process.setState('\udc00'), refused)
    assert.deepEqual(await process.processEvents(['b']), ['taken'])
    await process.close({ reduce: true })
    const checked = await openAndCheck(store)
    assert.deepEqual([summaries(checked), checked.counts.records, checked.usableReductions.size], [[], 2, 1])
})

test('a state with half of a surrogate pair is not stored as a reduction', async (t) => {
    const store = temporaryFolder(t)
    const troubles: unknown[] = []
    const app = inProcess<string>({
        initialState: '',
        process: (event) => [event, 'taken'],
        serialize: (state) => (state === 'half' ? '\ud800' : state),
        deserialize: (text) => text,
    })
    const observer = { onTrouble: (error: unknown) => void troubles.push(error) }
    const process = await opened(t, store, { app, observer })
    await process.processEvents(['half'])
    await process.close({ reduce: true })
    assert.match(String(troubles[0]), /half of a surrogate pair/)
    const checked = await openAndCheck(store)
    assert.deepEqual([summaries(checked), checked.counts.records, checked.reductions], [[], 1, 0])
})
