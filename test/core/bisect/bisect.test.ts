import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { bisect, type Verdict, type Wanted } from '../../../src/core/bisect/bisect.js'
import type { Ref } from '../../../src/core/composition/ref.js'
import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { additionEvent, counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { appOfScript, scriptOf } from '../compare/script-app.js'

type Context = Parameters<typeof temporaryFolder>[0]

const number = (position: number): Ref => ({ kind: 'number', position })

function storeOf(t: Context, log: LogWriter) {
    return openProcessStore(makeStore(temporaryFolder(t), log.lines))
}

/** Bad where the state of the counter app is what the condition says. */
function state(holds: (state: number) => boolean, exact = false): Wanted & { kind: 'state' } {
    const test = ({ state }: { state: string }) =>
        Promise.resolve<Verdict>(holds(Number(state)) ? 'bad' : 'good')
    return { kind: 'state', test, probes: 3, exact }
}

test('the record that makes a condition true is found, as a linear scan over all states finds it', async (t) => {
    const additions = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
        fc.asyncProperty(additions, fc.integer({ min: 1, max: 60 }), async (steps, bound) => {
            const states = [0]
            for (const step of steps) states.push((states.at(-1) ?? 0) + step)
            const store = await storeOf(t, new LogWriter().addAdditions(...steps))
            const first = states.findIndex((sum) => sum >= bound)
            const exact = await bisect(
                store,
                inProcessCounter(),
                state((sum) => sum >= bound, true),
            )
            assert.equal(exact.outcome, first < 0 ? 'never' : 'found')
            if (first > 0) assert.equal(exact.found?.record.position, first)
            const { outcome, found, monotonic, confirmed } = await bisect(
                store,
                inProcessCounter(),
                state((sum) => sum >= bound),
            )
            // Between the tests it may be bad for a while, unnoticed.
            if (outcome === 'never') assert.ok(states.at(-1)! < bound)
            else assert.equal(outcome, 'found')
            if (outcome !== 'found') return
            const { record, before, after, responses } = found!
            assert.deepEqual(
                [before, after],
                [states[record.position - 1], states[record.position]].map(String),
            )
            assert.deepEqual(responses, [after])
            assert.ok(Number(before) < bound && Number(after) >= bound)
            assert.equal(confirmed, true)
            const isMonotonic = states.findLastIndex((sum) => sum < bound) < first
            if (isMonotonic) assert.deepEqual([record.position, monotonic], [first, true])
        }),
        { numRuns: thinned(10, 60) },
    )
})

test('in a long log, the state after one of its records is tested, and few of them', async (t) => {
    const records = thinned(6000, 40_000)
    const store = await storeOf(t, counterLog(records))
    const app = await fixtureApp('counter')
    let tests = 0
    for (const position of thinned([1, 4097, records], [1, 2, 4097, records - 2766, records])) {
        const bound = (position * (position + 1)) / 2
        const wanted = state((sum) => sum >= bound)
        const { outcome, found, tested } = await bisect(store, app, wanted)
        assert.deepEqual([outcome, found?.record.position], ['found', position])
        assert.equal(found?.after, String(bound))
        tests = Math.max(tests, tested)
    }
    assert.ok(tests <= 22, `${tests}`)
})

test('a state of 36 kB over many records is written where it is tested, and nowhere else', async (t) => {
    const store = await storeOf(t, counterLog(thinned(30_000, 100_000)))
    // Each text of a state says how many were written before it.
    const script = scriptOf(
        'return [{ n: state.n + 1, pad: state.pad }, ""]',
        '{ n: 0, pad: "x".repeat(36000) }',
    )
    const counting = script.replace(
        'return JSON.stringify(state)',
        'state.written = scope.written = (scope.written || 0) + 1; return JSON.stringify(state)',
    )
    const app = await appOfScript(temporaryFolder(t), 'App', counting)
    const bad = thinned(16_667, 66_667)
    let written = 0
    const test = ({ state }: { state: string }) => {
        const read = JSON.parse(state) as { n: number; written: number }
        written = Math.max(written, read.written)
        return Promise.resolve<Verdict>(read.n >= bad ? 'bad' : 'good')
    }
    const { found, tested } = await bisect(store, app, { kind: 'state', test, probes: 3 })
    assert.equal(found?.record.position, bad)
    assert.ok(tested > 3 && written > 0 && written <= tested + 4, `${written} of ${tested}`)
})

test('what holds at the start, and what never holds, is not blamed on a record', async (t) => {
    const store = await storeOf(t, counterLog(20))
    const already = await bisect(
        store,
        inProcessCounter(),
        state((sum) => sum >= 0),
    )
    assert.deepEqual([already.outcome, already.found, already.tested], ['already', undefined, 1])
    const never = await bisect(
        store,
        inProcessCounter(),
        state((sum) => sum > 210),
    )
    assert.deepEqual([never.outcome, never.found, never.from, never.to], ['never', undefined, 0, 20])
})

test('it looks between the good record and the bad one alone', async (t) => {
    const log = new LogWriter().addAdditions(5, -5, 1, 5, -6, 7, 1)
    const store = await storeOf(t, log)
    const app = inProcessCounter()
    const wanted = state((sum) => sum >= 5, true)
    const first = await bisect(store, app, wanted)
    assert.equal(first.found?.record.position, 1)
    const second = await bisect(store, app, { ...wanted, good: number(2), bad: number(5) })
    assert.deepEqual([second.found?.record.position, second.from, second.to], [4, 2, 5])
    await assert.rejects(bisect(store, app, { ...wanted, good: number(3), bad: number(3) }), {
        code: 'usage',
    })
    await assert.rejects(bisect(store, app, { ...wanted, good: number(4), bad: number(3) }), {
        code: 'usage',
    })
    assert.equal(app.closed, app.started)
})

test('where only skipped states are left, the answer is one of these', async (t) => {
    const log = counterLog(30)
    const test = ({ position }: { position: number }) =>
        Promise.resolve<Verdict>(position < 11 ? 'good' : position < 15 ? 'skip' : 'bad')
    const wanted: Wanted = { kind: 'state', test, probes: 0 }
    const { outcome, found, candidates, skipped } = await bisect(
        await storeOf(t, log),
        inProcessCounter(),
        wanted,
    )
    assert.deepEqual([outcome, found, skipped], ['one-of', undefined, 4])
    assert.deepEqual(
        candidates,
        [11, 12, 13, 14, 15].map((position) => ({ position, hash: log.hashes[position - 1] })),
    )
})

test('a test that does not say the same again is told of', async (t) => {
    const seen = new Set<number>()
    const test = ({ position }: { position: number }) => {
        const isFirst = !seen.has(position)
        seen.add(position)
        return Promise.resolve<Verdict>(position >= 13 && isFirst ? 'bad' : 'good')
    }
    const wanted: Wanted = { kind: 'state', test, probes: 0 }
    const { found, confirmed } = await bisect(await storeOf(t, counterLog(30)), inProcessCounter(), wanted)
    assert.deepEqual([found?.record.position, confirmed], [13, false])
})

test('a test gets what the record did, but for the state that the search begins with', async (t) => {
    const effects: (readonly [number, string | undefined, string | undefined])[] = []
    const test: Extract<Wanted, { kind: 'state' }>['test'] = async ({ position, effect }) => {
        const { before, after } = (await effect()) ?? {}
        effects.push([position, before, after])
        return 'good'
    }
    await bisect(await storeOf(t, counterLog(3)), inProcessCounter(), {
        kind: 'state',
        test,
        probes: 0,
        exact: true,
    })
    assert.deepEqual(effects, [
        [0, undefined, undefined],
        [1, '0', '1'],
        [2, '1', '3'],
        [3, '3', '6'],
    ])
})

test('the first event that the app does not understand is found without a search', async (t) => {
    const log = counterLog(9)
    log.add({ events: [additionEvent(1), '{"unknown":1}', '{"unknown":2}'] })
    log.addAdditions(1)
    const store = await storeOf(t, log)
    const { outcome, found, tested, confirmed } = await bisect(store, inProcessCounter(), {
        kind: 'decode-error',
    })
    assert.deepEqual([outcome, tested, confirmed], ['found', 0, null])
    assert.deepEqual([found?.record.position, found?.eventIndex], [10, 1])
    assert.deepEqual([found?.before, found?.after, found?.responses.length], ['45', '46', 3])
    const behind = await bisect(store, inProcessCounter(), { kind: 'decode-error', good: number(10) })
    assert.equal(behind.outcome, 'never')
})

for (const position of [1, 7]) {
    test(`the record on which the app fails, #${position}, is found, with the state before it`, async (t) => {
        const log = counterLog(position - 1)
        log.add({ events: [additionEvent(1), '{"crash":1}'] })
        log.addAdditions(1)
        const app = inProcessCounter()
        const { outcome, found } = await bisect(await storeOf(t, log), app, { kind: 'fails' })
        assert.deepEqual([outcome, found?.record.position, found?.eventIndex], ['found', position, 1])
        assert.deepEqual([found?.before, found?.after], [String((position * (position - 1)) / 2), undefined])
        assert.match(found?.failure?.message ?? '', /had enough/)
        assert.deepEqual([app.started, app.closed], [1, 1])
    })
}

test('an app that throws is replayed once, one that runs out of time twice, and both are found', async (t) => {
    const folder = temporaryFolder(t)
    const log = counterLog(9000)
    log.add({ events: [additionEvent(1), additionEvent(-7), additionEvent(2)] })
    log.addAdditions(...Array.from({ length: 9000 }, (_, i) => i))
    const store = await storeOf(t, log)
    const adds = 'var sum = state + event.addition; return [sum, String(sum)]'
    for (const [does, kind, starts] of [
        ['throw new Error("enough")', 'threw', 1],
        ['for (;;) { }', 'timed-out', 2],
    ] as const) {
        const app = await appOfScript(
            folder,
            'App',
            scriptOf(`if (event.addition === -7) { ${does} } ${adds}`),
            300,
        )
        let started = 0
        const start: LoadedElmApp['start'] = (options) => {
            started++
            return app.start(options)
        }
        const counted: LoadedElmApp = { ...app, start }
        for (const good of thinned([starts === 1 ? undefined : number(5000)], [undefined, number(5000)])) {
            started = 0
            const { found, outcome } = await bisect(store, counted, { kind: 'fails', good })
            assert.deepEqual([outcome, found?.record.position, found?.eventIndex], ['found', 9001, 1])
            assert.deepEqual([found?.before, found?.failure?.kind], [String((9000 * 9001) / 2), kind])
            assert.equal(started, starts)
        }
    }
})

test('an app that fails before the good record, or while states are wanted, is an error', async (t) => {
    const log = counterLog(3)
    log.add({ events: ['{"crash":1}'] })
    log.addAdditions(1, 2)
    const store = await storeOf(t, log)
    await assert.rejects(bisect(store, inProcessCounter(), { kind: 'fails', good: number(5) }), {
        code: 'app-threw',
        hint: /name an older one/,
    })
    await assert.rejects(
        bisect(
            store,
            inProcessCounter(),
            state((sum) => sum > 1),
        ),
        { code: 'app-threw' },
    )
    const never = await bisect(store, inProcessCounter(), { kind: 'fails', bad: number(3) })
    assert.equal(never.outcome, 'never')
})

test('of a log that was truncated, the search begins with its oldest reduction', async (t) => {
    const log = counterLog(30)
    const hash = log.hashes[11]!
    const path = makeStore(temporaryFolder(t), log.lines.slice(8), { [hash]: reductionFile(hash, '78') })
    const { outcome, found, from } = await bisect(
        await openProcessStore(path),
        inProcessCounter(),
        state((sum) => sum >= 100),
    )
    assert.deepEqual([outcome, from, found?.record.hash], ['found', 4, log.hashes[13]])
})

for (const { name, path, app, expected } of fixtureStores) {
    test(`${name}: the record that gave the head its state is found`, async () => {
        const test = ({ state: text }: { state: string }) =>
            Promise.resolve<Verdict>(text === expected.state ? 'bad' : 'good')
        const store = await openProcessStore(path)
        const wanted: Wanted = { kind: 'state', test, probes: 0, exact: true }
        const { found } = await bisect(store, await fixtureApp(app), wanted)
        assert.equal(found?.after, expected.state)
        assert.notEqual(found.before, expected.state)
    })
}
