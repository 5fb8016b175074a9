// A restore that feeds the app while the log is being checked says what one says that checks first, of any log.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { type RestoreOptions, restore } from '../../../src/core/restore/restore.js'
import { runInOnePass } from '../../../src/core/restore/run-in-one-pass.js'
import { runWhenChecked } from '../../../src/core/restore/run-when-checked.js'
import { openProcessStore, type ProcessStore } from '../../../src/core/store/process-store.js'
import { type CountingApp, inProcessCounter } from '../../support/in-process-app.js'
import { additionEvent, counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

type Files = Parameters<typeof makeStore>[2]

function storeOf(t: TestContext, lines: readonly string[], reductions?: Files): Promise<ProcessStore> {
    return openProcessStore(makeStore(temporaryFolder(t), [...lines], reductions))
}

/** What both ways say; an error by its code, message, place and hint. */
async function both(store: ProcessStore, options: RestoreOptions = {}) {
    const outcomes = []
    for (const way of [runInOnePass, runWhenChecked]) {
        const app = inProcessCounter()
        const outcome = await way(store, app, options).then(
            async (ran) => {
                if (ran === undefined) return undefined
                const { target, start, replayed, findings, instance } = ran
                const state = await instance.serializeState()
                await instance.close()
                return {
                    position: target.position,
                    head: target.chain.head,
                    start,
                    replayed,
                    findings,
                    state,
                }
            },
            (error: unknown) => {
                assert.ok(error instanceof ComplogError)
                const { code, message, place, hint } = error
                return { code, message, place, hint }
            },
        )
        assert.equal(app.closed, app.started)
        outcomes.push(outcome)
    }
    return { onePass: outcomes[0], whenChecked: outcomes[1] }
}

async function agreed(store: ProcessStore, options: RestoreOptions = {}) {
    const { onePass, whenChecked } = await both(store, options)
    assert.deepEqual(onePass, whenChecked)
    assert.ok(onePass !== undefined)
    return onePass
}

function mixedLog(): LogWriter {
    const log = counterLog(3000)
    log.add({ setState: '5', events: [additionEvent(1), '{"unknown":1}', additionEvent(2)] })
    log.add({})
    log.add({ setState: '7' })
    log.add({ events: ['{"unknown":2}'] })
    for (let i = 0; i < 40; i++) log.add({ events: [`{"addition":${i},"pad":"${'x'.repeat(100_000)}é"}`] })
    return log
}

test('state, counts, findings and the place of the first decode error are the same', async (t) => {
    const outcome = await agreed(await storeOf(t, [...mixedLog().lines, '']))
    assert.ok('replayed' in outcome)
    assert.equal(outcome.state, String(7 + (39 * 40) / 2))
    assert.deepEqual(
        [outcome.replayed.records, outcome.replayed.events, outcome.replayed.setStates],
        [3044, 3044, 2],
    )
    assert.equal(outcome.replayed.decodeErrors, 2)
    const { record, eventIndex } = outcome.replayed.firstDecodeError ?? {}
    assert.deepEqual([record?.position, record?.place.line, eventIndex], [3001, 3001, 1])
    assert.equal(outcome.findings.length, 1)
})

test('an empty log restores to the initial state', async (t) => {
    const outcome = await agreed(await storeOf(t, []))
    assert.ok('state' in outcome && outcome.state === '0')
})

test('an app that fails is told with the record and the event it failed on', async (t) => {
    const log = counterLog(15_000)
    log.add({ events: [additionEvent(1), '{"crash":1}'] })
    log.addAdditions(1, 2, 3)
    const store = await storeOf(t, log.lines)
    assert.ok((store.logFiles.at(0)?.sizeBytes ?? 0) > 2_000_000)
    const outcome = await agreed(store)
    assert.ok('code' in outcome)
    assert.equal(outcome.code, 'app-threw')
    assert.equal(outcome.place?.line, 15_001)
    assert.match(outcome.message, /record #15001 .* at event 2 of 2/)
})

test('what is wrong with the log comes before what goes wrong in the app', async (t) => {
    const log = new LogWriter().addAdditions(1)
    log.add({ events: ['{"crash":1}'] })
    log.addAdditions(1, 2, 3)
    const torn = await agreed(await storeOf(t, [...log.lines, 'not a record']))
    assert.ok('code' in torn && torn.code === 'broken-chain')
    const lost = await storeOf(t, log.lines, { [counterLog(9).head]: '' })
    const lostOutcome = await agreed(lost, { fromGenesis: true })
    assert.ok('code' in lostOutcome && lostOutcome.code === 'broken-chain')
    const truncated = await agreed(await storeOf(t, log.lines.slice(2)))
    assert.ok('code' in truncated && truncated.code === 'no-reduction')
})

for (const [what, change] of [
    [
        'two lines swapped',
        (lines: string[]) => lines.toSpliced(1998, 2, lines[1999] ?? '', lines[1998] ?? ''),
    ],
    ['a record missing', (lines: string[]) => lines.toSpliced(1000, 1)],
    ['a fork at the end', (lines: string[]) => [...lines, (lines.at(-1) ?? '').replace('2000', () => '1')]],
] as const) {
    test(`with ${what}, the app is thrown away and the log diagnosed`, async (t) => {
        const store = await storeOf(t, change([...counterLog(2000).lines]))
        const { onePass, whenChecked } = await both(store)
        assert.equal(onePass, undefined)
        const app = inProcessCounter()
        const outcome = await restore(store, app).then(
            ({ state }) => state,
            (error: unknown) => (error as ComplogError).code,
        )
        assert.deepEqual(
            outcome,
            whenChecked && ('code' in whenChecked ? whenChecked.code : whenChecked.state),
        )
        assert.equal(app.closed, app.started)
    })
}

test('nothing is fed before the check where somebody would see it, or where there is something to look up', async (t) => {
    const log = counterLog(20)
    const store = await storeOf(t, log.lines, { [log.hashes[9] ?? '']: reductionFile(log.hashes[9]!, '55') })
    const heard: CountingApp = Object.assign(inProcessCounter(), { isHeard: true })
    const seen: readonly [CountingApp, RestoreOptions][] = [
        [heard, { fromGenesis: true }],
        [inProcessCounter(), { fromGenesis: true, onResponses: () => undefined }],
        [inProcessCounter(), { fromGenesis: true, onMeasured: () => undefined }],
        [inProcessCounter(), { fromGenesis: true, until: { kind: 'number', position: 3 } }],
        [inProcessCounter(), { fromGenesis: true, head: { kind: 'head', back: 1 } }],
        [inProcessCounter(), { fromEnd: true }],
        [inProcessCounter(), {}],
    ]
    for (const [app, options] of seen) {
        assert.equal(await runInOnePass(store, app, options), undefined)
        assert.equal(app.started, 0)
    }
})

test('without a reduction, a start from the end reads the log once, and says the same', async (t) => {
    const { lines, head } = counterLog(2000)
    const store = await storeOf(t, lines)
    const ran = await runInOnePass(store, inProcessCounter(), { fromEnd: true })
    assert.deepEqual([ran?.target.fromEnd, ran?.replayed.records, ran?.target.chain.head], [true, 2000, head])
    // What goes on behind a line that is no head, or begins anywhere, is for the walk from the end.
    const cut = await storeOf(t, lines.slice(1))
    assert.equal(await runInOnePass(cut, inProcessCounter(), { fromEnd: true }), undefined)
    await assert.rejects(restore(cut, inProcessCounter(), { fromEnd: true }), { code: 'broken-chain' })
    const contradiction = { fromEnd: true, fromGenesis: true }
    await assert.rejects(restore(store, inProcessCounter(), contradiction), { code: 'usage' })
})

test('the responses of a log that is out of order come once, and in the order of the chain', async (t) => {
    const { lines } = counterLog(300)
    const store = await storeOf(t, [...lines.slice(0, 100), ...lines.slice(200), ...lines.slice(100, 200)])
    const responses: string[] = []
    await restore(store, inProcessCounter(), { onResponses: (some) => void responses.push(...some) })
    assert.deepEqual(
        responses,
        Array.from({ length: 300 }, (_, i) => String(((i + 1) * (i + 2)) / 2)),
    )
})

test('an app that does not start is told, unless the log is no good anyway', async (t) => {
    const app = {
        ...inProcessCounter(),
        start: () => Promise.reject(new ComplogError('app-malformed', 'No.')),
    }
    const { lines } = counterLog(100)
    await assert.rejects(restore(await storeOf(t, lines), app), { code: 'app-malformed' })
    await assert.rejects(restore(await storeOf(t, []), app), { code: 'app-malformed' })
    await assert.rejects(restore(await storeOf(t, [...lines, 'x']), app), { code: 'broken-chain' })
})

test('an interrupt ends it, and the app with it', async (t) => {
    const store = await storeOf(t, counterLog(3000).lines)
    const controller = new AbortController()
    const reason = new ComplogError('interrupted', 'Enough.')
    const app = inProcessCounter()
    const { signal } = controller
    const onProgress = () => controller.abort(reason)
    await assert.rejects(restore(store, app, { signal, onProgress }), reason)
    assert.equal(app.closed, app.started)
})

test('tells how far it is as a replay, in bytes', async (t) => {
    const store = await storeOf(t, counterLog(3000).lines)
    const seen: [string, string, number][] = []
    await restore(store, inProcessCounter(), {
        onProgress: ({ activity, unit, done, total }) => seen.push([activity, unit, done / total]),
    })
    assert.deepEqual(seen.at(-1), ['replay', 'bytes', 1])
})
