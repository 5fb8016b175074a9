import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import type { CompositionRecord } from '../../../src/core/check/chain.js'
import { genesis } from '../../../src/core/composition/hash.js'
import { hashOf, logFile } from '../../support/log-writer.js'
import { shuffledLogs } from '../../support/shuffles.js'
import { copyStore, fixtureStores, openAndCheck, readLog, recordsOf, writeLog } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

/** Shuffles of each store. */
const numRuns = thinned(10, 25)

for (const { name, path, expected } of fixtureStores) {
    test(`${name}: a sound log, in order, with the head and the counts that are known of it`, async () => {
        const checked = await openAndCheck(path)
        assert.equal(checked.findings.counts.error, 0)
        assert.equal(checked.findings.counts.warning, 0)
        assert.deepEqual(checked.heads, [expected.tip])
        assert.equal(checked.isOneChain, true)
        assert.equal(checked.index, undefined)
        const { counts, longest, usableReductions } = checked
        assert.deepEqual(
            [counts.files, counts.records, counts.events],
            [expected.files, expected.records, expected.events],
        )
        assert.deepEqual([longest.length, longest.inOrder], [expected.records, true])
        assert.deepEqual([longest.oldestParent, longest.head], [genesis, expected.tip])
        assert.deepEqual([...usableReductions.keys()].sort(), Object.keys(expected.reductions).sort())
    })

    test(`${name}: any order of the lines, over any files, gives the same chain`, async (t) => {
        const original = await openAndCheck(path)
        const records = (await recordsOf(original.longest)).map(withoutPlace)
        const store = join(temporaryFolder(t), 'store')
        copyStore(path, store)
        await fc.assert(
            fc.asyncProperty(shuffledLogs(readLog(path)), async (shuffled) => {
                writeLog(store, shuffled)
                const checked = await openAndCheck(store)
                assert.deepEqual([checked.heads, checked.isOneChain], [[expected.tip], true])
                assert.equal(checked.longest.head, expected.tip)
                assert.equal(checked.longest.oldestParent, genesis)
                assert.deepEqual((await recordsOf(checked.longest)).map(withoutPlace), records)
                assert.deepEqual(checked.longest.reduced, original.longest.reduced)
                assert.deepEqual(checked.usableReductions, original.usableReductions)
                const ids = new Set(checked.findings.list.map(({ id }) => id))
                ids.delete('generation-refused-by-host')
                ids.delete('events-ignored-by-host')
                ids.delete('reduction-form')
                const orderIds = ['head-not-last', 'out-of-order']
                assert.ok([...ids].every((id) => orderIds.includes(id)))
                assert.equal(ids.has('out-of-order'), !checked.longest.inOrder)
                const isLast = hashOf(Object.values(shuffled).flat().at(-1)!) === expected.tip
                assert.equal(ids.has('head-not-last'), !isLast)
            }),
            { numRuns },
        )
    })

    test(`${name}: each record of the chain is found where its place says`, async (t) => {
        const store = join(temporaryFolder(t), 'store')
        await fc.assert(
            fc.asyncProperty(
                shuffledLogs(readLog(path)),
                fc.constantFrom('\n', '\r\n'),
                fc.boolean(),
                async (shuffled, lineEnd, marked) => {
                    rmSync(store, { recursive: true, force: true })
                    const files: Record<string, Buffer> = {}
                    for (const [file, lines] of Object.entries(shuffled)) {
                        const mark = Buffer.from(marked ? '\uFEFF' : '')
                        files[file] = Buffer.concat([mark, logFile(lines, lineEnd)])
                        writeFiles(store, { [`composition/${file}`]: files[file] })
                    }
                    const { longest } = await openAndCheck(store)
                    assert.equal(longest.length, expected.records)
                    for (const { hash, place } of await recordsOf(longest)) {
                        const { file, line, offsetBytes, sizeBytes } = place
                        const bytes = files[file]!.subarray(offsetBytes, offsetBytes + sizeBytes)
                        assert.equal(hashOf(bytes), hash)
                        assert.equal(hashOf(shuffled[file]![(line ?? 0) - 1]!), hash)
                    }
                },
            ),
            { numRuns: thinned(4, 10) },
        )
    })
}

function withoutPlace(record: CompositionRecord) {
    return { ...record, place: undefined }
}
