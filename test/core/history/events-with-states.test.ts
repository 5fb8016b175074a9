import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { checkLog } from '../../../src/core/check/check-log.js'
import type { EventToTest } from '../../../src/core/history/events-to-test.js'
import { eventsWithStates } from '../../../src/core/history/events-with-states.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { LogWriter } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { appOfScript, scriptOf } from '../compare/script-app.js'

const folder = temporaryFolder({ after })
/** Its state is as long as the newest event says; an event that says nothing leaves it. */
const script = scriptOf(
    'var s = event.n === undefined ? state : "s".repeat(event.n); return [s, "r" + s.length]',
    '""',
)

async function eventsOf(lines: readonly string[], needsStates: boolean) {
    const app = await appOfScript(folder, 'App', script)
    const store = await openProcessStore(makeStore(temporaryFolder({ after }), lines))
    const { longest: chain } = await checkLog(store)
    const needs = new Set(needsStates ? (['state', 'before', 'response'] as const) : (['response'] as const))
    const events: EventToTest[] = []
    for await (const event of eventsWithStates(store, app, { chain, from: 1, to: chain.length, needs }))
        if (event !== 'pause') events.push(event)
    return events
}

test('each event goes with its response and the states around it, short ones, long ones and the same', async () => {
    const log = new LogWriter()
    // Far more than the app hands out at a time in the midst of short ones.
    const lengths = [
        0,
        1,
        1,
        undefined,
        ...Array<number>(60).fill(3),
        5_000_000,
        undefined,
        4_200_000,
        2,
        9,
        undefined,
        7,
    ]
    for (const [at, n] of lengths.entries())
        log.add({
            events: [JSON.stringify({ n }), ...(at % 5 === 0 ? ['{}'] : [])],
            ...(at === 50 && { setState: JSON.stringify('set') }),
        })
    const events = await eventsOf(log.lines, true)
    let before = '""'
    for (const { text, record, ...event } of events) {
        const { n } = JSON.parse(text ?? '{}') as { n?: number }
        const state =
            text === undefined ? record.setState : n === undefined ? before : JSON.stringify('s'.repeat(n))
        // Not deepEqual, whose message would hold them all.
        assert.ok(event.before === before && event.state === state, `record #${record.position}`)
        const length = (state?.length ?? 2) - 2
        assert.equal(event.response, text === undefined ? undefined : `r${length}`)
        before = state ?? ''
    }
    assert.equal(events.length, lengths.length + Math.ceil(lengths.length / 5) + 1)
    const withoutStates = await eventsOf(log.lines, false)
    assert.deepEqual(
        withoutStates.map(({ response }) => response),
        events.map(({ response }) => response),
    )
    assert.ok(withoutStates.every(({ state }) => state === undefined))
})
