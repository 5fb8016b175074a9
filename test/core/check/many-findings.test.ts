import assert from 'node:assert/strict'
import { test } from 'node:test'

import { findingsPerIdMax } from '../../../src/core/limits.js'
import { counterLog, hashOf, recordLine } from '../../support/log-writer.js'
import { makeStore, openAndCheck } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

// Big enough that anything that takes the square of the time would not end within minutes.
const records = 20_000

test('a log none of whose lines is linked is checked in linear time, with exact counts', async (t) => {
    const lines = Array.from({ length: records }, (_, i) => recordLine({ parent: hashOf(`gone ${i}`) }))
    const { findings, isOneChain, counts } = await openAndCheck(makeStore(temporaryFolder(t), lines))
    assert.equal(counts.records, records)
    assert.equal(isOneChain, false)
    assert.equal(findings.count('altered-record'), records - 1)
    assert.equal(findings.list.filter(({ id }) => id === 'altered-record').length, findingsPerIdMax)
})

test('so is one that is all forks', async (t) => {
    const lines = Array.from({ length: records }, (_, i) => recordLine({ events: [String(i)] }))
    const { findings, heads } = await openAndCheck(makeStore(temporaryFolder(t), lines))
    assert.equal(findings.count('fork'), records - 1)
    assert.equal(heads.length, records)
})

test('so is one that stands upside down', async (t) => {
    const log = counterLog(records)
    const { longest, isOneChain, findings } = await openAndCheck(
        makeStore(temporaryFolder(t), log.lines.toReversed()),
    )
    assert.deepEqual([longest.length, longest.head, isOneChain], [records, log.head, true])
    assert.match(
        findings.list.find(({ id }) => id === 'out-of-order')?.message ?? '',
        new RegExp(`^${records - 1} of ${records} records`),
    )
})

test('so is one that stands upside down and has lost its oldest record', async (t) => {
    const lines = counterLog(records).lines.toReversed().slice(0, -1)
    const { longest, findings } = await openAndCheck(makeStore(temporaryFolder(t), lines))
    assert.equal(longest.length, records - 1)
    assert.equal(findings.count('unrestorable-chain'), 1)
})

test('so is one of which every other line is lost', async (t) => {
    const lines = counterLog(2 * records).lines.filter((_, i) => i % 2 === 1)
    const { findings } = await openAndCheck(makeStore(temporaryFolder(t), lines.toReversed()))
    assert.ok(findings.counts.error >= records - 1)
})

test('so is one that holds the same record again and again', async (t) => {
    const log = counterLog(2)
    const lines = [log.lines[0]!, ...Array.from({ length: records }, () => log.lines[1]!)]
    const { findings, longest } = await openAndCheck(makeStore(temporaryFolder(t), lines))
    assert.equal(longest.head, log.head)
    assert.equal(findings.count('duplicate-record'), records - 1)
    assert.equal(findings.counts.error, 0)
})

test('so is one of lines that are no records', async (t) => {
    const lines = Array.from({ length: records }, (_, i) => `not a record ${i}`)
    const { findings, counts } = await openAndCheck(makeStore(temporaryFolder(t), lines))
    assert.deepEqual([counts.records, counts.unreadableLines], [0, records])
    assert.equal(findings.count('malformed-record'), records)
})
