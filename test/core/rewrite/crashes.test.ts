import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../../src/core/composition/ref.js'
import { restore } from '../../../src/core/restore/restore.js'
import { reduce } from '../../../src/core/rewrite/reduce.js'
import { planReorder } from '../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderInPlace, reorderTo } from '../../../src/core/rewrite/reorder/reorder.js'
import { planTruncate } from '../../../src/core/rewrite/truncate/plan-truncate.js'
import { truncate } from '../../../src/core/rewrite/truncate/truncate.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { crashAfter, nextStep } from '../../support/crash.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, hashOf, recordLine, reductionFile } from '../../support/log-writer.js'
import { linesOf, makeStore, openAndCheck, writeLog } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'

const { lines, hashes, head } = counterLog(12)
const state = '78'
const stepsMax = 60

function reductions(...positions: readonly number[]): Record<string, Buffer> {
    const entries = positions.map((n) => [
        hashes[n - 1]!,
        reductionFile(hashes[n - 1]!, String((n * (n + 1)) / 2)),
    ])
    return Object.fromEntries(entries) as Record<string, Buffer>
}

/** Runs an operation on one new store after the other, each time with a crash one step later, until there is none. */
async function atEveryStep(
    t: TestContext,
    make: (folder: string) => void,
    operation: (folder: string) => Promise<unknown>,
    assertHolds: (folder: string, isDone: boolean, steps: number) => Promise<void>,
): Promise<number> {
    for (let steps = 0; steps < stepsMax; steps = nextStep(steps)) {
        const folder = join(temporaryFolder(t), 'store')
        make(folder)
        const isDone = await crashAfter(steps, () => operation(folder))
        await assertHolds(folder, isDone, steps)
        if (isDone) return steps
    }
    assert.fail(`not done after ${stepsMax} steps`)
}

async function assertRestores(folder: string): Promise<void> {
    for (const fromEnd of [false, true]) {
        const restored = await restore(await openProcessStore(folder), inProcessCounter(), { fromEnd })
        assert.deepEqual([restored.state, restored.hash], [state, head])
    }
}

for (const [what, first] of [
    ['a truncation', 0],
    ['the truncation of a log that was truncated before', 2],
] as const) {
    test(`${what}, stopped at any step, leaves a sound store that restores to the same state`, async (t) => {
        const make = (folder: string) => {
            makeStore(folder, [], first === 0 ? reductions(2, 4, 7, 9) : reductions(3, 4, 7, 9))
            writeLog(folder, {
                'a.jsonl': lines.slice(first, 3),
                'b/x.jsonl': lines.slice(3, 5),
                'b/y.jsonl': lines.slice(5, 7),
                'c.jsonl': lines.slice(7),
            })
        }
        const run = async (folder: string) => {
            const plan = await planTruncate(await openProcessStore(folder), undefined)
            await truncate(plan, { archive: join(folder, '..', 'archive') })
        }
        const steps = await atEveryStep(t, make, run, async (folder, isDone) => {
            const checked = await openAndCheck(folder, { expectHead: head })
            assert.equal(checked.findings.counts.error, 0)
            await assertRestores(folder)
            if (isDone) return
            await run(folder)
            const archived = await openAndCheck(join(folder, '..', 'archive'), { expectHead: hashes[7]! })
            assert.deepEqual(archived.findings.list, [])
            assert.equal(archived.longest.length, 8 - first)
            assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
            await assertRestores(folder)
        })
        assert.ok(steps > 8)
    })
}

test('a reorder in place stopped at any step has lost no line, still has the head last, and can be run again', async (t) => {
    const stray = recordLine({ parent: hashOf('elsewhere') })
    const other = recordLine({ parent: hashOf('elsewhere'), events: [] })
    const shuffled = [11, 3, 0, 8, 5, 1, 10, 2, 9, 4, 7, 6].map((i) => lines[i]!)
    const make = (folder: string) =>
        writeLog(folder, {
            'a.jsonl': [...shuffled.slice(0, 4), other],
            'b/b.jsonl': [...shuffled.slice(4, 7), lines[2]!],
            'c/only-strays.jsonl': ['garbage', stray],
            'd.jsonl': shuffled.slice(7),
        })
    const run = async (folder: string) => {
        await reorderInPlace(await planReorder(await openProcessStore(folder), parseRef(head)))
    }
    const linesIn = (folder: string) =>
        Object.entries(readFiles(folder)).flatMap(([path, bytes]) =>
            path.startsWith('.complog/') ? [] : linesOf(bytes).map(String),
        )
    const steps = await atEveryStep(t, make, run, async (folder, isDone, done) => {
        // First what does not belong to the chain is kept, then the last file is written.
        if (done >= 2) {
            const last = linesOf(readFiles(join(folder, 'composition'))['d.jsonl']!).at(-1)
            assert.equal(String(last), lines[11])
        }
        const present = new Set(linesIn(folder))
        for (const line of [...lines, stray, other, 'garbage']) assert.ok(present.has(line))
        const chosen = await restore(await openProcessStore(folder), inProcessCounter(), {
            head: parseRef(head),
        })
        assert.equal(chosen.state, state)
        if (!isDone) await run(folder)
        assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
        await assertRestores(folder)
    })
    assert.ok(steps > 6)
})

test('a sound log that goes back to an older record, stopped at any step, is the beginning of its chain', async (t) => {
    const make = (folder: string) => {
        makeStore(folder, [], reductions(2, 7, 11))
        writeLog(folder, {
            'a.jsonl': lines.slice(0, 5),
            'b/x.jsonl': lines.slice(5, 7),
            'b/y.jsonl': lines.slice(7, 9),
            'c.jsonl': lines.slice(9),
        })
    }
    const chosen = hashes[2]!
    const run = async (folder: string) => {
        await reorderInPlace(await planReorder(await openProcessStore(folder), parseRef(chosen)))
    }
    const steps = await atEveryStep(t, make, run, async (folder, isDone) => {
        for (const again of isDone ? [false] : [false, true]) {
            if (again) await run(folder)
            const { findings, longest } = await openAndCheck(folder)
            assert.equal(findings.counts.error, 0, findings.list[0]?.message)
            const at = longest.length
            assert.ok(isDone || again ? at === 3 : at >= 3)
            assert.equal(longest.head, hashes[at - 1]!)
            const restored = await restore(await openProcessStore(folder), inProcessCounter())
            assert.equal(restored.state, String((at * (at + 1)) / 2))
            const kept = Object.values(readFiles(folder)).flatMap((bytes) => linesOf(bytes).map(String))
            for (const line of lines) assert.ok(kept.includes(line))
        }
    })
    assert.ok(steps > 6)
})

test('a log out of order that goes back to an older record, stopped at any step, has lost no line and can be finished', async (t) => {
    const shuffled = [7, 10, 2, 5, 0, 9, 3, 11, 1, 8, 4, 6].map((i) => lines[i]!)
    const make = (folder: string) => {
        writeLog(folder, {
            'a.jsonl': shuffled.slice(0, 4),
            'b.jsonl': shuffled.slice(4, 8),
            'c.jsonl': shuffled.slice(8),
        })
    }
    const older = hashes[5]!
    const goBack = async (folder: string) =>
        reorderInPlace(await planReorder(await openProcessStore(folder), parseRef(older)))
    const steps = await atEveryStep(t, make, goBack, async (folder) => {
        const kept = new Set(Object.values(readFiles(folder)).flatMap((bytes) => linesOf(bytes).map(String)))
        for (const line of lines) assert.ok(kept.has(line))
        await goBack(folder)
        const { longest, findings } = await openAndCheck(folder, { expectHead: older })
        assert.deepEqual([longest.length, findings.list], [6, []])
    })
    assert.ok(steps > 5, `${steps}`)
})

test('reductions stopped at any step are each whole or not there', async (t) => {
    const make = (folder: string) => void makeStore(folder, lines, { [hashes[2]!]: '{' })
    const run = async (folder: string) => {
        await reduce(await openProcessStore(folder), inProcessCounter(), { every: 3, replace: true })
    }
    await atEveryStep(t, make, run, async (folder, isDone) => {
        const { findings } = await openAndCheck(folder, { expectHead: head })
        assert.ok(findings.count('reduction-malformed') === findings.counts.error)
        if (!isDone) await run(folder)
        const after = await openAndCheck(folder, { expectHead: head })
        assert.deepEqual([after.findings.list, after.usableReductions.size], [[], 4])
        await assertRestores(folder)
    })
})

test('a reordering into another folder, stopped at any step, is finished by the same one', async (t) => {
    const make = (folder: string) => {
        makeStore(folder, [], reductions(3, 9))
        writeLog(folder, { 'a.jsonl': lines.slice(6), 'b/c.jsonl': lines.slice(0, 6).toReversed() })
    }
    const reorder = async (folder: string) =>
        reorderTo(await planReorder(await openProcessStore(folder), undefined), `${folder}-output`)
    const steps = await atEveryStep(t, make, reorder, async (folder) => {
        await reorder(folder)
        await assertRestores(`${folder}-output`)
        const { longest, findings } = await openAndCheck(`${folder}-output`)
        assert.deepEqual([longest.length, longest.inOrder, findings.counts.error], [lines.length, true, 0])
        assert.ok(Object.keys(readFiles(`${folder}-output`)).every((path) => !path.startsWith('.complog')))
    })
    assert.ok(steps > 4)
})

test('a folder with the mark of a reordering that did not end, and with a file of another, is refused', async (t) => {
    const folder = makeStore(join(temporaryFolder(t), 'store'), lines.toReversed())
    const output = temporaryFolder(t)
    writeFiles(output, { '.complog/unfinished-output': '', 'composition/mine.jsonl': 'mine' })
    const plan = await planReorder(await openProcessStore(folder), undefined)
    await assert.rejects(reorderTo(plan, output), { code: 'output-not-empty' })
    assert.equal(String(readFiles(output)['composition/mine.jsonl']), 'mine')
})
