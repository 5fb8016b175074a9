// A truncation of a log with records that hosts never wrote: of such a hole, only what lies around it shows that it is
// no damage.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { planTruncate } from '../../../../src/core/rewrite/truncate/plan-truncate.js'
import { truncate } from '../../../../src/core/rewrite/truncate/truncate.js'
import { truncateAsWriter } from '../../../../src/core/rewrite/truncate/truncate-as-writer.js'
import { lockStore } from '../../../../src/core/store/durable/store-lock.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { crashAfter } from '../../../support/crash.js'
import { isError } from '../../../support/is-error.js'
import { LogWriter, reductionFile } from '../../../support/log-writer.js'
import { makeStore, openAndCheck, writeLog } from '../../../support/stores.js'
import { readFiles, temporaryFolder } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

/** A host is started behind #3, behind #5 and behind #8, and cannot write what it takes first. */
const runs = [3, 2, 3, 3]
const written = new LogWriter()
const lines: string[] = []
const hashes: string[] = []
for (const [run, records] of runs.entries()) {
    for (let number = run === 0 ? 1 : 0; number <= records; number++) {
        const posixTimeMilli = Date.UTC(2019, 3, 28, 9, written.lines.length)
        const httpRequest = { posixTimeMilli, httpRequestId: `${posixTimeMilli}-${number + 1}` }
        const hash = written.add({ events: [JSON.stringify({ addition: 1, httpRequest })] })
        if (number === 0) continue
        lines.push(written.lines.at(-1)!)
        hashes.push(hash)
    }
}
const head = hashes[10]!

/** A hole between two files, one within a file, and one within the file that is cut. */
function storeIn(t: TestContext): string {
    const folder = join(temporaryFolder(t), 'store')
    const reduced = [2, 4, 6, 9, 10].map((n) => [
        hashes[n - 1]!,
        reductionFile(hashes[n - 1] as typeof written.head, String(n)),
    ])
    makeStore(folder, [], Object.fromEntries(reduced) as Record<string, Buffer>)
    writeLog(folder, {
        'a.jsonl': lines.slice(0, 2),
        'b.jsonl': lines.slice(2, 3),
        'c.jsonl': lines.slice(3, 7),
        'd.jsonl': lines.slice(7),
    })
    return folder
}

async function cut(folder: string, position: number): Promise<void> {
    const plan = await planTruncate(await openProcessStore(folder), parseRef(hashes[position - 1]!))
    await truncate(plan, { archive: join(folder, '..', 'archive') })
}

async function assertSound(folder: string, length: number, newest = head): Promise<void> {
    const { findings, longest } = await openAndCheck(folder)
    assert.equal(findings.counts.error, 0, findings.list[0]?.message)
    assert.deepEqual([longest.head, longest.length], [newest, length])
}

async function assertCut(folder: string, position: number): Promise<void> {
    await assertSound(folder, 12 - position)
    await assertSound(join(folder, '..', 'archive'), position - 1, hashes[position - 2])
}

for (const positions of [[10], [4, 10], [6, 9]]) {
    const last = positions.at(-1)!
    test(`truncated before #${positions.join(', then #')}, stopped at any step, it is sound, and the same run again ends`, async (t) => {
        const start = storeIn(t)
        for (const before of positions.slice(0, -1)) await cut(start, before)
        let records = 0
        for (let steps = 0, isDone = false; !isDone; steps += thinned(6, 1)) {
            assert.ok(steps < 60)
            const folder = join(temporaryFolder(t), 'store')
            cpSync(join(start, '..'), join(folder, '..'), { recursive: true })
            isDone = await crashAfter(steps, () => cut(folder, last))
            const { length } = (await openAndCheck(folder)).longest
            await assertSound(folder, length)
            if (length > 12 - last) records = Math.max(records, steps)
            await cut(folder, last)
            await assertCut(folder, last)
            assert.ok(Object.keys(readFiles(folder)).every((path) => !path.startsWith('.complog/')))
        }
        assert.ok(records > 3, `${records}`)
    })
}

test('the one writer cuts across them too; stopped at any step, it is sound, and the same run again ends', async (t) => {
    const root = storeIn(t)
    const asWriter = async () => {
        const ref = parseRef(hashes[9]!)
        const plan = await planTruncate(await openProcessStore(root), ref, { isOwner: true })
        const lock = await lockStore(root, 'host', 'reductions')
        try {
            const replaceFile = (replace: () => Promise<void>) => replace()
            await truncateAsWriter(plan, { app: { scriptHash: 'an app' }, lock, replaceFile })
        } finally {
            lock.release()
        }
    }
    const lengths = new Set<number>()
    for (let steps = 0, isDone = false; !isDone; steps++) {
        assert.ok(steps < 60)
        // On what the run before has left.
        isDone = await crashAfter(steps, asWriter)
        const { length } = (await openAndCheck(root)).longest
        await assertSound(root, length)
        lengths.add(length)
    }
    assert.ok(lengths.size > 3, [...lengths].join())
    assert.ok(lengths.has(2))
})

test('an archive that ends before another hole is not continued', async (t) => {
    const [folder, other] = [storeIn(t), storeIn(t)]
    await cut(folder, 6)
    await cut(other, 4)
    cpSync(join(other, '..', 'archive'), join(folder, '..', 'other'), { recursive: true })
    const plan = await planTruncate(await openProcessStore(folder), parseRef(hashes[8]!))
    const before = readFiles(folder)
    await assert.rejects(
        truncate(plan, { archive: join(folder, '..', 'other') }),
        isError('output-not-empty'),
    )
    assert.deepEqual(readFiles(folder), before)
})
