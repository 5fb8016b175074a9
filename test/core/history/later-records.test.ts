import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { LaterHistory } from '../../../src/core/history/later-records.js'
import { readLater } from '../../../src/core/later/reading/read-later.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { isError } from '../../support/is-error.js'
import { expectedOfLater, kindsOfEvents, laterStoreNames, unpackLater } from '../../support/later-stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

const folder = temporaryFolder({ after })

async function historyOf(name: string) {
    const store = laterStoreAt(unpackLater(name, folder))
    assert.ok(store)
    return new LaterHistory(await readLater(store))
}

for (const name of laterStoreNames.filter((each) => !each.startsWith('damaged/'))) {
    test(`${name}: every record is told, as its host wrote it`, async () => {
        const history = await historyOf(name)
        const { records, void: voidRecords } = expectedOfLater(name)
        const told = records.map((_, row) => history.at(row))
        assert.deepEqual(
            told.map(({ hash, parentHash, events }) => [hash, parentHash, events.at(-1)?.does]),
            records.map(([hash, parent, event]) => [
                hash,
                parent ?? undefined,
                kindsOfEvents[event] ?? event,
            ]),
        )
        assert.equal(told.filter(({ isVoid }) => isVoid).length, voidRecords)
        for (const { events } of told) {
            for (const { text, problem } of events) {
                // Behind a truncation the value of the oldest record may be gone, and nothing else.
                if (text === undefined) assert.match(`${name}: ${problem ?? ''}`, /truncated.*missing/)
                else if (!name.startsWith('odd-')) assert.doesNotThrow(() => void JSON.parse(text), text)
            }
        }
    })
}

test('a revert says where it goes back to, and which records it takes out that counted until then', async () => {
    for (const name of [
        'g3-history',
        'g3c-history',
        'history-v2021-09-01',
        'history-v2023-03-16',
        'cont-g3d-g4',
    ]) {
        const history = await historyOf(name)
        const { live, log } = history.read
        let counting: readonly number[] = []
        for (let row = 0; row < log.table.length; row++) {
            const target = live.targets.get(row)
            if (target === undefined) {
                counting = [...counting, row]
                continue
            }
            // What counted up to the target, as it was when that was the newest.
            const line: number[] = []
            for (let at = target; at >= 0; at = live.targets.get(at) ?? at - 1) line.unshift(at)
            const out = counting.filter((each) => !line.includes(each))
            const { text = '' } = history.at(row).events[0] ?? {}
            assert.deepEqual(JSON.parse(text), {
                to: { hash: log.table.hashAt(target), position: target + 1 },
                void: { records: out.length, first: (out[0] ?? -1) + 1, last: (out.at(-1) ?? -1) + 1 },
            })
            counting = [...line, row]
        }
    }
})

test('the call of a function is told with its name and its arguments as JSON', async () => {
    const history = await historyOf('function-v2023-03-16')
    const calls = expectedOfLater('function-v2023-03-16').records.flatMap(([, , event], row) =>
        event === 'ApplyFunctionOnElmAppState' ? history.at(row).events : [],
    )
    assert.deepEqual(
        calls.map(({ kind }) => kind),
        ['add', 'bump', 'add'].map((each) => `apply-function Backend.ExposeFunctionsToAdmin.${each}`),
    )
    assert.deepEqual(JSON.parse(calls[1]?.text ?? ''), {
        function: 'Backend.ExposeFunctionsToAdmin.bump',
        arguments: [40],
    })
})

test('a request since 0.4.3, where it is what a function is applied to, is a request as before', async () => {
    const history = await historyOf('v043-plain')
    const { kind, does: what, text = '' } = history.at(1).events[0] ?? {}
    assert.equal(what, 'apply-function-on-literal')
    assert.equal(kind, 'POST /note')
    const [{ request }] = (JSON.parse(text) as { arguments: [{ request: { uri: string } }] }).arguments
    assert.match(request.uri, /\/note$/)
})

test('a value that is missing or altered is told in the place of the text, and hides no other record', async () => {
    const { records } = expectedOfLater('g3-plain')
    const store = unpackLater('g3-plain', `${folder}/damaged`)
    const recognised = laterStoreAt(store)
    assert.ok(recognised)
    const whole = await readLater(recognised)
    const row = records.findIndex(([, , event]) => event === 'UpdateElmAppStateForEvent')
    const value = whole.log.namedBy(row) ?? ''
    writeFiles(store, { [`component/${value.slice(0, 2)}/${value}`]: 'blob 1\0x' })
    const history = new LaterHistory(await readLater(recognised))
    const [event] = history.at(row).events
    assert.equal(event?.text, undefined)
    assert.match(event?.problem ?? '', /is missing, or is not what its name says/)
    assert.equal(event?.kind, 'event')
    assert.ok(history.at(row + 1).events[0]?.text)
})

test('a record that was altered since the store was read is told so', async () => {
    const store = unpackLater('plain-v2022-03-20', `${folder}/altered`)
    const recognised = laterStoreAt(store)
    assert.ok(recognised)
    const history = new LaterHistory(await readLater(recognised))
    writeFiles(store, { 'composition-log/literal/2022-04-03/2022-04-03T10-00': 'x'.repeat(100_000) })
    assert.throws(() => history.at(1), isError('store-changed', /Record #2 is no longer what it was/))
})
