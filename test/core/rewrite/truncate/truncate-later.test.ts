import assert from 'node:assert/strict'
import { cpSync, existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'

import { hashOfLine } from '../../../../src/core/composition/hash.js'
import { parseRef } from '../../../../src/core/composition/ref.js'
import { givenState } from '../../../../src/core/later/contents/given-state.js'
import { readLater } from '../../../../src/core/later/reading/read-later.js'
import { genesisOfLater } from '../../../../src/core/later/records/log.js'
import {
    hashFormOf,
    hashOfValue,
    type Value,
    type ValueHash,
} from '../../../../src/core/later/values/value.js'
import { verifyLater } from '../../../../src/core/later/verify-later.js'
import { planReorder } from '../../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderTo } from '../../../../src/core/rewrite/reorder/reorder.js'
import { planTruncate } from '../../../../src/core/rewrite/truncate/plan-truncate.js'
import { truncate } from '../../../../src/core/rewrite/truncate/truncate.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { crashAfter } from '../../../support/crash.js'
import { expectedOfLater, filesOfLater, unpackLater } from '../../../support/later-stores.js'
import { filePaths, readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

function opened(path: string) {
    const store = laterStoreAt(path)
    assert.ok(store)
    return store
}

async function truncated(store: string, archive: string | undefined, before?: string) {
    const plan = await planTruncate(opened(store), before === undefined ? undefined : parseRef(before))
    await truncate(plan, { archive })
    return plan
}

/** State and head, as a host would start in them. */
async function startOf(store: string) {
    const { log, newestUsable, ...read } = await readLater(opened(store))
    const hash = log.table.hashAt(newestUsable)
    const { state } = givenState({ ...read, log, newestUsable }, { kind: 'hash', prefix: hash })
    return { hash, state, head: log.table.hashAt(log.table.length - 1) }
}

const names = [
    'g2-history',
    'g3-plain',
    'g3d-plain',
    'cont-g3d-g4',
    'cont-g2-g3',
    'plain-v2022-03-20',
    'v043-plain',
]

for (const name of names) {
    test(`${name}: hosts start in the same state, and the archive gives all back`, async (t) => {
        const folder = temporaryFolder(t)
        const store = unpackLater(name, folder)
        const archive = join(folder, 'archive')
        // Neither is a file that complog knows.
        writeFiles(store, { 'notes.txt': Buffer.from('mine'), 'elsewhere/backup': Buffer.from('mine too') })
        const start = await startOf(store)
        const plan = await truncated(store, archive)
        assert.ok(plan.records.removed > 0)
        assert.deepEqual(await startOf(store), start)
        for (const each of [store, archive]) {
            const { findings, isTruncated } = await verifyLater(opened(each))
            const beside = ['notes.txt', 'elsewhere']
            const others = findings.list.filter(
                ({ id, place }) => id !== 'older-generation' && !beside.includes(place?.file ?? ''),
            )
            assert.deepEqual(others, [])
            assert.equal(isTruncated, each === store)
        }
        assert.ok(existsSync(join(store, 'notes.txt')) && existsSync(join(store, 'elsewhere/backup')))
        // All but the head file, which names the newest record of the archive.
        const head = 'composition-log-head-hash'
        const copied = { recursive: true, filter: (from: string) => !from.endsWith(head) }
        cpSync(archive, store, name === 'cont-g3d-g4' ? { recursive: true } : copied)
        for (const [path, bytes] of Object.entries(filesOfLater(name)))
            assert.ok(readFiles(store)[path]?.equals(bytes), path)
    })
}

test('a log of 2020-05-01 beside a newer one is told of, no lost records, copied, and what it names stays', async (t) => {
    const name = 'plain-v2022-03-20'
    const without = unpackLater(name, temporaryFolder(t))
    await truncated(without, undefined)
    const left = readFiles(without)
    const values = Object.keys(filesOfLater(name)).filter((path) => path.startsWith('literal-element/'))
    const [named = '', ...others] = values.filter((path) => !(path in left))
    assert.ok(others.length > 0)
    const store = unpackLater(name, temporaryFolder(t))
    const older = 'composition-log/2020-05-03/2020-05-03T12.composition.jsonl'
    const line = `{"parentHashBase16":"${genesisOfLater}","events":[{"SetElmAppState":{"HashBase16":"${basename(named)}"}}]}`
    const hash = hashOfLine(Buffer.from(line)).toLowerCase()
    const reduction = { reducedCompositionHashBase16: hash, elmAppState: { HashBase16: basename(named) } }
    writeFiles(store, {
        [older]: Buffer.from(`${line}\n`),
        [`provisional-reduction/${hash}`]: Buffer.from(JSON.stringify(reduction)),
    })
    const { findings } = await verifyLater(opened(store))
    assert.deepEqual(
        findings.list.map(({ id, severity }) => `${severity} ${id}`),
        ['note older-generation'],
    )
    const copy = join(temporaryFolder(t), 'copy')
    await reorderTo(await planReorder(opened(store), undefined), copy)
    assert.deepEqual((await verifyLater(opened(copy))).findings.list, findings.list)
    await truncated(store, undefined)
    const after = readFiles(store)
    assert.ok(named in after && older in after)
    assert.deepEqual(
        others.filter((path) => path in after),
        [],
    )
})

test('a second truncation goes on in the same archive, and another store is refused there', async (t) => {
    const folder = temporaryFolder(t)
    const name = 'plain-v2022-03-20'
    const store = unpackLater(name, folder)
    const archive = join(folder, 'archive')
    const { usable, log } = await readLater(opened(store))
    const rows = [...usable.keys()].sort((a, b) => a - b)
    const first = rows.find((row) => row > 5)!
    await truncated(store, archive, log.table.hashAt(first))
    await truncated(store, archive)
    const { findings, records, head } = await verifyLater(opened(archive))
    assert.deepEqual(findings.list, [])
    assert.equal(records + (await verifyLater(opened(store))).records, expectedOfLater(name).records.length)
    assert.equal(expectedOfLater(name).records[records - 1]?.[0], head)
    const other = unpackLater('plain-v2024-03-24', folder)
    const before = readFiles(archive)
    await assert.rejects(truncated(other, archive), { code: 'output-not-empty' })
    await assert.rejects(truncated(other, join(other, 'archive')), { code: 'usage' })
    assert.deepEqual(readFiles(archive), before)
    // In a log that was truncated, a number is another record.
    await assert.rejects(planTruncate(opened(store), parseRef('#2')), { code: 'usage' })
})

test('records of before 2021-07 go alone into an archive, and those that went on behind them later', async (t) => {
    const folder = temporaryFolder(t)
    const name = 'cont-g3d-g4'
    const store = unpackLater(name, folder)
    const archive = join(folder, 'archive')
    const { usable, log } = await readLater(opened(store))
    const isOfBefore = (row: number) => log.table.placeAt(row).line === undefined
    const rows = [...usable.keys()].filter(isOfBefore)
    await truncated(store, archive, log.table.hashAt(Math.max(...rows)))
    const part = await verifyLater(opened(archive))
    assert.deepEqual([part.findings.list, part.head], [[], log.table.hashAt(Math.max(...rows) - 1)])
    await truncated(store, archive)
    const whole = { ...readFiles(archive), ...readFiles(store) }
    for (const [path, bytes] of Object.entries(filesOfLater(name)))
        assert.ok(whole[path]?.equals(bytes), path)
    const { records, isSound } = await verifyLater(opened(archive))
    const { length } = expectedOfLater(name).records
    assert.deepEqual([records + (await verifyLater(opened(store))).records, isSound], [length, true])
})

test('a list goes only after all that is in it', async (t) => {
    const store = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    const { usable, log } = await readLater(opened(store))
    const reduction = `provisional-reduction/${log.table.hashAt(Math.min(...usable.keys()))}`
    const listOf = (value: Value): Value => ({ kind: 'list', items: [hashOfValue(value)] })
    const blob: Value = { kind: 'blob', bytes: Buffer.from('in a list that only an old reduction names') }
    const values = [blob, listOf(blob), listOf(listOf(blob))]
    const hashes = values.map(hashOfValue)
    for (const [i, hash] of hashes.entries())
        writeFiles(store, { [`literal-element/${hash.slice(0, 2)}/${hash}`]: hashFormOf(values[i]!) })
    const json = JSON.parse(readFiles(store)[reduction]!.toString()) as object
    writeFiles(store, { [reduction]: JSON.stringify({ ...json, elmAppState: { HashBase16: hashes[2] } }) })
    const { removedValues } = await planTruncate(opened(store), undefined)
    const gone = removedValues?.map(({ path }) => basename(path)) ?? []
    assert.deepEqual(
        gone.filter((name) => hashes.includes(name as ValueHash)),
        hashes,
    )
})

test('a value that another history in the same folders names stays', async (t) => {
    const store = unpackLater('g3-plain', temporaryFolder(t))
    const alone = (await planTruncate(opened(store), undefined)).removedValues?.map(({ path }) => path) ?? []
    const [shared = '', ...others] = alone
    const event = { UpdateElmAppStateForEvent: { HashBase16: shared.slice(shared.lastIndexOf('/') + 1) } }
    const line = JSON.stringify({ parentHashBase16: '00'.repeat(32), events: [event] })
    writeFiles(store, { 'composition-log/2020-05-03/2020-05-03T08.composition.jsonl': `${line}\n` })
    const { removedValues } = await truncated(store, undefined)
    assert.deepEqual(
        removedValues?.map(({ path }) => path),
        others,
    )
    assert.ok(others.length > 0 && existsSync(join(store, shared)))
})

test('a record that stays is no value that goes, whatever names it as one', async (t) => {
    const store = unpackLater('g3-plain', temporaryFolder(t))
    const { usable, log } = await readLater(opened(store))
    const [oldest, newest] = [Math.min(...usable.keys()), log.table.length - 1]
    const path = `provisional-reduction/${log.table.hashAt(oldest)}`
    const reduction = JSON.parse(readFiles(store)[path]!.toString()) as object
    const record = { HashBase16: log.table.hashAt(newest) }
    writeFiles(store, { [path]: JSON.stringify({ ...reduction, elmAppState: record }) })
    const { records, removedReductions } = await truncated(store, undefined)
    assert.ok(records.kept > 0 && removedReductions.some((file) => file.path === path))
    assert.equal((await verifyLater(opened(store))).head, record.HashBase16)
})

test('a log file without a byte goes with what it stands before, and nothing looks lost', async (t) => {
    const store = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    const empty = 'composition-log/literal/2022-04-01/2022-04-01T00-00'
    writeFiles(store, { [empty]: '' })
    const { records } = await truncated(store, undefined)
    assert.ok(records.removed > 0 && !existsSync(join(store, empty)))
    assert.deepEqual((await verifyLater(opened(store))).findings.list, [])
})

test('nothing goes from a store with errors, or where no reduction can be used', async (t) => {
    const folder = temporaryFolder(t)
    for (const [name, code] of [
        ['damaged/byte-altered-v2022-03-20', 'error-findings'],
        ['odd-v2022-03-20', 'no-reduction'],
    ] as const) {
        const store = unpackLater(name, folder)
        const before = readFiles(store)
        await assert.rejects(truncated(store, undefined), { code })
        assert.deepEqual(readFiles(store), before)
    }
    const store = unpackLater('plain-v2022-03-20', folder)
    await assert.rejects(planTruncate(opened(store), parseRef('#3')), { code: 'no-reduction' })
})

for (const name of ['cont-g3d-g4', 'v0418-fn']) {
    test(`${name}: stopped at any step, hosts start in the same state, and the same command ends it`, async (t) => {
        const folder = temporaryFolder(t)
        const start = await startOf(unpackLater(name, folder))
        let left: readonly string[] | undefined
        for (let steps = 0; ; steps++) {
            const store = unpackLater(name, temporaryFolder(t))
            const archive = join(store, '..', 'archive')
            const { target } = await planTruncate(opened(store), undefined)
            const run = () => truncated(store, archive, target.hash)
            const isDone = await crashAfter(steps, run)
            const { isSound, findings } = await verifyLater(opened(store))
            assert.ok(isSound, JSON.stringify(findings.list[0]))
            assert.deepEqual(await startOf(store), start)
            if (!isDone) await run()
            // What a stopped process had set aside, the next process clears up.
            const files = filePaths(store).filter((path) => !path.startsWith('.complog/'))
            left ??= files
            assert.deepEqual(files, left, `${steps} steps`)
            const whole = { ...readFiles(archive), ...readFiles(store) }
            for (const path of Object.keys(filesOfLater(name))) assert.ok(path in whole, path)
            assert.equal((await verifyLater(opened(store))).isSound, true)
            if (isDone) return
            // Most steps put one more value into the archive, or take one more away. The one of the short form is
            // where the records with files of their own go, and the head file is there yet.
            if (steps > thinned(1, 2)) steps += name === 'v0418-fn' ? thinned(20, 4) : thinned(180, 22)
        }
    })
}
