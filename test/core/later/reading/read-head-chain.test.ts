import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { type CheckedValues, checkValues } from '../../../../src/core/later/reading/check-values.js'
import { listLater } from '../../../../src/core/later/reading/list-later.js'
import { readListed } from '../../../../src/core/later/reading/read-later.js'
import type { ValueHash } from '../../../../src/core/later/values/value.js'
import { verifyLater } from '../../../../src/core/later/verify-later.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { expectedOfLater, unpackLater } from '../../../support/later-stores.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

test('a record that is another when it is read the second time is refused, and not left out', async (t) => {
    const path = unpackLater('g3-plain', temporaryFolder(t))
    const listed = await listLater(laterStoreAt(path)!)
    const values = await checkValues(listed.values, { withRecords: true })
    assert.equal(
        (await readListed(listed, { values })).log.table.length,
        expectedOfLater('g3-plain').records.length,
    )
    const [, [hash] = ['']] = expectedOfLater('g3-plain').records
    writeFileSync(join(path, 'component', hash.slice(0, 2), hash), 'blob 2\0{}')
    await assert.rejects(readListed(listed, { values }), {
        code: 'store-changed',
        message: new RegExp(`${hash} changed`),
    })
})

test('however many records go on beside the head, each is walked once', async (t) => {
    const listed = await listLater(laterStoreAt(unpackLater('g3-plain', temporaryFolder(t)))!)
    const values = await checkValues(listed.values, { withRecords: true })
    const lines = 20
    const length = 50
    const nameOf = (line: number, at: number) =>
        createHash('sha256')
            .update(`${at < length - 1 ? 0 : line} ${at}`)
            .digest('hex') as ValueHash
    const records = new Map(values.records)
    for (let line = 0; line < lines; line++)
        for (let at = 0; at < length; at++)
            records.set(nameOf(line, at), at === 0 ? undefined : nameOf(line, at - 1))
    let walked = 0
    const withMore = new Proxy(values, {
        get: (target, key) => {
            if (key === 'records') return records
            if (key !== 'has') {
                const of = target[key as keyof CheckedValues] as unknown
                return typeof of === 'function' ? (of as () => unknown).bind(target) : of
            }
            return (hash: ValueHash) => {
                walked++
                return records.has(hash) || target.has(hash)
            }
        },
    })
    const { log } = await readListed(listed, { values: withMore })
    const forks = log.findings.list.filter(({ id }) => id === 'fork')
    assert.deepEqual(
        forks.map((fork) => fork.lines),
        Array.from({ length: lines }, () => length),
    )
    assert.ok(walked < 4 * records.size, `${walked}`)
})

test('records beside the line that a newer log goes on behind are told, and no command is advised that refuses', async (t) => {
    const path = unpackLater('cont-g3d-g4', temporaryFolder(t))
    const named = readFileSync(join(path, 'composition-log-head-hash')).toString('hex')
    const fileOf = (hash: string) => join(path, 'literal-element', hash.slice(0, 2), hash)
    const newest = readFileSync(fileOf(named), 'latin1')
    const parent = /"parentHashBase16":"([0-9a-f]{64})"/.exec(newest)![1]!
    const [, before] = /"parentHashBase16":"([0-9a-f]{64})"/.exec(readFileSync(fileOf(parent), 'latin1'))!
    for (const other of [before!, named]) {
        const record = newest.replace(parent, other)
        const hash = createHash('sha256').update(record, 'latin1').digest('hex')
        writeFiles(path, { [`literal-element/${hash.slice(0, 2)}/${hash}`]: Buffer.from(record, 'latin1') })
        const { findings, isSound } = await verifyLater(laterStoreAt(path)!)
        const fork = findings.list.find((found) => found.hash === hash)
        assert.deepEqual([isSound, fork?.id, fork?.severity], [true, 'fork', 'warning'])
        assert.doesNotMatch(fork!.help, /`complog/)
    }
})
