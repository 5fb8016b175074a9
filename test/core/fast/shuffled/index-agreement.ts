// Indexes a store by the fast way and by the reference, and holds one against the other: every row, every finding, every
// head, the chain.
import assert from 'node:assert/strict'

import { type IndexedLog, indexLog, indexLogByReference } from '../../../../src/core/check/check-log.js'
import type { IndexOptions } from '../../../../src/core/fast/shuffled/index-rows.js'
import type { Limits } from '../../../../src/core/limits.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { recordsOf } from '../../../support/stores.js'

/** What both say; its reader tells whether the fast way said it by itself. */
export async function agreedIndex(
    path: string,
    options: IndexOptions = {},
    limits: Partial<Limits> = {},
): Promise<IndexedLog> {
    const store = await openProcessStore(path, limits)
    const fast = await indexLog(store, options)
    const reference = await indexLogByReference(store)
    assert.deepEqual(outlineOf(fast), outlineOf(reference))
    assert.deepEqual(rowsOf(fast), rowsOf(reference))
    const expected = await recordsOf(reference.longest)
    assert.deepEqual(await recordsOf(fast.longest), expected)
    for (const part of [0.3, 0.99]) {
        const hash = expected[Math.floor(part * expected.length)]?.hash
        if (hash === undefined) continue
        for (const digits of [6, 16, 17, 64]) {
            const prefix = hash.slice(0, digits)
            assert.deepEqual(await fast.longest.find(prefix), await reference.longest.find(prefix))
        }
    }
    return fast
}

function outlineOf({ counts, findings, heads, longest, isOneChain, index }: IndexedLog) {
    const { length, head, oldestParent, inOrder, reduced } = longest
    return {
        counts,
        findings: findings.list,
        findingCounts: findings.counts,
        omitted: findings.omitted,
        heads,
        isOneChain,
        chain: { length, head, oldestParent, inOrder, reduced: [...reduced] },
        diagnosis: {
            chainRows: [...index.diagnosis.chainRows],
            heads: index.diagnosis.heads,
            isLinked: index.diagnosis.isLinked,
            parents: [...index.diagnosis.links.parents],
        },
    }
}

function rowsOf({ index: { table }, store }: IndexedLog) {
    const rows = Array.from({ length: table.rows }, (_, row) => ({
        hash: table.hash(row),
        parentHash: table.parentHash(row),
        place: table.place(row),
        behindUnreadable: table.behindUnreadable(row),
        found: table.find(table.hash(row)),
        parent: table.findParent(row) < 0 ? -1 : table.findParent(row),
    }))
    return { rows, reduced: [...store.reductionFiles.keys()].map((hash) => table.find(hash)) }
}
