// Of each store in fixtures/findings: what a repair does with it, alone and with --quarantine.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { ComplogError } from '../../../../src/core/errors.js'
import { hashes } from '../../../support/finding-stores/finding-store.js'
import { findingFolders, findingStores, findingsFolder } from '../../../support/finding-stores/index.js'
import { listing } from '../../../support/listing.js'
import { planAndRepair, putTogether } from '../../../support/repaired.js'
import { openAndCheck } from '../../../support/stores.js'
import { readFiles, temporaryFolder } from '../../../support/temporary.js'

/** How many lines are moved, or the code of the error that refuses it. */
type Outcome = number | string

const expected: Readonly<Record<string, readonly [plain: Outcome, quarantine: Outcome]>> = {
    'altered-record': ['error-findings', 'broken-chain'],
    'altered-record-line-removed': ['error-findings', 'broken-chain'],
    'altered-record-parent-reference': ['error-findings', 'broken-chain'],
    'blank-line': [0, 0],
    'byte-order-mark': [0, 0],
    'duplicate-record': [0, 1],
    'duplicate-record-as-last-line': ['error-findings', 1],
    'events-ignored-by-host': [0, 0],
    'foreign-file': [0, 2],
    fork: ['error-findings', 'two-heads'],
    'fork-at-genesis': ['error-findings', 'two-heads'],
    'generation-refused-by-host': [0, 0],
    'head-differs': [0, 0],
    'head-not-last': ['error-findings', 'not-in-order'],
    'invalid-utf8': ['error-findings', 'broken-chain'],
    'irregular-file': ['error-findings', 'error-findings'],
    'later-log-file': [0, 0],
    'line-end-missing': [0, 0],
    'lone-surrogate': [0, 0],
    'lone-surrogate-in-a-reduction': [0, 0],
    'malformed-record': ['error-findings', 'broken-chain'],
    'malformed-record-between-records': ['error-findings', 1],
    'missing-parent': ['error-findings', 'broken-chain'],
    'never-written': [0, 0],
    'out-of-order': [0, 0],
    'oversized-line': [0, 0],
    'records-missing': ['error-findings', 'broken-chain'],
    'reference-in-record': [0, 0],
    'reduction-differs': [0, 0],
    'reduction-form': [0, 0],
    'reduction-form-lower-case-hash': [0, 0],
    'reduction-form-of-2018-11': [0, 0],
    'reduction-form-two-values': [0, 0],
    'reduction-hash-mismatch': ['error-findings', 'error-findings'],
    'reduction-malformed': ['error-findings', 'error-findings'],
    'reduction-misnamed': ['error-findings', 'error-findings'],
    'reduction-misnamed-lower-case': [0, 0],
    'reduction-not-round-trip': [0, 0],
    'reduction-not-round-trip-as-start': [0, 0],
    'reduction-without-record': ['error-findings', 'error-findings'],
    'reduction-without-record-truncated-log': [0, 0],
    'second-path': ['error-findings', 'error-findings'],
    'set-state-ignored-by-host': [0, 0],
    'set-state-not-round-trip': [0, 0],
    'store-within': [0, 0],
    'torn-tail': [1, 1],
    'torn-tail-of-zeros': [1, 1],
    'unlinked-record': ['error-findings', 1],
    'unreplayable-records': [0, 0],
    'unrestorable-chain': ['error-findings', 'broken-chain'],
}

test('the table has every store', () => {
    assert.deepEqual(Object.keys(expected).sort(), findingFolders())
    assert.equal(findingStores.length, Object.keys(expected).length)
})

for (const [name, outcomes] of Object.entries(expected)) {
    for (const [at, outcome] of outcomes.entries()) {
        const quarantine = at === 1
        const what =
            typeof outcome === 'string' ? 'is refused' : outcome === 0 ? 'has nothing to do' : 'mends it'
        test(`${name}: repair${quarantine ? ' --quarantine' : ''} ${what}`, async (t) => {
            const folder = temporaryFolder(t)
            cpSync(join(findingsFolder, name, 'process-store'), folder, {
                recursive: true,
                verbatimSymlinks: true,
                preserveTimestamps: true,
            })
            const before = listing(folder)
            if (typeof outcome === 'string') {
                await assert.rejects(planAndRepair(folder, { quarantine }), (error) => {
                    assert.ok(error instanceof ComplogError, String(error))
                    assert.equal(error.code, outcome)
                    assert.ok((error.hint ?? '').length > 10)
                    return true
                })
                assert.deepEqual(listing(folder), before)
                return
            }
            const original = outcome === 0 ? {} : readFiles(join(folder, 'composition'))
            const { parts } = await planAndRepair(folder, { quarantine })
            assert.equal(
                parts.reduce((sum, { lines }) => sum + lines.length, 0),
                outcome,
            )
            if (outcome === 0) {
                assert.deepEqual(listing(folder), before)
                return
            }
            assert.deepEqual((await openAndCheck(folder)).findings.list, [])
            assert.deepEqual(putTogether(folder), original)
        })
    }
}

const choices: Readonly<Record<string, readonly [head: number, records: number, lines: number]>> = {
    fork: [6, 6, 1],
    'altered-record': [2, 2, 4],
    'missing-parent': [3, 3, 2],
    'malformed-record': [2, 2, 4],
}
for (const [name, [head, records, lines]] of Object.entries(choices)) {
    test(`${name}: --head chooses what stays, everything else is kept beside the log`, async (t) => {
        const folder = temporaryFolder(t)
        cpSync(join(findingsFolder, name, 'process-store'), folder, { recursive: true })
        const original = readFiles(join(folder, 'composition'))
        const ref = parseRef(hashes[head - 1]!)
        const plan = await planAndRepair(folder, { quarantine: true, head: ref })
        assert.deepEqual(
            [plan.head, plan.records, plan.parts[0]?.lines.length],
            [hashes[head - 1], records, lines],
        )
        assert.deepEqual((await openAndCheck(folder, { expectHead: hashes[head - 1]! })).findings.list, [])
        assert.deepEqual(putTogether(folder), original)
    })
}

test('without --quarantine, and by its distance from the newest record, no head is chosen', async (t) => {
    const folder = temporaryFolder(t)
    cpSync(join(findingsFolder, 'torn-tail', 'process-store'), folder, { recursive: true })
    const before = listing(folder)
    await assert.rejects(planAndRepair(folder, { head: parseRef(hashes[1]!) }), { code: 'usage' })
    await assert.rejects(planAndRepair(folder, { quarantine: true, head: parseRef('head~3') }), {
        code: 'usage',
        hint: `Name the record by its hash: --head ${hashes[1]!.slice(0, 12)}.`,
    })
    assert.deepEqual(listing(folder), before)
    await planAndRepair(folder, { quarantine: true, head: parseRef(hashes[4]!) })
    assert.deepEqual((await openAndCheck(folder, { expectHead: hashes[4]! })).findings.list, [])
})
