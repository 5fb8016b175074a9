import assert from 'node:assert/strict'
import fs, { appendFileSync, closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import { otherFormatOf } from '../../../../src/core/composition/other-formats.js'
import { parseRef } from '../../../../src/core/composition/ref.js'
import { restore } from '../../../../src/core/restore/restore.js'
import { planRepair } from '../../../../src/core/rewrite/repair/plan-repair.js'
import { repair } from '../../../../src/core/rewrite/repair/repair.js'
import { lockStore } from '../../../../src/core/store/durable/store-lock.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { crashAfter, nextStep } from '../../../support/crash.js'
import { inProcessCounter } from '../../../support/in-process-app.js'
import { listing } from '../../../support/listing.js'
import { counterLog, hashOf, logFile, recordLine, reductionFile } from '../../../support/log-writer.js'
import { planAndRepair, putTogether } from '../../../support/repaired.js'
import { linesOf, makeStore, openAndCheck, summaries, writeLog } from '../../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

const { lines, hashes, head } = counterLog(9)
const stray = recordLine({ parent: hashOf('elsewhere'), events: ['{"addition":50}'] })

/** Garbage in two files, a file that holds nothing else, a stray record, a copy, and a torn tail. */
function makeDamaged(folder: string): void {
    writeLog(folder, {
        'a.jsonl': [lines[0]!, 'garbage', ...lines.slice(1, 3), stray],
        'b/only.jsonl': ['more garbage', lines[1]!],
        'c.jsonl': lines.slice(3),
    })
    appendFileSync(join(folder, 'composition', 'c.jsonl'), lines[0]!.slice(0, 20))
}

test('a repair stopped at any step has lost no byte, and the same command run again finishes it', async (t) => {
    for (let steps = 0; ; steps = nextStep(steps)) {
        const folder = temporaryFolder(t)
        makeDamaged(folder)
        const present = new Set(
            Object.values(readFiles(join(folder, 'composition')))
                .flatMap(linesOf)
                .map(String),
        )
        const isDone = await crashAfter(steps, () => planAndRepair(folder, { quarantine: true }))
        const files = readFiles(folder)
        const now = new Set(
            Object.entries(files)
                .filter(([path]) => !path.startsWith('.complog/'))
                .flatMap(([, bytes]) => linesOf(bytes).map(String)),
        )
        for (const line of present) assert.ok(now.has(line), `lost after ${steps} steps: ${line}`)
        await planAndRepair(folder, { quarantine: true })
        const checked = await openAndCheck(folder, { expectHead: head })
        assert.deepEqual(checked.findings.list, [], summaries(checked).join())
        const restored = await restore(await openProcessStore(folder), inProcessCounter())
        assert.equal(restored.state, '45')
        assert.ok(!existsSync(join(folder, '.complog')))
        const original = temporaryFolder(t)
        makeDamaged(original)
        assert.deepEqual(putTogether(folder), readFiles(join(original, 'composition')))
        if (isDone) {
            assert.ok(steps > 5, String(steps))
            return
        }
    }
})

test('reductions of records that leave the log go with them', async (t) => {
    const folder = makeStore(temporaryFolder(t), [...lines, stray], {
        [hashes[2]!]: reductionFile(hashes[2]!, '6'),
    })
    const elsewhere = hashOf(stray)
    writeFiles(folder, { [`reduction/${elsewhere}`]: reductionFile(elsewhere, '7') })
    await assert.rejects(planAndRepair(folder, { quarantine: true }))
    const { movedFiles } = await planAndRepair(folder, {
        quarantine: true,
        head: { kind: 'hash', prefix: head },
    })
    assert.equal(movedFiles.length, 1)
    const checked = await openAndCheck(folder, { expectHead: head })
    assert.deepEqual([checked.findings.list, checked.usableReductions.size], [[], 1])
    const kept = Object.entries(readFiles(join(folder, 'quarantine', 'reduction')))
    assert.deepEqual(
        kept.map(([, bytes]) => bytes),
        [reductionFile(elsewhere, '7')],
    )
    assert.match(kept[0]![0], new RegExp(`^${elsewhere}\\.[0-9a-f]{16}$`))
})

test('any valid log with garbage between its lines, and a torn tail, has every record after the repair', async (t) => {
    // What begins like a packed file may hold records, and is for a person to judge: see the tests of choosing.
    const garbage = fc
        .oneof(
            fc.string({ minLength: 1 }).filter((text) => !/[\n\r]/.test(text)),
            fc.constantFrom(
                '{}',
                '[]',
                'null',
                '{"ParentHashBase16":"12"}',
                lines[4]!.slice(0, -1),
                '\0\0\0',
            ),
            fc
                .uint8Array({ minLength: 1, maxLength: 20 })
                .filter((bytes) => !bytes.includes(10) && !bytes.includes(13)),
        )
        .filter((line) => otherFormatOf(Buffer.from(line as string)) === undefined)
    const inserted = fc.array(fc.tuple(fc.nat(lines.length), garbage), { maxLength: 12 })
    const tail = fc.oneof(
        fc.constant(Buffer.alloc(0)),
        fc.nat(lines[8]!.length - 1).map((cut) => Buffer.from(lines[8]!.slice(0, cut))),
        fc.nat(300).map((zeros) => Buffer.alloc(zeros)),
    )
    const files = fc.array(fc.nat(lines.length), { maxLength: 3 })
    await fc.assert(
        fc.asyncProperty(inserted, tail, files, fc.boolean(), async (garbageAt, torn, cuts, crlf) => {
            const folder = temporaryFolder(t)
            const parts: Record<string, Buffer> = {}
            const bounds = [0, ...cuts.sort((a, b) => a - b), lines.length]
            for (let i = 1; i < bounds.length; i++) {
                const content: (string | Uint8Array)[] = []
                for (let at = bounds[i - 1]!; at <= bounds[i]!; at++) {
                    for (const [where, what] of garbageAt)
                        if (where === at && i === bounds.findIndex((b) => b >= at && b > 0))
                            content.push(what)
                    if (at < bounds[i]!) content.push(lines[at]!)
                }
                parts[`composition/${i}.jsonl`] = logFile(content, crlf ? '\r\n' : '\n')
            }
            const lastName = `composition/${bounds.length - 1}.jsonl`
            parts[lastName] = Buffer.concat([parts[lastName]!, torn])
            writeFiles(folder, parts)
            const original = readFiles(join(folder, 'composition'))
            await planAndRepair(folder, { quarantine: true })
            const checked = await openAndCheck(folder, { expectHead: head })
            assert.equal(checked.findings.counts.error, 0, summaries(checked).join())
            assert.equal(checked.longest.length, lines.length)
            const whole = putTogether(folder)
            // An empty file was there before as it is now.
            assert.deepEqual(whole, original)
        }),
        { numRuns: thinned(12, 120) },
    )
})

test('a log that changed since the plan is not touched', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition/a.jsonl': Buffer.concat([logFile(lines), Buffer.from('{"Par')]) })
    const plan = await planRepair(await openProcessStore(folder))
    appendFileSync(join(folder, 'composition', 'a.jsonl'), 'entHash')
    const before = listing(folder)
    await assert.rejects(repair(plan), { code: 'store-changed' })
    assert.deepEqual(listing(folder), before)
})

test('a tail that its host was only about to finish is whole again, wherever the host was interrupted', async (t) => {
    const folder = temporaryFolder(t)
    const path = join(folder, 'composition', 'a.jsonl')
    const [beginning, rest] = [lines[8]!.slice(0, 40), `${lines[8]!.slice(40)}\n`]
    writeFiles(folder, {
        'composition/a.jsonl': Buffer.concat([logFile(lines.slice(0, 8)), Buffer.from(beginning)]),
    })
    const host = openSync(path, 'a')
    const { rename } = fs.promises
    fs.promises.rename = async (from, to) => {
        await rename(from, to)
        if (to === path) writeSync(host, rest)
    }
    syncBuiltinESMExports()
    try {
        await assert.rejects(planAndRepair(folder), { code: 'store-changed', hint: /Nothing is lost/ })
    } finally {
        fs.promises.rename = rename
        syncBuiltinESMExports()
        closeSync(host)
    }
    assert.deepEqual(linesOf(readFiles(folder)['composition/a.jsonl']!).map(String), lines)
    assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
})

test('a repair of a locked store is refused, unless the caller has the lock', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'composition/a.jsonl': Buffer.concat([logFile(lines), Buffer.from('{"Par')]) })
    const plan = await planRepair(await openProcessStore(folder))
    const lock = await lockStore(folder, 'test')
    await assert.rejects(repair(plan), { code: 'store-locked' })
    await repair(plan, { lock })
    lock.release()
    assert.deepEqual((await openAndCheck(folder)).findings.list, [])
})

test('names as long as the file system allows are no hindrance, whatever characters they have', async (t) => {
    const folder = temporaryFolder(t)
    // 255 bytes each; the letter of two bytes stands across the place where a name is cut.
    const names = [`a${'ä'.repeat(127)}`, `b${'n'.repeat(254)}`, `b${'n'.repeat(253)}o`]
    writeLog(folder, {
        [names[0]!]: [...lines.slice(0, 3), 'garbage'],
        [names[1]!]: [...lines.slice(3, 6), 'garbage'],
        [names[2]!]: [...lines.slice(6), 'garbage'],
    })
    const original = readFiles(join(folder, 'composition'))
    await planAndRepair(folder, { quarantine: true })
    assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
    assert.deepEqual(putTogether(folder), original)
    const kept = Object.keys(readFiles(join(folder, 'quarantine')))
    assert.equal(kept.length, 6)
    for (const name of kept) assert.match(name, /^(?:aä{99}|bn{199})\.[0-9a-f]{16}\.(?:cut|json)$/)
})

test('an older record as the head: stopped at any step, the same repair finishes it, also where one chain is left', async (t) => {
    const chosen = parseRef(hashes[2]!)
    let oneChainLeft = 0
    for (let steps = 0, isDone = false; !isDone; steps = nextStep(steps)) {
        assert.ok(steps < 60)
        const folder = join(temporaryFolder(t), 'store')
        writeLog(folder, {
            'a.jsonl': lines.slice(0, 4),
            'b.jsonl': [...lines.slice(4), 'x'],
            'c.jsonl': [stray],
        })
        const original = readFiles(join(folder, 'composition'))
        isDone = await crashAfter(steps, () => planAndRepair(folder, { quarantine: true, head: chosen }))
        const { findings, longest } = await openAndCheck(folder)
        if (!isDone && findings.counts.error === 0 && longest.length > 3) oneChainLeft++
        await planAndRepair(folder, { quarantine: true, head: chosen })
        assert.deepEqual((await openAndCheck(folder, { expectHead: hashes[2]! })).findings.list, [])
        const kept = Object.values(readFiles(folder)).map(String).join('')
        for (const bytes of Object.values(original))
            for (const line of linesOf(bytes)) assert.ok(kept.includes(String(line)))
    }
    assert.ok(oneChainLeft > 0)
})
