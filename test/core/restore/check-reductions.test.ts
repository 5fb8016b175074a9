import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'

import { checkStore } from '../../../src/core/check/check-store.js'
import { checkReductionsByReplay } from '../../../src/core/restore/check-reductions.js'
import { verifyStore } from '../../../src/core/restore/verify-store.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, reductionFile } from '../../support/log-writer.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

/** The state after record #n is the sum of 1 to n. */
const { lines, hashes } = counterLog(10)
const sum = (n: number) => String((n * (n + 1)) / 2)

function reductions(values: Readonly<Record<number, string>>): Record<string, Buffer> {
    return Object.fromEntries(
        Object.entries(values).map(([position, value]) => {
            const hash = hashes[Number(position) - 1]!
            return [hash, reductionFile(hash, value)]
        }),
    )
}

async function check(t: TestContext, log: readonly string[], values: Readonly<Record<number, string>>) {
    const app = inProcessCounter()
    const store = await openProcessStore(makeStore(temporaryFolder(t), log, reductions(values)))
    const result = await checkReductionsByReplay(await checkStore(store), app)
    assert.equal(app.started, app.closed)
    return { ...result, app, found: result.findings.map(({ id, hash }) => [id, hash]) }
}

test('every reduction of the stores that Kalmit wrote is proven by replay', async () => {
    for (const { path, app, expected } of fixtureStores) {
        const store = await openProcessStore(path)
        const verified = await verifyStore(store, { app: await fixtureApp(app) })
        assert.equal(verified.isSound, true)
        const { events, ...reductions } = verified.reductionsByReplay!
        assert.deepEqual(reductions, {
            proven: Object.keys(expected.reductions).length,
            unproven: 0,
            findings: [],
        })
        assert.equal(events?.decodeErrors, 0)
    }
})

test('the log is replayed once, to its head, however many there are', async (t) => {
    const { proven, app } = await check(t, lines, { 2: sum(2), 5: sum(5), 8: sum(8) })
    assert.deepEqual([proven, app.started, app.eventsProcessed], [3, 1, lines.length])
})

test('a reduction that replay does not give is an error, and the ones behind it are judged for themselves', async (t) => {
    const { proven, found, findings } = await check(t, lines, { 2: '4', 5: sum(5), 8: '0' })
    assert.deepEqual(found, [
        ['reduction-differs', hashes[1]],
        ['reduction-differs', hashes[7]],
    ])
    assert.equal(proven, 1)
    assert.match(findings[0]?.message ?? '', /is "4"; replay gives "3"\.$/)
    assert.equal(findings[0]?.place?.file, `reduction/${hashes[1]!}`)
})

test('one that is the same state to the app but another text is a warning', async (t) => {
    const { proven, found } = await check(t, lines, { 2: '003', 5: sum(5) })
    assert.deepEqual(found, [['reduction-not-round-trip', hashes[1]]])
    assert.equal(proven, 1)
})

test('the oldest reduction of a truncated log cannot be proven, the others are from it on', async (t) => {
    const right = await check(t, lines.slice(3), { 4: sum(4), 7: sum(7), 10: sum(10) })
    assert.deepEqual([right.proven, right.unproven, right.found], [2, 1, []])
    const wrong = await check(t, lines.slice(3), { 4: sum(4), 7: '1' })
    assert.deepEqual([wrong.proven, wrong.unproven, wrong.found], [0, 1, [['reduction-differs', hashes[6]]]])
})

test('without a reduction the log is replayed all the same, but not a chain that is broken', async (t) => {
    const none = await check(t, lines, {})
    assert.deepEqual([none.proven, none.unproven, none.app.eventsProcessed], [0, 0, lines.length])
    const broken = await check(t, lines.toSpliced(4, 1), { 2: '4' })
    assert.deepEqual([broken.proven, broken.unproven, broken.app.started], [0, 1, 0])
})

test('a log out of order is replayed in the order of its chain', async (t) => {
    const { proven, found } = await check(t, lines.toReversed(), { 2: sum(2), 5: sum(5), 8: '0' })
    assert.deepEqual([proven, found], [2, [['reduction-differs', hashes[7]]]])
})
