import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import type { CompositionHash } from '../../../../src/core/composition/hash.js'
import { planReorder } from '../../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderInPlace, reorderTo } from '../../../../src/core/rewrite/reorder/reorder.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { additionEvent, hashOf, recordLine } from '../../../support/log-writer.js'
import { shuffledLogs } from '../../../support/shuffles.js'
import {
    copyStore,
    fixtureStores,
    makeStore,
    openAndCheck,
    readLog,
    writeLog,
} from '../../../support/stores.js'
import { readFiles, temporaryFolder } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

/** Shuffles of each store: every file of it is written and synced for each, twice in place. */
const numRuns = thinned(3, 8)

for (const { name, path, expected } of fixtureStores) {
    test(`${name}: from any order every record comes to its place, byte for byte and once`, async (t) => {
        const folder = join(temporaryFolder(t), 'store')
        copyStore(path, folder)
        const inOrder = Object.values(readLog(path)).flat().map(String)
        await fc.assert(
            fc.asyncProperty(
                shuffledLogs(readLog(path)),
                fc.constantFrom('\n', '\r\n'),
                async (shuffled, lineEnd) => {
                    writeLog(folder, shuffled, lineEnd)
                    await reorderInPlace(await planReorder(await openProcessStore(folder), undefined))
                    const after = readLog(folder)
                    assert.deepEqual(Object.values(after).flat().map(String), inOrder)
                    for (const [file, lines] of Object.entries(shuffled))
                        assert.equal(after[file]?.length, lines.length, file)
                    const size = (files: Record<string, Buffer>) =>
                        Object.values(files).reduce((sum, { length }) => sum + length, 0)
                    const lineBytes = inOrder.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
                    assert.equal(
                        size(readFiles(join(folder, 'composition'))),
                        lineBytes + inOrder.length * lineEnd.length,
                    )
                    const { findings, index, longest } = await openAndCheck(folder, {
                        expectHead: expected.tip,
                    })
                    assert.deepEqual(
                        [findings.counts.error, findings.counts.warning, index],
                        [0, 0, undefined],
                    )
                    assert.equal(longest.length, expected.records)
                },
            ),
            { numRuns },
        )
    })

    test(`${name}: a store in order is written to a folder as it is`, async (t) => {
        const output = join(temporaryFolder(t), 'output')
        const result = await reorderTo(await planReorder(await openProcessStore(path), undefined), output)
        assert.deepEqual(readFiles(output), readFiles(path))
        assert.deepEqual([result.moved, result.outside.lines], [0, 0])
    })
}

test('a record that ends with a carriage return of its own stays byte for byte what it is', async (t) => {
    const lines: string[] = []
    let parent: CompositionHash | undefined
    for (let i = 0; i < 6; i++) {
        const line =
            recordLine({ ...(parent && { parent }), events: [additionEvent(i)] }) + (i % 2 ? '\r' : '')
        lines.push(line)
        parent = hashOf(line)
    }
    const folder = makeStore(join(temporaryFolder(t), 'store'), [])
    writeLog(folder, { 'a.jsonl': lines.toReversed() }, '\r\n')
    await reorderInPlace(await planReorder(await openProcessStore(folder), undefined))
    const checked = await openAndCheck(folder)
    assert.deepEqual(
        [checked.longest.length, checked.longest.head, checked.longest.inOrder],
        [6, parent, true],
    )
    const output = join(temporaryFolder(t), 'output')
    writeLog(folder, { 'a.jsonl': lines.toReversed() }, '\r\n')
    await reorderTo(await planReorder(await openProcessStore(folder), undefined), output)
    assert.equal((await openAndCheck(output)).longest.head, parent)
})
