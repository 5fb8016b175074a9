import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { type GivenState, givenState } from '../../../../src/core/later/contents/given-state.js'
import { type ReadLater, readLater } from '../../../../src/core/later/reading/read-later.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { expectedOfLater, laterStoreNames, unpackLater } from '../../../support/later-stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

const folder = temporaryFolder({ after })

async function read(name: string): Promise<ReadLater> {
    const store = laterStoreAt(unpackLater(name, folder))
    assert.ok(store)
    return readLater(store)
}

/** Until 0.3.x the text itself counts, since 0.4.0 what the JSON says: the order of fields is the host's own. */
function assertState({ state, format }: GivenState, expected: string): void {
    if (format === 'text') assert.equal(state, expected)
    else assert.deepEqual(JSON.parse(state), JSON.parse(expected))
}

for (const name of laterStoreNames.filter((each) => !each.startsWith('damaged/'))) {
    test(`${name}: the state of every reduction, and of every record that has one`, async () => {
        const expected = expectedOfLater(name)
        const store = await read(name)
        const isNew = name.startsWith('v0')
        for (const [hash, state] of Object.entries(expected.reductions)) {
            const row = store.log.reduced.get(hash as never)
            // Of a record that the log does not lead to.
            if (row === undefined || state === null) continue
            const given = givenState(store, parseRef(hash))
            assert.equal(given.format, isNew ? 'json' : 'text')
            assert.equal(given.hash, hash)
            assert.equal(given.position, row + 1)
            assertState(given, state)
        }
    })
}

test('where records went back, the state at the head is that of the record that they went back to', async () => {
    for (const name of ['g3-history', 'g3c-history', 'history-v2021-09-01', 'history-v2023-03-16']) {
        const store = await read(name)
        const { records } = expectedOfLater(name)
        for (const [row, target] of store.live.targets) {
            if (!store.log.reduced.has(store.log.table.hashAt(target))) continue
            const hash = records[row]?.[0] ?? ''
            const given = givenState(store, parseRef(hash))
            assert.equal(given.hash, hash)
            if (store.log.reduced.has(hash as never)) continue
            assert.equal(given.given.position, target + 1)
            assert.equal(given.state, givenState(store, parseRef(records[target]?.[0] ?? '')).state)
        }
    }
})

test('a state that a record sets is given by that record', async () => {
    const store = await read('v0418-fn')
    const given = givenState(store)
    const { head, state } = expectedOfLater('v0418-fn')
    assert.equal(given.hash, head)
    assertState(given, state ?? '')
})

test('where only the app could say, the newest state that is given is named', async () => {
    const store = await read('plain-v2022-03-20')
    const event = store.log.table.length - 2
    assert.throws(
        () => givenState(store, parseRef(`#${event}`)),
        (error: Error & { code?: string; hint?: string }) => {
            assert.equal(error.code, 'no-reduction')
            const named = /--until ([0-9a-f]{12})/.exec(error.hint ?? '')?.[1] ?? ''
            assert.ok(givenState(store, parseRef(named)).state.length > 0)
            return true
        },
    )
})
