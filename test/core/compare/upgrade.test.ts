import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { compareUpgrade } from '../../../src/core/compare/upgrade.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { LogWriter, reductionFile } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { appOfScript, scriptOf } from './script-app.js'

const folder = temporaryFolder({ after })
const update =
    'return [{ items: state.items.concat([{ id: event.n, name: "x" }]), sum: state.sum + event.n }, "ok"]'
const initState = '{ items: [], sum: 0 }'

async function upgrade(deserialize: string, next = update, events = 40) {
    const log = new LogWriter()
    for (let n = 1; n <= events; n++) log.add({ events: [JSON.stringify({ n })] })
    const hash = log.hashes[9]!
    const items = Array.from({ length: 10 }, (_, i) => ({ id: i + 1, name: 'x' }))
    const reduction = reductionFile(hash, JSON.stringify({ items, sum: 55 }))
    const store = await openProcessStore(
        makeStore(temporaryFolder({ after }), log.lines, { [hash]: reduction }),
    )
    const before = await appOfScript(folder, 'App', scriptOf(update, initState))
    const other = await appOfScript(folder, 'App', scriptOf(next, initState, deserialize))
    return compareUpgrade(store, { before, after: other })
}

const summary = ({ changes }: Awaited<ReturnType<typeof upgrade>>) =>
    changes.map(({ change, path, before, after: now }) => [change, path, before, now])

test('an app that reads all that was stored survives, and so do the last events', async () => {
    const upgraded = await upgrade('JSON.parse(text)')
    assert.deepEqual([upgraded.survives, upgraded.changes, upgraded.unread], [true, [], []])
    assert.ok(upgraded.states >= 2)
    assert.deepEqual([upgraded.last?.first, upgraded.last?.to], [undefined, 40])
})

test('what it adds is told of, and is no loss', async () => {
    const upgraded = await upgrade(
        '(function () { var s = JSON.parse(text); s.currency = "EUR"; return s; }())',
    )
    assert.equal(upgraded.survives, true)
    assert.deepEqual(summary(upgraded), [['added', '/currency', null, '"EUR"']])
    assert.equal(upgraded.changes[0]?.states, upgraded.states)
})

test('what it loses or resets is named by its place, and where it was seen first', async () => {
    const upgraded = await upgrade(
        '(function () { var s = JSON.parse(text); return { items: s.items.map(function (i) { return { id: i.id }; }), sum: s.sum > 60 ? 0 : s.sum }; }())',
    )
    assert.equal(upgraded.survives, false)
    assert.deepEqual(
        summary(upgraded).map(([change, path]) => [change, path]),
        [
            ['lost', '/items/*/name'],
            ['reset', '/sum'],
        ],
    )
    assert.equal(upgraded.changes[0]?.first.position, 10)
    assert.ok((upgraded.changes[1]?.first.position ?? 0) > 10)
})

test('a new version that falls back to its initial state loses everything', async () => {
    const upgraded = await upgrade(initState)
    assert.equal(upgraded.survives, false)
    assert.ok(upgraded.changes.some(({ change, path }) => change === 'reset' && path === '/sum'))
})

test('a state that it cannot read at all is told of, and the others are read nevertheless', async () => {
    const upgraded = await upgrade(
        '(function () { var s = JSON.parse(text); if (s.sum === 55) throw new Error("not this one"); return s; }())',
    )
    assert.equal(upgraded.survives, false)
    assert.deepEqual(
        upgraded.unread.map(({ position }) => position),
        [10],
    )
    assert.match(upgraded.unread[0]?.failure ?? '', /not this one/)
})

test('a failure in the last events is a loss as well', async () => {
    const upgraded = await upgrade(
        'JSON.parse(text)',
        `if (event.n === 35) throw new Error("not this event"); ${update}`,
    )
    assert.deepEqual([upgraded.survives, upgraded.last?.first?.record?.position], [false, 35])
})
