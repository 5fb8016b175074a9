import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { findingKinds } from '../../../src/core/composition/finding.js'
import { hashFromHex } from '../../../src/core/composition/hash.js'
import { verifyStore } from '../../../src/core/restore/verify-store.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import {
    contentOf,
    type Expected,
    expectedIn,
    findingFolders,
    findingStores,
    findingsFolder,
    writeFindingStore,
} from '../../support/finding-stores/index.js'
import { findingsOfLaterStores } from '../../support/later-stores.js'
import { temporaryFolder } from '../../support/temporary.js'

async function check(store: string, { flags, app }: Expected) {
    const flag = (name: string) => (flags.includes(name) ? flags[flags.indexOf(name) + 1] : undefined)
    const [lineSize, head] = [flag('--max-line-size'), flag('--expect-head')]
    const opened = await openProcessStore(
        store,
        lineSize === undefined ? {} : { lineSizeBytesMax: Number(lineSize) },
    )
    return verifyStore(opened, {
        expectHead: head === undefined ? undefined : hashFromHex(head),
        app: app === null ? undefined : await fixtureApp(app),
    })
}

test('every kind of finding has a store that is named after it and in which it is found', () => {
    // What may not be read cannot be checked in: see unreadable-files.test.ts.
    // Those of stores of 2020-05 and later have theirs in fixtures/later-stores: see verify-later.test.ts.
    const ids = Object.keys(findingKinds).filter(
        (id) => id !== 'unreadable-file' && !findingsOfLaterStores.includes(id),
    )
    for (const id of ids) {
        const named = findingFolders().filter((name) => name === id || name.startsWith(`${id}-`))
        const holding = named.filter((name) => expectedIn(name).findings.some((finding) => finding.id === id))
        assert.ok(holding.length > 0, `fixtures/findings has no store for ${id}`)
    }
})

test('the stores are what fixtures/write-findings.ts writes, to the byte', (t) => {
    const folder = temporaryFolder(t)
    for (const store of findingStores) writeFindingStore(folder, store)
    assert.deepEqual(
        findingFolders(),
        findingStores.map(({ name }) => name),
    )
    for (const { name } of findingStores) {
        assert.deepEqual(contentOf(join(findingsFolder, name)), contentOf(join(folder, name)), name)
    }
})

for (const name of findingFolders()) {
    const expected = expectedIn(name)

    test(`${name}: just the expected findings, in their order`, async () => {
        const store = join(findingsFolder, name, 'process-store')
        const { findings, isSound } = await check(store, expected)
        const found = findings.list.map(({ id, severity, place }) => ({
            id,
            severity,
            file: place?.file ?? null,
            line: place?.line ?? null,
        }))
        assert.deepEqual(found, expected.findings)
        assert.equal(isSound ? 0 : 3, expected.exit)
    })

    if (expected.flags.length === 0 && expected.app === null) continue
    test(`${name}: nothing without its flags and its app`, async () => {
        const store = join(findingsFolder, name, 'process-store')
        const { findings } = await check(store, { ...expected, flags: [], app: null })
        assert.deepEqual(findings.list, [])
    })
}
