// Records that share a line, and marks and zeros around records: all bytes of all records are there.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { planRepair } from '../../../../src/core/rewrite/repair/plan-repair.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { crashAfter } from '../../../support/crash.js'
import { listing } from '../../../support/listing.js'
import { counterLog, hashOf, recordLine, reductionFile } from '../../../support/log-writer.js'
import { planAndRepair, putTogether } from '../../../support/repaired.js'
import { fixtureStores, linesOf, openAndCheck, summaries } from '../../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

const { lines, hashes, head } = counterLog(9)
const mark = '\uFEFF'
const file = 'composition/2019-04-28.composition.jsonl'

function linesNow(folder: string): readonly string[] {
    return Object.values(readFiles(join(folder, 'composition')))
        .flatMap(linesOf)
        .map(String)
}

test('a record that a host has joined to the line before gets its own again, and no byte leaves the log', async (t) => {
    const store = fixtureStores.find(({ name }) => name === 'kalmit-2019-04')!
    const files = readFiles(join(store.path, 'composition'))
    const original = Object.keys(files)
        .sort()
        .flatMap((path) => linesOf(files[path]!).map(String))
    for (const joined of [[19], [0, 1, 2], [46], Array.from({ length: 47 }, (_, i) => i)]) {
        const folder = temporaryFolder(t)
        const text = original.map((line, i) => line + (joined.includes(i) ? '' : '\n')).join('')
        writeFiles(folder, { [file]: text })
        const before = await openAndCheck(folder)
        assert.match(before.findings.list[0]!.message, /records stand on this one line\.$/)
        assert.match(before.findings.list[0]!.help, /`complog repair` gives each record a line of its own/)
        const plan = await planAndRepair(folder)
        assert.deepEqual([plan.records, plan.head], [48, store.expected.tip])
        assert.equal(readFileSync(join(folder, file), 'utf8'), `${original.join('\n')}\n`)
        assert.deepEqual(readdirSync(folder), ['composition'])
        assert.deepEqual((await openAndCheck(folder, { expectHead: store.expected.tip })).findings.list, [])
    }
})

test('whatever stands between whole records (nothing, marks, zeros, carriage returns), they are split, and what was there can be put together again', async (t) => {
    const filler = fc
        .array(fc.constantFrom(mark, '\0', '\0\0\0\0', '\r'), { maxLength: 3 })
        .map((parts) => parts.join(''))
    const between = fc.array(fc.tuple(filler, fc.constantFrom('', '\n', '\n', '\r\n')), {
        minLength: lines.length,
        maxLength: lines.length,
    })
    const tail = fc.oneof(
        fc.constant(''),
        fc.nat(80).map((cut) => recordLine({ parent: head, events: ['x'] }).slice(0, cut)),
    )
    await fc.assert(
        fc.asyncProperty(between, tail, fc.nat(9), async (ends, torn, cut) => {
            const folder = temporaryFolder(t)
            // A carriage return before a line end is part of it, and a second one is part of the record.
            const texts = lines.map((line, i) => {
                const [between, end] = ends[i]!
                return (
                    line +
                    (end === '' && i < 8 && i !== cut - 1 ? between : between.replace(/\r+$/, '')) +
                    end
                )
            })
            const [first, second] = [texts.slice(0, cut).join(''), texts.slice(cut).join('') + torn]
            writeFiles(folder, { 'composition/a.jsonl': first, 'composition/b.jsonl': second })
            const before = readFiles(join(folder, 'composition'))
            await planAndRepair(folder)
            const checked = await openAndCheck(folder, { expectHead: head })
            assert.equal(checked.findings.counts.error, 0, summaries(checked).join())
            assert.deepEqual(
                linesNow(folder)
                    .map((line) => line.replaceAll(/[\uFEFF\r]/g, ''))
                    .filter((line) => line !== ''),
                lines,
            )
            const kept = Object.values(readFiles(folder))
                .map((bytes) => bytes.toString('latin1'))
                .join('')
            if (torn !== '') assert.ok(kept.includes(torn))
            const again = putTogether(folder)
            for (const [path, bytes] of Object.entries(before)) {
                // Where nothing left a file, nothing is kept of where line ends were put.
                const isKept = Object.values(readFiles(folder)).some((json) =>
                    String(json).includes(`"file": "${path}"`),
                )
                if (isKept) assert.deepEqual(again[path], bytes)
                else
                    assert.equal(
                        String(again[path] ?? '').replaceAll(/[\r\n]/g, ''),
                        String(bytes).replaceAll(/[\r\n]/g, ''),
                    )
            }
        }),
        { numRuns: thinned(10, 25) },
    )
})

test('files with marks that were put together by cat lose the marks within, and nothing else', async (t) => {
    const folder = temporaryFolder(t)
    const parts = [lines.slice(0, 3), lines.slice(3, 5), lines.slice(5)]
    writeFiles(folder, { [file]: parts.map((part) => `${mark}${part.join('\n')}\n`).join('') })
    const plan = await planAndRepair(folder)
    assert.deepEqual(
        plan.parts.map(({ lines, sizeBytes }) => [lines.length, sizeBytes]),
        [[2, 6]],
    )
    assert.equal(readFileSync(join(folder, file), 'utf8'), `${mark}${lines.join('\n')}\n`)
    assert.deepEqual(summaries(await openAndCheck(folder, { expectHead: head })), [
        'byte-order-mark (note) 2019-04-28.composition.jsonl:1',
    ])
})

test('where the chain does not show that the halves are whole, or other damage is there, nothing is touched unasked', async (t) => {
    const changed = lines[4]!.replace('addition\\":5', 'addition\\":6')
    const stray = recordLine({ parent: hashOf('elsewhere'), events: ['1'] })
    const cases: readonly (readonly string[])[] = [
        [...lines.slice(0, 3), lines[3]! + changed, ...lines.slice(5)],
        [...lines.slice(0, 3), lines[3]! + stray, ...lines.slice(4)],
        [...lines.slice(0, 3), lines[3]! + lines[4]!.slice(0, 60) + lines[5]!, ...lines.slice(6)],
        [lines[0]! + lines[1]!, ...lines.slice(3)],
    ]
    for (const log of cases) {
        const folder = temporaryFolder(t)
        writeFiles(folder, { [file]: `${log.join('\n')}\n` })
        const before = listing(folder)
        await assert.rejects(planAndRepair(folder), { code: 'error-findings' })
        assert.deepEqual(listing(folder), before)
    }
})

test('a half record on the line of a whole one is moved out, the whole one stays', async (t) => {
    const folder = temporaryFolder(t)
    const half = lines[4]!.slice(0, 60)
    const log = [...lines.slice(0, 3), lines[3]! + half + lines[4]!, ...lines.slice(5), half]
    writeFiles(folder, { [file]: `${log.join('\n')}\n` })
    const before = readFiles(join(folder, 'composition'))
    await planAndRepair(folder, { quarantine: true })
    assert.deepEqual(linesNow(folder), lines)
    assert.deepEqual(putTogether(folder), before)
    assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
})

test('a whole record with the torn beginning of another on its line: the record stays, the beginning goes', async (t) => {
    const folder = temporaryFolder(t)
    const torn = recordLine({ parent: head, events: ['x'] }).slice(0, 80)
    writeFiles(folder, { [file]: `${lines.join('\n')}${torn}` })
    const before = readFiles(join(folder, 'composition'))
    await planAndRepair(folder)
    assert.deepEqual(linesNow(folder), lines)
    assert.deepEqual(putTogether(folder), before)
})

test('the torn beginning of a record with a whole one behind it, at the end of the log: that one stays', async (t) => {
    const torn = recordLine({ parent: hashes[7]!, events: ['x', 'y'] })
    // Where any value may follow, in an object and in a list.
    for (const behind of [':', '[', ',']) {
        const folder = temporaryFolder(t)
        const beginning = torn.slice(0, torn.lastIndexOf(behind) + 1)
        writeFiles(folder, { [file]: `${lines.slice(0, -1).join('\n')}\n${beginning}${lines.at(-1)!}` })
        assert.match(summaries(await openAndCheck(folder))[0]!, /^malformed-record/)
        await planAndRepair(folder, { quarantine: true })
        assert.deepEqual(linesNow(folder), lines)
    }
})

test('with --head, what stands behind the chosen record goes, on its own line as well', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { [file]: `${lines.slice(0, 4).join('\n')}${lines.slice(4).join('\n')}\n` })
    const before = readFiles(join(folder, 'composition'))
    await planAndRepair(folder, { quarantine: true, head: parseRef(hashes[3]!) })
    assert.deepEqual(linesNow(folder), lines.slice(0, 4))
    assert.deepEqual(putTogether(folder), before)
    assert.deepEqual((await openAndCheck(folder, { expectHead: hashes[3]! })).findings.list, [])
})

test('split at any step of a crash: no record is lost, and the same command run again finishes it', async (t) => {
    for (let steps = 0, isDone = false; !isDone; steps++) {
        assert.ok(steps < 60)
        const folder = temporaryFolder(t)
        writeFiles(folder, {
            'composition/a.jsonl': `${lines[0]!}${lines[1]!}\n${mark}${lines[2]!}\n${lines[3]!}`,
            'composition/b.jsonl': `${lines[4]!}${mark}${lines[5]!}\r\n${lines.slice(6).join('\n')}\n`,
        })
        isDone = await crashAfter(steps, () => planAndRepair(folder))
        const text = Object.values(readFiles(join(folder, 'composition'))).join('')
        for (const line of lines) assert.ok(text.includes(line))
        await planAndRepair(folder)
        assert.deepEqual(linesNow(folder), lines)
        assert.equal((await openAndCheck(folder, { expectHead: head })).findings.counts.error, 0)
    }
})

test('a torn tail behind a mark leaves no file of three bytes, and such a file is not called a blank line', async (t) => {
    for (const quarantine of [false, true]) {
        const folder = temporaryFolder(t)
        writeFiles(folder, {
            'composition/2019-04-28.jsonl': `${lines.slice(0, 8).join('\n')}\n`,
            'composition/2019-04-29.jsonl': `${mark}${lines[8]!.slice(0, 50)}`,
        })
        const before = readFiles(join(folder, 'composition'))
        await planAndRepair(folder, { quarantine })
        assert.deepEqual(Object.keys(readFiles(join(folder, 'composition'))), ['2019-04-28.jsonl'])
        assert.deepEqual(putTogether(folder), before)
        assert.deepEqual((await openAndCheck(folder)).findings.list, [])
        writeFiles(folder, { 'composition/2019-04-29.jsonl': mark })
        assert.deepEqual(summaries(await openAndCheck(folder)), ['byte-order-mark (note) 2019-04-29.jsonl:1'])
    }
})

test('a truncated log with joined lines keeps its reductions', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        [file]: `${lines[2]!}\n${lines[3]!}${lines[4]!}\n${lines.slice(5).join('\n')}\n`,
        [`reduction/${hashes[2]!}`]: reductionFile(hashes[2]!, '6'),
    })
    const plan = await planRepair(await openProcessStore(folder))
    assert.deepEqual([plan.records, plan.movedFiles.length], [7, 0])
    await planAndRepair(folder)
    assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
})
