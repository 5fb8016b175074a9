import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { ComplogError, type ErrorCode } from '../../../../src/core/errors.js'
import type { Reordered } from '../../../../src/core/rewrite/reorder/output-folder.js'
import { planReorder } from '../../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderInPlace, reorderTo } from '../../../../src/core/rewrite/reorder/reorder.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { listing } from '../../../support/listing.js'
import {
    counterLog,
    hashOf,
    LogWriter,
    logFile,
    recordLine,
    reductionFile,
} from '../../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck, writeLog } from '../../../support/stores.js'
import { filePaths, readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'

const { lines, hashes, head } = counterLog(6)
const stray = recordLine({ parent: hashOf('elsewhere'), events: ['{"addition":1}'] })

interface Run extends Reordered {
    /** Every file of the reordered store. */
    readonly files: Record<string, Buffer>
}

/** Reorders a copy of the store in place, and the store to a folder: both must give the same log. */
async function reorderBothWays(
    t: TestContext,
    folder: string,
    ref?: string,
): Promise<{ to: Run; inPlace: Run }> {
    const chosen = ref === undefined ? undefined : parseRef(ref)
    const copy = join(temporaryFolder(t), 'copy')
    writeFiles(copy, readFiles(folder))
    const before = readFiles(folder)
    const output = join(temporaryFolder(t), 'output')
    const to = await reorderTo(await planReorder(await openProcessStore(folder), chosen), output)
    assert.deepEqual(readFiles(folder), before)
    const inPlace = await reorderInPlace(await planReorder(await openProcessStore(copy), chosen))
    for (const root of [output, copy]) assert.ok(!existsSync(join(root, '.complog')))
    const result = {
        to: { ...to, files: readFiles(output) },
        inPlace: { ...inPlace, files: readFiles(copy) },
    }
    const logOf = ({ files }: Run) =>
        Object.entries(files).filter(([path]) => path.startsWith('composition/'))
    assert.deepEqual(logOf(result.to), logOf(result.inPlace))
    return result
}

function isError(code: ErrorCode) {
    return (error: unknown) => error instanceof ComplogError && error.code === code
}

const text = (bytes: Buffer | undefined) => bytes?.toString()
const file = (...content: readonly string[]) => logFile(content).toString()

test('lines come to stand in chain order, each file keeps the number of its records', async (t) => {
    const folder = temporaryFolder(t)
    writeLog(folder, {
        'a.jsonl': [lines[5]!, lines[2]!, lines[0]!],
        'b/c.jsonl': [lines[1]!],
        'd.jsonl': [lines[4]!, lines[3]!],
    })
    writeFiles(folder, { [`reduction/${hashes[1]!}`]: reductionFile(hashes[1]!, '3') })
    const { to, inPlace } = await reorderBothWays(t, folder)
    assert.deepEqual(
        Object.entries(to.files).map(([path, bytes]) => [path, text(bytes)]),
        [
            ['composition/a.jsonl', file(...lines.slice(0, 3))],
            ['composition/b/c.jsonl', file(lines[3]!)],
            ['composition/d.jsonl', file(lines[4]!, lines[5]!)],
            [`reduction/${hashes[1]!}`, reductionFile(hashes[1]!, '3').toString()],
        ],
    )
    assert.deepEqual(inPlace.files, to.files)
    for (const { outside, moved, filesWritten } of [to, inPlace]) {
        assert.deepEqual(outside, { lines: 0, places: [], file: null })
        assert.deepEqual([moved, filesWritten], [5, 3])
    }
})

test('what does not belong to the chain is kept byte for byte in a file named after its content', async (t) => {
    const folder = makeStore(temporaryFolder(t), [
        stray,
        lines[1]!,
        lines[0]!,
        '{"torn":',
        lines[1]!,
        Buffer.from([0xff, 0x00, 0x0d, 0x41]),
        ...lines.slice(2),
        '',
        lines[2]!,
    ])
    const { to, inPlace } = await reorderBothWays(t, folder, head)
    const kept = logFile([stray, '{"torn":', lines[1]!, Buffer.from([0xff, 0x00, 0x0d, 0x41]), lines[2]!])
    const name = `outside-chain/${createHash('sha256').update(kept).digest('hex').slice(0, 16)}.jsonl`
    for (const run of [to, inPlace]) {
        assert.deepEqual(Object.keys(run.files), [`composition/${dailyFile}`, name])
        assert.deepEqual(run.files[name], kept)
        assert.equal(text(run.files[`composition/${dailyFile}`]), file(...lines))
        assert.equal(run.outside.lines, 5)
        assert.deepEqual(
            run.outside.places.map(({ line }) => line),
            [1, 4, 5, 6, 12],
        )
        assert.ok(run.outside.file?.endsWith(name))
    }
})

test('afterwards a check finds nothing, and a second run changes nothing', async (t) => {
    const folder = temporaryFolder(t)
    const blanks = `\uFEFF\n${lines[3]!}\r\n\n${lines[0]!}\n${lines[5]!}`
    writeFiles(folder, {
        'composition/a.jsonl': blanks,
        'composition/b.jsonl': file(lines[2]!, lines[1]!, lines[4]!, lines[4]!),
    })
    await reorderInPlace(await planReorder(await openProcessStore(folder), undefined))
    const checked = await openAndCheck(folder, { expectHead: head })
    assert.deepEqual([checked.findings.list, checked.index], [[], undefined])
    const before = readFiles(folder)
    const again = await reorderInPlace(await planReorder(await openProcessStore(folder), undefined))
    assert.deepEqual(readFiles(folder), before)
    assert.deepEqual([again.filesWritten, again.filesRemoved, again.moved, again.outside.lines], [0, 0, 0, 0])
})

test('the line ends of each file are kept, and a missing one is added', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        'composition/a.jsonl': `${lines[4]!}\r\n${lines[0]!}\r\n`,
        'composition/b.jsonl': `${lines[1]!}\n${lines[3]!}`,
        'composition/c.jsonl': `${lines[2]!}\r\n${lines[5]!}`,
    })
    const { to } = await reorderBothWays(t, folder)
    assert.deepEqual(Object.values(to.files).map(text), [
        `${lines[0]!}\r\n${lines[1]!}\r\n`,
        `${lines[2]!}\n${lines[3]!}\n`,
        `${lines[4]!}\r\n${lines[5]!}\r\n`,
    ])
})

test('a file that only by its size is as it should be is written as well', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition/a.jsonl': `\n${lines.join('\n')}` })
    const { to } = await reorderBothWays(t, folder)
    assert.equal(text(to.files['composition/a.jsonl']), file(...lines))
})

test('of a log with two heads the chosen branch is kept, and the other set aside with its order', async (t) => {
    const fork = new LogWriter('2019-04', hashes[2]).addAdditions(7, 8)
    const folder = makeStore(temporaryFolder(t), [...fork.lines, ...lines], {
        [fork.head]: reductionFile(fork.head, '21'),
        [head]: reductionFile(head, '21'),
    })
    await assert.rejects(planReorder(await openProcessStore(folder), undefined), isError('two-heads'))
    for (const [chosen, kept, aside] of [
        [head, lines, fork.lines],
        [fork.head, [...lines.slice(0, 3), ...fork.lines], lines.slice(3)],
        [hashes[1]!, lines.slice(0, 2), [...fork.lines, ...lines.slice(2)]],
    ] as const) {
        const { to } = await reorderBothWays(t, folder, chosen)
        assert.equal(text(to.files[`composition/${dailyFile}`]), file(...kept))
        const outside = Object.entries(to.files).find(([path]) => path.startsWith('outside-chain/'))
        assert.equal(text(outside?.[1]), file(...aside))
        const reductions = Object.keys(to.files).filter((path) => path.startsWith('reduction/'))
        assert.deepEqual(reductions, chosen === hashes[1] ? [] : [`reduction/${chosen}`])
    }
})

test('to a folder, no reduction of a record beyond the chosen head is copied', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, {
        [head]: reductionFile(head, '21'),
        [hashes[1]!]: reductionFile(hashes[1]!, '3'),
    })
    const output = join(temporaryFolder(t), 'output')
    await reorderTo(await planReorder(await openProcessStore(folder), parseRef('head~2')), output)
    assert.deepEqual(filePaths(join(output, 'reduction')), [hashes[1]])
    assert.deepEqual((await openAndCheck(output, { expectHead: hashes[3]! })).findings.list, [])
})

test('a file that holds nothing of the chain is removed, and its folder where that is empty then', async (t) => {
    const folder = temporaryFolder(t)
    const log = { 'a/strays.jsonl': [stray, 'garbage'], 'b/b.jsonl': lines, 'z.jsonl': [lines[0]!] }
    writeLog(folder, log)
    const { to, inPlace } = await reorderBothWays(t, folder, head)
    assert.equal(Object.keys(to.files)[0], 'composition/b/b.jsonl')
    assert.deepEqual([inPlace.filesRemoved, inPlace.outside.lines], [2, 3])
    await reorderInPlace(await planReorder(await openProcessStore(folder), parseRef(head)))
    assert.deepEqual(readdirSync(join(folder, 'composition')), ['b'])
})

test('an empty file is left where it is, and is nothing to do', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition/a.jsonl': logFile(lines), 'composition/b.jsonl': '' })
    const before = listing(folder)
    const { filesRemoved } = await reorderInPlace(
        await planReorder(await openProcessStore(folder), undefined),
    )
    assert.equal(filesRemoved, 0)
    assert.deepEqual(listing(folder), before)
})

test('an empty store can be written to a folder, and is a store there', async (t) => {
    const output = join(temporaryFolder(t), 'output')
    const folder = makeStore(temporaryFolder(t), [])
    await reorderTo(await planReorder(await openProcessStore(folder), undefined), output)
    assert.equal((await openAndCheck(output)).findings.counts.error, 0)
})

test('in place, records that are set aside take their reductions along', async (t) => {
    const fork = new LogWriter('2019-04', hashes[2]).addAdditions(7, 8)
    const reductions = { [fork.head]: reductionFile(fork.head, '21'), [head]: reductionFile(head, '21') }
    const folder = makeStore(temporaryFolder(t), [...fork.lines, ...lines], reductions)
    await reorderInPlace(await planReorder(await openProcessStore(folder), parseRef(head)))
    assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
    const kept = () =>
        Object.entries(readFiles(folder)).flatMap(([path, bytes]) =>
            path.startsWith(`outside-chain/reduction/${fork.head}.`) ? [String(bytes)] : [],
        )
    assert.deepEqual(kept(), [String(reductions[fork.head]!)])

    // The same record comes back, with another reduction.
    const other = reductionFile(fork.head, '22')
    makeStore(folder, [...fork.lines, ...lines], { ...reductions, [fork.head]: other })
    await reorderInPlace(await planReorder(await openProcessStore(folder), parseRef(head)))
    assert.deepEqual(kept().toSorted(), [String(reductions[fork.head]!), String(other)].toSorted())
})

test('a last line that ends in a carriage return alone is ended, in files of either line end', async (t) => {
    for (const [content, expected] of [
        [`${lines[0]!}\r`, `${lines[0]!}\n`],
        [`${lines[0]!}\n${lines[1]!}\r`, `${lines[0]!}\n${lines[1]!}\n`],
        [`${lines[0]!}\r\n${lines[1]!}\r`, `${lines[0]!}\r\n${lines[1]!}\r\n`],
    ] as const) {
        const folder = join(temporaryFolder(t), 'store')
        writeFiles(folder, { 'composition/a.jsonl': content })
        const found = await openAndCheck(folder)
        assert.deepEqual(
            found.findings.list.map(({ id }) => id),
            ['line-end-missing'],
        )
        await reorderInPlace(await planReorder(await openProcessStore(folder), undefined))
        assert.equal(String(readFiles(folder)['composition/a.jsonl']), expected)
        assert.deepEqual((await openAndCheck(folder)).findings.list, [])
    }
})
