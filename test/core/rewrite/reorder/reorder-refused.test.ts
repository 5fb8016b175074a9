import assert from 'node:assert/strict'
import { appendFileSync, existsSync, linkSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { ComplogError, type ErrorCode } from '../../../../src/core/errors.js'
import { planReorder } from '../../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderInPlace, reorderTo } from '../../../../src/core/rewrite/reorder/reorder.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { listing } from '../../../support/listing.js'
import { counterLog, logFile, reductionFile } from '../../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck } from '../../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'

const { lines, hashes, head } = counterLog(6)
const shuffled = lines.toReversed()

function isError(code: ErrorCode) {
    return (error: unknown) => {
        assert.ok(error instanceof ComplogError, String(error))
        assert.equal(error.code, code)
        return true
    }
}

async function planOf(folder: string, lineSizeBytesMax = 1000) {
    return planReorder(await openProcessStore(folder, { lineSizeBytesMax }), undefined)
}

test('a folder that holds anything is refused as the output', async (t) => {
    const folder = makeStore(temporaryFolder(t), shuffled)
    const output = temporaryFolder(t)
    writeFiles(output, { 'deep/er/file': 'mine' })
    await assert.rejects(reorderTo(await planOf(folder), output), isError('output-not-empty'))
    assert.deepEqual(Object.keys(readFiles(output)), ['deep/er/file'])
})

test('one that holds all of the output already is left as it is, and one that differs is refused', async (t) => {
    const folder = makeStore(temporaryFolder(t), shuffled)
    const output = temporaryFolder(t)
    const done = await reorderTo(await planOf(folder), output)
    const before = listing(output)
    assert.deepEqual(await reorderTo(await planOf(folder), output), done)
    assert.deepEqual(listing(output), before)

    writeFiles(output, { 'outside-chain/mine.jsonl': 'mine' })
    await assert.rejects(reorderTo(await planOf(folder), output), isError('output-not-empty'))
    rmSync(join(output, 'outside-chain'), { recursive: true })
    for (const change of [(text: string) => text.toLowerCase(), (text: string) => `${text}\n`]) {
        const text = readFileSync(join(output, 'composition', dailyFile), 'utf8')
        writeFiles(output, { [`composition/${dailyFile}`]: change(text) })
        const changed = listing(output)
        await assert.rejects(reorderTo(await planOf(folder), output), isError('output-not-empty'))
        assert.deepEqual(listing(output), changed)
        writeFiles(output, { [`composition/${dailyFile}`]: text })
    }
})

test('so is one where a host would read it', async (t) => {
    const folder = makeStore(temporaryFolder(t), shuffled)
    const before = readFiles(folder)
    for (const output of ['', 'composition', 'composition/new', 'reduction/new']) {
        await assert.rejects(reorderTo(await planOf(folder), join(folder, output)), isError('usage'))
    }
    assert.deepEqual(readFiles(folder), before)
    await reorderTo(await planOf(folder), join(folder, 'reordered'))
    assert.deepEqual((await openAndCheck(join(folder, 'reordered'), { expectHead: head })).findings.list, [])
})

test('so it is where only a log file of the store is named, whatever links lead there', async (t) => {
    const folder = makeStore(temporaryFolder(t), shuffled)
    const link = join(temporaryFolder(t), 'link')
    if (process.platform !== 'win32') symlinkSync(join(folder, 'composition'), link)
    const before = readFiles(folder)
    for (const log of existsSync(link)
        ? [join(folder, 'composition'), link]
        : [join(folder, 'composition')]) {
        for (const [output, where] of [
            ['composition/new', /a host would read it/],
            ['.complog/new', /temporary files/],
        ] as const) {
            const reordered = reorderTo(await planOf(join(log, dailyFile)), join(folder, output))
            await assert.rejects(reordered, { code: 'usage', message: where })
        }
    }
    assert.deepEqual(readFiles(folder), before)
})

test('a broken chain is refused, and a piece of it is written where its head is named', async (t) => {
    const reduced = { [hashes[4]!]: reductionFile(hashes[4]!, '15') }
    const folder = makeStore(temporaryFolder(t), lines.toSpliced(2, 1), reduced)
    const store = await openProcessStore(folder)
    await assert.rejects(planReorder(store, undefined), isError('broken-chain'))
    const plan = await planReorder(store, parseRef(head))
    assert.equal(plan.head, head)
    assert.deepEqual([plan.length, plan.inPlace().files[0]?.rows.length], [3, 3])
})

test('a line longer than the bound is refused, since nobody can say what it is', async (t) => {
    const folder = makeStore(temporaryFolder(t), shuffled)
    await assert.rejects(planOf(folder, 50), isError('limit-exceeded'))
})

test('a lone log file has no place for what is set aside: in place it is refused, to a folder it goes', async (t) => {
    const folder = makeStore(temporaryFolder(t), [...shuffled, lines[0]!])
    const log = join(folder, 'composition', dailyFile)
    const before = readFiles(folder)
    await assert.rejects(reorderInPlace(await planOf(log)), isError('usage'))
    assert.deepEqual(readFiles(folder), before)
    const output = join(temporaryFolder(t), 'output')
    const { outside } = await reorderTo(await planOf(log), output)
    assert.equal(outside.lines, 1)
    assert.deepEqual((await openAndCheck(output, { expectHead: head })).findings.list, [])
})

test('a store that changed since it was planned is not touched, and nothing is written elsewhere', async (t) => {
    for (const inPlace of [true, false]) {
        const folder = makeStore(temporaryFolder(t), shuffled)
        const output = join(temporaryFolder(t), 'output')
        const plan = await planOf(folder)
        appendFileSync(join(folder, 'composition', dailyFile), 'x')
        const before = readFiles(folder)
        const run = inPlace ? reorderInPlace(plan) : reorderTo(plan, output)
        await assert.rejects(run, isError('store-changed'))
        assert.deepEqual(readFiles(folder), before)
        assert.ok(!existsSync(join(folder, '.complog')))
        assert.deepEqual(readFiles(output), {})
    }
})

test('an interrupt before the first change leaves all as it was', async (t) => {
    const folder = makeStore(temporaryFolder(t), shuffled)
    const before = readFiles(folder)
    const plan = await planOf(folder)
    await assert.rejects(reorderInPlace(plan, { signal: AbortSignal.abort(new Error('stop')) }), /stop/)
    assert.deepEqual(readFiles(folder), before)
    assert.ok(!existsSync(join(folder, '.complog')))
})

test('a log to which two paths lead is not touched', { skip: process.platform === 'win32' }, async (t) => {
    const folder = temporaryFolder(t)
    for (const secondPath of [
        (composition: string) => symlinkSync('a', join(composition, 'b')),
        (composition: string) => linkSync(join(composition, 'a', 'x.jsonl'), join(composition, 'b.jsonl')),
    ]) {
        rmSync(folder, { recursive: true })
        writeFiles(folder, {
            'composition/a/x.jsonl': logFile(shuffled.slice(0, 3)),
            'composition/a/y.jsonl': logFile(shuffled.slice(3)),
        })
        // Also where it came to be since the store was planned with.
        const plannedBefore = await planOf(folder)
        secondPath(join(folder, 'composition'))
        const before = listing(folder)
        for (const plan of [plannedBefore, await planOf(folder)]) {
            await assert.rejects(reorderInPlace(plan), (error) => {
                assert.ok(error instanceof ComplogError, String(error))
                assert.equal(error.code, 'error-findings')
                assert.match(error.message, /^b\S* is the same (?:folder|file) as a\b/)
                return true
            })
            assert.deepEqual(listing(folder), before)
        }
    }
})

test('to go back before the only reduction of a truncated log is refused, and nothing is touched', async (t) => {
    const { lines, hashes } = counterLog(12)
    const at = (n: number) => hashes[n - 1]!
    const folder = join(temporaryFolder(t), 'store')
    makeStore(folder, lines.slice(4), { [at(9)]: reductionFile(at(9), '45') })
    const before = listing(folder)
    const planTo = async (head: string) => planReorder(await openProcessStore(folder), parseRef(head))
    await assert.rejects(planTo(at(8)), (error) => {
        assert.ok(error instanceof ComplogError && isError('no-reduction')(error))
        assert.match(error.hint ?? '', new RegExp(`a reduction of ${at(9).slice(0, 12)}`))
        return true
    })
    assert.deepEqual(listing(folder), before)
    await reorderInPlace(await planTo(at(10)))
    assert.equal((await openAndCheck(folder, { expectHead: at(10) })).findings.counts.error, 0)

    // A reduction that cannot be read is none; and what could not be restored before may be put in order.
    writeFiles(folder, { [`reduction/${at(9)}`]: '{' })
    await reorderInPlace(await planTo(at(8)))
    assert.equal((await openAndCheck(folder)).longest.length, 4)
})

test('so is a piece of a broken chain that nothing could be restored from, where another piece could', async (t) => {
    const { lines, hashes } = counterLog(8)
    const folder = makeStore(join(temporaryFolder(t), 'store'), lines.toSpliced(3, 1))
    const store = await openProcessStore(folder)
    await assert.rejects(planReorder(store, parseRef(hashes[7]!)), isError('no-reduction'))
    await reorderInPlace(await planReorder(store, parseRef(hashes[2]!)))
    assert.deepEqual((await openAndCheck(folder, { expectHead: hashes[2]! })).findings.list, [])
})

test('in place, a head that is named by its distance from the newest record is refused, with its hash', async (t) => {
    const folder = makeStore(join(temporaryFolder(t), 'store'), lines)
    const before = listing(folder)
    const plan = async (head: string) => planReorder(await openProcessStore(folder), parseRef(head))
    for (const ref of ['head~2', '@2999-01-01~2'])
        await assert.rejects(reorderInPlace(await plan(ref)), (error) => {
            assert.ok(error instanceof ComplogError && isError('usage')(error))
            assert.ok(error.hint?.endsWith(`--head ${hashes[3]!.slice(0, 12)}.`))
            return true
        })
    assert.deepEqual(listing(folder), before)
    await reorderInPlace(await plan('head~0'))
    assert.deepEqual(readFiles(folder), readFiles(makeStore(join(temporaryFolder(t), 'store'), lines)))
    for (const ref of ['#4', '#4', '#4~0']) await reorderInPlace(await plan(ref))
    assert.equal((await openAndCheck(folder, { expectHead: hashes[3]! })).longest.length, 4)
})
