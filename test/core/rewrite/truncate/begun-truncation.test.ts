import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { ComplogError } from '../../../../src/core/errors.js'
import { planTruncate } from '../../../../src/core/rewrite/truncate/plan-truncate.js'
import { proveTruncate } from '../../../../src/core/rewrite/truncate/prove-truncate.js'
import { endTruncation, truncate } from '../../../../src/core/rewrite/truncate/truncate.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { crashAfter, nextStep } from '../../../support/crash.js'
import { inProcessCounter } from '../../../support/in-process-app.js'
import { counterLog, reductionFile } from '../../../support/log-writer.js'
import { makeStore, openAndCheck, writeLog } from '../../../support/stores.js'
import { filePaths, readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

const { lines, hashes, head } = counterLog(12)
const sum = (n: number) => String((n * (n + 1)) / 2)
const word = '.complog/proven'

/** Where the oldest file is gone, #6 is what was #9; where all is done, it is what was #11: both have a reduction. */
const target = hashes[5]!
const reduced = [2, 6, 9, 11]

function storeIn(t: TestContext): string {
    const folder = join(temporaryFolder(t), 'store')
    const reductions = reduced.map((n) => [hashes[n - 1]!, reductionFile(hashes[n - 1]!, sum(n))] as const)
    makeStore(folder, [], Object.fromEntries(reductions))
    writeLog(folder, {
        'a.jsonl': lines.slice(0, 3),
        'b.jsonl': lines.slice(3, 8),
        'c.jsonl': lines.slice(8),
    })
    return folder
}

async function run(folder: string, before: string | undefined, isProven: boolean, app = inProcessCounter()) {
    const ref = before === undefined ? undefined : parseRef(before)
    const plan = await planTruncate(await openProcessStore(folder), ref)
    if (plan.records.removed === 0 && plan.removedReductions.length === 0) return endTruncation(folder)
    if (isProven) await proveTruncate(plan, app)
    await truncate(plan, { provenWith: isProven ? app : undefined })
}

function isNotFinished(error: unknown): boolean {
    assert.ok(error instanceof ComplogError)
    assert.equal(error.code, 'usage')
    assert.match(error.message, new RegExp(`${target.slice(0, 12)}… was begun and did not end`))
    assert.ok(error.hint?.includes(`--before ${target.slice(0, 12)}`))
    return true
}

async function assertCut(folder: string): Promise<void> {
    const { longest, findings } = await openAndCheck(folder, { expectHead: head })
    assert.deepEqual([findings.list, longest.length], [[], 7])
    assert.ok(!filePaths(folder).includes(word))
}

for (const isProven of [true, false]) {
    const what = isProven ? 'proven' : 'not proven'
    test(`a truncation before a number, ${what} and stopped at any step, never cuts further when it is run again`, async (t) => {
        let refused = 0
        for (let steps = 0, isDone = false; !isDone; steps = nextStep(steps)) {
            assert.ok(steps < 60)
            const folder = storeIn(t)
            isDone = await crashAfter(steps, () => run(folder, '#6', isProven))
            const before = readFiles(folder)
            const { longest } = await openAndCheck(folder)
            try {
                await run(folder, '#6', isProven)
                assert.equal(longest.length, 12, 'no record had gone')
            } catch (error) {
                if (isDone) assert.match(String(error), /the log was truncated/)
                else isNotFinished(error)
                assert.deepEqual(readFiles(folder), before)
                refused++
                await run(folder, target, isProven)
            }
            await assertCut(folder)
        }
        assert.ok(refused >= thinned(2, 3), `${refused}`)
    })
}

test('a number where the log was truncated before is refused, with or without a word, and nothing is touched', async (t) => {
    const folder = storeIn(t)
    await run(folder, '#6', true)
    const before = readFiles(folder)
    for (const ref of ['#6', '#4', '#1', '#99', 'first']) {
        await assert.rejects(run(folder, ref, true), (error) => {
            assert.ok(error instanceof ComplogError)
            assert.equal(error.code, 'usage')
            assert.match(error.hint ?? '', /by its hash/)
            return true
        })
    }
    assert.deepEqual(readFiles(folder), before)
    await run(folder, 'head~1', true)
    assert.equal((await openAndCheck(folder, { expectHead: head })).longest.length, 2)
})

test('while a truncation is not finished, any other record is refused, and none at all means the newest reduction', async (t) => {
    for (const isProven of [true, false]) {
        const folder = storeIn(t)
        await stopAfterOneRemoval(folder, isProven)
        const before = readFiles(folder)
        for (const ref of ['head~1', hashes[8]!, hashes[10]!])
            await assert.rejects(run(folder, ref, isProven), isNotFinished)
        assert.deepEqual(readFiles(folder), before)
        await run(folder, undefined, false)
        assert.equal((await openAndCheck(folder, { expectHead: head })).longest.length, 2)
        assert.ok(!filePaths(folder).includes(word))
    }
})

/** The first reduction is gone, and all else is there. */
async function stopAfterOneRemoval(folder: string, isProven: boolean): Promise<void> {
    for (let steps = 0; filePaths(folder).includes(`reduction/${hashes[1]!}`); steps++)
        assert.ok(!(await crashAfter(steps, () => run(folder, target, isProven))))
}

test('what was not proven is no proof, nor is what another app has proven, and what was proven stays so', async (t) => {
    const unproven = storeIn(t)
    await stopAfterOneRemoval(unproven, false)
    const text = String(readFiles(unproven)[word])
    assert.match(text, new RegExp(`^${target} [0-9a-f]{64} unproven\n$`))
    // Only the beginning could prove it now; without it, nothing can.
    const cutOff = { ...readFiles(unproven) }
    delete cutOff['composition/a.jsonl']
    const asCut = (t: TestContext, content: string) => {
        const folder = join(temporaryFolder(t), 'store')
        writeFiles(folder, { ...cutOff, [word]: content })
        return folder
    }
    await assert.rejects(run(asCut(t, text), target, true), { code: 'no-reduction' })
    const proof = text.replace('unproven', inProcessCounter().scriptHash)
    const proven = asCut(t, proof)
    const otherApp = { ...inProcessCounter(), scriptHash: '1'.repeat(64) }
    await assert.rejects(run(proven, target, true, otherApp), { code: 'no-reduction' })
    assert.equal(String(readFiles(proven)[word]), proof)
    await run(proven, target, true)
    await assertCut(proven)
    for (let steps = 0, isDone = false; !isDone; steps++) {
        assert.ok(steps < 60)
        const kept = asCut(t, proof)
        isDone = await crashAfter(steps, () => run(kept, target, false))
        assert.ok([proof, 'undefined'].includes(String(readFiles(kept)[word])))
    }
    const otherReduction = asCut(t, proof)
    writeFiles(otherReduction, { [`reduction/${target}`]: reductionFile(target, '1') })
    await assert.rejects(run(otherReduction, target, true), { code: 'no-reduction' })
})

test('the word tells what was proven last, and with which app, whatever it told before', async (t) => {
    const otherApp = { ...inProcessCounter(), scriptHash: '1'.repeat(64) }
    const ofOther = `${'AB'.repeat(32)} ${'0'.repeat(64)} ${otherApp.scriptHash}\n`
    for (const [before, app, expected] of [
        [ofOther, undefined, 'unproven'],
        [ofOther, otherApp, otherApp.scriptHash],
        [undefined, otherApp, otherApp.scriptHash],
    ] as const) {
        const folder = storeIn(t)
        if (before === undefined) await stopAfterOneRemoval(folder, true)
        else writeFiles(folder, { [word]: before })
        for (let steps = 0; ; steps++) {
            const isDone = await crashAfter(steps, () => run(folder, target, app !== undefined, app))
            assert.ok(!isDone, 'no file of the log went')
            if (!filePaths(folder).includes('composition/a.jsonl')) break
        }
        assert.match(String(readFiles(folder)[word]), new RegExp(`^${target} [0-9a-f]{64} ${expected}\n$`))
    }
})

test('a word of a record that is not in the log is of another log, and in nobody’s way', async (t) => {
    const folder = storeIn(t)
    writeFiles(folder, { [word]: `${'AB'.repeat(32)} ${'0'.repeat(64)}\n` })
    await run(folder, '#6', true)
    await assertCut(folder)
})
