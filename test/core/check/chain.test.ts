import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import type { Chain, CompositionRecord } from '../../../src/core/check/chain.js'
import { ChainByIndex } from '../../../src/core/check/chain-by-index.js'
import { checkLog, indexLog } from '../../../src/core/check/check-log.js'
import { ComplogError } from '../../../src/core/errors.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { counterLog, LogWriter, logFile, reductionFile } from '../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck, recordsOf } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

/** More than one mark that reading can begin from, and more than one chunk of a file. */
const records = thinned(6000, 9000)
const log = new LogWriter()
for (let i = 0; i < records; i++) log.add({ events: [`{"addition":${i},"pad":"${'x'.repeat(200)}"}`] })

async function read(chain: Chain, from: number, to: number): Promise<CompositionRecord[]> {
    const found: CompositionRecord[] = []
    for await (const batch of chain.read(from, to)) found.push(...batch)
    return found
}

test('any stretch of a chain is read, whether as a stream or by its index', async (t) => {
    const folder = temporaryFolder(t)
    const [a, b] = [3000, 5000]
    writeFiles(folder, {
        'composition/a.jsonl': logFile(log.lines.slice(0, a)),
        'composition/b.jsonl': Buffer.concat([
            Buffer.from('\uFEFF\n'),
            logFile(log.lines.slice(a, b), '\r\n'),
        ]),
        'composition/c.jsonl': '',
        'composition/d.jsonl': logFile(log.lines.slice(b)),
        [`reduction/${log.hashes[10]!}`]: reductionFile(log.hashes[10]!, '1'),
    })
    const store = await openProcessStore(folder)
    const streamed = (await checkLog(store)).longest
    const indexed = (await indexLog(store)).longest
    assert.ok(!(streamed instanceof ChainByIndex) && indexed instanceof ChainByIndex)
    assert.deepEqual(streamed.reduced, indexed.reduced)
    assert.deepEqual(await recordsOf(streamed), await recordsOf(indexed))
    const position = fc.oneof(
        fc.integer({ min: 1, max: records }),
        fc.constantFrom(1, 11, a, a + 1, 4097, records),
    )
    await fc.assert(
        fc.asyncProperty(position, fc.nat(100), async (from, more) => {
            const to = Math.min(records, from + more)
            const expected = log.hashes.slice(from - 1, to)
            const found = await read(streamed, from, to)
            assert.deepEqual(
                found.map(({ hash }) => hash),
                expected,
            )
            assert.deepEqual(found, await read(indexed, from, to))
            assert.deepEqual([found[0]?.position, found.at(-1)?.position], [from, to])
        }),
        { numRuns: thinned(10, 40) },
    )
    assert.deepEqual([await read(streamed, 5, 4), await read(indexed, 5, 4)], [[], []])
})

test('the lines of a stretch hold its records, and those that are asked for are the same', async (t) => {
    const { lines, hashes } = counterLog(40)
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        'composition/a.jsonl': Buffer.concat([
            Buffer.from('\uFEFF\n\r\n'),
            logFile(lines.slice(0, 9), '\r\n'),
        ]),
        'composition/b.jsonl': Buffer.concat([
            logFile(lines.slice(9, 20), '\n\n'),
            // Longer than what is read at a time.
            Buffer.from(' '.repeat(3 << 20)),
            logFile(['']),
            logFile(lines.slice(20, 39)),
            Buffer.from(lines[39]!),
        ]),
    })
    const store = await openProcessStore(folder)
    const chain = (await checkLog(store)).longest
    // The line of blanks is no record, so nobody could count the lines.
    assert.equal(chain.readLines(1, 40), undefined)
    const stretch = async (path: string, from: number, to: number) => {
        const found: CompositionRecord[] = []
        const { longest } = await checkLog(await openProcessStore(path))
        for await (const part of longest.readLines(from, to) ?? [])
            part.forEach((line) => void found.push(part.record(line)))
        assert.deepEqual(found, await read(longest, from, to))
        return found.map(({ hash }) => hash)
    }
    const sound = readFileSync(join(folder, 'composition/b.jsonl'), 'latin1').replace(/ +\n/, '')
    writeFiles(folder, { 'composition/b.jsonl': sound })
    for (const [from, to] of [
        [1, 40],
        [9, 10],
        [1, 1],
        [21, 39],
        [40, 40],
        [5, 4],
    ] as const)
        assert.deepEqual(await stretch(folder, from, to), hashes.slice(from - 1, to), `${from} to ${to}`)
    const long = new LogWriter().addAdditions(1)
    long.add({ events: ['x'.repeat(3 << 20)] })
    long.addAdditions(1)
    assert.deepEqual(await stretch(makeStore(join(folder, 'long'), long.lines), 1, 3), long.hashes)
    const shuffled = makeStore(join(folder, 'shuffled'), log.lines.toReversed())
    assert.deepEqual(await stretch(shuffled, 2, records - 1), log.hashes.slice(1, -1))
    const { longest } = await checkLog(await openProcessStore(folder))
    truncateSync(join(folder, 'composition/b.jsonl'), 200)
    await assert.rejects(
        async () => {
            for await (const part of longest.readLines(1, 40) ?? []) part.forEach((line) => part.record(line))
        },
        { code: 'store-changed' },
    )
})

test('records are found by the beginning of their hash, two at most', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), log.lines))
    const [streamed, indexed] = [(await checkLog(store)).longest, (await indexLog(store)).longest]
    for (const prefix of ['0', 'AB', log.hashes[77]!.slice(0, 12), log.hashes[77]!, log.head]) {
        const expected = log.hashes.flatMap((hash, i) => (hash.startsWith(prefix) ? [i + 1] : [])).slice(0, 2)
        assert.deepEqual(await streamed.find(prefix), expected)
        assert.deepEqual(await indexed.find(prefix), expected)
    }
    assert.deepEqual(await streamed.find('0'.repeat(20)), [])
})

test('a log that changes after it was checked is noticed while it is read', async (t) => {
    const { lines } = counterLog(5)
    const changes: readonly ((file: string) => void)[] = [
        (file) => truncateSync(file, lines[0]!.length),
        (file) => rewrite(file, lines.with(2, lines[2]!.replace('addition', 'Addition'))),
        (file) => rewrite(file, lines.toSpliced(2, 1)),
        (file) => rewrite(file, lines.with(4, lines[4]!.replace('addition', 'Addition'))),
        (file) => rewrite(file, lines.toReversed()),
        (file) =>
            rewrite(
                file,
                lines.map((line) => line.toLowerCase()),
            ),
    ]
    for (const order of [lines, lines.toReversed()]) {
        for (const change of changes.slice(0, order === lines ? 6 : 3)) {
            const folder = makeStore(temporaryFolder(t), order)
            const { longest } = await openAndCheck(folder)
            change(join(folder, 'composition', dailyFile))
            await assert.rejects(recordsOf(longest), (error) => {
                assert.ok(error instanceof ComplogError)
                assert.equal(error.code, 'store-changed')
                return true
            })
        }
    }
    function rewrite(file: string, changed: readonly string[]): void {
        rmSync(file)
        writeFiles(join(file, '..'), { [dailyFile]: logFile(changed) })
    }
})

test('what a live host appends after the store was opened is not seen', async (t) => {
    for (const reversed of [false, true]) {
        const { lines, head } = counterLog(5)
        const folder = makeStore(temporaryFolder(t), reversed ? lines.toReversed() : lines)
        const store = await openProcessStore(folder)
        appendFileSync(join(folder, 'composition', dailyFile), 'half a record')
        const checked = await checkLog(store)
        assert.deepEqual([checked.longest.head, checked.isOneChain], [head, true])
        appendFileSync(join(folder, 'composition', dailyFile), ' and more\n')
        assert.equal((await recordsOf(checked.longest)).length, 5)
    }
})

test('an interrupt ends the reading', async (t) => {
    const signal = AbortSignal.abort(new Error('stop'))
    const folder = makeStore(temporaryFolder(t), log.lines)
    const store = await openProcessStore(folder)
    await assert.rejects(checkLog(store, { signal }), /stop/)
    for (const { longest } of [await checkLog(store), await indexLog(store)]) {
        await assert.rejects(async () => {
            for await (const batch of longest.read(1, records, { signal })) assert.ok(batch)
        }, /stop/)
    }
})
