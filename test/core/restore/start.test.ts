import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'

import { genesis } from '../../../src/core/composition/hash.js'
import { parseRef } from '../../../src/core/composition/ref.js'
import { type RestoreOptions, restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { isError } from '../../support/is-error.js'
import { counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

/** The state after record #n is the sum of 1 to n. */
const { lines, hashes, head } = counterLog(10)
const sum = (n: number) => String((n * (n + 1)) / 2)
const reduction = (position: number, value = sum(position)) => ({
    [hashes[position - 1]!]: reductionFile(hashes[position - 1]!, value),
})

function storeWith(
    t: TestContext,
    log: readonly string[],
    ...reductions: readonly Record<string, Uint8Array | string>[]
): string {
    return makeStore(temporaryFolder(t), log, Object.assign({}, ...reductions) as Record<string, Buffer>)
}

async function restoreCounter(path: string, options: RestoreOptions = {}) {
    return restore(await openProcessStore(path), inProcessCounter(), options)
}

test('a restore starts at the newest reduction at or before its target', async (t) => {
    const folder = storeWith(t, lines, reduction(3), reduction(7))
    for (const [until, start, records] of [
        ['head', 7, 3],
        ['#7', 7, 0],
        ['#6', 3, 3],
        ['#3', 3, 0],
        ['#2', 0, 2],
        ['first', 0, 1],
        [hashes[4]!, 3, 2],
        ['head~2', 7, 1],
    ] as const) {
        const restored = await restoreCounter(folder, { until: parseRef(until) })
        assert.equal(restored.records, records, until)
        assert.deepEqual(
            restored.start,
            start === 0
                ? { kind: 'initial-state' }
                : { kind: 'reduction', hash: hashes[start - 1], position: start },
        )
        const position = start + records
        assert.deepEqual(
            [restored.state, restored.position, restored.hash],
            [sum(position), position, hashes[position - 1]],
        )
    }
})

test('until a record that is not there is refused, and no app is started for it', async (t) => {
    const app = inProcessCounter()
    const store = await openProcessStore(storeWith(t, lines))
    await assert.rejects(restore(store, app, { until: parseRef('#11') }), isError('unknown-ref', /#11/))
    assert.equal(app.started, 0)
})

test('with fromGenesis reductions are ignored, even wrong ones', async (t) => {
    const folder = storeWith(t, lines, reduction(3, '1000'), reduction(10, '1000'))
    assert.equal((await restoreCounter(folder)).state, '1000')
    const restored = await restoreCounter(folder, { fromGenesis: true })
    assert.deepEqual([restored.state, restored.records], [sum(10), 10])
    const atThree = await restoreCounter(folder, { fromGenesis: true, until: parseRef('#3') })
    assert.equal(atThree.state, sum(3))
})

test('a truncated log is restored from its reduction, and not from genesis', async (t) => {
    const folder = storeWith(t, lines.slice(4), reduction(5))
    const restored = await restoreCounter(folder)
    assert.deepEqual([restored.state, restored.records, restored.position], [sum(10), 5, 6])
    await assert.rejects(
        restoreCounter(folder, { fromGenesis: true }),
        isError('no-reduction', /was truncated: its oldest record names the parent/),
    )
    const before = storeWith(t, lines.slice(4), reduction(8))
    await assert.rejects(
        restoreCounter(before, { until: parseRef('#2') }),
        isError('no-reduction', /no reduction at or before the target/),
    )
    await assert.rejects(
        restoreCounter(storeWith(t, lines.slice(4))),
        isError('no-reduction', /Nothing to start/),
    )
})

test('a reduction that cannot be read is passed over with a finding', async (t) => {
    const bad = { [hashes[8]!]: '\uFEFF{', [hashes[7]!]: reductionFile(head, '1') }
    const folder = storeWith(t, lines, reduction(3), bad)
    for (const fromEnd of [false, true]) {
        const restored = await restoreCounter(folder, { fromEnd })
        assert.deepEqual([restored.state, restored.records, restored.fromEnd], [sum(10), 7, fromEnd])
        assert.deepEqual(
            restored.findings.map(({ id, hash }) => [id, hash]),
            [
                ['reduction-malformed', hashes[8]],
                ['reduction-hash-mismatch', hashes[7]],
            ],
        )
    }
})

test('a reduction that the app reads as something else is used, with a finding', async (t) => {
    const restored = await restoreCounter(storeWith(t, lines, reduction(9, '045')))
    assert.equal(restored.state, sum(10))
    assert.deepEqual(
        restored.findings.map(({ id, hash }) => [id, hash]),
        [['reduction-not-round-trip', hashes[8]]],
    )
})

test('an empty log restores to the initial state, at genesis', async (t) => {
    for (const fromEnd of [false, true]) {
        const restored = await restoreCounter(storeWith(t, []), { fromEnd })
        assert.deepEqual([restored.state, restored.hash, restored.records], ['0', genesis, 0])
        assert.deepEqual(restored.start, { kind: 'initial-state' })
    }
})

test('of two heads the chosen one is restored, with reductions of its own branch only', async (t) => {
    const other = new LogWriter('2019-04', hashes[4]).addAdditions(100, 200)
    const [first] = other.hashes
    const folder = storeWith(t, [...lines, ...other.lines], reduction(6), {
        [first!]: reductionFile(first!, '115'),
    })
    await assert.rejects(restoreCounter(folder), isError('two-heads'))
    const branch = await restoreCounter(folder, { head: parseRef(other.head) })
    assert.deepEqual([branch.state, branch.position, branch.records], ['315', 7, 1])
    const trunk = await restoreCounter(folder, { head: parseRef(head) })
    assert.deepEqual([trunk.state, trunk.position, trunk.records], [sum(10), 10, 4])
    const before = await restoreCounter(folder, { head: parseRef(other.head), until: parseRef('head~1') })
    assert.equal(before.state, '115')
    const outside = restoreCounter(folder, { head: parseRef(other.head), until: parseRef(head) })
    await assert.rejects(outside, isError('unknown-ref'))
})

test('options that contradict each other are refused', async (t) => {
    const folder = storeWith(t, lines)
    for (const options of [{ fromGenesis: true }, { until: parseRef('#1') }, { head: parseRef('#1') }]) {
        await assert.rejects(restoreCounter(folder, { ...options, fromEnd: true }), isError('usage'))
    }
})

test('the app is closed whatever happens', async (t) => {
    const store = await openProcessStore(storeWith(t, lines))
    const app = inProcessCounter()
    await restore(store, app)
    const crashing = new LogWriter().addAdditions(1)
    crashing.add({ events: ['{"crash":1}'] })
    const crash = await openProcessStore(storeWith(t, crashing.lines))
    await assert.rejects(restore(crash, app), isError('app-threw'))
    assert.deepEqual([app.started, app.closed], [2, 2])
})
