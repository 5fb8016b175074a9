import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { complogJson } from '../support/envelope.js'
import { expectedOfLater, unpackLater } from '../support/later-stores.js'
import { readFiles, temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

interface Reads {
    readonly start: { readonly hash: string; readonly position: number } | null
    readonly records: number
    readonly log: { readonly files: number; readonly sizeBytes: number }
    readonly values: { readonly files: number; readonly sizeBytes: number }
}

async function reads(store: string): Promise<Reads> {
    const envelope = await complogJson('profile', [store])
    assert.equal(envelope.status, 'ok')
    return (envelope as unknown as { result: Reads }).result
}

test('profile counts what a start reads of a store since 2020-05, without an app', async (t) => {
    const name = 'plain-v2022-03-20'
    const store = unpackLater(name, temporaryFolder(t))
    const { records, reductions } = expectedOfLater(name)
    const newest = records.findLastIndex(([hash]) => hash in reductions)
    const short = await reads(store)
    assert.deepEqual(short.start, { hash: records[newest]?.[0], position: newest + 1 })
    assert.equal(short.records, records.length - newest - 1)
    const text = await warmComplog(['profile', store])
    assert.match(text.stdout, new RegExp(`starts from +the reduction of #${newest + 1}, `))

    rmSync(join(store, 'provisional-reduction'), { recursive: true })
    const whole = await reads(store)
    assert.deepEqual([whole.start, whole.records], [null, records.length])
    // Each line has an end, which is no part of the record.
    const log = Object.entries(readFiles(join(store, 'composition-log/literal')))
    const sizeBytes = log.reduce((sum, [, { length }]) => sum + length, 0)
    assert.deepEqual(whole.log, { files: log.length, sizeBytes: sizeBytes - records.length })
    assert.ok(short.log.sizeBytes < whole.log.sizeBytes)
    assert.ok(short.values.files > whole.values.files)
})

test('profile refuses by name what it does not measure there', async (t) => {
    const store = unpackLater('g3-plain', temporaryFolder(t))
    for (const [flag, value] of [
        ['--save', `${store}-baseline`],
        ['--runs', '10'],
    ] as const) {
        const { exitCode, stderr } = await warmComplog(['profile', store, flag, value])
        assert.equal(exitCode, 12)
        assert.match(stderr, new RegExp(`${flag}\\s+is\\s+not\\s+for\\s+such\\s+a\\s+store`))
    }
})
