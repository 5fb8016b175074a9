// Checks a store by the fast way and by the reference, and holds one against the other: counts, findings, places, chain.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import type { CompositionRecord } from '../../../src/core/check/chain.js'
import { type CheckedLog, checkInOrder, checkInOrderByReference } from '../../../src/core/check/check-log.js'
import type { FollowOptions } from '../../../src/core/fast/in-order/follow-log.js'
import type { Limits } from '../../../src/core/limits.js'
import {
    openProcessStore,
    openStoreByNames,
    type ProcessStore,
} from '../../../src/core/store/process-store.js'
import { readUncut } from '../../../src/core/store/read-uncut.js'
import { recordsOf } from '../../support/stores.js'
import { agreeOnFeed, agreeOnLines, fedByRecords } from './feed-agreement.js'

/** What both say; undefined where the lines are not in order. */
export async function agreedCheck(
    path: string,
    options: FollowOptions = {},
    limits: Partial<Limits> = {},
): Promise<CheckedLog | undefined> {
    const store = await openProcessStore(path, limits)
    const fast = await checkInOrder(store, options)
    const reference = await checkInOrderByReference(store)
    assert.deepEqual(fast && outlineOf(fast), reference && outlineOf(reference))
    const opened = await openStoreByNames(path, limits, 1)
    const byNames = await readUncut(opened, (found) => checkInOrder(found, options))
    assert.deepEqual(byNames && outlineOf(byNames), reference && outlineOf(reference))
    if (fast === undefined || reference === undefined) return undefined
    assert.equal(fast.reader, 'fast')
    assert.equal(reference.reader, 'reference')
    const expected = await recordsOf(reference.longest)
    assert.deepEqual(await recordsOf(fast.longest), expected)
    for (const part of [0.3, 0.6, 0.99]) {
        const from = Math.ceil(part * expected.length)
        for await (const [record] of fast.longest.read(from, from))
            assert.deepEqual(record, expected[from - 1])
    }
    await agreeOnFeed(fast, expected, options)
    await agreeOnLines(linesOf(store, expected), fedByRecords(expected), options.pieceSizeBytes ?? 1000)
    return fast
}

/** The raw lines of some records, as a reader of a shuffled log would hand them out. */
function linesOf(store: ProcessStore, records: readonly CompositionRecord[]): readonly Buffer[] {
    const files = new Map(store.logFiles.map(({ path, absolutePath }) => [path, readFileSync(absolutePath)]))
    return records.map(({ place: { file, offsetBytes, sizeBytes } }, i) => {
        const line = files.get(file)?.subarray(offsetBytes, offsetBytes + sizeBytes) ?? Buffer.alloc(0)
        return Buffer.concat([line, Buffer.from(i % 7 === 3 ? '\r\n' : '\n')])
    })
}

function outlineOf({ counts, findings, heads, longest, isOneChain }: CheckedLog) {
    const { length, head, oldestParent, inOrder, reduced } = longest
    return {
        counts,
        findings: findings.list,
        findingCounts: findings.counts,
        omitted: findings.omitted,
        heads,
        isOneChain,
        chain: { length, head, oldestParent, inOrder, reduced: [...reduced] },
    }
}
