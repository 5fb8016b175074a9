// A host takes no lock of ours and may append at any moment.
import assert from 'node:assert/strict'
import {
    appendFileSync,
    closeSync,
    existsSync,
    fstatSync,
    openSync,
    readFileSync,
    rmSync,
    statSync,
    writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { planReorder } from '../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderInPlace, reorderTo } from '../../../src/core/rewrite/reorder/reorder.js'
import { planTruncate } from '../../../src/core/rewrite/truncate/plan-truncate.js'
import { proveTruncate } from '../../../src/core/rewrite/truncate/prove-truncate.js'
import { truncate } from '../../../src/core/rewrite/truncate/truncate.js'
import { keepFrom } from '../../../src/core/store/changes/replace-live-file.js'
import { ReplacedFiles } from '../../../src/core/store/changes/replaced-files.js'
import { withStaging } from '../../../src/core/store/durable/staging.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { crashAfter, nextStep } from '../../support/crash.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { unpackLater } from '../../support/later-stores.js'
import { counterLog, recordLine, reductionFile } from '../../support/log-writer.js'
import { linesOf, makeStore, openAndCheck, writeLog } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'

const { lines, hashes, head } = counterLog(12)
const added = recordLine({ parent: head, events: ['{"addition":1}'] })

function storeIn(t: TestContext): string {
    const folder = makeStore(join(temporaryFolder(t), 'store'), [], {
        [hashes[2]!]: reductionFile(hashes[2]!, '6'),
        [hashes[8]!]: reductionFile(hashes[8]!, '45'),
    })
    writeLog(folder, {
        'a.jsonl': lines.slice(0, 4),
        'b.jsonl': lines.slice(4, 6),
        'c.jsonl': lines.slice(6),
    })
    return folder
}

test('what is appended to the file that is cut, before the cut is in its place, is kept', async (t) => {
    const root = temporaryFolder(t)
    const path = join(makeStore(root, lines), 'composition', '2019-04-01.composition.jsonl')
    const offset = Buffer.byteLength(lines.slice(0, 3).join('\n')) + 1
    await withStaging({ root, command: 'test' }, async (staging) => {
        const staged = await staging.stage(path, readFileSync(path).subarray(offset), path)
        appendFileSync(path, `${added}\n`)
        await keepFrom(offset, staged, { staging, replaced: new ReplacedFiles() })
    })
    assert.deepEqual(linesOf(readFileSync(path)).map(String), [...lines.slice(3), added])
})

test('what a host appends to a file that it had opened before it was cut or removed is carried over', async (t) => {
    for (const name of ['a.jsonl', 'c.jsonl']) {
        const folder = storeIn(t)
        const path = join(folder, 'composition', name)
        const plan = await planTruncate(await openProcessStore(folder), undefined)
        await withLateAppend(path, () => truncate(plan))
        const now = Object.values(readFiles(join(folder, 'composition'))).flatMap((bytes) =>
            linesOf(bytes).map(String),
        )
        assert.deepEqual(now.toSorted(), [...lines.slice(8), added].toSorted(), name)
    }
})

test('what a host appends to a file that it had opened before it was reordered is carried over, and told', async (t) => {
    for (const name of ['a.jsonl', 'b.jsonl']) {
        const folder = storeIn(t)
        writeLog(folder, { 'a.jsonl': lines.slice(6), 'b.jsonl': lines.slice(0, 6).toReversed() })
        const plan = await planReorder(await openProcessStore(folder), undefined)
        const path = join(folder, 'composition', name)
        await assert.rejects(
            withLateAppend(path, () => reorderInPlace(plan)),
            /written to while the log was being changed/,
        )
        const now = Object.values(readFiles(join(folder, 'composition'))).flatMap((bytes) =>
            linesOf(bytes).map(String),
        )
        for (const line of [...lines, added]) assert.ok(now.includes(line), name)
        await reorderInPlace(await planReorder(await openProcessStore(folder), undefined))
        const { longest, findings } = await openAndCheck(folder)
        assert.deepEqual([longest.length, findings.counts.error], [lines.length + 1, 0])
    }
})

/** Appends a record to the file as a host that had opened it before it was replaced or removed, right behind that. */
async function withLateAppend<T>(path: string, work: () => Promise<T>): Promise<T> {
    const file = openSync(path, 'a')
    const before = fstatSync(file).ino
    const timer = setInterval(() => {
        const isThere = statSync(path, { throwIfNoEntry: false })?.ino === before
        if (isThere) return
        clearInterval(timer)
        writeSync(file, `${added}\n`)
    }, 1)
    try {
        return await work()
    } finally {
        clearInterval(timer)
        closeSync(file)
    }
}

test('a log that grows while it is reordered ends the command, and no record is lost', async (t) => {
    const folder = storeIn(t)
    writeLog(folder, { 'a.jsonl': lines.slice(6), 'b.jsonl': lines.slice(0, 6).toReversed() })
    const plan = await planReorder(await openProcessStore(folder), undefined)
    appendFileSync(join(folder, 'composition', 'b.jsonl'), `${added}\n`)
    await assert.rejects(reorderInPlace(plan), { code: 'store-changed' })
    const now = Object.values(readFiles(join(folder, 'composition'))).flatMap((bytes) =>
        linesOf(bytes).map(String),
    )
    for (const line of [...lines, added]) assert.ok(now.includes(line))
})

test('a truncation that was killed half-way is finished by the same command, on the proof that it had', async (t) => {
    const app = inProcessCounter()
    for (let steps = 0; ; steps = nextStep(steps)) {
        const folder = storeIn(t)
        const first = await planTruncate(await openProcessStore(folder), undefined)
        await proveTruncate(first, app)
        const isDone = await crashAfter(steps, () => truncate(first, { provenWith: app }))
        const second = await planTruncate(await openProcessStore(folder), undefined)
        if (second.records.removed > 0 || second.removedReductions.length > 0)
            await proveTruncate(second, app)
        await truncate(second, { provenWith: app })
        const after = await openAndCheck(folder, { expectHead: head })
        assert.deepEqual(after.findings.list, [], `killed after ${steps} steps`)
        assert.equal(after.longest.length, 4)
        rmSync(folder, { recursive: true })
        if (isDone) break
    }
})

test('a truncation leaves nothing of whole days, and carries over what a host appends to their files meanwhile', async (t) => {
    const folder = storeIn(t)
    rmSync(join(folder, 'composition'), { recursive: true })
    const names = ['2019-04-10/a.jsonl', '2019-04-10/b.jsonl', '2019-04-11/c.jsonl', '2019-04-12/d.jsonl']
    writeLog(folder, {
        [names[0]!]: lines.slice(0, 2),
        [names[1]!]: lines.slice(2, 4),
        [names[2]!]: lines.slice(4, 8),
        [names[3]!]: lines.slice(8),
    })
    const path = join(folder, 'composition', names[1]!)
    const plan = await planTruncate(await openProcessStore(folder), undefined)
    await withLateAppend(path, () => truncate(plan))
    assert.deepEqual(
        Object.entries(readFiles(join(folder, 'composition'))).map(([name, bytes]) => [
            name,
            linesOf(bytes).map(String),
        ]),
        [
            [names[1], [added]],
            [names[3], lines.slice(8)],
        ],
    )
    assert.deepEqual(Object.keys(readFiles(join(folder, '.complog'))), [])
})

test('a store since 2020-05 that a host writes to after it was planned with is left as the host left it', async (t) => {
    for (const [name, written] of [
        ['g2-history', 'composition-log/2020-05-04/2020-05-04T23.composition.jsonl'],
        ['g3-plain', 'composition-log-head-hash'],
        ['plain-v2022-03-20', 'composition-log/literal/2022-04-04/2022-04-04T00-21'],
    ] as const) {
        const store = unpackLater(name, temporaryFolder(t))
        const later = laterStoreAt(store)!
        const output = join(temporaryFolder(t), 'ordered')
        const works: (() => Promise<unknown>)[] = []
        const truncation = await planTruncate(later, undefined)
        works.push(() => truncate(truncation))
        if (name !== 'g3-plain') {
            const order = await planReorder(later, undefined)
            works.push(() => reorderTo(order, output))
        }
        const before = existsSync(join(store, written)) ? readFileSync(join(store, written)) : Buffer.alloc(0)
        writeFiles(store, { [written]: Buffer.concat([before, Buffer.from('a record')]) })
        const files = readFiles(store)
        for (const work of works) await assert.rejects(work(), { code: 'store-changed' }, name)
        assert.deepEqual(readFiles(store), files)
        assert.deepEqual(existsSync(output) ? readFiles(output) : {}, {})
    }
})
