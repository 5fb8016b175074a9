// What the threads say of reductions is what is said of each when it is read on its own.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { checkInOrder } from '../../../../src/core/check/check-log.js'
import { checkStore } from '../../../../src/core/check/check-store.js'
import type { CompositionHash } from '../../../../src/core/composition/hash.js'
import { openProcessStore, openStoreToRead } from '../../../../src/core/store/process-store.js'
import { findingFolders, findingsFolder } from '../../../support/finding-stores/index.js'
import { counterLog, reductionFile } from '../../../support/log-writer.js'
import { makeStore } from '../../../support/stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

async function bothWays(store: string, options: { readonly threads?: number } = {}) {
    const lazily = await checkStore(await openStoreToRead(store), { pastUnreadable: true, ...options })
    const eagerly = await checkStore(await openProcessStore(store), { pastUnreadable: true })
    const said = ({ findings, usableReductions, reductions }: typeof lazily) => ({
        findings: findings.list,
        usable: [...usableReductions].sort(),
        reductions,
    })
    return { lazily: said(lazily), eagerly: said(eagerly) }
}

describe('the store of each finding', () => {
    for (const name of findingFolders().filter((folder) => /reduc|surrogate|unre/.test(folder))) {
        test(name, async () => {
            const { lazily, eagerly } = await bothWays(join(findingsFolder, name, 'process-store'))
            assert.deepEqual(lazily, eagerly)
        })
    }
})

/** Many reductions, every thirteenth of which is odd in one way or another. */
function manyReductions(t: Parameters<typeof temporaryFolder>[0]): string {
    const { lines, hashes } = counterLog(1000)
    const odd = [
        (hash: CompositionHash) => reductionFile(hash, 'x', '2018-11').subarray(0, 20),
        (hash: CompositionHash) => reductionFile(hash, 'x'.repeat(100_000), '2019-04'),
        () => reductionFile(hashes[0]!, 'another', '2019-04'),
        (hash: CompositionHash) =>
            Buffer.from(reductionFile(hash, '\\ud800', '2019-04').toString().replace('\\\\', '\\')),
        (hash: CompositionHash) =>
            Buffer.from(reductionFile(hash, 'x', '2019-04').toString().replace(hash, hash.toLowerCase())),
        () => Buffer.from('{}'),
    ]
    const files = hashes.map((hash, i) => [
        hash,
        i % 13 === 0
            ? odd[(i / 13) % odd.length]!(hash)
            : reductionFile(hash, String(i), '2019-04').subarray(3),
    ])
    return makeStore(temporaryFolder(t), lines, Object.fromEntries(files) as Record<string, Buffer>)
}

test('odd ones among many are found by one thread and by three', async (t) => {
    const store = manyReductions(t)
    for (const threads of [1, 3]) {
        const { lazily, eagerly } = await bothWays(store, { threads })
        assert.deepEqual(lazily, eagerly)
        assert.equal(lazily.reductions, 1000)
        assert.ok(lazily.findings.length > 50)
        const checked = await checkInOrder(await openStoreToRead(store), {
            withReductions: true,
            threads,
        })
        assert.equal(checked?.oddReductions?.size, Math.ceil(1000 / 13))
    }
    assert.equal(readdirSync(join(store, 'reduction')).length, 1000)
})
