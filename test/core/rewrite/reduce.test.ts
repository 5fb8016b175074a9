import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { parseRef } from '../../../src/core/composition/ref.js'
import { ComplogError, type ErrorCode } from '../../../src/core/errors.js'
import { serializeReduction } from '../../../src/core/reduction/reduction.js'
import { restore } from '../../../src/core/restore/restore.js'
import { type ReduceOptions, reduce } from '../../../src/core/rewrite/reduce.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { listing } from '../../support/listing.js'
import { counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { copyStore, dailyFile, fixtureStores, makeStore, openAndCheck } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

/** The state after record #n is the sum of 1 to n. */
const { lines, hashes, head } = counterLog(10)
const sum = (n: number) => String((n * (n + 1)) / 2)
const written = (position: number) =>
    serializeReduction({ hash: hashes[position - 1]!, value: sum(position) })

async function reduceCounter(path: string, options: ReduceOptions = {}) {
    const app = inProcessCounter()
    const reduced = await reduce(await openProcessStore(path), app, options)
    assert.equal(app.started, app.closed)
    const outcomes = reduced.reductions.map(({ position, outcome, written }) => [position, outcome, written])
    return { ...reduced, outcomes, app }
}

function isError(code: ErrorCode) {
    return (error: unknown) => error instanceof ComplogError && error.code === code
}

test('the reduction of the head is written, in the form and under the name that hosts read', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    const { outcomes, ok, reductions } = await reduceCounter(folder)
    assert.deepEqual([outcomes, ok], [[[10, 'new', true]], true])
    const files = readFiles(folder)
    assert.deepEqual(Object.keys(files), [`composition/${dailyFile}`, `reduction/${head}`])
    assert.deepEqual(files[`reduction/${head}`], written(10))
    assert.equal(reductions[0]?.sizeBytes, written(10).length)
})

test('with the real apps it is, in value, what a Kalmit host wrote for the same record', async (t) => {
    for (const [nth, store] of fixtureStores.entries()) {
        const folder = join(temporaryFolder(t), 'store')
        copyStore(store.path, folder)
        for (const [i, hash] of Object.keys(store.expected.reductions).entries()) {
            // Of one store the first, of the next one another.
            if ((i + nth) % thinned(3, 1) !== 0) continue
            const options = { at: parseRef(hash), fromGenesis: true }
            const opened = await openProcessStore(folder)
            const { reductions } = await reduce(opened, await fixtureApp(store.app), options)
            assert.deepEqual(
                reductions.map(({ outcome, written }) => [outcome, written]),
                [['equal', false]],
            )
        }
        assert.deepEqual(readFiles(folder), readFiles(store.path))
    }
})

test('any record may be named, and every one of them gives the state after it', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    for (const [ref, position] of [
        ['first', 1],
        ['#4', 4],
        ['head~2', 8],
        [hashes[5]!, 6],
    ] as const) {
        await reduceCounter(folder, { at: parseRef(ref) })
        assert.deepEqual(readFileSync(join(folder, 'reduction', hashes[position - 1]!)), written(position))
    }
    await assert.rejects(reduceCounter(folder, { at: parseRef('#11') }), isError('unknown-ref'))
    const { findings, usableReductions } = await openAndCheck(folder)
    assert.deepEqual([findings.list, usableReductions.size], [[], 4])
})

test('every Nth record is reduced in one replay', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    const { outcomes, app } = await reduceCounter(folder, { every: 3 })
    assert.deepEqual(outcomes, [
        [3, 'new', true],
        [6, 'new', true],
        [9, 'new', true],
    ])
    assert.equal(app.eventsProcessed, 9)
    for (const position of [3, 6, 9])
        assert.deepEqual(readFileSync(join(folder, 'reduction', hashes[position - 1]!)), written(position))
    assert.deepEqual((await reduceCounter(folder, { every: 11 })).outcomes, [])
    for (const every of [0, -1, 1.5, NaN])
        await assert.rejects(reduceCounter(folder, { every }), isError('usage'))
})

test('one that says the same is left as it is, whatever its form', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, {
        [head]: reductionFile(head, sum(10), '2018-11'),
        [hashes[4]!.toLowerCase()]: reductionFile(hashes[4]!, sum(5)),
    })
    const before = readFiles(folder)
    const { outcomes, ok } = await reduceCounter(folder, { every: 5 })
    assert.deepEqual(
        [outcomes, ok],
        [
            [
                [5, 'equal', false],
                [10, 'equal', false],
            ],
            true,
        ],
    )
    assert.deepEqual(readFiles(folder), before)
    const replaced = await reduceCounter(folder, { every: 5, replace: true })
    assert.deepEqual(replaced.outcomes, [
        [5, 'equal', false],
        [10, 'equal', true],
    ])
})

test('one that differs or cannot be read keeps all from being written, unless it is to be replaced', async (t) => {
    for (const bad of [reductionFile(hashes[4]!, '0'), '{', reductionFile(head, sum(5))]) {
        const folder = makeStore(temporaryFolder(t), lines, { [hashes[4]!.toLowerCase()]: bad })
        const before = readFiles(folder)
        const kept = await reduceCounter(folder, { every: 5 })
        assert.deepEqual(
            [kept.outcomes, kept.ok],
            [
                [
                    [5, 'differs', false],
                    [10, 'new', false],
                ],
                false,
            ],
        )
        assert.deepEqual(readFiles(folder), before)
        const replaced = await reduceCounter(folder, { every: 5, replace: true })
        assert.deepEqual(
            [replaced.outcomes, replaced.ok],
            [
                [
                    [5, 'differs', true],
                    [10, 'new', true],
                ],
                true,
            ],
        )
        const files = readFiles(folder)
        assert.deepEqual(files[`reduction/${hashes[4]!.toLowerCase()}`], written(5))
        assert.deepEqual(files[`reduction/${head}`], written(10))
        assert.equal(Object.keys(files).length, 3)
    }
})

test('a file that a power failure has left without content says nothing, and is written without being asked', async (t) => {
    for (const bad of ['', Buffer.alloc(140)]) {
        const folder = makeStore(temporaryFolder(t), lines, { [hashes[4]!]: bad })
        const { outcomes, ok } = await reduceCounter(folder, { at: parseRef(hashes[4]!) })
        assert.deepEqual([outcomes, ok], [[[5, 'new', true]], true])
        assert.deepEqual(readFiles(folder)[`reduction/${hashes[4]!}`], written(5))
    }
    const half = Buffer.concat([Buffer.alloc(20), written(5).subarray(20)])
    const folder = makeStore(temporaryFolder(t), lines, { [hashes[4]!]: half })
    const kept = await reduceCounter(folder, { at: parseRef(hashes[4]!) })
    assert.deepEqual([kept.outcomes, kept.ok], [[[5, 'differs', false]], false])
})

test('what another has stored since the store was opened is compared, and not overwritten', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    const opened = await openProcessStore(folder)
    // The one of #3 is in nobody's way, the one of the head says something else.
    const name = head.toLowerCase()
    const others = { [hashes[2]!]: written(3), [name]: reductionFile(head, '1') }
    writeFiles(join(folder, 'reduction'), others)
    const kept = await reduce(opened, inProcessCounter())
    assert.deepEqual(
        [kept.ok, kept.reductions.map(({ outcome, written }) => [outcome, written])],
        [false, [['differs', false]]],
    )
    assert.deepEqual(readFiles(join(folder, 'reduction')), others)
    const replaced = await reduce(opened, inProcessCounter(), { replace: true })
    assert.equal(replaced.ok, true)
    assert.deepEqual(readFiles(join(folder, 'reduction')), { ...others, [name]: written(10) })
})

test('a link is not replaced by a file', { skip: process.platform === 'win32' }, async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    writeFiles(folder, { 'elsewhere/kept': reductionFile(head, '1') })
    mkdirSync(join(folder, 'reduction'))
    const path = join(folder, 'reduction', head)
    symlinkSync(join('..', 'elsewhere', 'kept'), path)
    const before = listing(folder)
    await assert.rejects(reduceCounter(folder, { replace: true, every: 5 }), isError('usage'))
    assert.deepEqual(listing(folder), before)
})

test('a dry run compares and writes nothing', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, { [hashes[4]!]: reductionFile(hashes[4]!, '0') })
    const before = readFiles(folder)
    for (const [replace, ok] of [
        [false, false],
        [true, true],
    ] as const) {
        const reduced = await reduceCounter(folder, { every: 5, dryRun: true, replace })
        assert.deepEqual(
            [reduced.outcomes, reduced.ok],
            [
                [
                    [5, 'differs', false],
                    [10, 'new', false],
                ],
                ok,
            ],
        )
        assert.deepEqual(readFiles(folder), before)
    }
})

test('a reduction never proves itself: replay starts before it, or from genesis where that is asked for', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, {
        [hashes[4]!]: reductionFile(hashes[4]!, '1000'),
        [head]: reductionFile(head, '1040'),
    })
    // From a wrong reduction before it, the wrong one at the head looks right.
    assert.deepEqual((await reduceCounter(folder)).outcomes, [[10, 'equal', false]])
    assert.deepEqual((await reduceCounter(folder, { fromGenesis: true })).outcomes, [[10, 'differs', false]])
    assert.deepEqual((await reduceCounter(folder, { at: parseRef('#5') })).outcomes, [[5, 'differs', false]])
})

test('of a truncated log the oldest record is reduced from its own reduction, the rest by replay', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.slice(4), {
        [hashes[4]!]: reductionFile(hashes[4]!, sum(5)),
    })
    const { outcomes } = await reduceCounter(folder, { every: 1 })
    assert.deepEqual(outcomes[0], [1, 'equal', false])
    assert.deepEqual(outcomes.at(-1), [6, 'new', true])
    const restored = await restore(await openProcessStore(folder), inProcessCounter())
    assert.deepEqual([restored.state, restored.records], [sum(10), 0])
})

test('nothing is written for a broken log, one with two heads, an empty one, or a lone log file', async (t) => {
    const fork = new LogWriter('2019-04', hashes[2]).addAdditions(5)
    for (const [log, code] of [
        [lines.toSpliced(4, 1), 'broken-chain'],
        [[...lines, ...fork.lines], 'two-heads'],
    ] as const) {
        const folder = makeStore(temporaryFolder(t), log)
        const before = readFiles(folder)
        await assert.rejects(reduceCounter(folder), isError(code))
        assert.deepEqual(readFiles(folder), before)
    }
    const empty = makeStore(temporaryFolder(t), [])
    assert.deepEqual((await reduceCounter(empty)).reductions, [])
    const lone = join(makeStore(temporaryFolder(t), lines), 'composition', dailyFile)
    await assert.rejects(reduceCounter(lone), isError('usage'))
})

test('an app that fails leaves nothing behind', async (t) => {
    const log = new LogWriter().addAdditions(1, 2)
    log.add({ events: ['{"crash":1}'] })
    const folder = makeStore(temporaryFolder(t), log.lines)
    const before = readFiles(folder)
    await assert.rejects(reduceCounter(folder, { every: 1 }), isError('app-threw'))
    assert.deepEqual(readFiles(folder), before)
})
