// The log of a process that runs, kept short: what the newest reduction stands for goes from it.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import type { CompositionHash } from '../../../src/core/composition/hash.js'
import { parseRef } from '../../../src/core/composition/ref.js'
import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import type { PersistentProcessOptions, ShortenedLog } from '../../../src/core/process/process-options.js'
import { restore } from '../../../src/core/restore/restore.js'
import { reduce } from '../../../src/core/rewrite/reduce.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { inProcess, inProcessCounter } from '../../support/in-process-app.js'
import { reductionFile } from '../../support/log-writer.js'
import { openAndCheck, readLog, recordsOf, summaries } from '../../support/stores.js'
import { filePaths, temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { until } from '../../support/until.js'
import { add, clockAt, opened } from './opening.js'

interface Told {
    readonly truncated: ShortenedLog[]
    readonly troubles: string[]
}

/** A process that truncates every so many records, and what it told. */
async function truncating(
    t: TestContext,
    store: string,
    records: number,
    options: PersistentProcessOptions & { readonly app?: LoadedElmApp } = {},
) {
    const told: Told = { truncated: [], troubles: [] }
    const process = await opened(t, store, {
        now: clockAt('2026-11-23T12:00:00Z'),
        reductionInterval: { milliseconds: 3_600_000, records },
        truncateAfterReduction: true,
        ...options,
        observer: {
            onTruncated: (truncated) => void told.truncated.push(truncated),
            onTrouble: (error, during) => void told.troubles.push(`${during}: ${String(error)}`),
            ...options.observer,
        },
    })
    return { process, told }
}

/** Adds 1 so often, and waits for the truncation that this makes due. */
async function addAndTruncate(
    { process, told }: Awaited<ReturnType<typeof truncating>>,
    count: number,
): Promise<void> {
    const before = told.truncated.length
    for (let i = 0; i < count; i++) await add(process, 1)
    await until(() => told.truncated.length > before)
}

/** For loops until something happens, however fast or slow the machine is. */
function withinAMinute(): (soFar: string) => void {
    const end = performance.now() + 60_000
    return (soFar) => assert.ok(performance.now() < end, `${soFar} in a minute`)
}

const reductionsIn = (store: string) => readdirSync(join(store, 'reduction'))

async function recordsIn(store: string): Promise<number> {
    return (await recordsOf((await openAndCheck(store)).longest)).length
}

test('after each reduction, the log begins with the record that it reduces', async (t) => {
    const store = temporaryFolder(t)
    const running = await truncating(t, store, 10)
    for (let round = 1; round <= 5; round++) {
        await addAndTruncate(running, 10)
        const checked = await openAndCheck(store)
        assert.deepEqual(summaries(checked), [])
        const [oldest] = await recordsOf(checked.longest)
        assert.equal(oldest?.hash, running.told.truncated.at(-1)?.oldest)
        assert.deepEqual(reductionsIn(store), [oldest?.hash])
        assert.ok(checked.longest.length < 10, `${checked.longest.length} records`)
    }
    assert.equal(
        running.told.truncated.reduce((sum, { records }) => sum + records, 0) + (await recordsIn(store)),
        50,
    )
    await running.process.close()
    const next = await opened(t, store)
    assert.equal(await next.serializeState(), '50')
    assert.deepEqual(await add(next, 7), ['57'])
    assert.deepEqual(running.told.troubles, [])
    assert.ok(filePaths(store).every((path) => !path.endsWith('.staged')))
})

test('what comes while the log is being cut is in it, and is answered', async (t) => {
    const store = temporaryFolder(t)
    const { process, told } = await truncating(t, store, 25)
    let sum = 0
    const inTime = withinAMinute()
    while (told.truncated.length < thinned(4, 20)) {
        inTime(`${told.truncated.length} truncations`)
        const answers = await Promise.all(Array.from({ length: 40 }, () => add(process, 1)))
        for (const [answer] of answers) assert.equal(answer, String((sum += 1)))
    }
    await process.close()
    assert.deepEqual(summaries(await openAndCheck(store)), [])
    const restored = await restore(await openProcessStore(store), inProcessCounter(), { fromEnd: true })
    assert.equal(restored.state, String(sum))
    assert.deepEqual(told.troubles, [])
})

test('files of hours that are over go whole, and folders of days with them', async (t) => {
    const store = temporaryFolder(t)
    let hour = 0
    const now = () => new Date(Date.UTC(2026, 10, 23, hour))
    const running = await truncating(t, store, 200, { now })
    for (hour = 20; hour < 30; hour++) await add(running.process, 1)
    assert.equal(Object.keys(readLog(store)).length, 10)
    for (let i = 0; i < 189; i++) await add(running.process, 1)
    await addAndTruncate(running, 1)
    assert.deepEqual(Object.keys(readLog(store)), ['2026-11-24/2026-11-24T06.composition.jsonl'])
    assert.deepEqual(readdirSync(join(store, 'composition')), ['2026-11-24'])
    assert.equal(running.told.truncated[0]?.records, 199)
})

test('with a number of reductions to keep, the log begins with the oldest of them', async (t) => {
    const store = temporaryFolder(t)
    const reduced: string[] = []
    const running = await truncating(t, store, 10, {
        keepReductions: 3,
        observer: { onReduced: (hash) => void reduced.push(hash) },
    })
    const inTime = withinAMinute()
    while (reduced.length < 2) {
        inTime(`${reduced.length} reductions`)
        await add(running.process, 1)
    }
    assert.deepEqual(running.told.truncated, [])
    for (let round = 0; round < 4; round++) await addAndTruncate(running, 10)
    // The last one may be still on its way.
    await until(() => running.told.truncated.length === reduced.length - 2)
    const { longest } = await openAndCheck(store)
    const [oldest] = await recordsOf(longest)
    assert.deepEqual(reductionsIn(store).sort(), reduced.slice(-3).sort())
    assert.equal(oldest?.hash, reduced.at(-3))
    assert.deepEqual(running.told.troubles, [])
})

test('the log never begins with a reduction that somebody else stored', async (t) => {
    const store = temporaryFolder(t)
    const running = await truncating(t, store, 5, { keepReductions: 2 })
    const { process, told } = running
    const heads: CompositionHash[] = []
    const addAll = async (count: number) => {
        for (let i = 0; i < count; i++) {
            await add(process, 1)
            heads.push(process.head)
        }
    }
    await addAll(5)
    await until(() => existsSync(join(store, 'reduction')) && reductionsIn(store).length === 1)
    await addAll(2)
    // By another app, say: this one reads it without complaint.
    const wrong = heads.at(-1) as CompositionHash
    writeFileSync(join(store, 'reduction', wrong), reductionFile(wrong, '999'))
    await addAll(3)
    await until(() => told.truncated.length > 0 || told.troubles.length > 0)
    assert.deepEqual(told.troubles, [])
    assert.equal(told.truncated[0]?.oldest, heads[4])
    assert.deepEqual(reductionsIn(store).sort(), [heads[4], wrong, heads[9]].sort())
})

test('a reduction that was changed after it was stored removes nothing', async (t) => {
    const store = temporaryFolder(t)
    const { process, told } = await truncating(t, store, 5, { keepReductions: 2 })
    for (let i = 0; i < 5; i++) await add(process, 1)
    await until(() => existsSync(join(store, 'reduction')) && reductionsIn(store).length === 1)
    const hash = process.head
    // Stores nothing new, and is done once the first one was looked at.
    await process.reduce()
    writeFileSync(join(store, 'reduction', hash), reductionFile(hash, '999'))
    for (let i = 0; i < 5; i++) await add(process, 1)
    await until(() => told.troubles.length > 0)
    assert.match(told.troubles[0] ?? '', /^truncation: .*is not what was written. Nothing was removed/)
    assert.equal(await recordsIn(store), 10)
})

test('a reduction that is not on the disk as it was written removes nothing', async (t) => {
    const store = temporaryFolder(t)
    const { process, told } = await truncating(t, store, 5, {
        observer: {
            onReduced: (hash) => writeFileSync(join(store, 'reduction', hash), reductionFile(hash, '4')),
        },
    })
    for (let i = 0; i < 5; i++) await add(process, 1)
    await until(() => told.troubles.length > 0)
    assert.match(told.troubles[0] ?? '', /^truncation: .*is not what was written. Nothing was removed/)
    assert.equal(await recordsIn(store), 5)
    assert.deepEqual(await add(process, 1), ['6'])
})

test('a reduction that the app does not read as it wrote it removes nothing', async (t) => {
    const store = temporaryFolder(t)
    const forgetful = inProcess<number>({
        initialState: 0,
        process: (_, state) => [state + 1, String(state + 1)],
        serialize: String,
        deserialize: () => 0,
    })
    const { process, told } = await truncating(t, store, 5, { app: forgetful })
    for (let i = 0; i < 5; i++) await add(process, 1)
    await until(() => told.troubles.length > 0)
    assert.match(told.troubles[0] ?? '', /^truncation: .*does not read the reduction/)
    assert.equal(await recordsIn(store), 5)
})

test('while it proves, another process may store a reduction; then nothing is removed until the next one', async (t) => {
    const store = temporaryFolder(t)
    const counter = inProcessCounter()
    const storedBeside: CompositionHash[] = []
    const app: LoadedElmApp = {
        ...counter,
        start: async () => {
            const instance = await counter.start()
            return {
                ...instance,
                roundTrip: async (text) => {
                    if (storedBeside.length === 0) await storeBeside()
                    return instance.roundTrip(text)
                },
            }
        },
    }
    const storeBeside = async () => {
        const reduced = await reduce(await openProcessStore(store), inProcessCounter(), {
            at: parseRef('#2'),
        })
        for (const { hash } of reduced.reductions) storedBeside.push(hash)
    }
    const { process, told } = await truncating(t, store, 5, { app })
    for (let i = 0; i < 5; i++) await add(process, 1)
    await until(() => told.troubles.length > 0)
    assert.match(
        told.troubles[0] ?? '',
        /^truncation: .*reductions meanwhile: .* is new. Nothing was touched/,
    )
    assert.equal(await recordsIn(store), 5)
    for (let i = 0; i < 5; i++) await add(process, 1)
    await until(() => told.truncated.length > 0)
    assert.equal(storedBeside.length, 1)
    assert.deepEqual(reductionsIn(store), [told.truncated[0]?.oldest])
    assert.deepEqual(summaries(await openAndCheck(store)), [])
    assert.equal(told.troubles.length, 1)
})

test('nothing is removed from a log with errors, and the process goes on', async (t) => {
    const store = temporaryFolder(t)
    const { process, told } = await truncating(t, store, 5)
    for (let i = 0; i < 3; i++) await add(process, 1)
    const [path = ''] = filePaths(store).filter((name) => name.startsWith('composition/'))
    const lines = Object.values(readLog(store)).flat().map(String)
    // A bit of the first record is not what it was.
    writeFileSync(join(store, path), `${lines.join('\n').replace('addition', 'additioN')}\n`)
    for (let i = 0; i < 2; i++) await add(process, 1)
    await until(() => told.troubles.length > 0)
    assert.match(told.troubles[0] ?? '', /^truncation: .*Nothing is removed from a store with errors/)
    assert.deepEqual(await add(process, 1), ['6'])
})

test('an app that fails while the log is being cut finds its state again', async (t) => {
    const store = temporaryFolder(t)
    const { process, told } = await truncating(t, store, 4)
    let sum = 0
    const inTime = withinAMinute()
    while (told.truncated.length < thinned(4, 20)) {
        inTime(`${told.truncated.length} truncations`)
        const failing = process.processEvents(['{"crash":1}']).catch((error: unknown) => String(error))
        const answers = await Promise.all(Array.from({ length: 3 }, () => add(process, 1)))
        assert.match(String(await failing), /had enough/)
        sum += 3
        assert.deepEqual(answers.at(-1), [String(sum)])
    }
    await process.close()
    assert.deepEqual(summaries(await openAndCheck(store)), [])
    const next = await opened(t, store)
    assert.equal(await next.serializeState(), String(sum))
    assert.deepEqual(told.troubles, [])
})
