import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import type { CompositionHash } from '../../../src/core/composition/hash.js'
import { parseRef } from '../../../src/core/composition/ref.js'
import { type Restored, type RestoreOptions, restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { shuffledLogs } from '../../support/shuffles.js'
import { copyStore, type FixtureStore, fixtureStores, readLog, writeLog } from '../../support/stores.js'
import { filePaths, temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

/** Shuffles of each store that are restored; each takes the start of an app. */
const numRuns = thinned(3, 5)

async function restoreAt(
    path: string,
    { app }: FixtureStore,
    options: RestoreOptions = {},
): Promise<Restored & { responses: readonly string[] }> {
    const responses: string[] = []
    const restored = await restore(await openProcessStore(path), await fixtureApp(app), {
        ...options,
        onResponses: (some) => void responses.push(...some),
    })
    return { ...restored, responses }
}

/** A copy of a store with only some of its reductions. */
function copyWith(store: FixtureStore, to: string, reductions: readonly string[]): string {
    copyStore(store.path, to)
    for (const name of filePaths(join(to, 'reduction')))
        if (!reductions.includes(name)) rmSync(join(to, 'reduction', name))
    return to
}

for (const store of fixtureStores) {
    const { name, path, expected, responses } = store
    const reduced = Object.entries(expected.reductions) as [CompositionHash, string][]

    test(`${name}: from genesis every response and the state are as the host gave them`, async () => {
        const restored = await restoreAt(path, store, { fromGenesis: true })
        assert.equal(restored.state, expected.state)
        assert.deepEqual(restored.responses, responses)
        assert.deepEqual(
            [restored.hash, restored.position, restored.records, restored.events],
            [expected.tip, expected.records, expected.records, expected.events],
        )
        assert.deepEqual(restored.start, { kind: 'initial-state' })
        assert.deepEqual([restored.decodeErrors, restored.strangers, restored.fromEnd], [0, 0, false])
    })

    test(`${name}: replay up to each reduced record gives its reduction`, async () => {
        for (const [hash, value] of reduced) {
            const restored = await restoreAt(path, store, { fromGenesis: true, until: parseRef(hash) })
            assert.equal(restored.state, value)
            assert.equal(restored.hash, hash)
            assert.deepEqual(restored.responses, responses.slice(0, restored.events))
        }
    })

    test(`${name}: from each reduction, the only one there, the state and the last responses are the same`, async (t) => {
        for (const [nth, [hash]] of reduced.entries()) {
            const copy = copyWith(store, join(temporaryFolder(t), 'store'), [hash])
            for (const fromEnd of thinned([nth % 2 === 1], [false, true])) {
                const restored = await restoreAt(copy, store, { fromEnd })
                assert.equal(restored.state, expected.state)
                assert.equal(restored.start.kind === 'reduction' && restored.start.hash, hash)
                assert.deepEqual(restored.responses, responses.slice(responses.length - restored.events))
                assert.deepEqual([restored.fromEnd, restored.findings.filter(isUnexpected)], [fromEnd, []])
                assert.ok(restored.records < expected.records)
            }
        }
    })

    test(`${name}: without any reduction, read from either end, the state is the same`, async (t) => {
        const copy = copyWith(store, join(temporaryFolder(t), 'store'), [])
        for (const fromEnd of [false, true]) {
            const restored = await restoreAt(copy, store, { fromEnd })
            assert.equal(restored.state, expected.state)
            assert.deepEqual(restored.responses, responses)
            assert.deepEqual(restored.start, { kind: 'initial-state' })
        }
    })

    test(`${name}: by default and from the end, the newest reduction is the start`, async () => {
        const checked = await restoreAt(path, store)
        const fromEnd = await restoreAt(path, store, { fromEnd: true })
        for (const restored of [checked, fromEnd]) {
            assert.equal(restored.state, expected.state)
            assert.equal(restored.hash, expected.tip)
            assert.ok(restored.start.kind === 'reduction')
        }
        assert.deepEqual([fromEnd.fromEnd, fromEnd.position], [true, null])
        assert.deepEqual([checked.fromEnd, checked.position], [false, expected.records])
        assert.equal(fromEnd.records, checked.records)
    })

    test(`${name}: whatever the order of lines and files, state and responses are the same`, async (t) => {
        const copy = copyWith(store, join(temporaryFolder(t), 'store'), [])
        await fc.assert(
            fc.asyncProperty(shuffledLogs(readLog(path)), fc.boolean(), async (shuffled, fromEnd) => {
                writeLog(copy, shuffled)
                const restored = await restoreAt(copy, store, { fromEnd })
                assert.equal(restored.state, expected.state)
                assert.deepEqual(restored.responses, responses)
            }),
            { numRuns },
        )
    })

    test(`${name}: with CRLF line ends the same`, async (t) => {
        const copy = copyWith(store, join(temporaryFolder(t), 'store'), [])
        writeLog(copy, readLog(path), '\r\n')
        for (const fromEnd of [false, true]) {
            const restored = await restoreAt(copy, store, { fromEnd })
            assert.equal(restored.state, expected.state)
            assert.deepEqual(restored.responses, responses)
        }
    })
}

function isUnexpected({ id }: { id: string }): boolean {
    return id !== 'generation-refused-by-host'
}
