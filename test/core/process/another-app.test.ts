// The app that goes on understands its own history, or somebody has said that the change is meant.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'

import { parseRef } from '../../../src/core/composition/ref.js'
import { ComplogError } from '../../../src/core/errors.js'
import { restore } from '../../../src/core/restore/restore.js'
import { verifyStore } from '../../../src/core/restore/verify-store.js'
import { type ReduceOptions, reduce } from '../../../src/core/rewrite/reduce.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { inProcess, inProcessCounter } from '../../support/in-process-app.js'
import { readFiles, temporaryFolder } from '../../support/temporary.js'
import { until } from '../../support/until.js'
import { add, opened } from './opening.js'

/** The counter in a version with one more field in its state, without which it starts from nothing. */
const nextVersion = () =>
    inProcess<number>({
        initialState: 0,
        process: (event, state) => {
            const sum = state + (JSON.parse(event) as { addition: number }).addition
            return [sum, String(sum)]
        },
        serialize: (sum) => JSON.stringify({ sum, unit: 'EUR' }),
        deserialize: (text) => Number(/^\{"sum":(-?\d+),"unit":"/.exec(text)?.[1] ?? 0),
    })

/** Understands no event. */
const foreignApp = () =>
    inProcess<string>({
        initialState: '0',
        process: (_, state) => [state, '{"decodeError":"no such event"}'],
        serialize: String,
        deserialize: String,
    })

const isRefusal = (code: string) => (error: unknown) => error instanceof ComplogError && error.code === code

async function reducedStore(path: string, t: Parameters<typeof opened>[0]): Promise<void> {
    const process = await opened(t, path)
    for (let i = 1; i <= 12; i++) await add(process, i)
    await process.close({ reduce: true })
}

test('a process does not start with an app that reads another state than was written, and touches nothing', async (t) => {
    const path = temporaryFolder(t)
    await reducedStore(path, t)
    const before = readFiles(path)
    await assert.rejects(opened(t, path, { app: nextVersion() }), isRefusal('state-not-understood'))
    await assert.rejects(
        opened(t, path, { app: nextVersion(), acceptDecodeErrors: true }),
        isRefusal('state-not-understood'),
    )
    assert.deepEqual(readFiles(path), before)
    const restored = await restore(await openProcessStore(path), nextVersion())
    assert.equal(restored.unreadState?.severity, 'error')
})

test('an accepted change is a record, and nothing before it is ever dropped by a process', async (t) => {
    const path = temporaryFolder(t)
    await reducedStore(path, t)
    const [oldReduction] = readdirSync(`${path}/reduction`)
    const changed = await opened(t, path, { app: nextVersion(), acceptStateChange: true })
    assert.deepEqual(
        changed.findings.map(({ id }) => id),
        ['reduction-not-round-trip'],
    )
    await changed.close()
    // Goes back to the state that was accepted, so no flag is needed any more.
    const troubles: string[] = []
    const next = await opened(t, path, {
        app: nextVersion(),
        truncateAfterReduction: true,
        keepReductions: 1,
        reductionInterval: { milliseconds: 3_600_000, records: 3 },
        observer: { onTrouble: (error) => void troubles.push((error as ComplogError).code) },
    })
    for (let i = 0; i < 20; i++) await add(next, 1)
    await until(() => troubles.length > 0)
    for (let i = 0; i < 5; i++) await add(next, 1)
    await next.close({ reduce: true })
    assert.deepEqual(troubles, ['state-not-understood'])
    assert.ok(readdirSync(`${path}/reduction`).includes(oldReduction ?? ''))
    const old = await restore(await openProcessStore(path), inProcessCounter(), {
        until: { kind: 'number', position: 12 },
    })
    assert.deepEqual([old.state, old.unreadState], ['78', null])
    await assert.rejects(opened(t, path), isRefusal('state-not-understood'))
})

test('reductions from before an accepted change are the app of before’s: noted at most, and never replaced', async (t) => {
    const path = temporaryFolder(t)
    await reducedStore(path, t)
    const [oldReduction = ''] = readdirSync(`${path}/reduction`)
    const changed = await opened(t, path, { app: nextVersion(), acceptStateChange: true })
    await add(changed, 1)
    await changed.close({ reduce: true })
    const before = readFiles(path)
    const verified = await verifyStore(await openProcessStore(path), { app: nextVersion() })
    assert.deepEqual(
        verified.findings.list.map(({ id, severity, hash }) => [id, severity, hash]),
        [['reduction-differs', 'note', oldReduction]],
    )
    assert.doesNotMatch(verified.findings.list[0]?.help ?? '', /--replace/)
    assert.deepEqual([verified.isSound, verified.reductionsByReplay?.proven], [true, 1])
    const verifiedBefore = await verifyStore(await openProcessStore(path), { app: inProcessCounter() })
    assert.ok(verifiedBefore.findings.list.every(({ hash }) => hash !== oldReduction))

    const replacing = async (options: ReduceOptions) =>
        reduce(await openProcessStore(path), nextVersion(), { ...options, replace: true })
    const at = parseRef(oldReduction)
    for (const options of [{ at }, { at, fromGenesis: true }, { at, dryRun: true }, { every: 6 }])
        await assert.rejects(replacing(options), isRefusal('state-not-understood'))
    assert.deepEqual(readFiles(path), before)
    await replacing({})
    assert.deepEqual(readFiles(path), before)
})

test('a process does not start with an app that does not understand the events, unless that is accepted', async (t) => {
    const path = temporaryFolder(t)
    const process = await opened(t, path)
    for (let i = 1; i <= 12; i++) await add(process, i)
    await process.close()
    await assert.rejects(opened(t, path, { app: foreignApp() }), (error: unknown) => {
        assert.ok(error instanceof ComplogError)
        assert.equal(error.code, 'events-not-understood')
        assert.match(error.message, /12 of 12 replayed events/)
        assert.equal(error.place?.offsetBytes, 0)
        return true
    })
    await (await opened(t, path, { app: foreignApp(), acceptDecodeErrors: true })).close()
    const again = await opened(t, path, { app: foreignApp() })
    assert.equal(again.notUnderstood, undefined)
})

test('one event in twenty that is not understood is told, with its place, and stops nothing', async (t) => {
    const path = temporaryFolder(t)
    const process = await opened(t, path)
    for (let i = 1; i <= 20; i++) await (i === 3 ? process.processEvents(['{"unknown":1}']) : add(process, i))
    await process.close()
    const { notUnderstood } = await opened(t, path)
    assert.deepEqual([notUnderstood?.decodeErrors, notUnderstood?.events], [1, 20])
    assert.ok((notUnderstood?.place?.offsetBytes ?? 0) > 0)
})

test('a state that the app would not read as it is given is not set', async (t) => {
    const process = await opened(t, temporaryFolder(t))
    await assert.rejects(process.setState('12 apples'), isRefusal('state-not-understood'))
    assert.deepEqual(await add(process, 1), ['1'])
})
