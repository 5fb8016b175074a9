import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import type { LoadedElmApp } from '../../../../src/core/elm-app/elm-app.js'
import { restore } from '../../../../src/core/restore/restore.js'
import { reduce } from '../../../../src/core/rewrite/reduce.js'
import { planTruncate } from '../../../../src/core/rewrite/truncate/plan-truncate.js'
import { proveChainAfter, proveTruncate } from '../../../../src/core/rewrite/truncate/prove-truncate.js'
import { type TruncateOptions, truncate } from '../../../../src/core/rewrite/truncate/truncate.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { whyNoMounts, withBindMount } from '../../../faults/mounts.js'
import { fixtureApp } from '../../../support/apps.js'
import { inProcess, inProcessCounter } from '../../../support/in-process-app.js'
import { isError } from '../../../support/is-error.js'
import { listing } from '../../../support/listing.js'
import { counterLog, LogWriter, reductionFile } from '../../../support/log-writer.js'
import { copyStore, fixtureStores, makeStore, openAndCheck, writeLog } from '../../../support/stores.js'
import { filePaths, readFiles, temporaryFolder } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

/** The state after record #n is the sum of 1 to n. Three files of four, three and three records. */
const { lines, hashes, head } = counterLog(10)
const sum = (n: number) => String((n * (n + 1)) / 2)
const files = { 'a.jsonl': lines.slice(0, 4), 'b/b.jsonl': lines.slice(4, 7), 'c.jsonl': lines.slice(7) }

function storeWith(
    t: TestContext,
    reduced: readonly number[],
    log: Readonly<Record<string, readonly string[]>> = files,
) {
    const reductions = reduced.map((n) => [hashes[n - 1]!, reductionFile(hashes[n - 1]!, sum(n))])
    const folder = makeStore(
        join(temporaryFolder(t), 'store'),
        [],
        Object.fromEntries(reductions) as Record<string, Buffer>,
    )
    writeLog(folder, log)
    return folder
}

async function truncateStore(
    path: string,
    {
        before,
        app = inProcessCounter(),
        ...options
    }: TruncateOptions & { before?: string; app?: LoadedElmApp } = {},
) {
    const plan = await planTruncate(
        await openProcessStore(path),
        before === undefined ? undefined : parseRef(before),
    )
    await proveTruncate(plan, app)
    await proveChainAfter(plan)
    return { plan, done: await truncate(plan, options) }
}

test('all records before the newest reduced one go, with the reductions that belong to them', async (t) => {
    const folder = storeWith(t, [2, 4, 6])
    const before = readFiles(folder)
    const { plan } = await truncateStore(folder)
    const after = readFiles(folder)
    assert.deepEqual(Object.keys(after), [
        'composition/b/b.jsonl',
        'composition/c.jsonl',
        `reduction/${hashes[5]!}`,
    ])
    assert.equal(after['composition/b/b.jsonl']?.toString(), `${lines[5]!}\n${lines[6]!}\n`)
    assert.deepEqual(after['composition/c.jsonl'], before['composition/c.jsonl'])
    assert.deepEqual(plan.records, { removed: 5, kept: 5 })
    assert.deepEqual(
        plan.removedFiles.map(({ path }) => path),
        ['a.jsonl'],
    )
    assert.equal(plan.cutFile?.path, 'b/b.jsonl')
    assert.deepEqual(
        plan.keptFiles.map(({ path }) => path),
        ['c.jsonl'],
    )
    const size = (all: Record<string, Buffer>) =>
        Object.values(all).reduce((total, { length }) => total + length, 0)
    assert.deepEqual(plan.bytes, { removed: size(before) - size(after), kept: size(after) })
})

test('the cut store is sound, and restores to the same state by default and from the end', async (t) => {
    for (const [reduced, before] of [
        [[6], undefined],
        [[5], undefined],
        [[10], undefined],
        [[1, 10], '#1'],
        [[3, 5, 8], '#5'],
        [[8], hashes[7]!.slice(0, 8)],
    ] as const) {
        const folder = storeWith(t, reduced)
        await truncateStore(folder, before === undefined ? {} : { before })
        const checked = await openAndCheck(folder, { expectHead: head })
        assert.deepEqual(checked.findings.list, [])
        for (const fromEnd of [false, true]) {
            const restored = await restore(await openProcessStore(folder), inProcessCounter(), { fromEnd })
            assert.deepEqual([restored.state, restored.hash, restored.fromEnd], [sum(10), head, fromEnd])
        }
        assert.ok(!existsSync(join(folder, '.complog')))
    }
})

test('each store that Kalmit wrote restores to the same state when it was cut before each reduction', async (t) => {
    for (const [nth, store] of fixtureStores.entries()) {
        const app = await fixtureApp(store.app)
        for (const [i, hash] of Object.keys(store.expected.reductions).entries()) {
            // Of one store the first, of the next one another.
            if ((i + nth) % thinned(3, 1) !== 0) continue
            const folder = join(temporaryFolder(t), 'store')
            copyStore(store.path, folder)
            await truncateStore(folder, { before: hash, app })
            const checked = await openAndCheck(folder, { expectHead: store.expected.tip })
            assert.deepEqual([checked.findings.counts.error, checked.findings.counts.warning], [0, 0])
            const restored = await restore(await openProcessStore(folder), app, { fromEnd: true })
            assert.equal(restored.state, store.expected.state)
        }
    }
})

test('a cut where the target is the first record of its file leaves the file untouched', async (t) => {
    const folder = storeWith(t, [5])
    const { plan } = await truncateStore(folder)
    assert.equal(plan.cutFile, undefined)
    assert.deepEqual(filePaths(join(folder, 'composition')), ['b/b.jsonl', 'c.jsonl'])
})

test('line ends and folders are left as they were; folders that become empty go', async (t) => {
    const folder = storeWith(t, [9])
    writeLog(folder, { 'a/x.jsonl': lines.slice(0, 4), 'b/y.jsonl': lines.slice(4) }, '\r\n')
    await truncateStore(folder)
    assert.deepEqual(readdirSync(join(folder, 'composition')), ['b'])
    const cut = readFiles(join(folder, 'composition'))['b/y.jsonl']
    assert.equal(cut?.toString(), `${lines[8]!}\r\n${lines[9]!}\r\n`)
})

test('a plan touches nothing', async (t) => {
    const folder = storeWith(t, [6])
    const before = readFiles(folder)
    const plan = await planTruncate(await openProcessStore(folder), undefined)
    await proveTruncate(plan, inProcessCounter())
    assert.deepEqual(readFiles(folder), before)
})

test('a wrong reduction is not proven', async (t) => {
    const folder = storeWith(t, [])
    makeStore(folder, lines, { [hashes[5]!]: reductionFile(hashes[5]!, '22') })
    await assert.rejects(
        truncateStore(folder),
        isError('reduction-differs', /not what replay gives. Nothing was removed/),
    )
    makeStore(folder, lines, { [hashes[5]!]: reductionFile(hashes[5]!, '021') })
    await assert.rejects(truncateStore(folder), isError('state-not-understood', /of "021" it makes "21"/))
    assert.equal((await openAndCheck(folder)).longest.length, 10)
})

test('nothing older than the only reduction of a truncated log can prove it', async (t) => {
    const folder = storeWith(t, [6], { 'b.jsonl': lines.slice(3) })
    await assert.rejects(truncateStore(folder), isError('no-reduction', /Nothing older than the reduction/))
    const plan = await planTruncate(await openProcessStore(folder), undefined)
    await proveChainAfter(plan)
    await truncate(plan)
    assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
})

test('a log that is not sound, not in order, or has no reduction there is refused', async (t) => {
    const fork = new LogWriter('2019-04', hashes[2]).addAdditions(5)
    for (const [log, code] of [
        [lines.toReversed(), 'error-findings'],
        [lines.with(2, lines[3]!).with(3, lines[2]!), 'not-in-order'],
        [[...lines.slice(0, 5), lines[1]!, ...lines.slice(5)], 'not-in-order'],
        [lines.toSpliced(4, 1), 'error-findings'],
        [[...lines, ...fork.lines], 'error-findings'],
        [[...lines, 'garbage'], 'error-findings'],
    ] as const) {
        await assert.rejects(truncateStore(storeWith(t, [8], { 'a.jsonl': log })), isError(code))
    }
    await assert.rejects(
        truncateStore(storeWith(t, [])),
        isError('no-reduction', /no reduction that a restore/),
    )
    await assert.rejects(
        truncateStore(storeWith(t, [6]), { before: '#7' }),
        isError('no-reduction', /#7 has no/),
    )
    await assert.rejects(truncateStore(storeWith(t, [6]), { before: '#11' }), isError('unknown-ref'))
    await assert.rejects(truncateStore(storeWith(t, [6], {})), isError('error-findings'))
    const lone = join(storeWith(t, [6]), 'composition', 'a.jsonl')
    await assert.rejects(truncateStore(lone), isError('no-reduction'))
})

test('a state of which the reduction does not hold all that matters later is not proven', async (t) => {
    // Serialises the sum, but not how many events it has seen, which the next one depends on.
    const forgetful = inProcess<{ sum: number; seen: number }>({
        initialState: { sum: 0, seen: 0 },
        process: (_, { sum, seen }) => [{ sum: sum + seen, seen: seen + 1 }, ''],
        serialize: ({ sum }) => String(sum),
        deserialize: (text) => ({ sum: Number(text), seen: 0 }),
    })
    const folder = storeWith(t, [])
    const reduced = await reduce(await openProcessStore(folder), forgetful, { at: parseRef('#6') })
    assert.equal(reduced.ok, true)
    const before = readFiles(folder)
    const cut = truncateStore(folder, { app: forgetful })
    await assert.rejects(cut, isError('reduction-differs', /would restore to another state/))
    assert.deepEqual(readFiles(folder), before)
})

test('a store that changed since it was planned is not touched', async (t) => {
    const append = (folder: string) => {
        const more = new LogWriter('2019-04', head).addAdditions(11)
        appendFileSync(join(folder, 'composition', 'c.jsonl'), `${more.lines[0]!}\n`)
    }
    const folder = storeWith(t, [6])
    const plan = await planTruncate(await openProcessStore(folder), undefined)
    append(folder)
    const before = readFiles(folder)
    await assert.rejects(truncate(plan), isError('store-changed'))
    assert.deepEqual(readFiles(folder), before)
})

test('nor is one that changes while it is being archived', async (t) => {
    const folder = storeWith(t, [6])
    const plan = await planTruncate(await openProcessStore(folder), undefined)
    const file = join(folder, 'composition', 'c.jsonl')
    const before = readFiles(folder)
    let changed = false
    const onProgress = () => {
        if (!changed) appendFileSync(file, '\n')
        changed = true
    }
    const archive = join(folder, '..', 'archive')
    await assert.rejects(truncate(plan, { archive, onProgress }), isError('store-changed'))
    assert.deepEqual(Object.keys(readFiles(folder)), Object.keys(before))
    assert.equal((await openAndCheck(folder)).longest.length, 10)
})

test('a log on a mount of its own is not touched, nor is anything archived', {
    skip: whyNoMounts() ?? false,
}, async (t) => {
    const folder = storeWith(t, [2, 6])
    const [before, archive] = [listing(folder), temporaryFolder(t)]
    const composition = join(folder, 'composition')
    await withBindMount(composition, composition, async () => {
        await assert.rejects(truncateStore(folder, { archive }), isError('file-system', /EXDEV/))
    })
    assert.deepEqual([listing(folder), readdirSync(archive)], [before, []])
})
